"""The map of houses by how far their survey is, and by class. Drawn from our own data, as the map of houses is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.accounts.permissions import needs
from backend.core.clock import now
from backend.ledger.houses import map_queries
from backend.ledger.houses.map_views import sides

from . import mapping
from .views import crumbs, working_disaster


@require_safe
@never_cache
@needs("damage.read")
def page(request: HttpRequest) -> HttpResponse:
    """The frame of the map; `house`: that one in the middle."""
    home = map_queries.extent()
    try:
        house = UUID(request.GET.get("house", ""))
    except ValueError:
        house = None
    box = (map_queries.around(house) if house else None) or home
    context = {
        "box": sides(box),
        "home": sides(home),
        "house": house if house and box else "",
        "states": mapping.STATES,
        "features_url": reverse("surveys:map_features"),
        "house_url": reverse("surveys:index") + "houses/",
        "may_read": True,
        "disaster": working_disaster(request),
        "at": now(),
        "crumbs": crumbs(("地図", "")),
    }
    return render(request, "damage/surveys/map.html", context)


@require_safe
@never_cache
@needs("damage.read")
def features(request: HttpRequest) -> JsonResponse:
    """What stands in the box, as JSON."""
    box = map_queries.box_of(request.GET.get("bbox", ""))
    return JsonResponse(mapping.features(box, working_disaster(request), request.user))
