"""Addresses of cards, below those of the shelters."""

from django.urls import path

from . import views

urlpatterns = [path("<uuid:opening>/cards/", views.cards, name="cards")]
