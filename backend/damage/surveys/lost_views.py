"""A sheet was typed for a house that does not exist any more: what was typed stays, and is taken along to another house."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.accounts.services import log_access
from backend.ledger.models import HouseRecord

from . import queries, services, showing
from .forms import ScanForm, SheetForm

OTHER = "house"  # the button of a house that was found


def ask_for_house(request: HttpRequest, crumbs: list[dict[str, str]]) -> UUID | HttpResponse:
    """The house that the typed sheet shall be of, or the page on which it is looked for.

    Nothing is recorded here: the sheet is shown with that house first.
    """
    chosen = _uuid(request.POST.get(OTHER, ""))
    if chosen is not None and HouseRecord.objects.filter(house=chosen, until=None).exists():
        return chosen
    searched = "scanned" in request.POST
    scan = ScanForm(request.POST if searched else None)
    found: list[HouseRecord] = []
    more = False
    if searched and scan.is_valid():
        found, more = queries.houses_at(scan.cleaned_data["scanned"])
        if not found:
            scan.add_error("scanned", services.UNKNOWN_HOUSE)
        else:
            log_access(by=request.user, what=AccessLog.What.SEARCH, subject="houses", hits=len(found), detail="所在地")  # type: ignore[arg-type]
            if len(found) == 1:
                return found[0].house_id
    context: dict[str, Any] = {
        "form": SheetForm(request.POST),
        "scan": scan,
        "found": found,
        "more": more,
        "why": services.GONE_HOUSE,
        "thresholds": showing.thresholds(),
        "index_url": reverse("surveys:index"),
        "crumbs": crumbs,
    }
    return render(request, "damage/surveys/lost.html", context, status=200 if found else 404)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
