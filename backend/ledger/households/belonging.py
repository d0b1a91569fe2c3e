"""Who ever belonged to which household, by the register and by decisions: by them it is told whether it may be seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from backend.ledger.models import (
    Household,
    HouseholdLine,
    NumberExchange,
    Person,
    RevisionAcceptance,
    RevisionChange,
)

FOUNDED = (Household.Kind.ACTUAL, Household.Kind.LATER)


def goes_by(households: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """household -> the people by whom it is told whether it may be seen, in a fixed number of queries.

    A household of the register goes by its registered members, one that a decision made by those who ever came into it.
    """
    wanted = set(households)
    people: dict[UUID, set[UUID]] = defaultdict(set)
    for home, person in Person.objects.filter(household__in=wanted).values_list("household", "pk"):
        people[home].add(person)  # type: ignore[index]
    founded = Household.objects.filter(pk__in=wanted, kind__in=FOUNDED).values("pk")
    for home, person in HouseholdLine.objects.filter(into_household__in=founded).values_list(
        "into_household", "person"
    ):
        people[home].add(person)
    for home, those in moved_on(wanted - people.keys()).items():  # nobody is in it any more: who was
        people[home] |= those
    return people


def moved_on(households: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """household -> the people who stood in it until the register put them into another one."""
    return _put_elsewhere(Q(household_from__in=list(households)))


def left_by(people: Iterable[UUID]) -> set[UUID]:
    """The households in which these people stood until the register put them into another one."""
    return set(_put_elsewhere(Q(person__in=list(people))))


def _put_elsewhere(about: Q) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    exchanged = NumberExchange.objects.filter(about, undone_at=None).exclude(household_from=None)
    pairs = list(exchanged.values_list("household_from", "person"))
    accepted = RevisionAcceptance.objects.filter(undone_at=None).values("line")
    changes = RevisionChange.objects.filter(about, line__in=accepted).exclude(household_from=None)
    pairs += changes.exclude(household_no="").values_list("household_from", "person")  # type: ignore[arg-type]
    for home, person in pairs:
        found[home].add(person)  # type: ignore[index, arg-type]
    return found
