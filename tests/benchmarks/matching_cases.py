"""Typed records with a known truth: residents as they would be typed at a shelter, a tenth of them damaged on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID, uuid5

from backend.core import variants
from backend.core.kana import search_kana
from backend.core.names import search_key
from backend.core.pieces import pieces
from backend.ledger.matching.records import PIECE, turned
from backend.ledger.models import Disaster, Person

from .matching import NONE, STRANGER

NAMESPACE = UUID("5a0d7a3e-8d1f-5c3b-9a63-1f0f0f2b7c55")
DAMAGED, STRANGERS = 0.1, 0.05
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロ"
Values = dict[str, str]


@dataclass
class Case:
    """One typed record: `truth` is the person of the register (None: there is none), `kind` what was done to it."""

    id: UUID
    kind: str
    truth: UUID | None
    values: Values


class Damage:
    """Each returns the values with the damage done, or None where it can't be done to this person."""

    def __init__(self, rng: Random, others: list[Values]) -> None:
        self.rng, self.others = rng, others
        table = {**variants.SEARCH}
        alike: dict[str, list[str]] = {}
        for variant, plain in table.items():
            alike.setdefault(plain, [plain]).append(variant)
        self.alike = {c: [o for o in group if o != c] for group in alike.values() for c in group}

    @property
    def kinds(self) -> dict[str, Callable[[Values], Values | None]]:
        return {
            "variant of a character": self.variant,
            "one wrong kana": self.wrong_kana,
            "day and month swapped": self.swapped,
            "kana missing": lambda values: {**values, "kana": ""} if values["kana"] else None,
            "former address": lambda values: {**values, "address": self.rng.choice(self.others)["address"]},
            "married name": self.married,
        }

    def two(self, values: Values) -> Values | None:
        """Two of them at once."""
        one, other = self.rng.sample(list(self.kinds.values()), 2)
        once = one(values)
        return other(once) if once is not None else None

    def variant(self, values: Values) -> Values | None:
        places = [i for i, c in enumerate(values["name"]) if self.alike.get(c)]
        if not places:
            return None
        i = self.rng.choice(places)
        name = values["name"][:i] + self.rng.choice(self.alike[values["name"][i]]) + values["name"][i + 1 :]
        return {**values, "name": name} if search_key(name) == search_key(values["name"]) else None

    def wrong_kana(self, values: Values) -> Values | None:
        kana = values["kana"]
        places = [i for i, c in enumerate(kana) if c in KANA]
        if not places:
            return None
        i = self.rng.choice(places)
        wrong = kana[:i] + self.rng.choice(KANA.replace(kana[i], "")) + kana[i + 1 :]
        return {**values, "kana": wrong} if search_kana(wrong) != search_kana(kana) else None

    def swapped(self, values: Values) -> Values | None:
        birth = turned(values["birth"])
        return {**values, "birth": birth} if birth else None

    def married(self, values: Values) -> Values | None:
        other = self.rng.choice(self.others)
        parts = values["name"].split(), values["kana"].split(), other["name"].split(), other["kana"].split()
        if any(len(part) != 2 for part in parts) or parts[0][0] == parts[2][0]:
            return None
        return {
            **values,
            "name": f"{parts[2][0]}\u3000{parts[0][1]}",
            "kana": f"{parts[3][0]}\u3000{parts[1][1]}",
        }


def cases(disaster: Disaster, records: int, *, seed: int = 1) -> list[Case]:
    """`records` of them in a random order: the same for the same ledger and seed."""
    rng = Random(f"matching {seed}")
    people = Person.objects.filter(disaster=disaster, household__isnull=False).exclude(atena_no=None)
    numbers = sorted(people.values_list("atena_no", flat=True))
    chosen = rng.sample(numbers, min(records, len(numbers) // 2))
    rows = sorted(_rows(people, chosen), key=lambda row: row["atena_no"])
    rng.shuffle(rows)
    values = [{name: row[name] for name in ("name", "kana", "birth", "sex", "address")} for row in rows]
    damage = Damage(rng, values)
    kinds = {**damage.kinds, "two of these at once": damage.two}
    each = int(len(rows) * DAMAGED / len(kinds))
    strangers = int(len(rows) * STRANGERS)
    found: list[Case] = []
    left = list(range(strangers, len(rows)))
    for kind, act in kinds.items():
        done, i = 0, 0
        while done < each and i < len(left):
            if (damaged := act(values[left[i]])) is not None:
                row = left.pop(i)
                found.append(_case(kind, rows[row]["id"], damaged, rows[row]["atena_no"]))
                done += 1
            else:
                i += 1
    found += [_case(NONE, rows[i]["id"], values[i], rows[i]["atena_no"]) for i in left]
    found += [_case(STRANGER, None, _stranger(rng, values), f"stranger {i}") for i in range(strangers)]
    rng.shuffle(found)
    return found


def _rows(people: Any, numbers: list[str]) -> Iterator[dict[str, Any]]:
    columns = ("id", "atena_no", "name", "kana", "birth", "sex", "address")
    for piece in pieces(numbers, PIECE):
        yield from people.filter(atena_no__in=piece).values(*columns)


def _case(kind: str, truth: UUID | None, values: Values, key: str) -> Case:
    return Case(uuid5(NAMESPACE, key), kind, truth, values)


def _stranger(rng: Random, values: list[Values]) -> Values:
    """Somebody from elsewhere, who has a name, a birth date and a sex as people of the town have, each of another one."""
    while True:
        family, given, born = rng.sample(values, 3)
        names, kana = (family["name"].split(), given["name"].split()), (family["kana"].split(), given["kana"].split())
        if all(len(part) == 2 for part in (*names, *kana)):
            break
    return {
        "name": f"{names[0][0]}\u3000{names[1][1]}",
        "kana": f"{kana[0][0]}\u3000{kana[1][1]}",
        "birth": born["birth"],
        "sex": given["sex"],
        "address": "小浜市" + family["address"].removeprefix("大浜市"),
    }
