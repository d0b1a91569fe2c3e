from django.urls import path

from . import table_views, views

app_name = "houses"
urlpatterns = [
    path("", views.index, name="index"),
    path("queue/", views.queue, name="queue"),
    path("tables/", table_views.index, name="tables"),
    path("taking/<str:token>/", table_views.work_page, name="table_work"),
    path("taking/<str:token>/stop/", table_views.stop, name="table_stop"),
    path("add/", views.add, name="add"),
    path("link-again/", views.link_again, name="link_again"),
    path("links/<uuid:link_id>/", views.decide, name="decide"),
    path("<uuid:house_id>/", views.house, name="house"),
    path("<uuid:house_id>/link/", views.link_by_hand, name="link_by_hand"),
]
