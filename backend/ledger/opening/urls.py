from django.urls import path

from . import flag_views, views

app_name = "ledger"
urlpatterns = [
    path("", views.index, name="index"),
    path("open/", views.open_page, name="open"),
    path("work/<str:token>/", views.work_page, name="work"),
    path("work/<str:token>/stop/", views.stop, name="stop"),
    path("<uuid:pk>/", views.disaster_page, name="disaster"),
    path("<uuid:pk>/fill/", views.fill, name="fill"),
    path("<uuid:pk>/export/", views.export, name="export"),
    path("<uuid:pk>/flags/", flag_views.flags, name="flags"),
    path("<uuid:pk>/flags/<int:flag>/", flag_views.settle, name="settle"),
    path("<uuid:pk>/undecided/", flag_views.undecided, name="undecided"),
    path("undecided/<uuid:pk>/", flag_views.place, name="place"),
]
