from django.urls import URLPattern, path

from . import views

app_name = "publication"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("table/", views.table, name="table"),
    path("publish/", views.publish, name="publish"),
]
