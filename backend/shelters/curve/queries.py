"""How many people were in each shelter at many times, as known at any time: a handful of queries, then one pass."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField
from django.db.models.functions import Cast

from backend.facilities.models import Facility, FacilityState, HeadCount, Opening
from backend.facilities.queries import known

from ..models import StayEvent
from ..people import merged_away
from ..queries import taken_over
from . import rules
from .rules import Heads, Names, Tally

Moments = dict[UUID, list[datetime]]


@dataclass(frozen=True)
class Line:
    """One shelter: at each of the times what holds, or None when it was not open."""

    facility: Facility
    name: str
    cells: list[Heads | None]


@dataclass(frozen=True)
class Curve:
    """The table: every shelter that was open at one of the times, by kana."""

    times: list[datetime]
    known_at: datetime | None
    lines: list[Line]

    @property
    def end(self) -> datetime:
        return self.times[-1]

    @property
    def people(self) -> list[int | None]:
        return self._totals("people")

    @property
    def outside(self) -> list[int | None]:
        return self._totals("outside")

    def _totals(self, name: str) -> list[int | None]:
        return [rules.total(getattr(c, name) for c in column if c) for column in self._columns()]

    @property
    def open_shelters(self) -> list[int]:
        return [sum(c is not None for c in column) for column in self._columns()]

    @property
    def uncounted(self) -> list[int]:
        """Open shelters of which nobody has given a number."""
        return [sum(c is not None and c.people is None for c in column) for column in self._columns()]

    def _columns(self) -> list[list[Heads | None]]:
        return [[line.cells[i] for line in self.lines] for i in range(len(self.times))]


def curve(times: Sequence[datetime], known_at: datetime | None = None, *, facility: UUID | None = None) -> Curve:
    """The table at these times (in order), of all shelters or of one place."""
    last = times[-1]
    begun = known(Opening.objects.all(), last, known_at)
    begun = list(begun.filter(facility=facility) if facility else begun)
    cells = _cells([o.opening for o in begun], times, known_at, only=bool(facility))
    is_open = _open_at(begun, times, known_at)
    places = Facility.objects.in_bulk({o.facility for o in begun})
    lines: dict[tuple[UUID, str], Line] = {}
    for o in begun:
        place = places.get(o.facility)
        if place is None or not any(is_open[o.opening]):
            continue
        name = o.name or place.name
        # A place that was closed and opened again is one line.
        line = lines.setdefault((place.pk, name), Line(place, name, [None] * len(times)))
        for i, here in enumerate(is_open[o.opening]):
            if here:
                line.cells[i] = cells[o.opening][i]
    ordered = sorted(lines.values(), key=lambda line: (line.facility.kana or line.name, line.name))
    return Curve(list(times), known_at, ordered)


def heads_at(at: datetime, known_at: datetime | None = None) -> dict[UUID, Heads]:
    """What holds for each opening, open or closed, at one time."""
    begun = known(Opening.objects.all(), at, known_at).values_list("opening", flat=True)
    return {opening: cells[0] for opening, cells in _cells(list(begun), [at], known_at).items()}


def first_opened(at: datetime) -> datetime | None:
    """Since when the shelters that are open at a time have been so; of none, when anything was opened first."""
    begun = {o.opening: o.occurred_at for o in known(Opening.objects.all(), at, None)}
    states: dict[UUID, bool] = {}
    for opening, is_open in _states(at, None).values_list("opening", "is_open"):
        states[opening] = is_open
    still = [opened for opening, opened in begun.items() if states.get(opening, True)]
    return min(still or begun.values(), default=None)


def _states(last: datetime, known_at: datetime | None) -> Any:
    return known(FacilityState.objects.all(), last, known_at).order_by("occurred_at", "entry")


def _open_at(begun: list[Opening], times: Sequence[datetime], known_at: datetime | None) -> dict[UUID, list[bool]]:
    changes: dict[UUID, list[tuple[datetime, bool]]] = defaultdict(list)
    for opening, at, is_open in _states(times[-1], known_at).values_list("opening", "occurred_at", "is_open"):
        changes[opening].append((at, is_open))
    found = {}
    for o in begun:
        moments = [at for at, _ in changes[o.opening]]
        places = [rules.last_at(moments, at) for at in times]
        found[o.opening] = [
            at >= o.occurred_at and (place < 0 or changes[o.opening][place][1])
            for at, place in zip(times, places, strict=True)
        ]
    return found


def _cells(
    openings: list[UUID], times: Sequence[datetime], known_at: datetime | None, *, only: bool = False
) -> dict[UUID, list[Heads]]:
    """Of each opening what holds at each time. The roster is counted at these times, and at those of the reports."""
    counted = HeadCount.objects.filter(opening__in=openings) if only else HeadCount.objects.all()
    reports: dict[UUID, list[HeadCount]] = defaultdict(list)
    for row in known(counted, times[-1], known_at).order_by("occurred_at", "entry"):
        reports[row.opening].append(row)
    points = {pk: sorted({*times, *(row.occurred_at for row in reports[pk])}) for pk in openings}
    tallies, entries = _rosters(points, times[-1], known_at, openings if only else None)
    found: dict[UUID, list[Heads]] = {}
    for pk in openings:
        at_point = dict(zip(points[pk], tallies[pk], strict=True))
        seen = [row.occurred_at for row in reports[pk]]
        found[pk] = [_heads(reports[pk], seen, at_point, entries.get(pk, []), at) for at in times]
    return found


def _heads(
    reports: list[HeadCount],
    seen: list[datetime],
    roster: dict[datetime, Names],
    entries: list[datetime],
    at: datetime,
) -> Heads:
    place, last = rules.last_at(seen, at), rules.last_at(entries, at)
    last_entry = entries[last] if last >= 0 else None
    if place < 0:
        return rules.heads(None, None, Names(), roster[at], last_entry)
    row = reports[place]
    report = Tally(row.people, row.households, row.outside)
    return rules.heads(report, row.occurred_at, roster[row.occurred_at], roster[at], last_entry)


def _rosters(
    points: Moments, last: datetime, known_at: datetime | None, only: Iterable[UUID] | None
) -> tuple[dict[UUID, list[Names]], Moments]:
    """The roster's numbers of each opening at each of its points, and when each roster was written in."""
    events = StayEvent.objects.all()
    if only is not None:
        events = events.filter(evacuee__in=StayEvent.objects.filter(opening__in=list(only)).values("evacuee"))
    rows = known(events, last, known_at).order_by("evacuee", "occurred_at", "entry")
    merged = taken_over(merged_away(known_at=known_at), known_at)
    ends = {str(text): since for pk, since in merged.items() for text in (pk, pk.hex)}
    written: dict[str, list[datetime]] = defaultdict(list)

    def kept() -> Iterable[rules.Event]:
        # As text: making UUIDs of a hundred thousand rows would take longer than all the rest.
        fields = [Cast(name, CharField()) for name in ("evacuee", "opening", "party", "from_opening")]
        found = rows.values_list(*fields, "occurred_at", "kind", "how").iterator(chunk_size=5000)
        for evacuee, opening, party, came_from, at, kind, how in found:
            written[opening].append(at)
            if came_from:
                written[came_from].append(at)
            yield evacuee, at, kind, opening, how, party

    present = {pk: Steps(len(moments)) for pk, moments in points.items()}
    named = {text: pk for pk in points for text in (str(pk), pk.hex)}
    for stay in rules.stays(kept(), ends):
        pk = named.get(stay.opening)
        if pk is None:
            continue
        moments = points[pk]
        begin = bisect_left(moments, stay.since)
        end = len(moments) if stay.until is None else bisect_left(moments, stay.until)
        present[pk].add(stay, begin, end)
    names = {pk: steps.names()[: len(points[pk])] for pk, steps in present.items()}
    return names, {named[text]: sorted(moments) for text, moments in written.items() if text in named}


