"""People of the real register put into the ledger, household by household: onto the rows that they have already, or anew.

Called by `services` only.
"""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now
from backend.ledger import words
from backend.ledger.facts import FROM_REGISTER
from backend.ledger.models import Disaster, Fact, Household, NumberExchange, Person
from backend.ledger.opening.loading import AT, full_day
from backend.ledger.opening.revising import state
from backend.registry import layout
from backend.registry.models import AsOfRevision

CHUNK = 500
COLUMNS = (
    "name",
    "kana",
    "alias",
    "birth",
    "sex",
    "relationship",
    "nationality",
    "address",
    "building",
    "changed_on",
    "changed_by",
)


class Placing:
    """Collects some hundred people at a time and writes them at once. After `finish`: counts and the last number given."""

    def __init__(self, disaster: Disaster, revision: AsOfRevision, by: Staff | None, ground: str = "四情報") -> None:
        self.disaster, self.revision, self.by, self.ground, self.at = disaster, revision, by, ground, now()
        self.last_number = disaster.last_number
        self.exchanged = self.entered = 0
        self.groups: list[tuple[list[tuple], dict[str, str]]] = []
        self.rows = 0
        self.ids: set[UUID] = set()  # of everybody who was written
        self.words_before: Counter[tuple[str, str]] = Counter()
        self.words_after: Counter[tuple[str, str]] = Counter()

    def household(self, rows: list[tuple], same: dict[str, str]) -> None:
        """The people of one 世帯番号, head first. `same`: real number -> the number that they have in the ledger."""
        if rows:
            self.groups.append((rows, same))
            self.rows += len(rows)
            if self.rows >= CHUNK:
                self.write()

    def finish(self) -> None:
        self.write()

    def write(self) -> None:
        olds = [same[row[AT["atena_no"]]] for rows, same in self.groups for row in rows if row[AT["atena_no"]] in same]
        people = Person.objects.filter(disaster=self.disaster, atena_no__in=olds).select_related("household")
        self.known = {person.atena_no: person for person in people}
        numbers = {row[AT["household_no"]] for rows, _ in self.groups for row in rows} - {"", None}
        homes = Household.objects.filter(disaster=self.disaster, household_no__in=numbers)
        self.homes: dict[str, Household] = {home.household_no: home for home in homes if home.household_no}
        lived_in = list(self.homes.values())
        self.new_homes: list[Household] = []
        self.new_people: list[Person] = []
        self.touched: list[Person] = []
        self.changed_homes: dict[UUID, Household] = {}
        self.exchanges: list[NumberExchange] = []
        self.dead: list[tuple[Person, str]] = []
        self.words_before.update(words.words_of(self.known.values()))
        for rows, same in self.groups:
            self.place(rows, same)
        self.words_after.update(words.words_of([*self.touched, *self.new_people]))
        self.ids |= {person.pk for person in [*self.touched, *self.new_people]}
        made = {home.pk for home in self.new_homes}
        Household.objects.bulk_create(self.new_homes, batch_size=500)
        state.save(self.touched, [home for pk, home in self.changed_homes.items() if pk not in made])
        Person.objects.bulk_create(self.new_people, batch_size=200)
        NumberExchange.objects.bulk_create(self.exchanges, batch_size=500)
        self.record_deaths()
        for home in lived_in:
            put_in_order(home)
        self.end_empty_homes()
        self.groups, self.rows = [], 0

    def place(self, rows: list[tuple], same: dict[str, str]) -> None:
        at_no = AT["atena_no"]
        here = [(row, self.known.get(same.get(row[at_no], ""))) for row in rows]
        home = self.home_of(rows[0], [person for _, person in here if person])
        for position, (row, person) in enumerate(here, 1):
            if person is None:
                person = Person(disaster=self.disaster)
                self.new_people.append(person)
                self.entered += 1
            else:
                self.exchanges.append(
                    NumberExchange(
                        disaster=self.disaster,
                        person=person,
                        old_no=person.atena_no,
                        new_no=row[at_no],
                        household_from=person.household,
                        ground=self.ground,
                        at=self.at,
                        by=self.by,
                    )
                )
                person.former_no = person.atena_no
                self.touched.append(person)
                self.exchanged += 1
            self.write_columns(person, row, home, position)

    def home_of(self, first: tuple, people: list[Person]) -> Household | None:
        """The household in which they stand from now on: the one with that number, else the head's own, else a new one.

        It keeps its り災番号; those of the others lead to it from now on.
        """
        number = first[AT["household_no"]]
        if not number:
            return None
        home = self.homes.get(number)
        if home is None:
            own = [p for p in people if p.household and p.household.ended_at is None]
            free = [p for p in own if p.household and p.household.pk not in self.changed_homes]
            if free and free[0].household:
                home = free[0].household
                home.household_no = number
                home.kind = Household.Kind.RESIDENT
            else:
                self.last_number += 1
                home = Household(
                    disaster=self.disaster,
                    number=self.last_number,
                    disaster_number=format_disaster_number(self.disaster.code, self.last_number),
                    household_no=number,
                )
                self.new_homes.append(home)
            home.postal_code, home.address, home.building = (
                first[AT[column]] or "" for column in ("postal_code", "address", "building")
            )
            self.homes[number] = home
            self.changed_homes[home.pk] = home
        return home

    def write_columns(self, person: Person, row: tuple, home: Household | None, position: int) -> None:
        person.atena_no = row[AT["atena_no"]]
        for column in COLUMNS:
            setattr(person, column, row[AT[column]] or "")
        person.household, person.position = home, position
        person.is_head = person.relationship == layout.HEAD
        state.make_keys(person)
        if row[AT["removed_by"]] == "死亡":
            self.dead.append((person, row[AT["removed_on"]] or ""))

    def record_deaths(self) -> None:
        held: dict[Any, Fact] = {
            fact.person_id: fact
            for fact in Fact.objects.filter(
                person__in=[person.pk for person, _ in self.dead], kind="life_status", replaced_by=None
            ).order_by("recorded_at")
        }
        Fact.objects.bulk_create(
            Fact(
                disaster=self.disaster,
                person=person,
                kind="life_status",
                value={"status": "dead", "on": on},
                effective_on=full_day(on),
                source_room="ledger",
                source_id=FROM_REGISTER,
                replaces=held.get(person.pk),
            )
            for person, on in self.dead
            if person.pk not in held or held[person.pk].value.get("status") != "dead"
        )

    def end_empty_homes(self) -> None:
        """Households whose people all stand in another one now: they stay, with their number, and lead there."""
        left = {row.household_from_id for row in self.exchanges if row.household_from_id}
        occupied = Person.objects.filter(household__in=left, ended_at=None).values_list("household", flat=True)
        Household.objects.filter(pk__in=left - set(occupied)).update(ended_at=self.at)


def put_in_order(home: Household) -> None:
    """Somebody came to a household in which others stand already: the head first, then by 宛名番号."""
    people = list(home.members.filter(ended_at=None))
    people.sort(key=lambda p: (not p.is_head, p.atena_no is None, int(p.atena_no or 0), p.position))
    for position, person in enumerate(people, 1):
        person.position = position
    Person.objects.bulk_update(people, ["position"], batch_size=500)
    Household.objects.filter(pk=home.pk).exclude(ended_at=None).update(ended_at=None)
