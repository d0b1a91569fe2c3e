from django.urls import URLPattern, path

from . import views
from .applying import views as applying

app_name = "gateway"
urlpatterns: list[URLPattern] = [
    path("", views.published, name="home"),
    path("verify/", views.ask, name="ask"),
    path("verify/keys/", views.keys, name="keys"),
    path("verify/keys.json", views.keys_json, name="keys_json"),
    path("verify/verifier.html", views.verifier, name="verifier"),
    path("verify/<path:token>", views.verify, name="verify"),
    path("prereg/", views.prereg, name="prereg"),
    path("prereg/worker.js", views.prereg_worker, name="prereg_worker"),
    path("apply/", applying.apply, name="apply"),
    path("apply/state/", applying.state, name="apply_state"),
    path("shelters/", views.published, {"address": "shelters/"}, name="shelters"),
    path("open/", views.published, {"address": "open/"}, name="open"),
    path("shelters/<path:rest>", views.published_below, {"folder": "shelters"}),
    path("open/<path:rest>", views.published_below, {"folder": "open"}),
    path("assets/<path:rest>", views.published_below, {"folder": "assets"}),
]
