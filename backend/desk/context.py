"""What every inside page shows of the ledger: the disaster that is worked on, and the quick search."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from backend.accounts.permissions import may
from backend.ledger.queries import current_disaster, disasters

CHOSEN = "disaster"


def working_on(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    result: dict[str, object] = {"disaster": current_disaster(request.session.get(CHOSEN))}
    if may(user, "people.search"):
        result["search_url"] = reverse("desk:search")
        # Where several run at once, which one is worked on is always there to see and to change.
        open_ones = list(disasters())
        if len(open_ones) > 1:
            result["disasters"] = open_ones
    return result
