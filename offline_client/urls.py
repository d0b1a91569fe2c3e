"""The addresses of the laptop: the rooms' own pages, and two of its own."""

from django.urls import include, path
from django.views.generic import RedirectView

from backend.core import views as core

from . import views

own = (
    [
        path("sync/", views.state, name="state"),
        path("sync/now/", views.now, name="now"),
        path("lock/", views.lock, name="lock"),
    ],
    "laptop",
)
urlpatterns = [
    path("healthz", core.healthz, name="healthz"),
    path("unlock/", views.unlock, name="unlock"),
    path("", RedirectView.as_view(pattern_name="shelters:index")),
    path("desk/", RedirectView.as_view(pattern_name="shelters:index")),
    path("desk/laptop/", include(own)),
    path("desk/accounts/", include("backend.accounts.urls")),
    path("desk/shelters/", include("backend.shelters.urls")),
]
