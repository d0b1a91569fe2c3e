from django.urls import path

from . import views

app_name = "journal"
urlpatterns = [
    path("", views.index, name="index"),
    path("stick/", views.stick, name="stick"),
    path("stick/<uuid:pk>/back.tasuki", views.stick_back, name="stick_back"),
    path("ready/", views.ready, name="ready"),
    path("terminals/<uuid:pk>/", views.terminal, name="terminal"),
    path("refused/<int:number>/", views.refused, name="refused"),
    path("conflicts/<int:conflict>/", views.settle, name="settle"),
]
