"""Putting down facts, by which rooms tell each other what holds of a household or a person; each in place of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from backend.accounts.models import Staff
from backend.core.errors import Refused

from .facts import KINDS
from .models import Disaster, Fact, Household, Person


@transaction.atomic
def put_fact(
    *,
    by: Staff | None,
    disaster: Disaster,
    kind: str,
    value: dict[str, Any],
    room: str,
    household: Household | None = None,
    person: Person | None = None,
    effective_on: date | None = None,
    source_id: str = "",
) -> Fact:
    """Put down a fact in place of the one of its kind that held so far. Raises `Refused` for a kind not the room's."""
    allowed = KINDS.get(kind)
    if allowed is None or room not in allowed.rooms:
        raise Refused(f"「{kind}」は {room} からは記録できません。")
    # One after the other for one subject: two at once would both replace the same fact.
    subject: Any = household or person
    type(subject).objects.select_for_update().get(pk=subject.pk)
    held = Fact.objects.filter(household=household, person=person, kind=kind, replaced_by=None)
    before = held.order_by("-recorded_at", "-id").first()
    return Fact.objects.create(
        disaster=disaster,
        household=household,
        person=person,
        kind=kind,
        value=value,
        effective_on=effective_on,
        by=by,
        source_room=room,
        source_id=source_id,
        replaces=before,
    )


@dataclass(frozen=True)
class Word:
    """What a room puts down of one person."""

    person: Person
    value: dict[str, Any]
    effective_on: date | None = None
    source_id: str = ""
    by: Staff | None = None


@transaction.atomic
def put_facts(*, kind: str, room: str, words: Sequence[Word]) -> None:
    """The same of many persons at once, each in place of what held of them so far."""
    allowed = KINDS.get(kind)
    if allowed is None or room not in allowed.rooms:
        raise Refused(f"「{kind}」は {room} からは記録できません。")
    ids = [word.person.pk for word in words]
    list(Person.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    live = Fact.objects.filter(person__in=ids, kind=kind, replaced_by=None).order_by("recorded_at", "id")
    held = {fact.person_id: fact for fact in live}
    Fact.objects.bulk_create(
        [
            Fact(
                disaster_id=word.person.disaster_id,
                person=word.person,
                kind=kind,
                value=word.value,
                effective_on=word.effective_on,
                by=word.by,
                source_room=room,
                source_id=word.source_id,
                replaces=held.get(word.person.pk),
            )
            for word in words
        ],
        batch_size=500,
    )
