"""A revision of the register held against the ledger as it stands: who would enter, leave, change, move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from backend.core.pieces import pieces
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Household, Person, RevisionAcceptance
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from . import rules

HELD = tuple(column for column in rules.COLUMNS if column not in ("postal_code", "died"))


@dataclass
class Found:
    """What differs, line by line; `people` and `homes` are the ledger's rows that the changes name."""

    lines: list[list[rules.Change]] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    homes: dict[str, Household] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)


def compare(disaster: Disaster, compared: AsOfRevision, revision: AsOfRevision) -> Found:
    """Hold `revision` against the ledger, which was at `compared` but for what has been accepted since."""
    accepted = accepted_since(disaster, compared)
    numbers = register.changed_between(compared, revision) | set(accepted)
    before, _ = register.rows(compared, numbers)
    after, gone = register.rows(revision, numbers)
    found = Found()
    for piece in pieces(sorted(numbers)):
        people = Person.objects.filter(disaster=disaster, atena_no__in=piece).select_related("household")
        found.people |= {person.atena_no: person for person in people if person.atena_no}
    _homes_of(disaster, after, found)
    died = ledger.deaths([person.pk for person in found.people.values()])
    changes = []
    for number in sorted(numbers):
        person = found.people.get(number)
        told = accepted.get(number)
        known = told.said if told else (rules.said(before[number]) if number in before else None)
        known_home = told.household_no if told else before.get(number, {}).get("household_no", "")
        if known is None and person is not None and person.ended_at is None:
            person = None  # typed by hand with this number: not of the register, which has them only now
        change = _change(number, after.get(number), person, known, known_home, died, found)
        if change is not None:
            if change.kind == rules.LEFT:
                change.why = gone.get(number, "")
            changes.append(change)
    found.lines = rules.lines(changes)
    _count_members(found)
    return found


@dataclass
class Told:
    """What the register said of a person when a line was accepted. `said` is None for who left."""

    said: dict[str, str] | None
    household_no: str


def accepted_since(disaster: Disaster, compared: AsOfRevision) -> dict[str, Told]:
    """宛名番号 -> what was last accepted of them from reports newer than `compared`."""
    live = RevisionAcceptance.objects.filter(undone_at=None, line__report__disaster=disaster)
    newer = [
        row
        for row in live.select_related("line__report").prefetch_related("line__changes").order_by("at")
        if row.line.report.number > compared.number
    ]
    said: dict[int, dict[str, register.Row]] = {}
    for pk, revision in AsOfRevision.objects.in_bulk({row.line.report.revision for row in newer}).items():
        lines = [row.line for row in newer if row.line.report.revision == pk]
        said[pk], _ = register.rows(revision, [change.atena_no for line in lines for change in line.changes.all()])
    found: dict[str, Told] = {}
    for row in newer:
        for change in row.line.changes.all():
            there = said[row.line.report.revision].get(change.atena_no)
            found[change.atena_no] = Told(rules.said(there) if there else None, there["household_no"] if there else "")
    return found


def _homes_of(disaster: Disaster, after: dict[str, register.Row], found: Found) -> None:
    """The ledger's households that the register's numbers name now."""
    numbers = {row["household_no"] for row in after.values()} - {""}
    for piece in pieces(sorted(numbers)):
        homes = Household.objects.filter(disaster=disaster, household_no__in=piece)
        found.homes |= {home.household_no: home for home in homes if home.household_no}


def _change(
    number: str,
    row: register.Row | None,
    person: Person | None,
    known: dict[str, str] | None,
    known_home: str,
    died: dict[Any, str],
    found: Found,
) -> rules.Change | None:
    here = person if person is not None and person.ended_at is None else None
    stands = str(here.household_id) if here and here.household_id else None
    if row is None:
        return rules.Change(number, rules.LEFT, home_from=stands) if here else None
    said, household_no = rules.said(row), row["household_no"]
    home = found.homes.get(household_no)
    target = (str(home.pk) if home else f"new:{household_no}") if household_no else None
    if here is None:
        columns = {column: ["", value] for column, value in said.items() if value}
        return rules.Change(number, rules.ENTERED, columns, None, target, household_no)
    held = {column: getattr(here, column) for column in HELD}
    held["died"] = died.get(here.pk, "")
    held["postal_code"] = known["postal_code"] if known else said["postal_code"]
    columns = rules.changed_columns(known, said, held)
    moves = bool(household_no) and household_no != known_home and target != stands
    if not columns and not moves:
        return None
    kind = rules.kind_of(columns, moves=moves)
    return rules.Change(number, kind, columns, stands, target if moves else stands, household_no if moves else "", "")


def _count_members(found: Found) -> None:
    homes = {home for line in found.lines for c in line for home in (c.home_from, c.home_to) if home}
    keys = sorted(home for home in homes if not home.startswith("new:"))
    for piece in pieces(keys):
        counted = Person.objects.filter(household__in=piece, ended_at=None).order_by().values_list("household")
        found.members |= {str(home): number for home, number in counted.annotate(n=Count("pk"))}
