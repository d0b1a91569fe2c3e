"""The addresses of the laptop: the rooms' own pages, and a few of its own."""

from django.urls import include, path
from django.views.generic import RedirectView

from backend.core import views as core

from . import views
from .share import views as share

own = (
    [
        path("sync/", views.state, name="state"),
        path("sync/now/", views.now, name="now"),
        path("stick/there/", views.stick_there, name="stick_there"),
        path("stick/back/", views.stick_back, name="stick_back"),
        path("lock/", views.lock, name="lock"),
        path("held/", views.half_typed, name="held"),
        path("share/", share.share, name="share"),
        path("share/address/", share.use_address, name="share_address"),
        path("share/cut-all/", share.cut_all, name="share_cut_all"),
        path("share/<uuid:guest>/", share.device, name="share_device"),
    ],
    "laptop",
)
handler500 = "offline_client.views.failed"
urlpatterns = [
    path("healthz", core.healthz, name="healthz"),
    path("unlock/", views.unlock, name="unlock"),
    path("pin/", share.pin, name="pin"),
    path("", RedirectView.as_view(pattern_name="shelters:index")),
    path("desk/", RedirectView.as_view(pattern_name="shelters:index")),
    path("desk/laptop/", include(own)),
    path("desk/accounts/", include("backend.accounts.urls")),
    path("desk/shelters/", include("backend.shelters.urls")),
    path("desk/supplies/", include("backend.supplies.urls")),
]
