"""Where shelters are and were open, and how many people were reported there: as of any time, as known at any time.

`as_of` is compared with when it was so, `known_at` with when this database learnt it; None is now, and all that is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from backend.core.clock import now
from backend.core.errors import NotFound

from .models import Facility, FacilityState, HeadCount, Opening


@dataclass(frozen=True)
class Shelter:
    """An opening at a time. Head counts are the latest reported (people inside), None when none was."""

    facility: Facility
    opening: UUID
    name: str
    is_open: bool
    opened_at: datetime
    closed_at: datetime | None
    people: int | None = None
    households: int | None = None
    outside: int | None = None
    observed_at: datetime | None = None
    received_at: datetime | None = None


def known(rows: QuerySet, as_of: datetime | None, known_at: datetime | None) -> QuerySet:
    """The rows of a projection that were so by `as_of`, as known at `known_at`."""
    rows = rows.filter(occurred_at__lte=as_of or now())
    if known_at is None:
        return rows.filter(voided_at__isnull=True)
    return rows.filter(Q(voided_at__isnull=True) | Q(voided_at__gt=known_at), received_at__lte=known_at)


def latest(rows: QuerySet, *keys: str) -> QuerySet:
    """Of each group of rows the one that happened last; of those at the same time the one with the later id, which is
    the same one on every replica."""
    number = Window(RowNumber(), partition_by=[F(key) for key in keys], order_by=["-occurred_at", "-entry"])
    return rows.annotate(nth_latest=number).filter(nth_latest=1)


def openings(
    as_of: datetime | None = None, known_at: datetime | None = None, *, only: Iterable[UUID] | None = None
) -> list[Shelter]:
    """Every opening until then, open or closed, with its latest head count; by kana of the facility."""
    narrow: dict[str, Any] = {} if only is None else {"opening__in": list(only)}
    begun = list(known(Opening.objects.filter(**narrow), as_of, known_at))
    states = {s.opening: s for s in latest(known(FacilityState.objects.filter(**narrow), as_of, known_at), "opening")}
    counts = head_counts(as_of, known_at, only=only)
    places = Facility.objects.in_bulk({o.facility for o in begun})
    found = [
        _shelter(o, places[o.facility], states.get(o.opening), counts.get(o.opening))
        for o in begun
        if o.facility in places
    ]
    return sorted(found, key=lambda s: (s.facility.kana or s.facility.name, s.opened_at))


def _shelter(begun: Opening, place: Facility, state: FacilityState | None, count: HeadCount | None) -> Shelter:
    is_open = state is None or state.is_open
    return Shelter(
        facility=place,
        opening=begun.opening,
        name=begun.name or place.name,
        is_open=is_open,
        opened_at=begun.occurred_at,
        closed_at=None if is_open or state is None else state.occurred_at,
        people=count.people if count else None,
        households=count.households if count else None,
        outside=count.outside if count else None,
        observed_at=count.occurred_at if count else None,
        received_at=count.received_at if count else None,
    )


def open_shelters(as_of: datetime | None = None, known_at: datetime | None = None) -> list[Shelter]:
    """The shelters that were open then, each with its latest reported head count."""
    return [shelter for shelter in openings(as_of, known_at) if shelter.is_open]


def opening(opening_id: UUID, as_of: datetime | None = None, known_at: datetime | None = None) -> Shelter | None:
    """One opening, or None when it was not begun by then."""
    # Asked with every page of a shelter: of one there is no need to number the rows of each.
    begun = known(Opening.objects.filter(opening=opening_id), as_of, known_at).order_by("occurred_at", "entry").first()
    place = Facility.objects.filter(pk=begun.facility).first() if begun else None
    if begun is None or place is None:
        return None
    state, count = (
        known(table.objects.filter(opening=opening_id), as_of, known_at).order_by("-occurred_at", "-entry").first()
        for table in (FacilityState, HeadCount)
    )
    return _shelter(begun, place, state, count)


def shelter_or_404(opening_id: UUID) -> Shelter:
    """One opening as it is now, open or closed; NotFound when there never was one."""
    found = opening(opening_id)
    if found is None:
        raise NotFound("その避難所の開設の記録がありません。")
    return found


def head_counts(
    as_of: datetime | None = None, known_at: datetime | None = None, *, only: Iterable[UUID] | None = None
) -> dict[UUID, HeadCount]:
    """The latest reported head count of each opening."""
    rows = HeadCount.objects.all() if only is None else HeadCount.objects.filter(opening__in=list(only))
    return {row.opening: row for row in latest(known(rows, as_of, known_at), "opening")}


def places(*, active: bool = True) -> QuerySet[Facility]:
    """Facilities, by kana."""
    return Facility.objects.filter(active=True) if active else Facility.objects.all()
