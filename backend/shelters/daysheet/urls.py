"""Addresses of the day's sheet, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:opening>/day/", views.page, name="day_sheet"),
    path("<uuid:opening>/day/print/", views.paper, name="day_sheet_print"),
    path("<uuid:opening>/day.csv", views.csv, name="day_sheet_csv"),
    path("<uuid:opening>/day/<uuid:entry>/undo/", views.take_back, name="day_sheet_undo"),
]
