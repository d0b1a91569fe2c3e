"""Who somebody of the list is in the ledger, as far as the list itself does not say so by a 宛名番号."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from backend.core.dates import may_be_same_day
from backend.core.names import identity_key
from backend.ledger.models import Person
from backend.ledger.queries import is_under_protection
from backend.ledger.search_keys import search_keys

from ..models import HelpPerson
from ..people import pieces

Key = TypeVar("Key")


def numbers_of(said: Mapping[Key, tuple[str, str]]) -> dict[Key, str]:
    """宛名番号 of people named by name and birth date: of the only person of the ledger who has both. Whoever is not
    certain is missing. Two rows that say the same are the same person."""
    wanted: dict[tuple[str, str], list[Key]] = {}
    for key, (name, birth) in said.items():
        if birth:
            wanted.setdefault((identity_key(name), birth), []).append(key)
    found: dict[tuple[str, str], set[str]] = {}
    for piece in pieces(sorted({birth for _, birth in wanted})):
        people = Person.objects.filter(birth__in=piece, ended_at=None).exclude(atena_no=None)
        for name, birth, number in people.values_list("name", "birth", "atena_no"):
            if (same := (identity_key(name), birth)) in wanted:
                found.setdefault(same, set()).add(number)
    return {key: min(numbers) for same, numbers in found.items() if len(numbers) == 1 for key in wanted[same]}


def namesakes_of_protected(rows: QuerySet[HelpPerson]) -> set[UUID]:
    """Of these rows the evacuees without 宛名番号 who may be somebody under protection: of that name, and nothing in the
    row speaks against it. As long as nobody knows, they are hidden."""
    unnumbered = list(rows.filter(atena_no="").values_list("evacuee", "name", "birth", "address"))
    if not unnumbered:
        return set()
    guarded: dict[str, list[tuple[str, str]]] = {}
    people = Person.objects.filter(is_under_protection())
    for name, birth, town in people.values_list("name", "birth", "town_key"):
        guarded.setdefault(identity_key(name), []).append((birth, town))
    return {
        evacuee
        for evacuee, name, birth, address in (unnumbered if guarded else ())
        if any(_may_be(birth, address, *known) for known in guarded.get(identity_key(name), ()))
    }


def _may_be(birth: str, address: str, known_birth: str, known_town: str) -> bool:
    if birth and known_birth:
        # The day decides: whoever is under protection has often left the address that the list has.
        return may_be_same_day(birth, known_birth)
    town = search_keys(name="", address=address)["town_key"]
    return not known_town or town in known_town or known_town in town
