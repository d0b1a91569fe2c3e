"""Joining people who were entered by word of mouth to those of the register, when it arrives.

By the same 宛名番号, else by matching (`matching`). A reading aid: it is confirmed by a person later, and nothing is
re-pointed.
"""

from __future__ import annotations

from typing import Any

from backend.accounts.models import Staff

from .matching import records, running
from .models import Disaster, Person, Protection, SameAs, TypedRecord


def step_aside(disaster: Disaster) -> dict[Any, str]:
    """The people entered so far: id -> 宛名番号 as it was given ('' if none).

    The number then belongs to the register's own row; what was typed with it lives on in the link (`SameAs`), and a
    number that the register doesn't have goes back to where it was typed.
    """
    people = disaster.persons.all()
    early = {pk: number or "" for pk, number in people.values_list("pk", "atena_no")}
    people.update(atena_no=None)
    return early


def join_early_people(*, disaster: Disaster, early: dict[Any, str], by: Staff | None) -> int:
    """Join each person of `early` (see `step_aside`) where it is clear to whom; return how many were.

    Whoever was typed in other rooms before the register came is matched too.
    """
    people = Person.objects.filter(pk__in=list(early))
    records.put_records(room="ledger", rows=records.of_people(people), disaster=disaster)
    joined = sum(_join_by_number(person, early[person.pk], by) for person in people if early[person.pk])
    return joined + running.match_records(records.waiting(disaster)).certain


def _join_by_number(person: Person, number: str, by: Staff | None) -> bool:
    into = Person.objects.filter(disaster=person.disaster, atena_no=number).exclude(pk=person.pk).first()
    if into is None:
        Person.objects.filter(pk=person.pk).update(atena_no=number)
        return False
    # Somebody under protection is never joined by itself: the page of the one would give away the other. Both are
    # hidden, whichever of the two the protection was said of.
    live = Protection.objects.filter(lifted_at=None)
    protected, asked = live.filter(atena_no=number).first(), live.filter(person=person).first()
    if protected or asked:
        hidden, like = (person, protected) if protected else (into, asked)
        if like is not None:
            _hide(hidden, like)
        state, guarded = TypedRecord.Outcome.LIKELY, True
    else:
        SameAs.objects.create(person=person, into=into, ground=records.BY_NUMBER, by=by)
        state, guarded = TypedRecord.Outcome.CERTAIN, False
    TypedRecord.objects.filter(pk=person.pk).update(outcome=state, guarded=guarded)
    return not guarded


def _hide(person: Person, like: Protection) -> None:
    said = {"source": like.source, "expires_on": like.expires_on, "asked_by": like.asked_by}
    Protection.objects.create(person=person, derived=True, **said)
