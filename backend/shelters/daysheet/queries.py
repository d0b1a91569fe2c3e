"""Day's sheets: the one that holds, those before it, what a new one begins with, and all shelters of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from backend.core.clock import TOKYO, now
from backend.facilities import queries as facilities
from backend.facilities.queries import Shelter, latest
from backend.journal import queries as journal
from backend.shelters.day import rules as by_day
from backend.shelters.frontdesk.queries import away_count
from backend.shelters.models import DaySheet
from backend.shelters.needs.queries import needs_of
from backend.shelters.queries import Roster, roster

from . import rules

_TICKED = ("care", "disability", "pregnant", "medicine", "device", "language", "soft_food", "allergy")


@dataclass(frozen=True)
class Report:
    """One sheet, with who wrote it and on which device."""

    sheet: DaySheet
    by: str
    device: str
    holds: bool

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What was answered, in words, by group."""
        answers = self.sheet.answers
        found = [
            (title, [(item.label, rules.shown(item.key, answers[item.key])) for item in items if item.key in answers])
            for title, items in rules.GROUPS.items()
        ]
        return [(title, said) for title, said in found if said]


@dataclass(frozen=True)
class Line:
    """A shelter on headquarters' page of a day."""

    shelter: Shelter
    sheet: DaySheet | None

    @property
    def answers(self) -> dict[str, Any]:
        return self.sheet.answers if self.sheet else {}


def reports(opening: UUID, day: date) -> list[Report]:
    """All sheets of a shelter and day that were not taken back, that which holds first."""
    rows = list(
        DaySheet.objects.filter(opening=opening, day=str(day), voided_at=None).order_by("-occurred_at", "-entry")
    )
    written = journal.entries(row.entry for row in rows)
    authors = journal.authors(written.values())
    found = []
    for row in rows:
        entry = written.get(row.entry)
        by = authors.get(entry.actor, "") if entry else ""
        device = entry.device.name if entry and entry.device else ""
        found.append(Report(row, by, device, row is rows[0]))
    return found


def first_guess(opening: UUID, day: date) -> tuple[dict[str, Any], date | None]:
    """What a new sheet begins with, and from which earlier day: counts of today's projections, and what stays true."""
    before = DaySheet.objects.filter(opening=opening, day__lt=str(day), voided_at=None)
    last = before.order_by("-day", "-occurred_at", "-entry").first()
    stays = rules.staying_true(last.answers) if last else {}
    return {**stays, **counted(opening, day)}, date.fromisoformat(last.day) if last else None


def counted(opening: UUID, day: date) -> dict[str, Any]:
    """The counts that the rosters know, as of the end of the day, or now.

    Whoever is under protection is in the number of people, and in no number that would tell something of them.
    """
    at = min(now(), datetime.combine(day + timedelta(days=1), time(), tzinfo=TOKYO) - timedelta(seconds=1))
    there = roster(opening, at, staff=None)
    answers: dict[str, Any] = {
        "people": there.count.people,
        "households": there.count.households,
        "outside": there.count.outside,
    }
    if away := away_count(opening, at):
        answers["away"] = away
    return answers | _needing(there, day)


def _needing(there: Roster, day: date) -> dict[str, Any]:
    needs = needs_of([row.face.id for row in there.rows], there.as_of)
    said = [{one.need: one.text for one in needs.get(row.face.id, [])} for row in there.rows]
    ages = [row.face.age(day) for row in there.rows]
    found: dict[str, Any] = {key: sum(key in one for one in said) for key in _TICKED}
    found["old"] = sum(age is not None and age >= by_day.OLD_FROM for age in ages)
    young = [age is not None and age < by_day.INFANT_UNTIL for age in ages]
    found["infant"] = sum("infant" in one or is_young for one, is_young in zip(said, young, strict=True))
    found["allergens"] = rules.allergens(
        stated.text for row in there.rows for stated in needs.get(row.face.id, []) if stated.need == "allergy"
    )
    found["pets"] = "、".join(filter(None, (one.get("pet", "") for one in said)))[: rules.ITEMS["pets"].longest]
    return {key: value for key, value in found.items() if value}


def of_day(day: date, at: datetime | None = None) -> list[Line]:
    """Every shelter that was open on a day, with its sheet that holds; who has not reported comes first."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=TOKYO)
    begin = end - timedelta(days=1)
    rows = latest(DaySheet.objects.filter(day=str(day), voided_at=None), "opening")
    sheets = {row.opening: row for row in rows}
    found = [
        Line(shelter, sheets.get(shelter.opening))
        for shelter in facilities.openings(min(at or now(), end))
        if shelter.is_open or (shelter.closed_at and shelter.closed_at >= begin) or shelter.opening in sheets
    ]
    return sorted(found, key=lambda line: line.sheet is not None)


def of_shelter(opening: UUID) -> list[DaySheet]:
    """The sheet that holds of each day, the newest day first."""
    rows = latest(DaySheet.objects.filter(opening=opening, voided_at=None), "opening", "day")
    return sorted(rows, key=lambda row: row.day, reverse=True)
