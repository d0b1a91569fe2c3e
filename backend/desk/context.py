"""What every inside page shows of the ledger: the disaster that is worked on, and the quick search."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from backend.accounts.permissions import may
from backend.ledger.queries import current_disaster

CHOSEN = "disaster"


def working_on(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    result: dict[str, object] = {"disaster": current_disaster(request.session.get(CHOSEN))}
    if may(user, "people.search"):
        result["search_url"] = reverse("desk:search")
    return result
