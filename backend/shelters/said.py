"""What people said of themselves, from every entry that says it: what holds, field by field, and which corrections of a
field were written without knowing of each other.

A correction says what stood there when it was written (`was`), so two of different fields both hold, and one that takes
another value for granted than stands there by then did not know of whoever put that in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from backend.facilities.queries import known

from .models import Details
from .rules import DETAILS

# A correction of a name holds for every time that is asked for; only when it became known counts.
FAR = datetime(9999, 1, 1, tzinfo=UTC)


class Clash(NamedTuple):
    """Two entries that give one field different values, each without knowing of the other's."""

    field: str
    earlier: Details
    later: Details

    @property
    def newcomer(self) -> Details:
        """The one that came here last, in whichever order they were written: it opened the contradiction."""
        return max(self.earlier, self.later, key=lambda row: row.received_no)


def in_force(rows: QuerySet, known_at: datetime | None = None) -> Iterator[Details]:
    """Of each evacuee among these rows one row with what holds of every field."""
    for _, group in _by_evacuee(rows, known_at):
        yield from _held(group)


def said_of(evacuees: Iterable[UUID], known_at: datetime | None = None) -> dict[UUID, Details]:
    rows = Details.objects.filter(evacuee__in=list(evacuees))
    return {row.evacuee: row for row in in_force(rows, known_at)}


def clashes_of(evacuees: Iterable[UUID]) -> dict[UUID, list[Clash]]:
    rows = Details.objects.filter(evacuee__in=list(evacuees))
    found = {evacuee: list(_clashes(group)) for evacuee, group in _by_evacuee(rows, None)}
    return {evacuee: clashes for evacuee, clashes in found.items() if clashes}


def _by_evacuee(rows: QuerySet, known_at: datetime | None) -> Iterator[tuple[UUID, Iterator[Details]]]:
    ordered = known(rows, FAR, known_at).order_by("evacuee", "occurred_at", "entry")
    return groupby(ordered, key=lambda row: row.evacuee)


def _held(group: Iterable[Details]) -> Iterator[Details]:
    held: Details | None = None
    for row in group:
        if held is not None and row.was is not None:
            for name in DETAILS:
                if name not in row.was:
                    setattr(row, name, getattr(held, name))
        held = row
    if held is not None:
        yield held


def _clashes(group: Iterable[Details]) -> Iterator[Clash]:
    by: dict[str, Details] = {}
    for row in group:
        for name in DETAILS:
            if row.was is not None and name not in row.was:
                continue
            before = by.get(name)
            value = getattr(row, name)
            if before is not None and row.was is not None and getattr(before, name) not in (row.was[name], value):
                yield Clash(name, before, row)
            by[name] = row
