"""Addresses of what people need, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [
    path("<uuid:opening>/people/<uuid:evacuee>/needs/", views.state, name="needs"),
    path("<uuid:opening>/people/<uuid:evacuee>/needs/met/", views.meet, name="need_met"),
]
