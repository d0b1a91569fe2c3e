"""The excerpt of the register that a shelter's laptop carries: from the newest ledger, in peace time from the register."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from backend.ledger.lookup import FIELDS
from backend.ledger.models import Disaster, Person
from backend.ledger.queries import protected_atena_numbers, visible_persons
from backend.registry import exports, page_queries
from backend.registry import queries as register

Resident = dict[str, Any]


def give(*, facility: UUID, area: str) -> Iterable[dict[str, Any]]:
    """Everybody of the area (towns, separated by spaces; empty: all) whom anybody may see. Nobody under protection."""
    towns = area.split()
    people = _of_ledger(towns)
    return _living_in(towns, people if people is not None else _of_register(towns))


def _living_in(towns: Sequence[str], people: Iterable[Resident]) -> Iterable[Resident]:
    """Those of the towns called so; where no town is called just so, those in whose address the words stand.

    「西町」 is not 「小西町」; but 「向田町」 of 七尾市能登島向田町 is found, though nothing says where its name begins.
    """
    if not towns:
        return people
    near = list(people)
    wanted: dict[str, Resident] = {}
    for town in towns:
        called = re.compile(rf"(?:^|[都道府県市区町村郡字\s]){re.escape(town)}")
        there = [one for one in near if called.search(one["address"])]
        wanted |= {one["atena_no"]: one for one in there or (one for one in near if town in one["address"])}
    return [one for one in near if one["atena_no"] in wanted]


def _of_ledger(towns: Sequence[str]) -> Iterator[Resident] | None:
    filled = Person.objects.filter(atena_no__isnull=False).values("disaster")
    disaster = Disaster.objects.filter(drill=False, pk__in=filled).order_by("-occurred_at").first()
    if disaster is None:
        return None
    rows = visible_persons(None).filter(disaster=disaster, atena_no__isnull=False)
    near = Q()
    for town in towns:
        near |= Q(address__contains=town)
    columns = ["atena_no", "household__household_no", *FIELDS[2:]]
    return _named(rows.filter(near).order_by("atena_no").values_list(*columns).iterator(chunk_size=5000))


def _of_register(towns: Sequence[str]) -> Iterator[Resident]:
    export = page_queries.latest_export()
    if export is None:
        return iter(())
    hidden = protected_atena_numbers() | set(register.ever_protected())
    people = _named(exports.people_of(export, FIELDS, towns))
    return (one for one in people if one["atena_no"] not in hidden)


def _named(rows: Iterable[Sequence[Any]]) -> Iterator[Resident]:
    for values in rows:
        yield {name: value or "" for name, value in zip(FIELDS, values, strict=True)}
