"""Taking lines of a report into the ledger. What was issued stays as it was issued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now
from backend.core.errors import Conflict
from backend.core.pieces import pieces
from backend.ledger import joining, words
from backend.ledger.facts import FROM_REGISTER
from backend.ledger.matching import services as matching
from backend.ledger.models import (
    Disaster,
    Fact,
    Household,
    OpeningFlag,
    Person,
    RevisionAcceptance,
    RevisionChange,
    RevisionLine,
    RevisionReport,
    SameAs,
)
from backend.ledger.opening import moving
from backend.ledger.opening.loading import full_day
from backend.registry import layout
from backend.registry import two_revisions as register
from backend.registry.models import AsOfFlag, AsOfRevision

from . import rules, state
from .comparing import HELD

STALE = "新しい報告が作られています。最新の報告を開いてください。"
HELD_BACK = "報告の後に台帳が変わりました。報告を作り直してください。"


@dataclass
class Accepted:
    """`held`: lines that stay open, because the ledger was changed since the report was made."""

    lines: int = 0
    people: int = 0
    held: list[UUID] = field(default_factory=list)


@transaction.atomic
def accept(*, by: Staff | None, report: RevisionReport, line: RevisionLine | None = None) -> Accepted:
    """Take one line of the newest report, or all that are open, into the ledger.

    Who enters gets a row, and a new household its り災番号; who leaves is ended and stays findable; what else changed
    follows. Raises `Conflict` when the report is stale, or when the line was accepted already or can't be any more.
    """
    if by is not None:
        require(by, "disaster.open")
    disaster = _newest(report)
    lines = RevisionLine.objects.filter(report=report).prefetch_related("changes")
    taken = set(
        RevisionAcceptance.objects.filter(line__report=report, undone_at=None).values_list("line_id", flat=True)
    )
    if line is not None:
        if line.pk in taken:
            raise Conflict("この世帯は、すでに受け入れられています。画面を開き直してください。")
        lines = lines.filter(pk=line.pk)
    work = _Taking(disaster, report, [row for row in lines if row.pk not in taken], by)
    done = work.run()
    if line is not None and done.held:
        raise Conflict(HELD_BACK)
    if not _open_lines(report):
        disaster.register_revision = report.revision
    disaster.save(update_fields=["register_revision", "last_number"])
    if done.lines:
        audit(
            by=by,
            act="ledger.accept_revision",
            subject=f"disaster:{disaster.pk}",
            revision=report.number,
            lines=done.lines,
            persons=done.people,
            line=str(line.pk) if line else "",
        )
    return done


def _newest(report: RevisionReport) -> Disaster:
    """The report's disaster, held for this act alone: of two people at once the second sees what the first did."""
    disaster = Disaster.objects.select_for_update().get(pk=report.disaster_id)
    newest = disaster.revision_reports.first()
    if newest is None or newest.pk != report.pk:
        raise Conflict(STALE)
    return disaster


def _open_lines(report: RevisionReport) -> bool:
    accepted = RevisionAcceptance.objects.filter(undone_at=None).values("line")
    return RevisionLine.objects.filter(report=report).exclude(pk__in=accepted).exists()


