from django.urls import path

from . import views

app_name = "supplies"
urlpatterns = [
    path("", views.index, name="index"),
    path("requests.csv", views.csv, name="csv"),
    path("requests/<uuid:entry>/answer/", views.answer, name="answer"),
    path("<uuid:opening>/", views.shelter, name="shelter"),
    path("<uuid:opening>/receive/", views.receive, name="receive"),
    path("<uuid:opening>/receive/<uuid:entry>/undo/", views.undo_receipt, name="undo_receipt"),
    path("<uuid:opening>/hand-out/", views.hand_out, name="hand_out"),
    path("<uuid:opening>/hand-out/<uuid:entry>/undo/", views.undo, name="undo"),
]
