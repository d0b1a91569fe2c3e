"""Addresses of photographed lists, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:opening>/sheets/", views.index, name="sheets"),
    path("<uuid:opening>/sheets/<uuid:entry>/", views.page, name="sheet"),
    path("<uuid:opening>/sheets/<uuid:entry>/picture/", views.picture, name="sheet_picture"),
    path("<uuid:opening>/sheets/<uuid:entry>/undo/", views.take_back, name="sheet_undo"),
]
