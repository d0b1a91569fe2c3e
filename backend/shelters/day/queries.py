"""The roster of this moment with what people need, narrowed to some of them, and what changed since this morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import Count

from backend.accounts.models import Staff
from backend.core.clock import TOKYO, tokyo_date
from backend.facilities.queries import known
from backend.shelters.models import StayEvent
from backend.shelters.needs.queries import Stated, needs_of
from backend.shelters.queries import Roster, RosterRow
from backend.shelters.welfare.queries import Case, marks

from . import rules


@dataclass(frozen=True)
class Line:
    """A row of the roster with what that person needs."""

    row: RosterRow
    needs: list[Stated]
    welfare: Case | None = None  # a place in a welfare shelter that was asked for


@dataclass(frozen=True)
class Filter:
    key: str
    label: str
    people: int
    chosen: bool


def midnight(at: datetime) -> datetime:
    """The beginning of the day in Japan."""
    return datetime.combine(tokyo_date(at), time(), tzinfo=TOKYO)


def narrowed(roster: Roster, wanted: str, staff: Staff | None = None) -> tuple[list[Line], list[Filter]]:
    """The people of a roster under a filter, and how many (of those shown) stand behind each filter."""
    needs = needs_of([row.face.id for row in roster.rows], roster.as_of, roster.known_at)
    day, morning = tokyo_date(roster.as_of), midnight(roster.as_of)
    asked = marks([row.face.id for row in roster.rows], staff)
    lines = [Line(row, needs.get(row.face.id, []), asked.get(row.face.id)) for row in roster.rows]

    def under(key: str) -> list[Line]:
        return [
            line
            for line in lines
            if rules.passes(
                key,
                needs={stated.need for stated in line.needs},
                age=line.row.face.age(day),
                how=line.row.how,
                since=line.row.since,
                midnight=morning,
            )
        ]

    found = {key: under(key) for key in rules.FILTERS}
    wanted = wanted if wanted in found else ""
    filters = [Filter(key, label, len(found[key]), key == wanted) for key, label in rules.FILTERS.items()]
    return found[wanted], filters


def since_morning(opening: UUID, at: datetime) -> tuple[int, int]:
    """How many people arrived in a shelter and how many left it since midnight: also those who did both."""
    today = known(StayEvent.objects.filter(occurred_at__gte=midnight(at)), at, None)
    came = today.filter(opening=opening).exclude(kind="left").aggregate(n=Count("evacuee", distinct=True))["n"]
    left = today.filter(opening=opening, kind="left").values("evacuee")
    moved = today.filter(from_opening=opening, kind="moved").values("evacuee")
    return came, left.union(moved).count()
