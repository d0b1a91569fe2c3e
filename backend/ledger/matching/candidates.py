"""Whom to compare a typed record with: few of a million, by the ledger's own indexes, many records a statement.

Nearly everybody is found among those born on the same day who share a part of the name. Only for records without a
certain person there the wider statements are asked: month and day swapped, the same name with another date, the same
reading, the same address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from backend.characters.models import Source
from backend.characters.queries import reader
from backend.ledger.models import Disaster, Person, SameAs, SearchWord, TypedRecord

from .records import as_typed
from .rules import Rarity, Side

MOST = 300  # people of one name that are compared for one record

_TYPED = [
    "id",
    "name",
    "birth",
    "sex",
    "family_key",
    "given_key",
    "kana_family_key",
    "kana_given_key",
    "town_key",
    "lot_key",
]
_PERSON = [*_TYPED, "alias_key"]
# Parts of a name that one of the two shares with the other. Kana stand for the name where only they were written.
_SHARED = (
    "(r.given_key <> '' AND p.given_key = r.given_key OR p.family_key = r.family_key OR p.given_key = r.family_key"
    " OR r.kana_given_key <> '' AND p.kana_given_key = r.kana_given_key"
    " OR r.kana_family_key <> '' AND p.kana_family_key = r.kana_family_key OR p.kana_given_key = r.family_key"
    " OR p.family_key || p.given_key = r.family_key || r.given_key"
    " OR r.kana_family_key <> '' AND p.kana_family_key || p.kana_given_key = r.kana_family_key || r.kana_given_key"
    " OR p.alias_key <> '' AND p.alias_key = r.family_key || r.given_key)"
)
_GIVEN = (
    "(p.given_key = r.given_key AND r.given_key <> '' OR p.given_key = r.family_key OR p.kana_given_key = r.family_key"
    " OR p.kana_given_key = r.kana_given_key AND r.kana_given_key <> '')"
)
# Of all who have the name: with the day or the year alike, or the place, or where no date was written.
_NEAR = (
    "(r.birth = '' OR p.birth = '' OR substr(p.birth, 6) = substr(r.birth, 6)"
    " OR substr(p.birth, 1, 4) = substr(r.birth, 1, 4) OR r.town_key <> '' AND p.town_key = r.town_key)"
)
SAME_DAY = f"p.birth = r.birth AND r.birth <> '' AND {_SHARED}"
WIDER = (
    f"p.birth = r.birth_turned AND r.birth_turned <> '' AND {_SHARED}",
    f"p.family_key = r.family_key AND p.given_key = r.given_key AND r.given_key <> '' AND {_NEAR}",
    "p.kana_family_key = r.kana_family_key AND p.kana_given_key = r.kana_given_key AND r.kana_given_key <> ''"
    f" AND {_NEAR}",
    f"p.town_key = r.town_key AND p.lot_key = r.lot_key AND r.lot_key <> '' AND {_GIVEN}",
)

# Only who stands in the register: whoever was typed by hand is a side of their own, and who turned out not to have been
# a resident that day is none.
OF_REGISTER = "p.disaster_id = r.disaster_id AND p.atena_no IS NOT NULL AND p.ended_at IS NULL AND p.id <> r.id"

Found = dict[UUID, dict[UUID, Side]]


def sides(ids: Sequence[UUID]) -> dict[UUID, Side]:
    """The typed records themselves."""
    rows = TypedRecord.objects.filter(pk__in=ids).values_list(*_TYPED)
    plain = as_typed()
    return {pk: _side(values, plain) for pk, *values in rows}


def people(ids: Sequence[UUID]) -> dict[UUID, Side]:
    """People of the register by id."""
    rows = Person.objects.filter(pk__in=ids).values_list(*_PERSON)
    plain = reader(Source.REGISTER)
    return {pk: _side(values, plain) for pk, *values in rows}


def same_day(ids: Sequence[UUID]) -> Found:
    """Record -> people born that day who share a part of the name."""
    return _ask(SAME_DAY, ids, {})


def wider(ids: Sequence[UUID], found: Found) -> Found:
    """The same by every other way, into `found`."""
    for condition in WIDER:
        _ask(condition, ids, found)
    return found


def _ask(condition: str, ids: Sequence[UUID], found: Found) -> Found:
    if not ids:
        return found
    plain = reader(Source.REGISTER)
    sqlite = connection.vendor == "sqlite"
    columns = ", ".join(f"p.{name}" for name in _PERSON)
    marks = ", ".join(["%s"] * len(ids))
    statement = (  # all of it but the ids is this module's own text
        f"SELECT r.id, {columns} FROM {TypedRecord._meta.db_table} r JOIN {Person._meta.db_table} p ON {condition}"  # noqa: S608
        f" WHERE r.id IN ({marks}) AND {OF_REGISTER}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [pk.hex if sqlite else pk for pk in ids])
        while rows := cursor.fetchmany(5000):
            for record, person, *values in rows:
                mine = found.setdefault(UUID(record) if sqlite else record, {})
                if len(mine) < MOST:
                    mine[UUID(person) if sqlite else person] = _side(values, plain)
    return found


def concerned(people: Sequence[UUID]) -> set[UUID]:
    """The other way round: records that these people, as their rows stand now, are candidates of, or are linked to."""
    if not people or not TypedRecord.objects.exists():
        return set()
    sqlite = connection.vendor == "sqlite"
    marks = ", ".join(["%s"] * len(people))
    keys = [pk.hex if sqlite else pk for pk in people]
    found = set(TypedRecord.objects.filter(pk__in=people).values_list("pk", flat=True))
    links = SameAs.objects.filter(into__in=people, until=None).values_list("person", "record")
    found |= {pk for pair in links for pk in pair if pk}
    with connection.cursor() as cursor:
        for condition in (SAME_DAY, *WIDER):
            cursor.execute(  # all of it but the ids is this module's own text
                f"SELECT DISTINCT r.id FROM {Person._meta.db_table} p JOIN {TypedRecord._meta.db_table} r"  # noqa: S608
                f" ON {condition} WHERE p.id IN ({marks}) AND {OF_REGISTER}",
                keys,
            )
            found |= {UUID(pk) if sqlite else pk for (pk,) in cursor.fetchall()}
    return found


def _side(values: Sequence[Any], plain: Callable[[str], str]) -> Side:
    """Names are compared as they are found: with what a vendor's map says in the place of its own characters."""
    name, birth, sex, family, given, kana_family, kana_given, town, lot, *rest = values
    return Side(plain(name), family, given, kana_family, kana_given, rest[0] if rest else "", birth, sex, town, lot)


def rarity(disaster: Disaster, people: Iterable[Side]) -> Rarity:
    """How often the words of these people's names and towns occur, in as many statements as there are fields."""
    field = SearchWord.Field
    columns = ((field.FAMILY, 1), (field.GIVEN, 2), (field.KANA_FAMILY, 3), (field.KANA_GIVEN, 4), (field.TOWN, 8))
    wanted: dict[str, set[str]] = {column.value: set() for column, _ in columns}
    for side in people:
        for column, at in columns:
            wanted[column.value].add(side[at])
    total = max(disaster.persons.count() if disaster.filled_at is None else _people(disaster), 1)
    shares = {}
    for column, words in wanted.items():
        rows = SearchWord.objects.filter(disaster=disaster, field=column, word__in=words - {""})
        shares |= {(column, word): number / total for word, number in rows.values_list("word", "people")}
    return Rarity(total, shares)


def _people(disaster: Disaster) -> int:
    """How many people the ledger has: everybody has one family name, so that the dictionary knows."""
    rows = SearchWord.objects.filter(disaster=disaster, field=SearchWord.Field.FAMILY)
    return rows.aggregate(all=Sum("people"))["all"] or 0
