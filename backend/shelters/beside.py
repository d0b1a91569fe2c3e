"""What the shelters know of people of the ledger, for whoever is about to change their entry there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from backend.ledger.models import Person

from .models import StayEvent
from .people import evacuee_of


def beside(households: set[UUID], persons: set[UUID]) -> list[dict[str, Any]]:
    """Arrivals, moves and departures of these people of the ledger that have not been voided."""
    known = {evacuee_of(person): person for person in Person.objects.filter(pk__in=persons)}
    events = StayEvent.objects.filter(evacuee__in=list(known), voided_at=None)
    return [
        {
            "household": known[event.evacuee].household_id,
            "person": known[event.evacuee].pk,
            "at": event.occurred_at,
            "title": "避難所",
            "text": event.get_kind_display(),
        }
        for event in events
    ]
