"""All households in which somebody is hidden, for lists, maps and counts that have to leave them out.

What one typed oneself of somebody who may be protected makes no difference here: a house, an application and a number
tell more than what was typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.ledger.models import HouseholdLine, Person
from backend.ledger.protected import is_under_protection, sees_protected

from .belonging import goes_by, left_by


@dataclass(frozen=True)
class Hidden:
    """Households that this person may not see: `whole` nobody of them, `part` one or more of their members."""

    whole: frozenset[UUID] = frozenset()
    part: frozenset[UUID] = frozenset()


def hidden_households(staff: Any) -> Hidden:
    """By the same rule as `unseen_households`, for all of them at once; `part` are also those into which a decision
    brought somebody hidden. In a fixed number of queries, beginning with the few who are hidden."""
    if sees_protected(staff):
        return Hidden()
    hidden = dict(Person.objects.filter(is_under_protection()).values_list("pk", "household"))
    if not hidden:
        return Hidden()
    part = {home for home in hidden.values() if home}
    part |= set(HouseholdLine.objects.filter(person__in=list(hidden)).values_list("into_household", flat=True))
    left = left_by(hidden)
    people = goes_by(part | left)
    part |= {home for home in left if people[home] & hidden.keys()}
    whole = {home for home, those in people.items() if those and those <= hidden.keys()}
    return Hidden(frozenset(whole), frozenset(part))


def others_of(households: Iterable[UUID]) -> dict[UUID, list[Person]]:
    """household -> those of it whom everybody may see: its members, and who ever came into it by a decision."""
    wanted = list(households)
    people = goes_by(wanted)
    came = HouseholdLine.objects.filter(into_household__in=wanted)
    for home, person in came.values_list("into_household", "person"):
        people[home].add(person)
    everybody = {person for those in people.values() for person in those}
    shown = Person.objects.filter(pk__in=everybody).exclude(is_under_protection()).in_bulk()
    return {home: [shown[person] for person in those if person in shown] for home, those in people.items()}
