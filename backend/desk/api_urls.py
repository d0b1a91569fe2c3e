"""The REST addresses under /api/v1/, room by room."""

from django.urls import URLPattern, URLResolver, include, path

from .api import ReadHousehold, SearchPeople

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/search/", SearchPeople.as_view()),
    path("households/<uuid:household_id>/", ReadHousehold.as_view()),
    path("shelters/", include("backend.shelters.api")),
    path("journal/", include("backend.journal.api")),
    path("", include("backend.ledger.disclosures.api")),
    path("", include("backend.damage.api")),
    path("", include("backend.publication.api")),
    path("", include("backend.registry.api")),
]
