"""Page: finding a household in the excerpt of the register and checking in those who came; by keyboard alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.errors import Refused
from backend.ledger import lookup

from . import residents, rules
from .pages import shelter_crumbs, shelter_or_404
from .people import hidden
from .people_views import tell
from .queries import places_of


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Search by POST, so that no name stands in an address; ticked people are checked in."""
    shelter = shelter_or_404(opening)
    text, numbers = request.POST.get("q", "").strip()[:100], request.POST.getlist("person")
    problem = ""
    if request.method == "POST" and "arrive" in request.POST:
        try:
            done = residents.check_in_residents(by=request.user, opening=opening, numbers=numbers)
            tell(request, done)
            return redirect("shelters:shelter", opening)
        except Refused as refusal:
            if refusal.status in (403, 404):
                raise
            problem = refusal.message
    families = _visible(lookup.find(text), request) if text else []
    if text:
        hits = sum(len(family["members"]) for family in families)
        log_access(by=request.user, what="search", subject=f"opening:{opening}", hits=hits, detail="q")
    context = {
        "shelter": shelter,
        "text": text,
        "problem": problem,
        "families": families,
        "is_here": lookup.is_here(),
        "crumbs": shelter_crumbs(shelter, "名簿の写しで探す"),
    }
    return render(request, "shelters/find.html", context, status=422 if problem else 200)


def _visible(found: list[lookup.Family], request: HttpRequest) -> list[dict[str, Any]]:
    """Households with those whom this person may see; whoever asked not to be named since is in none."""
    code = settings.MUNICIPALITY_CODE
    ids = {m.atena_no: rules.evacuee_id(code, {"atena_no": m.atena_no}) for family in found for m in family.members}
    unseen = hidden(ids.values(), request.user)
    there = places_of(ids.values())
    families = []
    for family in found:
        members = [
            {"person": m, "here": ids[m.atena_no] in there} for m in family.members if ids[m.atena_no] not in unseen
        ]
        if members:
            families.append(
                {"number": family.household_no, "address": members[0]["person"].address, "members": members}
            )
    return families
