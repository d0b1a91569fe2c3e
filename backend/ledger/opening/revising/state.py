"""Rows of the ledger before and after an acceptance: what is kept of them, put back, and told apart.

Called by `accepting` only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from backend.ledger.models import Household, Person
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
