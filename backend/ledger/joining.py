"""Joining people who were entered by word of mouth to those of the register, when it arrives.

By the same 宛名番号, or by the strict fold of the name with the same full birth date where exactly one person of the
register fits. A reading aid: it is confirmed by a person later, and nothing is re-pointed.
"""

from __future__ import annotations

from typing import Any

from backend.accounts.models import Staff
from backend.core.names import identity_key

from .models import Disaster, Person, Protection, SameAs


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
    """Join each person of `early` (see `step_aside`) where it is clear to whom; return how many were."""
    joined = 0
    live = Protection.objects.filter(lifted_at=None)
    protected = {protection.atena_no: protection for protection in live.exclude(atena_no=None)}
    asked = {protection.person_id: protection for protection in live.filter(person__in=list(early))}
    residents = Person.objects.filter(disaster=disaster).exclude(pk__in=list(early))
    for person in Person.objects.filter(pk__in=list(early)):
        into, ground = _match(person, early[person.pk], residents)
        if into is None:
            if early[person.pk]:
                Person.objects.filter(pk=person.pk).update(atena_no=early[person.pk])
            continue
        # Somebody under protection is never joined by itself: the page of the one would give away the other. Both are
        # hidden, whichever of the two the protection was said of.
        if into.atena_no in protected or person.pk in asked:
            if into.atena_no in protected:
                _hide(person, protected[into.atena_no])
            else:
                _hide(into, asked[person.pk])
            continue
        SameAs.objects.create(person=person, into=into, ground=ground, by=by)
        joined += 1
    return joined


def _match(person: Person, atena_no: str, residents: Any) -> tuple[Person | None, str]:
    if atena_no:
        return residents.filter(atena_no=atena_no).first(), "宛名番号"
    if len(person.birth) != 10 or "-00" in person.birth:
        return None, ""
    same_day = residents.filter(birth=person.birth, family_key=person.family_key)
    key = identity_key(person.name)
    found = [other for other in same_day if identity_key(other.name) == key]
    return (found[0], "氏名と生年月日") if len(found) == 1 else (None, "")


def _hide(person: Person, like: Protection) -> None:
    Protection.objects.create(person=person, source=like.source, expires_on=like.expires_on, asked_by=like.asked_by)
