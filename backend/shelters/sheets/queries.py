"""Photographed lists of a shelter, how far they are typed, and who may look at a picture."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.accounts.models import Staff
from backend.journal import files
from backend.journal import queries as journal
from backend.shelters.models import Sheet, SheetLine
from backend.shelters.people import Face, faces, hidden, merged_away

from . import rules


@dataclass(frozen=True)
class Progress:
    """A sheet in the list of sheets."""

    sheet: Sheet
    by: str
    typed: int
    unreadable: int
    here: bool


@dataclass(frozen=True)
class Typed:
    """A line that was dealt with. `hidden`: of somebody whom the asker may not see."""

    row: SheetLine
    face: Face | None
    hidden: bool
    by: str
    twice: bool


def sheets(opening: UUID) -> list[Progress]:
    """The newest first."""
    rows = list(Sheet.objects.filter(opening=opening, voided_at=None).order_by("-occurred_at", "-entry"))
    written = journal.entries(row.entry for row in rows)
    by = journal.authors(written.values())
    here = files.held(row.sha256 for row in rows)
    lines: dict[UUID, list[str]] = {row.entry: [] for row in rows}
    done = SheetLine.objects.filter(sheet__in=lines, voided_at=None)
    for sheet, _, result in sorted(set(done.values_list("sheet", "line", "result"))):
        lines[sheet].append(result)
    return [
        Progress(
            row,
            by.get(written[row.entry].actor, "") if row.entry in written else "",
            lines[row.entry].count("typed"),
            lines[row.entry].count("unreadable"),
            row.sha256 in here,
        )
        for row in rows
    ]


def sheet(opening: UUID, entry: UUID) -> Sheet | None:
    return Sheet.objects.filter(pk=entry, opening=opening, voided_at=None).first()


def lines(entry: UUID, staff: Staff) -> list[Typed]:
    """What was typed from a sheet, line by line."""
    rows = list(SheetLine.objects.filter(sheet=entry, voided_at=None).order_by("line", "entry"))
    ids = {row.evacuee for row in rows if row.evacuee}
    unseen, away = hidden(ids, staff), merged_away(ids)
    shown = faces(ids - unseen)
    written = journal.entries(row.entry for row in rows)
    by = journal.authors(written.values())
    twice = rules.twice(row.line for row in rows)
    found = []
    for row in rows:
        face = shown.get(away.get(row.evacuee, row.evacuee)) or shown.get(row.evacuee) if row.evacuee else None
        author = by.get(written[row.entry].actor, "") if row.entry in written else ""
        found.append(Typed(row, face, row.evacuee in unseen, author, row.line in twice))
    return found


def picture(found: Sheet, staff: Staff) -> bytes | None:
    """The photograph; None where it has not come yet, and, not to be told apart, where it names somebody hidden from the asker."""
    named = SheetLine.objects.filter(sheet=found.entry).exclude(evacuee=None).values_list("evacuee", flat=True)
    return None if hidden(named, staff) else files.content(found.sha256)
