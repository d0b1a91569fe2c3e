"""Whose card it is. Ask `people.hidden` before showing anybody."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from backend.facilities.queries import latest
from backend.shelters.models import Evacuee, StayEvent
from backend.shelters.people import merged_away


def evacuees_of(card: str) -> list[UUID]:
    """Everybody with this card: one person, very seldom two, none when this device has not met them."""
    found = list(Evacuee.objects.filter(card=card).order_by("pk").values_list("pk", flat=True))
    away = merged_away(found)
    return list(dict.fromkeys(away.get(pk, pk) for pk in found))


def together_with(evacuee: UUID) -> list[UUID]:
    """Those who came with somebody, as their last arrivals say; themselves first."""
    stays = StayEvent.objects.filter(voided_at=None).exclude(kind="left")
    last = stays.filter(evacuee=evacuee).order_by("-occurred_at", "-entry").first()
    if last is None or last.party is None:
        return [evacuee]
    ever = stays.filter(party=last.party).values("evacuee")
    now = latest(stays.filter(Q(evacuee__in=ever)), "evacuee")
    others = [row.evacuee for row in now if row.party == last.party and row.evacuee != evacuee]
    return [evacuee, *sorted(others)]
