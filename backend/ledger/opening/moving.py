"""Who moved since the disaster: where the register has them today becomes a fact of where letters go, by itself.

The person of the ledger stays as of the disaster; the fact follows the one before it, and another one follows when the
register takes a move back. What a clerk wrote stays until the register says something new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import tokyo_date
from backend.core.pieces import pieces
from backend.ledger.facts import FROM_REGISTER
from backend.ledger.letters import rules
from backend.ledger.models import Disaster, Fact, Person
from backend.registry import today as register
from backend.registry.models import AsOfRevision, RegisterFile
from backend.registry.today_rules import Today

KIND = "register_address"
PIECE = 2_000


@transaction.atomic
def note_file(file_id: int) -> int:
    """A file was taken: the moves in it, in every ledger that has a register under it."""
    disasters = list(Disaster.objects.exclude(register_revision=None))
    if not disasters:
        return 0
    numbers = register.touched_by(file_id)
    by = RegisterFile.objects.select_related("received_by").get(pk=file_id).received_by
    return sum(note(disaster, numbers, by=by) for disaster in disasters)


def note_all(disaster: Disaster, *, by: Staff | None) -> int:
    """The moves that files brought before the ledger got its register."""
    return note(disaster, register.moved_since(tokyo_date(disaster.occurred_at)), by=by)


def note_among(disaster: Disaster, people: Iterable[Person], *, by: Staff | None) -> int:
    """The same of these people, whose rows in the ledger have changed."""
    numbers = sorted({person.atena_no for person in people if person.atena_no})
    return note(disaster, register.moved_since(tokyo_date(disaster.occurred_at), among=numbers), by=by)


@transaction.atomic
def note(disaster: Disaster, numbers: Iterable[str], *, by: Staff | None) -> int:
    """Put down where the register has these people today, where that is news; returns of how many it was."""
    revision = AsOfRevision.objects.select_related("base").filter(pk=disaster.register_revision).first()
    if revision is None:
        return 0
    count = sum(_note(disaster, revision, piece, by) for piece in pieces(numbers, PIECE))
    if count:
        audit(by=by, act="ledger.note_moves", subject=f"disaster:{disaster.pk}", persons=count)
    return count


def _note(disaster: Disaster, revision: AsOfRevision, numbers: list[str], by: Staff | None) -> int:
    # One after the other for one person: a clerk may be writing the same fact.
    people = Person.objects.select_for_update().filter(disaster=disaster, atena_no__in=numbers, ended_at=None)
    by_number = {person.atena_no or "": person for person in people}
    ids = [person.pk for person in by_number.values()]
    held, said = _held(ids), _said(ids)
    facts = []
    for number, today in register.registered_today(revision, by_number):
        person = by_number[number]
        value = _value(today)
        before = said.get(person.pk)
        if value is None or rules.place_of(value) == (rules.place_of(before) if before else _as_of(person)):
            continue
        facts.append(
            Fact(
                disaster=disaster,
                person=person,
                kind=KIND,
                value=value,
                effective_on=today.since,
                by=by,
                source_room="ledger",
                source_id=FROM_REGISTER,
                replaces=held.get(person.pk),
            )
        )
    Fact.objects.bulk_create(facts, batch_size=500)
    return len(facts)


def _value(today: Today) -> dict[str, str] | None:
    if not today.registered:
        return rules.gone(today.reason) if today.reason and today.reason != "死亡" else None
    return rules.registered_at(today.postal_code, today.address, today.building, today.reason)


def _as_of(person: Person) -> str:
    return rules.place_of(rules.registered_at("", person.address, person.building, "") or {})


def _held(people: Iterable[UUID]) -> dict[UUID, Fact]:
    """What holds of each now, whoever said it."""
    facts = Fact.objects.filter(person__in=list(people), kind=KIND, replaced_by=None).order_by("recorded_at", "id")
    return {fact.person_id: fact for fact in facts if fact.person_id}


def _said(people: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the register said last of each."""
    facts = Fact.objects.filter(person__in=list(people), kind=KIND, source_room="ledger", source_id=FROM_REGISTER)
    rows = facts.order_by("recorded_at", "id").values_list("person", "value")
    return {person: value for person, value in rows if person}
