"""Who is hidden, from whom: 支援措置 and 秘匿希望 alive now, said of a person, a number, or a record linked to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, UUIDField
from django.db.models.functions import Coalesce

from backend.accounts.models import Staff

from .models import Person, Protection, SameAs, TypedRecord


def live_protections() -> QuerySet[Protection]:
    """支援措置 and 秘匿希望 that nobody has lifted; an expiry that has passed changes nothing."""
    return Protection.objects.filter(lifted_at=None)


def live_links() -> QuerySet[SameAs]:
    """Links alive now, each with `typed`: the id of what was typed, be it a person of the ledger or another room's."""
    return SameAs.objects.filter(until=None).annotate(typed=Coalesce("person", "record", output_field=UUIDField()))


def is_under_protection() -> Q:
    """The condition, for a queryset of Person, that somebody is under address protection, as it is at this moment.

    Said of them, of their 宛名番号 in whichever disaster, or of a record they are linked to by a link alive now: those
    who were typed by hand and the person of the register are hidden together, whoever of them it was said of.

    The thousands whom the register protects are left to one subquery; the few said by hand or reached by links are
    looked up first, so that a search over a million people keeps to its index.
    """
    condition = Q(atena_no__in=_protected_numbers())
    ids, numbers = _reached_by_hand()
    if numbers:
        condition |= Q(atena_no__in=numbers)
    return condition | Q(pk__in=ids) if ids else condition


def _protected_numbers() -> QuerySet:
    return live_protections().exclude(atena_no=None).values("atena_no")


def _reached_by_hand() -> tuple[set[UUID], set[str]]:
    """Persons of whom it was said by hand, whom links tie to anybody protected, and the 宛名番号 of all of these."""
    links = live_links()
    said = _protected_numbers()
    ids = set(live_protections().exclude(person=None).values_list("person", flat=True))
    ids |= set(live_protections().exclude(evacuee=None).values_list("evacuee", flat=True))
    pairs = set(links.filter(Q(person__atena_no__in=said) | Q(into__atena_no__in=said)).values_list("typed", "into"))
    while True:
        ids |= {one for pair in pairs for one in pair}
        if not ids:
            return set(), set()
        numbers = set(Person.objects.filter(pk__in=ids).exclude(atena_no=None).values_list("atena_no", flat=True))
        touching = Q(person__in=ids) | Q(record__in=ids) | Q(into__in=ids)
        touching |= Q(person__atena_no__in=numbers) | Q(into__atena_no__in=numbers)
        more = set(links.filter(touching).values_list("typed", "into"))
        if more <= pairs:
            return ids, numbers  # type: ignore[return-value]
        pairs |= more


def protections_of(people: Iterable[Person]) -> list[Protection]:
    """All that hides any of these people now, oldest first: said of them, of their number, or of a linked record."""
    ids = {person.pk for person in people}
    links = live_links()
    for one, other in links.filter(Q(person__in=ids) | Q(record__in=ids) | Q(into__in=ids)).values_list(
        "typed", "into"
    ):
        ids |= {one, other}
    ids |= set(links.filter(into__in=ids).values_list("typed", flat=True))
    numbers = set(Person.objects.filter(pk__in=ids).exclude(atena_no=None).values_list("atena_no", flat=True))
    said = live_protections().filter(
        Q(person__in=ids) | Q(evacuee__in=ids) | Q(atena_no__in=numbers) | Q(person__atena_no__in=numbers)
    )
    return list(said.order_by("asked_at", "id"))


def sees_protected(staff: Any) -> bool:
    return bool(getattr(staff, "sees_protected", False))


def own_typed(staff: Any) -> set[UUID]:
    """What this person typed of somebody who turned out to be under protection, and of whom nobody has asked for it since.

    They go on seeing it, with nothing but what was typed: if it vanished, that alone would tell them whom they had typed.
    """
    if not isinstance(staff, Staff) or sees_protected(staff):
        return set()
    mine = set(TypedRecord.objects.filter(typed_by=staff, guarded=True).values_list("pk", flat=True))
    if mine:
        asked = live_protections().filter(Q(person__in=mine) | Q(evacuee__in=mine), derived=False)
        mine -= {pk for row in asked.values_list("person", "evacuee") for pk in row if pk}
    return mine


def visible_persons(staff: Any) -> QuerySet[Person]:
    """The people whom this person may see: for most, nobody under protection (but for `own_typed`)."""
    people = Person.objects.all()
    if sees_protected(staff):
        return people
    mine = own_typed(staff)
    return people.exclude(is_under_protection() & ~Q(pk__in=mine) if mine else is_under_protection())


def protected_atena_numbers() -> set[str]:
    """Every 宛名番号 that is hidden, whatever it was said of."""
    numbers = live_protections().exclude(atena_no=None).values_list("atena_no", flat=True)
    of_persons = live_protections().exclude(person__atena_no=None).values_list("person__atena_no", flat=True)
    return {*numbers, *of_persons, *_reached_by_hand()[1]}  # type: ignore[arg-type]


def hidden_person_ids(staff: Any, person_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids whom this person may not see."""
    if sees_protected(staff):
        return set()
    people = Person.objects.filter(pk__in=list(person_ids)).filter(is_under_protection())
    return set(people.values_list("pk", flat=True)) - own_typed(staff)


def is_protected(person: Person) -> bool:
    return Person.objects.filter(pk=person.pk).filter(is_under_protection()).exists()
