"""Pages: evacuees' cards on paper, eight to a sheet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core import qr
from backend.core.clock import now
from backend.shelters import queries
from backend.shelters.pages import shelter_or_404, uuid_or_none

from . import rules

A_SHEET = 8


@needs("shelters.read")
@never_cache
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest, opening: UUID) -> HttpResponse:
    """The cards of those ticked on the roster, or of everybody who is here; with or without names."""
    found = shelter_or_404(opening)
    chosen = {pk for text in request.POST.getlist("evacuee") if (pk := uuid_or_none(text))}
    only = chosen if request.method == "POST" else None
    rows = queries.roster(opening, staff=request.user, only=only).rows
    log_access(by=request.user, what="export", subject=f"opening:{opening}", hits=len(rows), detail="札")
    made = [_card(row) for row in rows]
    context = {
        "shelter": found,
        "sheets": [made[start : start + A_SHEET] for start in range(0, len(made), A_SHEET)],
        "people": len(made),
        "named": "nameless" not in request.GET,
        "printed_at": now(),
        "back_url": reverse("shelters:shelter", args=[opening]),
    }
    return render(request, "shelters/cards.html", context)


def _card(row: Any) -> dict[str, Any]:
    number = rules.card_of(row.face.id)
    side, path = qr.path(rules.in_qr(number))
    return {"face": row.face, "number": rules.printed(number), "side": side, "path": path}