class Steps:
    """The roster of one shelter over its points: where each number goes up and down."""

    def __init__(self, points: int) -> None:
        self.there = {name: [0] * (points + 1) for name in ("people", "households", "outside")}
        self.moved = {name: [0] * (points + 1) for name in ("people", "households", "outside")}
        self.parties: dict[str, list[tuple[int, int, bool]]] = defaultdict(list)

    def add(self, stay: rules.Stay, begin: int, end: int) -> None:
        name = "people" if stay.how == "inside" else "outside"
        self.moved[name][begin] += stay.moved
        if stay.how == "inside":
            self.parties[stay.party].append((begin, end, stay.moved))
        self.there[name][begin] += 1
        self.there[name][end] -= 1

    def names(self) -> list[Names]:
        self._households()
        there = zip(*(_summed(steps) for steps in self.there.values()), strict=True)
        moved = zip(*(_summed(steps) for steps in self.moved.values()), strict=True)
        return [Names(Tally(*here), Tally(*came)) for here, came in zip(there, moved, strict=True)]

    def _households(self) -> None:
        """A household is there from its first member's coming to its last one's going."""
        steps, moved = self.there["households"], self.moved["households"]
        for spans in self.parties.values():
            reached = -1
            for begin, end, came in sorted(spans):
                if begin > reached:
                    steps[begin] += 1
                    moved[begin] += came
                    steps[end] -= 1
                elif end > reached:
                    steps[reached] += 1
                    steps[end] -= 1
                reached = max(reached, end)


def _summed(steps: list[int]) -> list[int]:
    found, value = [], 0
    for step in steps:
        value += step
        found.append(value)
    return found