class _Taking:
    """Some lines on their way into the ledger."""

    def __init__(self, disaster: Disaster, report: RevisionReport, lines: list[RevisionLine], by: Staff | None) -> None:
        self.disaster, self.report, self.by, self.at = disaster, report, by, now()
        self.lines = lines
        changes = [change for line in lines for change in line.changes.all()]
        ids = {pk for c in changes for pk in (c.household_from_id, c.household_to_id) if pk}
        numbers = {c.household_no for c in changes if c.household_no}
        self.homes: dict[UUID, Household] = {}
        for piece in pieces(ids):
            self.homes |= {home.pk: home for home in Household.objects.filter(pk__in=piece)}
        for piece in pieces(numbers):
            homes = Household.objects.filter(disaster=disaster, household_no__in=piece)
            self.homes |= {home.pk: home for home in homes}
        self.by_no = {home.household_no: home for home in self.homes.values() if home.household_no}
        self.people: dict[UUID, Person] = {}
        for piece in pieces(self.homes):
            self._remember(Person.objects.select_for_update().filter(household__in=piece))
        for piece in pieces(c.person_id for c in changes if c.person_id):
            self._remember(Person.objects.select_for_update().filter(pk__in=piece))
        self.by_home: dict[UUID, list[Person]] = {}
        for person in self.people.values():
            if person.household_id:
                self.by_home.setdefault(person.household_id, []).append(person)
        # Of those who enter without a row, some have got one since: by an acceptance that was taken back, or typed.
        self.entering: dict[str, Person] = {}
        for piece in pieces(sorted(c.atena_no for c in changes if c.kind == rules.ENTERED)):
            people = Person.objects.select_for_update().filter(disaster=disaster, atena_no__in=piece)
            self.entering |= {p.atena_no: self.people.setdefault(p.pk, p) for p in people if p.atena_no}
        newer = AsOfRevision.objects.select_related("base").get(pk=report.revision)
        self.rows, _ = register.rows(newer, (change.atena_no for change in changes))
        self.new_people: list[Person] = []
        self.new_homes: list[Household] = []
        self.made: set[UUID] = set()
        self.before: state.State = {}
        self.facts: list[Fact] = []
        self.typed: dict[Any, str] = {}

    def _remember(self, people: Iterable[Person]) -> None:
        for person in people:
            self.people.setdefault(person.pk, person)

    def run(self) -> Accepted:
        done = Accepted()
        before_words = words.words_of(self.people.values())
        accepted: list[tuple[RevisionAcceptance, list[Person], list[Household], list[Fact]]] = []
        for line in self.lines:
            changes = list(line.changes.all())
            if not all(map(self.still_so, changes)):
                done.held.append(line.pk)
                continue
            done.lines += 1
            done.people += len(changes)
            accepted.append(self.take(line, changes))
        touched = [person for _, people, _, _ in accepted for person in people]
        homes = [home for _, _, rows, _ in accepted for home in rows]
        new_people, new_homes = {p.pk for p in self.new_people}, {h.pk for h in self.new_homes}
        changed = [p for p in touched if p.pk not in new_people and not self.is_as_before(p)]
        concerned = matching.concerned({p.pk for p in changed})
        # Typed people give their number away before the register's own row takes it.
        Person.objects.filter(pk__in=list(self.typed)).update(atena_no=None)
        Household.objects.bulk_create(self.new_homes, batch_size=500)
        state.save(
            changed,
            [h for h in homes if h.pk not in new_homes and not self.is_as_before(h)],
        )
        Person.objects.bulk_create(self.new_people, batch_size=200)
        Fact.objects.bulk_create(self.facts, batch_size=500)
        links = self.join()
        words.count(self.disaster, before_words, words.words_of([*self.people.values(), *self.new_people]))
        for acceptance, people, rows, facts in accepted:
            acceptance.after = {
                "persons": state.of(people),
                "households": state.of(rows),
                "facts": [str(fact.pk) for fact in facts],
                "links": [str(link.pk) for link in links if link.person_id in {p.pk for p in people}],
            }
        RevisionAcceptance.objects.bulk_create([row for row, *_ in accepted], batch_size=200)
        self.take_flags([line for line in self.lines if line.pk not in done.held])
        concerned |= matching.concerned({p.pk for p in changed} | new_people)
        matching.match_again(disaster=self.disaster, ids=concerned)
        moving.note_among(self.disaster, [*changed, *self.new_people], by=self.by)
        return done

    def is_as_before(self, row: Person | Household) -> bool:
        return self.before.get(str(row.pk)) == state.of([row])[str(row.pk)]

    def still_so(self, change: RevisionChange) -> bool:
        """Whether the ledger still says what the report found there."""
        if change.kind == rules.ENTERED:
            found = self.entering.get(change.atena_no)
            return found is None or found.ended_at is not None or found.pk == change.person_id
        person = self.people.get(change.person_id)
        if person is None or person.ended_at is not None or person.atena_no != change.atena_no:
            return False
        if person.household_id != change.household_from_id:
            return False
        return all(getattr(person, c) == old for c, (old, _) in change.columns.items() if c in HELD)

    def take(
        self, line: RevisionLine, changes: list[RevisionChange]
    ) -> tuple[RevisionAcceptance, list[Person], list[Household], list[Fact]]:
        """One line: the rows of its people and households get their new columns, and what was there before is kept."""
        targets = {c.pk: self.target(c) for c in changes}
        homes = {h.pk: h for h in targets.values() if h}
        homes |= {c.household_from_id: self.homes[c.household_from_id] for c in changes if c.household_from_id}
        there = {p.pk: p for pk in homes for p in self.by_home.get(pk, ())}
        there |= {c.person_id: self.people[c.person_id] for c in changes if c.person_id}
        there |= {p.pk: p for c in changes if (p := self.entering.get(c.atena_no))}
        before = {"persons": state.of(there.values()), "households": state.of(homes.values())}
        self.before |= before["persons"] | before["households"]
        facts: list[Fact] = []
        for change in changes:
            person = self.enter(change) if change.kind == rules.ENTERED else self.people[change.person_id]
            if person.pk not in there:
                there[person.pk] = person
            self.change(person, change, targets[change.pk])
            facts += self.death(person, change)
        moved = {c.atena_no for c in changes if c.kind != rules.NOTED}
        for home in homes.values():
            self.settle(home, [p for p in there.values() if p.household_id == home.pk], moved)
        # A new row was not there before: what is kept of it is that it has ended.
        for pk in homes.keys() & self.made:
            del before["households"][str(pk)]
        self.facts += facts
        return (
            RevisionAcceptance(line=line, by=self.by, at=self.at, before=before),
            [*there.values()],
            [*homes.values()],
            facts,
        )

    def target(self, change: RevisionChange) -> Household | None:
        """The household that they will stand in, made where the register names one that the ledger doesn't have."""
        if change.kind == rules.LEFT:
            return None
        if change.household_no:
            home = self.by_no.get(change.household_no)
            if home is None:
                self.disaster.last_number += 1
                number = self.disaster.last_number
                home = Household(
                    disaster=self.disaster,
                    number=number,
                    disaster_number=format_disaster_number(self.disaster.code, number),
                    household_no=change.household_no,
                )
                self.by_no[change.household_no] = self.homes[home.pk] = home
                self.new_homes.append(home)
                self.made.add(home.pk)
            return home
        return self.homes.get(change.household_from_id) if change.household_from_id else None

    def enter(self, change: RevisionChange) -> Person:
        """The row of somebody who enters: their own ended one again, or a new one."""
        found = self.entering.get(change.atena_no)
        if found is not None and found.ended_at is not None:
            found.ended_at, found.ended_why = None, ""
            return found
        if found is not None:  # typed by hand with this number, which the register's own row takes
            self.typed[found.pk] = change.atena_no
            found.atena_no = None
        person = Person(disaster=self.disaster, atena_no=change.atena_no)
        self.new_people.append(person)
        return person

    def change(self, person: Person, change: RevisionChange, home: Household | None) -> None:
        for column, (_, new) in change.columns.items():
            if column in HELD:
                setattr(person, column, new)
        if change.kind == rules.LEFT:
            person.ended_at, person.ended_why = self.at, change.why or "住民記録に記載がない"
        else:
            person.household = home
            person.is_head = person.relationship == layout.HEAD
        state.make_keys(person)

    def death(self, person: Person, change: RevisionChange) -> list[Fact]:
        """A death that the register tells now, or takes back, is a fact that follows the one before."""
        if "died" not in change.columns:
            return []
        _, new = change.columns["died"]
        held = (
            Fact.objects.filter(person=person.pk, kind="life_status", replaced_by=None).order_by("-recorded_at").first()
        )
        on = "" if new == rules.UNKNOWN_DAY else new
        value = {"status": "dead", "on": on} if new else {"status": "unknown"}
        if held and held.value == value:
            return []
        fact = Fact(
            disaster=self.disaster,
            person=person,
            kind="life_status",
            value=value,
            effective_on=full_day(on),
            by=self.by,
            source_room="ledger",
            source_id=FROM_REGISTER,
            replaces=held,
        )
        return [fact]

    def settle(self, home: Household, people: list[Person], moved: set[str]) -> None:
        """The order of its people, where it is, and whether anybody is left in it."""
        here = [person for person in people if person.ended_at is None]
        if not any((person.atena_no or "") in moved for person in people) and here:
            return
        here.sort(key=lambda p: (not p.is_head, p.atena_no is None, int(p.atena_no or 0), p.position))
        for position, person in enumerate(here, 1):
            person.position = position
        home.ended_at = None if here else (home.ended_at or self.at)
        if here and home.household_no and (here[0].atena_no or "") in moved:
            first = here[0]
            home.address, home.building = first.address, first.building
            home.postal_code = self.rows.get(first.atena_no or "", {}).get("postal_code", home.postal_code)

    def join(self) -> list[SameAs]:
        """People typed with a number of their own are joined to the register's row that has it now."""
        if not self.typed:
            return []
        joining.join_early_people(disaster=self.disaster, early=self.typed, by=self.by)
        return list(SameAs.objects.filter(person__in=list(self.typed), until=None))

    def take_flags(self, lines: list[RevisionLine]) -> None:
        """What the revision flagged of these people and households, and the list to look at doesn't have yet."""
        changes = [change for line in lines for change in line.changes.all()]
        people = {change.atena_no for change in changes if change.kind != rules.NOTED}
        homes = {change.household_no for change in changes} - {""}
        fresh: list[OpeningFlag] = []
        flags = AsOfFlag.objects.filter(revision=self.report.revision).exclude(code="base_after")
        for column, wanted in (("atena_no", people), ("household_no", homes)):
            for piece in pieces(sorted(wanted)):
                rows = flags.filter(**{f"{column}__in": piece})
                if column == "household_no":
                    rows = rows.filter(atena_no="")
                said = set(
                    OpeningFlag.objects.filter(disaster=self.disaster, **{f"{column}__in": piece}).values_list(
                        "code", "atena_no", "household_no"
                    )
                )
                fresh += [
                    OpeningFlag(
                        disaster=self.disaster,
                        code=f.code,
                        atena_no=f.atena_no,
                        household_no=f.household_no,
                        detail=f.detail,
                    )
                    for f in rows
                    if (f.code, f.atena_no, f.household_no) not in said
                ]
        OpeningFlag.objects.bulk_create(fresh, batch_size=500)
