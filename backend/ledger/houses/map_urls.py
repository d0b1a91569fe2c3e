from django.urls import path

from . import map_views

app_name = "map"
urlpatterns = [
    path("", map_views.page, name="page"),
    path("features.json", map_views.features, name="features"),
]
