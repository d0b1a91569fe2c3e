"""The map: outlines and houses drawn from our own data, without any server of tiles."""

from __future__ import annotations

from dataclasses import astuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.accounts.permissions import may, needs
from backend.core.clock import now

from . import map_queries
from .views import crumbs, working_disaster


@require_safe
@never_cache
@needs("houses.map")
def page(request: HttpRequest) -> HttpResponse:
    """The frame of the map; a house's own page leads here with `house`, to have it in the middle."""
    box = None
    try:
        house = UUID(request.GET.get("house", ""))
    except ValueError:
        house = None
    if house and may(request.user, "houses.read"):
        box = map_queries.around(house)
    home = map_queries.extent()
    box = box or home
    context = {
        "box": sides(box),
        "home": sides(home),
        "house": house if house and box else "",
        "states": map_queries.STATES if may(request.user, "houses.read") else {"bare": map_queries.STATES["bare"]},
        "features_url": reverse("map:features"),
        "house_url": reverse("houses:index"),
        "may_read": may(request.user, "houses.read"),
        "disaster": working_disaster(request),
        "at": now(),
        "crumbs": crumbs("地図") if may(request.user, "houses.read") else [{"label": "地図"}],
    }
    return render(request, "ledger/houses/map.html", context)


def sides(box: map_queries.Box | None) -> str:
    return ",".join(f"{side:.6f}" for side in astuple(box)) if box else ""


@require_safe
@never_cache
@needs("houses.map")
def features(request: HttpRequest) -> JsonResponse:
    """What stands in the box, as JSON."""
    box = map_queries.box_of(request.GET.get("bbox", ""))
    with_houses = may(request.user, "houses.read")
    return JsonResponse(map_queries.features(box, working_disaster(request), request.user, with_houses=with_houses))
