from django.urls import URLPattern, path

from . import views

app_name = "application_imports"
urlpatterns: list[URLPattern] = [path("", views.index, name="index")]
