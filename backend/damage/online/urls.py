from django.urls import URLPattern, path

from . import views

app_name = "online"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("open/", views.open_desk, name="open"),
    path("close/", views.close_desk, name="close"),
    path("take/", views.take, name="take"),
    path("again/", views.again, name="again"),
]
