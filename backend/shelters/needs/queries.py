"""What people need, as of any time, as known at any time. Ask `people.hidden` before showing anybody's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from backend.facilities.queries import known
from backend.shelters.models import Merge, Need, NeedMet
from backend.shelters.people import pieces

from . import rules


@dataclass(frozen=True)
class Stated:
    """One thing that somebody needs, with the entries that say so."""

    need: str
    text: str
    entries: tuple[UUID, ...]
    since: datetime

    @property
    def label(self) -> str:
        return rules.shown(self.need, self.text)


def needs_of(
    evacuees: Iterable[UUID], as_of: datetime | None = None, known_at: datetime | None = None
) -> dict[UUID, list[Stated]]:
    """evacuee -> what they need; of those who were found to be one person the union of both."""
    wanted = list(evacuees)
    stands_for: dict[UUID, UUID] = {}
    for piece in pieces(wanted):
        # Merged into somebody who was merged in turn: two steps are enough, a third is refused as a conflict.
        for one, other in _merged(piece):
            stands_for[one] = other
    for one, other in _merged(list(stands_for)):
        stands_for[one] = stands_for.get(other, other)
    rows = defaultdict(list)
    for piece in pieces([*wanted, *stands_for]):
        met = known(NeedMet.objects.filter(stated=OuterRef("entry")), as_of, known_at)
        found = known(Need.objects.filter(evacuee__in=piece), as_of, known_at).exclude(Exists(met))
        for row in found.order_by("occurred_at", "entry"):
            rows[stands_for.get(row.evacuee, row.evacuee)].append(row)
    return {pk: _union(found) for pk, found in rows.items()}


def _merged(ids: list[UUID]) -> list[tuple[UUID, UUID]]:
    return list(Merge.objects.filter(Q(into__in=ids), voided_at=None).values_list("evacuee", "into"))


def _union(rows: list[Need]) -> list[Stated]:
    by_said = defaultdict(list)
    for row in rows:
        by_said[row.need, row.text.strip()].append(row)
    order = rules.together((row.need, row.text) for row in rows)
    # A bare tick that a worded statement covers is met together with it.
    bare = {need: found for (need, text), found in by_said.items() if not text}
    made = []
    for need, text in order:
        found = by_said[need, text] + (bare.get(need, []) if text else [])
        entries = tuple(row.entry for row in found)
        made.append(Stated(need, text, entries, min(row.occurred_at for row in found)))
    return made
