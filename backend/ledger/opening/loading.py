"""The as-of register on its way into the ledger: by household, head first, made while the database takes it.

Called by `services` only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db import connection

from backend.characters.models import Source
from backend.characters.queries import reader
from backend.core import bulk
from backend.core.check_digits import disaster_numbers
from backend.core.fields import uuid7_texts
from backend.ledger.models import Disaster, Fact, Household, Person
from backend.ledger.search_keys import COLUMNS as KEY_COLUMNS
from backend.ledger.search_keys import key_values
from backend.registry import layout
from backend.registry import queries as register
from backend.registry.models import AsOfRevision

Progress = Callable[[int, int], None]

# fmt: off
HOUSEHOLD_COLUMNS = [
    "id", "disaster_id", "number", "disaster_number", "kind", "household_no",
    "postal_code", "address", "building", "created_at",
]
PERSON_COLUMNS = [
    "id", "disaster_id", "household_id", "position", "is_head", "atena_no", "name", "kana", "alias",
    "birth", "sex", "relationship", "nationality", "address", "building", "changed_on", "changed_by",
    *KEY_COLUMNS,
]
# fmt: on
CHUNK = 5_000
AT = {name: i for i, name in enumerate(register.AS_OF_COLUMNS)}


class Loading:
    """One filling of one disaster's ledger. After `run`: `households`, `persons`, `words`, and `number`, the last given."""

    def __init__(self, disaster: Disaster, revision: AsOfRevision, progress: Progress | None) -> None:
        self.disaster, self.revision, self.progress = disaster, revision, progress
        self.number = disaster.last_number
        self.households = self.persons = 0
        self.dead: list[tuple[str, str]] = []
        # What the two databases want to be given: SQLite keeps a UUID as 32 characters, and 1 and 0 for yes and no.
        sqlite = connection.vendor == "sqlite"
        self.ids = uuid7_texts(hyphens=not sqlite)
        self.disaster_key = disaster.pk.hex if sqlite else str(disaster.pk)
        self.created = str(connection.ops.adapt_datetimefield_value(revision.made_at))
        self.yes, self.no = ("1", "0") if sqlite else ("t", "f")
        self.words: dict[str, Counter[str]] = {column: Counter() for column in KEY_COLUMNS}
        # Asked now: while rows go in, the connection is theirs.
        self.plain = reader(Source.REGISTER)
        self.numbers = disaster_numbers(disaster.code, self.number + 1)

    def run(self) -> None:
        rows = register.as_of_rows(self.revision, order="household")
        home_table, person_table = Household._meta.db_table, Person._meta.db_table
        # The first disaster finds empty tables: their indexes and foreign keys are built at once at the end.
        with bulk.bare(Household, Person), bulk.later(home_table, HOUSEHOLD_COLUMNS) as put_home:
            self.persons = bulk.load(person_table, PERSON_COLUMNS, self.people(rows, put_home))
        bulk.analyze(home_table)
        bulk.analyze(person_table)
        self.record_deaths()

    def people(self, rows: Iterator[tuple], put_home: Callable[[list[Any]], None]) -> Iterator[list[Any]]:
        """Everybody, household by household; the households themselves are put aside for their own table."""
        chunk: list[list[Any]] = []
        done = 0
        for group in self.by_household(rows):
            chunk += self.members(group, put_home)
            if len(chunk) >= CHUNK:
                done += len(chunk)
                self.count_words(chunk)
                if self.progress:
                    self.progress(done, self.revision.persons)
                yield from chunk
                chunk = []
        self.count_words(chunk)
        yield from chunk

    def count_words(self, people: list[list[Any]]) -> None:
        for at, words in zip(range(-len(KEY_COLUMNS), 0), self.words.values(), strict=True):
            words.update([person[at] for person in people])

    @staticmethod
    def by_household(rows: Iterator[tuple]) -> Iterator[list[tuple]]:
        """The people of each household of the register; those without one (世帯未定) at the end."""
        at_no = AT["household_no"]
        group: list[tuple] = []
        for row in rows:
            if group and row[at_no] != group[0][at_no]:
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def members(self, group: list[tuple], put_home: Callable[[list[Any]], None]) -> list[list[Any]]:
        first = group[0]
        household_no = first[AT["household_no"]]
        home_id = None
        if household_no:
            self.number += 1
            self.households += 1
            home_id = next(self.ids)
            home = [home_id, self.disaster_key, str(self.number), next(self.numbers)]
            place = [first[AT[column]] or "" for column in ("postal_code", "address", "building")]
            put_home([*home, "resident", household_no, *place, self.created])
        return [self.person(home_id, position, row) for position, row in enumerate(group, 1)]

    def person(self, home_id: str | None, position: int, row: tuple) -> list[Any]:
        (
            atena_no, _, name, kana, alias, birth, sex, relationship, _, address, building, _, nationality, _, _,
            changed_on, changed_by, removed_on, removed_by,
        ) = row  # fmt: skip
        pk = next(self.ids)
        if removed_by == "死亡":
            self.dead.append((pk, removed_on))
        is_head = self.yes if relationship == layout.HEAD else self.no
        alias, kana, address = alias or "", kana or "", address or ""
        return [
            pk, self.disaster_key, home_id, str(position), is_head, atena_no, name, kana, alias,
            birth or "", sex or "", relationship or "", nationality or "", address, building or "",
            changed_on, changed_by,
            *key_values(self.plain(name), kana, self.plain(alias), self.plain(address)),
        ]  # fmt: skip

    def record_deaths(self) -> None:
        """A death on the day or after it, as the register has it, is a fact of the person."""
        Fact.objects.bulk_create(
            (
                Fact(
                    disaster=self.disaster,
                    person_id=pk,
                    kind="life_status",
                    value={"status": "dead", "on": on},
                    effective_on=full_day(on),
                    source_room="ledger",
                    source_id="register",
                )
                for pk, on in self.dead
            ),
            batch_size=500,
        )


def full_day(text: str) -> date | None:
    """The day of `YYYY-MM-DD`; None if a part of it is unknown."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
