"""Addresses of the door, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:opening>/find/", views.find, name="find"),
]
