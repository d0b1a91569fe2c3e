from django.urls import URLPattern, path

from .held import views as held
from .seals import views as seals
from .wordings import views as wordings

app_name = "documents"
urlpatterns: list[URLPattern] = [
    path("held/", held.index, name="held"),
    path("held/<uuid:held_id>/", held.line, name="held_line"),
    path("held/<uuid:held_id>/substitute/", held.substitute, name="held_substitute"),
    path("held/<uuid:held_id>/by-hand/", held.by_hand, name="held_by_hand"),
    path("held/<uuid:held_id>/check/", held.check_again, name="held_check"),
    path("held/<uuid:held_id>/drop/", held.drop, name="held_drop"),
    path("seals/", seals.index, name="seals"),
    path("seals/<uuid:pk>.png", seals.picture, name="seal_picture"),
    path("seals/<uuid:pk>/approve/", seals.approve, name="seal_approve"),
    path("seals/<uuid:pk>/end/", seals.end, name="seal_end"),
    path("wordings/", wordings.index, name="wordings"),
    path("wordings/<slug:key>/", wordings.kind, name="wording"),
    path("wordings/<uuid:pk>/approve/", wordings.approve, name="wording_approve"),
    path("wordings/<uuid:pk>/end/", wordings.end, name="wording_end"),
    path("decisions/", held.decisions, name="decisions"),
    path("decisions/<uuid:decision_id>/end/", held.end, name="decision_end"),
]
