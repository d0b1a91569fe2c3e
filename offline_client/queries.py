"""What the laptop's own pages show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from backend.facilities.models import Facility
from backend.ledger import lookup

from . import pictures, sync
from .models import Exchange, PutAside, Refusal, SealedPart, State


@dataclass(frozen=True)
class Summary:
    """How it stands with headquarters."""

    name: str
    facility: str
    unsent: int
    pictures: int  # not sent
    refused: int
    contacted_at: datetime | None
    revoked: bool
    sealed: bool
    residents: int
    clock_seconds: float
    clock_guessed: bool
    put_aside: int
    last: Exchange | None


def summary() -> Summary:
    kept = State.objects.get()
    place = Facility.objects.filter(pk=kept.facility).values_list("name", flat=True).first()
    return Summary(
        name=kept.name,
        facility=place or "",
        unsent=sync.unsent(),
        pictures=pictures.unsent(),
        refused=Refusal.objects.count(),
        contacted_at=kept.contacted_at,
        revoked=kept.revoked,
        sealed=SealedPart.objects.filter(opened_at=None).exists(),
        residents=lookup.how_many(),
        clock_seconds=kept.clock_seconds,
        clock_guessed=kept.clock_guessed,
        put_aside=PutAside.objects.count(),
        last=Exchange.objects.order_by("-pk").first(),
    )


def as_json() -> dict[str, object]:
    """For `status --json`: numbers and times, nobody's name."""
    found = summary()
    return {
        "status": "done",
        "name": found.name,
        "facility": found.facility,
        "municipality": settings.MUNICIPALITY,
        "unsent": found.unsent,
        "unsent_pictures": found.pictures,
        "refused": found.refused,
        "contacted_at": found.contacted_at.isoformat() if found.contacted_at else None,
        "revoked": found.revoked,
        "excerpt": "sealed" if found.sealed else "open",
        "residents": found.residents,
        "clock_seconds": found.clock_seconds,
        "problem": found.last.problem if found.last else "",
    }
