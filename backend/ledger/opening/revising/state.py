"""Rows of the ledger before and after an acceptance: what is kept of them, put back, and told apart.

Called by `accepting` only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from backend.ledger import words
from backend.ledger.models import Disaster, Household, Person, SearchWord
from backend.ledger.search_keys import COLUMNS as KEYS
from backend.ledger.search_keys import search_keys

# What an acceptance may change of a person and of a household.
PERSON = (
    "household_id",
    "position",
    "is_head",
    "atena_no",
    "former_no",
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
    "ended_at",
    "ended_why",
)
HOUSEHOLD = ("household_no", "postal_code", "address", "building", "ended_at")
_FIELDS = [column.removesuffix("_id") for column in PERSON]
PIECE = 1000
State = dict[str, dict[str, Any]]


def of(rows: Iterable[Person | Household]) -> State:
    """id -> its columns, as JSON has them."""
    return {str(row.pk): _plain(row) for row in rows}


def _plain(row: Person | Household) -> dict[str, Any]:
    columns = PERSON if isinstance(row, Person) else HOUSEHOLD
    return {column: _as_json(getattr(row, column)) for column in columns}


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


def put_back(row: Person | Household, columns: dict[str, Any]) -> None:
    """Give a row the columns that were kept of it."""
    for column, value in columns.items():
        setattr(row, column, datetime.fromisoformat(value) if column == "ended_at" and value else value)
    if isinstance(row, Person):
        make_keys(row)


def make_keys(person: Person) -> None:
    """The search keys of the columns as they are now."""
    said = {column: getattr(person, column) for column in ("name", "kana", "alias", "address")}
    for column, key in search_keys(**said).items():
        setattr(person, column, key[: Person._meta.get_field(column).max_length])


def save(people: Iterable[Person], homes: Iterable[Household]) -> None:
    """Write what an acceptance may change, of rows that are there already: as an upsert, in a few statements."""
    Person.objects.bulk_create(
        people, 500, update_conflicts=True, unique_fields=["id"], update_fields=[*_FIELDS, *KEYS]
    )
    Household.objects.bulk_create(
        homes, 500, update_conflicts=True, unique_fields=["id"], update_fields=list(HOUSEHOLD)
    )


def words_of(people: Iterable[Person]) -> Counter[tuple[str, str]]:
    """(field, word) -> how many of these people have it."""
    found: Counter[tuple[str, str]] = Counter()
    for person in people:
        for field, column in words.FIELDS.items():
            if word := getattr(person, column):
                found[field.value, word] += 1
    return found


def count_words(disaster: Disaster, before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> None:
    """Keep the dictionary of search words in step: each word that more or fewer people have now."""
    more = {key: after[key] - before[key] for key in {*before, *after} if after[key] != before[key]}
    for field in sorted({field for field, _ in more}):
        wanted = sorted(word for name, word in more if name == field)
        for start in range(0, len(wanted), PIECE):
            piece = wanted[start : start + PIECE]
            rows = {row.word: row for row in SearchWord.objects.filter(disaster=disaster, field=field, word__in=piece)}
            for word, row in rows.items():
                row.people = max(row.people + more[field, word], 0)
            SearchWord.objects.bulk_update([row for row in rows.values() if row.people], ["people"], batch_size=500)
            SearchWord.objects.filter(pk__in=[row.pk for row in rows.values() if not row.people]).delete()
            words.enter(
                SearchWord(disaster=disaster, field=field, word=word, people=more[field, word])
                for word in piece
                if word not in rows and more[field, word] > 0
            )
