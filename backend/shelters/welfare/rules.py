"""A request for a place in a welfare shelter: its states and what leads from one to the next, as data; and free places.

Sources: 災害対策基本法施行令 第20条の6第5号, 災害対策基本法施行規則 第1条の9 (福祉避難所: for 要配慮者, who are taken there with those who care for them); 内閣府
福祉避難所の確保・運営ガイドライン (令和3年5月改定): who goes to which is arranged by the municipality, with transport.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

STATES = {
    "asked": "受入先を探しています",
    "accepted": "受入先が決まりました",
    "moving": "移送を手配しました",
    "arrived": "到着しました",
    "cancelled": "取りやめました",
}
MARKS = {"asked": "依頼中", "accepted": "受入決定", "moving": "移送手配", "arrived": "到着"}
OPEN = ("asked", "accepted", "moving")
PROMISED = ("accepted", "moving")  # a place is kept for them

ACTS = {
    "accept": "受け入れる",
    "refuse": "断り",
    "withdraw": "受入れの取消",
    "transport": "移送の手配",
    "arrive": "到着",
    "cancel": "取りやめ",
}
# (state, act) -> state. What is not here does not happen: an entry that comes to it all the same changes nothing.
TRANSITIONS = {
    ("asked", "accept"): "accepted",
    ("asked", "refuse"): "asked",
    ("asked", "arrive"): "arrived",
    ("asked", "cancel"): "cancelled",
    ("accepted", "refuse"): "accepted",
    ("accepted", "withdraw"): "asked",
    ("accepted", "transport"): "moving",
    ("accepted", "arrive"): "arrived",
    ("accepted", "cancel"): "cancelled",
    ("moving", "refuse"): "moving",
    ("moving", "withdraw"): "asked",
    ("moving", "transport"): "moving",
    ("moving", "arrive"): "arrived",
    ("moving", "cancel"): "cancelled",
}
ANSWERS = ("accept", "refuse", "withdraw")


@dataclass(frozen=True)
class Event:
    """One thing that happened to a request. `entry` orders what happened at the same time, the same on every replica."""

    at: datetime
    entry: UUID
    act: str
    facility: UUID | None = None


@dataclass(frozen=True)
class Stay:
    """Somebody was in a welfare shelter since when, and until when; None: they are there still."""

    facility: UUID
    opening: UUID
    entry: UUID
    since: datetime
    until: datetime | None = None

    def holds(self, facility: UUID | None, at: datetime) -> bool:
        return self.facility == facility and self.since <= at and (self.until is None or at < self.until)


@dataclass
class Standing:
    """How a request stands: its state since when, which welfare shelter, who refused, and what could not be."""

    state: str
    since: datetime
    facility: UUID | None = None
    refused: list[UUID] = field(default_factory=list)
    ignored: list[UUID] = field(default_factory=list)

    @property
    def acts(self) -> list[str]:
        """What may be done now."""
        return [act for state, act in TRANSITIONS if state == self.state]


def standing(asked_at: datetime, events: Iterable[Event], stays: Sequence[Stay] = ()) -> Standing:
    """All that happened to a request, told over in its order. `stays`: where they were, from before it or since.

    Whom the welfare shelter accepts that they are in already has arrived.
    """
    found = Standing("asked", asked_at)
    for event in sorted(events, key=lambda e: (e.at, e.entry)):
        after = TRANSITIONS.get((found.state, event.act))
        # Only who accepted can take it back.
        foreign = event.act == "withdraw" and event.facility != found.facility
        if after is None or foreign:
            found.ignored.append(event.entry)
            continue
        if event.act == "accept" and any(stay.holds(event.facility, event.at) for stay in stays):
            after = "arrived"
        if event.act in ("accept", "arrive"):
            found.facility = event.facility
        elif event.act == "refuse" and event.facility is not None:
            found.refused.append(event.facility)
        elif event.act == "withdraw":
            found.facility = None
        if after != found.state:
            found.state, found.since = after, event.at
    return found


def free(places: int | None, inside: int, promised: int) -> int | None:
    """Places still free: of those told, less who is there and who was promised one. None: nobody has told how many."""
    return None if places is None else places - inside - promised


def too_many(free_places: int | None, people: int) -> str:
    """The warning before more people are taken than there are places; empty when there is none."""
    if free_places is None:
        return "受入人数が分かっていません。受け入れられることを電話で確かめましたか。"
    if free_places < people:
        return f"空きは{max(free_places, 0)}人分で、{people}人は定員を超えます。それでも受け入れるか、電話で確かめてください。"
    return ""


def order(urgency: Sequence[object], asked_at: datetime) -> tuple[object, ...]:
    """The order of the queue: who depends on a device first, then who waits longest."""
    return (*urgency, asked_at)
