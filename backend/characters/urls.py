from django.urls import URLPattern, path

from . import views

app_name = "characters"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("maps/load/", views.load, name="load"),
    path("maps/<uuid:map_id>/", views.map_page, name="map"),
    path("check/", views.check, name="check"),
]
