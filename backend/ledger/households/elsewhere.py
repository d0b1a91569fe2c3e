"""The same people in other disasters, and whose knowledge of a household may be shown to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from backend.ledger.facts import CONTACTS, KEPT
from backend.ledger.models import Fact, Household, HouseholdLine, Person, SameAs
from backend.ledger.protected import is_under_protection, sees_protected, visible_persons

from .queries import DISASTER, households_of


@dataclass(frozen=True)
class Elsewhere:
    """The household of the same people in another disaster, with what is known of it there."""

    household: Household
    people: list[str]
    facts: list[Fact]


def in_other_disasters(household: Household, people: Iterable[Person], staff: Any) -> list[Elsewhere]:
    """Where people of a household stood in other disasters, the latest first: by 宛名番号, and by links alive now.

    A drill is none of a real disaster's business, nor the other way round.
    """
    mine = {person.pk: person for person in people}
    links = SameAs.objects.filter(until=None, person__isnull=False)
    linked = {
        pk for pair in links.filter(Q(person__in=mine) | Q(into__in=mine)).values_list("person", "into") for pk in pair
    }
    known = Person.objects.filter(Q(pk__in=[*mine, *linked]))
    numbers = set(known.exclude(atena_no=None).values_list("atena_no", flat=True))
    others = visible_persons(staff).filter(Q(atena_no__in=numbers) | Q(pk__in=linked))
    others = others.exclude(disaster=household.disaster_id).filter(disaster__drill=household.disaster.drill)
    found = {person.pk: person for person in others}
    counted = households_of(found, at=DISASTER, staff=staff)
    homes = {pk: home for pk, home in counted.items()}
    rows = Household.objects.select_related("disaster").in_bulk(set(homes.values()))
    tainted = unseen_facts(rows, staff)
    facts: dict[UUID, list[Fact]] = defaultdict(list)
    held = (
        Fact.objects.filter(replaced_by=None)
        .exclude(kind__in=[*CONTACTS, *KEPT])
        .select_related("by")
        .order_by("recorded_at")
    )
    for fact in held.filter(Q(household__in=set(rows) - tainted) | Q(person__in=found)):
        facts[fact.household_id or homes.get(fact.person_id)].append(fact)  # type: ignore[arg-type, index]
    names: dict[UUID, list[str]] = defaultdict(list)
    for pk, home in homes.items():
        names[home].append(found[pk].name)
    order = sorted(rows.values(), key=lambda home: (home.disaster.occurred_at, home.number), reverse=True)
    return [Elsewhere(home, names[home.pk], facts[home.pk]) for home in order]


def unseen_facts(households: Iterable[UUID], staff: Any) -> set[UUID]:
    """Households of which what is known may have been told by somebody whom this person may not see."""
    if sees_protected(staff):
        return set()
    wanted = list(households)
    hidden = Person.objects.filter(is_under_protection())
    came = HouseholdLine.objects.filter(into_household__in=wanted, person__in=hidden)
    found = set(came.values_list("into_household", flat=True))
    return found | set(hidden.filter(household__in=wanted).values_list("household", flat=True))  # type: ignore[return-value]
