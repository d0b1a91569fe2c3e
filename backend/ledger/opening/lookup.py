"""The excerpt of the register that a shelter's laptop carries: from the newest ledger, in peace time from the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.clock import now
from backend.ledger.lookup import FIELDS
from backend.ledger.models import Disaster, Person
from backend.ledger.queries import protected_atena_numbers, visible_persons
from backend.registry import page_queries
from backend.registry import queries as register


def give(*, facility: UUID, area: str) -> Iterable[dict[str, Any]]:
    """Everybody of the area (towns, separated by spaces; empty: all) whom anybody may see. Nobody under protection."""
    people = _of_ledger(area)
    return people if people is not None else _of_register(area)


def _within(area: str) -> Q:
    condition = Q()
    for town in area.split():
        condition |= Q(address__contains=town)
    return condition


def _of_ledger(area: str) -> Iterator[dict[str, Any]] | None:
    filled = Person.objects.filter(atena_no__isnull=False).values("disaster")
    disaster = Disaster.objects.filter(drill=False, pk__in=filled).order_by("-occurred_at").first()
    if disaster is None:
        return None
    rows = visible_persons(None).filter(_within(area), disaster=disaster, atena_no__isnull=False)
    return _rows(rows.order_by("atena_no"), "household__household_no")


def _of_register(area: str) -> Iterator[dict[str, Any]]:
    export = page_queries.latest_export()
    if export is None:
        return iter(())
    hidden = protected_atena_numbers() | set(register.ever_protected())
    rows = register.base_rows(export, now()).filter(_within(area))
    return (row for row in _rows(rows.order_by("atena_no"), "household_no") if row["atena_no"] not in hidden)


def _rows(rows: QuerySet, household: str) -> Iterator[dict[str, Any]]:
    columns = ["atena_no", household, *FIELDS[2:]]
    for values in rows.values_list(*columns).iterator(chunk_size=5000):
        yield {name: value or "" for name, value in zip(FIELDS, values, strict=True)}
