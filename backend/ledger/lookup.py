"""The excerpt of the register on a shelter's laptop: taken over whole, and searched at the door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from backend.core.kana import search_kana
from backend.core.names import search_key

from .models import LookupPerson

FIELDS = ("atena_no", "household_no", "name", "kana", "birth", "sex", "address")
MOST = 30  # households shown


@dataclass(frozen=True)
class Family:
    """Those of one household number, as far as they are in the excerpt."""

    household_no: str
    members: list[LookupPerson]


@dataclass(frozen=True)
class Found:
    """The households found; `more`: there are others, and whoever needs them types more."""

    families: list[Family] = field(default_factory=list)
    more: bool = False


@transaction.atomic
def take(rows: list[dict[str, Any]]) -> None:
    """The excerpt as it came, in place of the one before."""
    LookupPerson.objects.all().delete()
    LookupPerson.objects.bulk_create(
        [LookupPerson(**{name: row.get(name) or "" for name in FIELDS}, key=key_of(row)) for row in rows],
        batch_size=500,
    )


def key_of(row: dict[str, Any]) -> str:
    name, kana = (row.get("name") or ""), (row.get("kana") or "")
    day = (row.get("birth") or "").replace("-", "")
    parts = [_fold(name), search_kana(kana).replace(" ", ""), day, row["atena_no"], _fold(row.get("address") or "")]
    return " ".join(parts)[:1000]


def _fold(text: str) -> str:
    return search_key("".join(text.split()))


def is_here() -> bool:
    return LookupPerson.objects.exists()


def how_many() -> int:
    return LookupPerson.objects.count()


def find(text: str) -> Found:
    """Households with somebody for whom every word typed is true: name, reading, day of birth, number or address."""
    rows = LookupPerson.objects.all()
    words = text.split()
    if not words:
        return Found()
    for word in words:
        digits = word.replace("-", "").replace("/", "")
        key = digits if digits.isdigit() else _fold(word)
        found = rows.filter(key__contains=key) if key else rows.none()
        kana = search_kana(word).replace(" ", "")
        rows = found | rows.filter(key__contains=kana) if kana and kana != key else found
    hits = list(rows.order_by("kana", "atena_no")[: MOST * 4 + 1])
    families = _families(hits[: MOST * 4])
    return Found(families[:MOST], len(families) > MOST or len(hits) > MOST * 4)


def _families(hits: list[LookupPerson]) -> list[Family]:
    numbers = list(dict.fromkeys(person.household_no for person in hits if person.household_no))
    members: dict[str, list[LookupPerson]] = {number: [] for number in numbers}
    for person in LookupPerson.objects.filter(household_no__in=numbers).order_by("birth", "atena_no"):
        members[person.household_no].append(person)
    alone = [Family("", [person]) for person in hits if not person.household_no]
    return [Family(number, found) for number, found in members.items()] + alone


def by_numbers(numbers: Iterable[str]) -> dict[str, LookupPerson]:
    """宛名番号 -> resident, of those who are in the excerpt."""
    wanted = list(numbers)
    found: dict[str, LookupPerson] = {}
    for start in range(0, len(wanted), 5000):
        found |= LookupPerson.objects.in_bulk(wanted[start : start + 5000])
    return found
