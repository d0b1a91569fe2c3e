"""REST: what the subjects of this room offer."""

from django.urls import URLPattern

from .certificates.api import urlpatterns as certificates

urlpatterns: list[URLPattern] = [*certificates]
