"""Who is away, who came, what lies here: as of now. Nobody is named whom the asker may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounts.models import Staff
from backend.core.clock import TOKYO, now, tokyo_date
from backend.core.kana import looks_like_kana, search_kana
from backend.core.names import search_key
from backend.facilities.queries import known
from backend.journal import queries as journal
from backend.shelters.models import Away, Ended, Note, Parcel, Visitor
from backend.shelters.people import Face, faces, hidden
from backend.shelters.queries import RosterRow, roster, staying

from . import rules

OVER_SHOWN = timedelta(days=3)
MOST = 200


@dataclass(frozen=True)
class Absence:
    """Somebody who is away now."""

    row: Away
    face: Face
    overdue: bool


@dataclass(frozen=True)
class Line:
    """A visitor or a parcel, and how it ended."""

    row: Any
    ended: Ended | None
    result: str = ""


def _open(rows: QuerySet, at: datetime) -> QuerySet:
    over = known(Ended.objects.filter(began=OuterRef("entry")), at, None)
    return known(rows, at, None).exclude(Exists(over))


def _away(opening: UUID, at: datetime) -> list[tuple[Away, str]]:
    """The latest absence of everybody who belongs to the shelter at a time and is away, with how they stay there."""
    last = {
        row.evacuee: row for row in _open(Away.objects.filter(opening=opening), at).order_by("occurred_at", "entry")
    }
    present = {event.evacuee: event for event in staying(at, evacuees=last, opening=opening)}
    # Whoever left or went on, and came again, is not away from before.
    return [
        (row, present[pk].how)
        for pk, row in last.items()
        if pk in present and present[pk].occurred_at <= row.occurred_at
    ]


def away_count(opening: UUID, at: datetime | None = None) -> int:
    """How many of those inside sleep elsewhere: they belong to the shelter, and are not in the head count of the night."""
    return sum(how == "inside" for _, how in _away(opening, at or now()))


def away(opening: UUID, staff: Staff) -> tuple[list[Absence], int]:
    """Who is away now, those who should be back first, and how many more whom the asker may not see."""
    at = now()
    rows = [row for row, _ in _away(opening, at)]
    unseen = hidden([row.evacuee for row in rows], staff)
    shown = faces([row.evacuee for row in rows if row.evacuee not in unseen])
    today = tokyo_date(at)
    found = [Absence(row, shown[row.evacuee], rules.overdue(row.until, today)) for row in rows if row.evacuee in shown]
    return sorted(found, key=lambda one: (not one.overdue, one.row.until or "9", one.face.kana)), len(rows) - len(found)


def absent(opening: UUID, evacuees: Iterable[UUID]) -> dict[UUID, Away]:
    """Of these people those who are away now."""
    wanted = set(evacuees)
    return {row.evacuee: row for row, _ in _away(opening, now()) if row.evacuee in wanted}


def present(opening: UUID, text: str, staff: Staff) -> list[RosterRow]:
    """Those in the roster whose name or reading has all that was typed."""
    words = [word for word in text.split() if search_key(word)]
    rows = roster(opening, staff=staff).rows if words else []
    return [row for row in rows if all(_has(row.face, word) for word in words)]


def _has(face: Face, word: str) -> bool:
    if looks_like_kana(word) and search_kana(word) in search_kana(face.kana):
        return True
    return search_key(word) in search_key(face.name)


def visitors(opening: UUID) -> list[Line]:
    """Those of today and yesterday, and whoever has not left, the newest first."""
    return _lines(Visitor, opening, {})


def parcels(opening: UUID) -> list[Line]:
    """What lies here, the oldest first; then what went lately."""
    found = _lines(Parcel, opening, rules.HANDED)
    return sorted(found, key=lambda line: (line.ended is not None, line.row.occurred_at))


def _lines(table: Any, opening: UUID, words: dict[str, str]) -> list[Line]:
    rows = list(table.objects.filter(opening=opening, voided_at=None).order_by("-occurred_at", "-entry")[: 5 * MOST])
    over: dict[UUID, Ended] = {}
    for row in Ended.objects.filter(opening=opening, voided_at=None).order_by("-occurred_at", "-entry"):
        over[row.began] = row
    since = now() - OVER_SHOWN
    found = []
    for row in rows:
        end = over.get(row.entry)
        if end is None or end.occurred_at >= since:
            found.append(Line(row, end, words.get(end.result, "") if end else ""))
    return found[:MOST]


@dataclass(frozen=True)
class Shift:
    """The notes of one shift, the newest first: (note, who wrote it)."""

    day: date
    title: str
    notes: list[tuple[Note, str]]


def notes(opening: UUID) -> list[Shift]:
    """What was handed on at a shelter, by shift; notes about people stand on their own pages."""
    rows = Note.objects.filter(opening=opening, evacuee=None, voided_at=None).order_by("-occurred_at", "-entry")[:MOST]
    written = journal.entries(row.entry for row in rows)
    by = journal.authors(written.values())
    found: list[Shift] = []
    for row in rows:
        day, title = rules.shift(row.occurred_at.astimezone(TOKYO))
        if not found or (found[-1].day, found[-1].title) != (day, title):
            found.append(Shift(day, title, []))
        found[-1].notes.append((row, by.get(written[row.entry].actor, "") if row.entry in written else ""))
    return found
