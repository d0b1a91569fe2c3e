"""The as-of register on its way into the ledger: by household, head first, made while the database takes it.

Called by `services` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from django.db import connection

from backend.characters.models import Source
from backend.characters.queries import reader
from backend.core import bulk
from backend.core.check_digits import disaster_numbers
from backend.core.copy_text import escaped, line_of, unescaped
from backend.core.fields import uuid7_texts
from backend.core.progress import Progress, Steps
from backend.ledger.facts import FROM_REGISTER
from backend.ledger.models import Disaster, Fact, Household, Person
from backend.ledger.search_keys import COLUMNS as KEY_COLUMNS
from backend.ledger.search_keys import Words, kana_key, key_values, name_key, place_keys
from backend.registry import layout
from backend.registry import queries as register
from backend.registry.models import AsOfRevision

# fmt: off
HOUSEHOLD_COLUMNS = [
    "id", "disaster_id", "number", "disaster_number", "kind", "household_no",
    "postal_code", "address", "building", "created_at",
]
# What the ledger keeps of a person as the register says it.
KEPT = [
    "atena_no", "name", "kana", "alias", "birth", "sex", "relationship", "nationality", "address", "building",
    "changed_on", "changed_by",
]
# fmt: on
PERSON_COLUMNS = ["id", "disaster_id", "household_id", "position", "is_head", *KEPT, *KEY_COLUMNS]
ASKED = ["household_no", "postal_code", "removed_on", "removed_by", *KEPT]
TELL = 5_000  # people between two words about the progress
AT = {name: i for i, name in enumerate(register.AS_OF_COLUMNS)}


STEPS = ("register", "sorting", "people", "homes", "indexes", "statistics", "words", "rest")
# About what each takes of the time, as measured with one and with four million people: SQLite keeps its indexes as rows
# go in.
SHARES = {
    "postgresql": dict(zip(STEPS, (12, 10, 33, 5, 24, 2, 12, 1), strict=True)),
    "sqlite": dict(zip(STEPS, (12, 3, 70, 1, 0, 2, 11, 1), strict=True)),
}


def steps_of_filling(progress: Progress | None) -> Steps:
    """The steps by which a ledger is filled, told as one."""
    return Steps(progress, SHARES[connection.vendor])


class Loading:
    """One filling of one disaster's ledger. After `run`: `households`, `persons`, and `number`, the last given."""

    def __init__(self, disaster: Disaster, revision: AsOfRevision, steps: Steps) -> None:
        self.disaster, self.revision, self.steps = disaster, revision, steps
        self.number = disaster.last_number
        self.households = self.persons = 0
        self.dead: list[tuple[str, str]] = []
        # What the two databases want to be given: SQLite keeps a UUID as 32 characters, and 1 and 0 for yes and no.
        sqlite = connection.vendor == "sqlite"
        self.ids = uuid7_texts(hyphens=not sqlite)
        self.disaster_key = bulk.key_text(disaster.pk)
        self.created = str(connection.ops.adapt_datetimefield_value(revision.made_at))
        self.yes, self.no = ("1", "0") if sqlite else ("t", "f")
        # Asked now: while rows go in, the connection is theirs.
        self.keys = _Keys(reader(Source.REGISTER))
        self.numbers = disaster_numbers(disaster.code, self.number + 1)

    def run(self) -> None:
        home_table, person_table = Household._meta.db_table, Person._meta.db_table
        # The first disaster finds empty tables: their indexes and foreign keys are built at once at the end.
        with (
            bulk.bare(Household, Person, progress=self.steps.of("indexes")),
            bulk.later(home_table, HOUSEHOLD_COLUMNS) as put_home,
        ):
            lines = register.as_of_lines(self.revision, order="household", columns=ASKED)
            self.steps.over("sorting")
            self.persons = bulk.load_lines(person_table, PERSON_COLUMNS, self.people(lines, put_home))
        bulk.analyze(home_table)
        bulk.analyze(person_table)
        bulk.settle(person_table)
        self.steps.over("statistics")
        self.record_deaths()

    def people(self, lines: Iterator[str], put_home: Callable[[str], object]) -> Iterator[str]:
        """Everybody, household by household; the households themselves are put aside for their own table.

        Those without a household of the register (世帯未定) come last. Few steps a person, and what the ledger keeps as
        it is stays one piece of text: there are a million of them.
        """
        ids, disaster, progress = self.ids, self.disaster_key, self.steps.of("people")
        names, readings, place_of, careful = self.keys.names, self.keys.readings, self.keys.place, self.keys.careful
        head, yes, no = layout.HEAD, self.yes, self.no
        current = lives_at = place = None
        home_id, position = NULL, 0
        for done, line in enumerate(lines):
            if progress and done % TELL == 0:
                progress(done, self.revision.persons)
            household_no, postal_code, removed_on, removed_by, kept = line.split("\t", 4)
            _, name, kana, alias, _, _, relationship, _, address, building, _ = kept.split("\t", 10)
            if household_no != current:
                current, home_id, position = household_no, NULL, 0
                if household_no:
                    home_id = next(ids)
                    put_home(self.household(home_id, household_no, postal_code, address, building))
            position += 1
            pk = next(ids)
            if removed_by == "死亡":
                self.dead.append((pk, removed_on))
            if address != lives_at:
                lives_at, place = address, place_of(address)
            said, read = name.split(None, 1), kana.split(None, 1)
            if len(said) == 2 == len(read) and "\\" not in line:
                name_keys = f"{names[said[0]]}\t{names[said[1]]}\t{readings[read[0]]}\t{readings[read[1]]}"
                keys = f"{name_keys}\t{alias and names[alias]}\t{place}"
            else:
                keys = careful(name, kana, alias, address)
            is_head = yes if relationship == head else no
            yield f"{pk}\t{disaster}\t{home_id}\t{position}\t{is_head}\t{kept}\t{keys}"

    def household(self, pk: str, *register: str) -> str:
        self.number += 1
        self.households += 1
        number = f"{self.disaster_key}\t{self.number}\t{next(self.numbers)}"
        return "\t".join((pk, number, "resident", *register, self.created))

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
                    source_id=FROM_REGISTER,
                )
                for pk, on in self.dead
            ),
            batch_size=500,
        )


NULL = "\\N"  # of a line


class _Keys:
    """The search keys of a line, as they stand in a line, remembered by word: few people have one of their own."""

    def __init__(self, plain: Callable[[str], str]) -> None:
        self.plain = plain
        self.names = Words(lambda word: escaped(name_key(plain(word))))
        self.readings = Words(lambda word: escaped(kana_key(word)))

    def place(self, address: str) -> str:
        return line_of(place_keys(self.plain(unescaped(address) or "")))

    def careful(self, *fields: str) -> str:
        """All keys, of fields that a line may not write as they are (a tab may part two names) or that lack a part."""
        name, kana, alias, address = (unescaped(field) or "" for field in fields)
        return line_of(key_values(self.plain(name), kana, self.plain(alias), self.plain(address)))


def full_day(text: str) -> date | None:
    """The day of `YYYY-MM-DD`; None if a part of it is unknown."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
