"""Open shelters and people in them, written as the journal's entries leave them behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from backend.core.clock import TOKYO, frozen
from backend.core.fields import uuid7

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=TOKYO)
_numbers = count(1)


@pytest.fixture(autouse=True)
def third_day():
    with frozen(NOW):
        yield


@pytest.fixture(autouse=True)
def public_site(tmp_path, settings):
    settings.PUBLICATION_DIR = tmp_path / "www" / "public"
    settings.DEMO = False
    return settings.PUBLICATION_DIR


def hour(clock: str, day: int = 21) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day}T{clock}:00+09:00")


def entry(at: datetime, **payload: Any) -> Any:
    return SimpleNamespace(
        uuid=uuid7(), payload=payload, occurred_at=at, received_at=at, received_no=next(_numbers), actor=None
    )


@pytest.fixture
def shelter(db: None) -> Callable[..., UUID]:
    """`shelter("港公民館", report=(12, 5, "17:00"), closed="12:00", **fields of the facility)`: an opening."""
    from backend.facilities import apply
    from backend.facilities.models import Facility

    def make(name: str = "港公民館", *, report: Any = None, closed: str = "", **fields: Any) -> UUID:
        place, opening = Facility.objects.create(name=name, **fields), str(uuid7())
        apply.opened([entry(hour("08:00", 20), opening=opening, facility=str(place.pk))])
        if report:
            people, households, at = report
            apply.head_counted([entry(hour(at), opening=opening, people=people, households=households)])
        if closed:
            apply.closed([entry(hour(closed), opening=opening)])
        return UUID(opening)

    return make


@pytest.fixture
def arrive(db: None) -> Callable[..., None]:
    """`arrive(opening, 3, "16:00")`: so many people of one household come in."""
    from backend.shelters.models import StayEvent

    def enter(opening: UUID, people: int, at: str) -> None:
        party = uuid7()
        StayEvent.objects.bulk_create(
            StayEvent(
                entry=uuid7(),
                occurred_at=hour(at),
                received_at=hour(at),
                received_no=next(_numbers),
                evacuee=uuid7(),
                kind="arrived",
                opening=opening,
                party=party,
            )
            for _ in range(people)
        )

    return enter
