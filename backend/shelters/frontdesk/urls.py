"""Addresses of the desk by day, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:opening>/away/", views.away, name="away"),
    path("<uuid:opening>/visitors/", views.visitors, name="visitors"),
    path("<uuid:opening>/parcels/", views.parcels, name="parcels"),
    path("<uuid:opening>/notes/", views.notes, name="notes"),
    path("<uuid:opening>/desk/<uuid:entry>/end/", views.end, name="desk_end"),
    path("<uuid:opening>/desk/<uuid:entry>/undo/", views.take_back, name="desk_undo"),
]
