"""What is reported upward as of an hour, in buildings, households and people: groups counted by the database, folded by rule.

Households and people under protection are in the numbers of those who may see them, and of nobody else: who can look at a
house and at a number could take one from the other. The page and the file say which of the two they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from backend.damage.models import Judgement
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.households.hidden import Hidden, hidden_households
from backend.ledger.models import Disaster, HouseLink, HouseRecord, Person

from . import rules, standing
from .rules import Finding, Numbers

FINDING = ("damage_class", "water", "survey__cause")
Group = tuple[str, Finding, Numbers]


@dataclass(frozen=True)
class Report:
    """kind of building -> line -> numbers, as of the hour; whether those under protection are in them."""

    at: datetime
    lines: dict[str, dict[str, Numbers]]
    whole: bool

    def total(self, kind: str) -> Numbers:
        return rules.total(self.lines[kind])


def report(disaster: Disaster | None, staff: Any, at: datetime) -> Report:
    whole = ledger.sees_protected(staff)
    if disaster is None:
        return Report(at, rules.fold([]), whole)
    judged = standing.holding_judgements(disaster, at).annotate(water=KeyTextTransform("water", "survey__answers"))
    groups = [*_buildings(judged, disaster, at), *_households(judged, disaster, staff, at)]
    return Report(at, rules.fold(groups), whole)


def _living(disaster: Disaster, at: datetime) -> QuerySet[HouseLink]:
    """That a household lived in a house, as somebody had confirmed by the hour."""
    rows = HouseLink.objects.filter(household__disaster=disaster, role=HouseLink.Role.LIVES, confirmed_at__lte=at)
    return rows.exclude(until__lte=at)


def _records(at: datetime) -> QuerySet[HouseRecord]:
    return HouseRecord.objects.filter(since__lte=at).exclude(until__lte=at)


def _buildings(judged: QuerySet[Judgement], disaster: Disaster, at: datetime) -> Iterator[Group]:
    """Houses by kind and finding. Flats of one building (区分所有) at one place are one building."""
    record = _records(at).filter(house=OuterRef("house"))
    living = _living(disaster, at).filter(house=OuterRef("house"))
    rows = judged.annotate(
        lived_in=Exists(living),
        annex=Exists(record.filter(annex=True)),
        flat=Exists(record.filter(sectional=True).exclude(lot_key="")),
    ).order_by()
    counted = rows.filter(flat=False).values_list("lived_in", "annex", *FINDING).annotate(n=Count("pk"))
    for lived_in, annex, *found, number in counted:
        yield rules.kind_of(lived_in=lived_in, annex=annex), Finding(*found), Numbers(buildings=number)
    of_building: dict[str, list[tuple[bool, bool, Finding]]] = defaultdict(list)
    flats = rows.filter(flat=True).values_list("house", "lived_in", "annex", *FINDING)
    found_flats = list(flats)
    places = dict(_records(at).filter(house__in=[flat[0] for flat in found_flats]).values_list("house", "lot_key"))
    for house, lived_in, annex, *found in found_flats:
        of_building[places[house]].append((lived_in, annex, Finding(*found)))
    for group in of_building.values():
        kind = rules.kind_of(lived_in=any(one[0] for one in group), annex=all(one[1] for one in group))
        yield kind, rules.heaviest([one[2] for one in group]), Numbers(buildings=1)


def _households(judged: QuerySet[Judgement], disaster: Disaster, staff: Any, at: datetime) -> Iterator[Group]:
    """Each household once: who lived in several judged houses, by the heaviest of them."""
    hidden = hidden_households(staff)
    links = _living(disaster, at).filter(house__judgements__in=judged).exclude(household__in=hidden.whole).order_by()
    said = {
        "damage": F("house__judgements__damage_class"),
        "under_water": KeyTextTransform("water", "house__judgements__survey__answers"),
        "cause": F("house__judgements__survey__cause"),
    }
    several = links.values("household").annotate(n=Count("house", distinct=True)).filter(n__gt=1)
    placed = _placed(disaster, hidden, staff, at)
    twice = list(set(several.values_list("household", flat=True)) | placed.keys())
    people = _people(hidden, at).filter(household=OuterRef("household")).order_by().values("household")
    members = Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0)
    once = links.exclude(household__in=twice) if twice else links
    grouped = once.annotate(**said, members=members).values_list(*said)
    for *found, homes_in, people_in in grouped.annotate(n=Count("household", distinct=True), m=Sum("members")):
        yield rules.DWELLING, Finding(*found), Numbers(households=homes_in, people=people_in)
    homes: dict[UUID, tuple[int, list[Finding]]] = {}
    again = links.filter(household__in=twice).annotate(**said, members=members)
    for household, number, *found in again.values_list("household", "members", *said):
        homes.setdefault(household, (number + placed.get(household, 0), []))[1].append(Finding(*found))
    for household, (number, findings) in homes.items():
        if household in placed and number == 0:  # all of its people count in another household
            continue
        yield rules.DWELLING, rules.heaviest(findings), Numbers(households=1, people=number)


def _placed(disaster: Disaster, hidden: Hidden, staff: Any, at: datetime) -> dict[UUID, int]:
    """By how many people a household is more or fewer than the register has it, as of the disaster, by what was decided
    until the hour. All that a decision made are in it: one made of what became of people later has none of them."""
    lines = households.placed_otherwise(disaster, at=at, staff=staff)
    counted = set(_people(hidden, at).filter(pk__in=[line.person_id for line in lines]).values_list("pk", flat=True))
    made = disaster.households.filter(kind__in=households.FOUNDED).values_list("pk", flat=True)
    found = Counter(dict.fromkeys(made, 0))
    for line in lines:
        if line.person_id in counted:
            found[line.into_household_id] += 1
            if line.person.household_id:
                found[line.person.household_id] -= 1
    return found


def _people(hidden: Hidden, at: datetime) -> QuerySet[Person]:
    """The members as of the disaster, those who died of it too; of the hidden only for those who may see them."""
    rows = Person.objects.exclude(ended_at__lte=at)
    return rows.exclude(ledger.is_under_protection()) if hidden.part else rows
