from django.urls import URLPattern, path

from . import photo_views, views

app_name = "damage_houses"
urlpatterns: list[URLPattern] = [
    path("<uuid:house_id>/", views.house, name="house"),
    path("<uuid:house_id>/ask/", views.ask, name="ask"),
    path("<uuid:house_id>/requests/<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:house_id>/inspection/", views.inspect, name="inspect"),
    path("<uuid:house_id>/photos/", photo_views.add, name="add_photos"),
    path("photos/<uuid:photo_id>/", photo_views.photo, name="photo"),
    path("photos/<uuid:photo_id>/original/", photo_views.original, name="photo_original"),
]
