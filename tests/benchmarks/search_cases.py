"""What clerks ask, drawn from an opened ledger with a fixed seed: kind -> a list of filled boxes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from backend.core.check_digits import parse_disaster_number
from backend.core.dates import era_short, parse_date
from backend.core.names import split_name
from backend.ledger.models import Disaster, Person, SearchWord

EACH = 200
FREQUENT = 100  # a frequent word is one that at least one person in so many has
PEOPLE = 3000
Boxes = dict[str, str]


class Draw:
    """People and words of the ledger to draw from."""

    def __init__(self, disaster: Disaster, seed: int) -> None:
        self.rng = Random(f"search {seed}")
        people = Person.objects.filter(disaster=disaster, household__isnull=False).exclude(atena_no=None)
        numbers = sorted(people.values_list("atena_no", flat=True))
        chosen = self.rng.sample(numbers, min(PEOPLE, len(numbers)))
        rows: list[Person] = []
        for start in range(0, len(chosen), 500):
            rows += people.filter(atena_no__in=chosen[start : start + 500]).select_related("household")
        rows.sort(key=lambda person: person.atena_no or "")
        self.rng.shuffle(rows)
        # Names of two parts with a reading, a full birth date: the others are few, and asked for in another way.
        self.people = [p for p in rows if split_name(p.name)[1] and split_name(p.kana)[1] and "-00" not in p.birth]
        self.people = [p for p in self.people if p.birth and not p.name.isascii()]
        self.total = len(numbers)
        self.disaster = disaster
        self.at = 0

    def person(self) -> Person:
        self.at += 1
        return self.people[self.at % len(self.people)]

    def words(self, *fields: str) -> list[tuple[str, int]]:
        rows = SearchWord.objects.filter(disaster=self.disaster, field__in=fields).order_by("people", "field", "word")
        return [(word, number) for word, number in rows.values_list("word", "people") if word.strip()]

    def frequent(self, *fields: str) -> list[str]:
        words = self.words(*fields)
        return [word for word, number in words if number >= self.total / FREQUENT] or [words[-1][0]]

    def part(self, text: str, length: int) -> str:
        start = self.rng.randrange(max(1, len(text) - length + 1))
        return text[start : start + length]


def cases(disaster: Disaster, *, seed: int = 1, each: int = EACH) -> dict[str, list[Boxes]]:
    """`each` queries of every kind."""
    draw = Draw(disaster, seed)
    kinds: dict[str, Callable[[int], Boxes]] = _names(draw) | _readings(draw) | _dates(draw)
    kinds |= _addresses(draw) | _together(draw) | _numbers(draw)
    return {kind: [make(i) for i in range(each)] for kind, make in kinds.items()}


def family(person: Person) -> str:
    return split_name(person.name)[0]


def given(person: Person) -> str:
    return split_name(person.name)[1]


def _box(i: int, text: str) -> Boxes:
    """Every other query in the one box, the others in the box for names."""
    return {"text" if i % 2 else "name": text}


def _names(draw: Draw) -> dict[str, Any]:
    words = [word for word, _ in draw.words("family")]
    rare, frequent = words[: max(20, len(words) // 4)], draw.frequent("family")
    unknown = ["鰐淵", "龍造寺", "薬袋", "四月一日", "御手洗", "小鳥遊", "月見里", "栗花落", "一尺八寸", "八月晦日"]
    rng = draw.rng
    return {
        "family name, rare": lambda i: _box(i, rare[i % len(rare)]),
        "family name, frequent": lambda i: _box(i, frequent[i % len(frequent)]),
        "full name with space": lambda i: _box(i, draw.person().name),
        "full name without space": lambda i: _box(i, "".join(split_name(draw.person().name))),
        "given name": lambda i: _box(i, given(draw.person())),
        "one character of a name": lambda i: _box(i, draw.part("".join(split_name(draw.person().name)), 1)),
        "two characters of a name": lambda i: _box(
            i, draw.part((family, given)[i % 2](draw.person()) + given(draw.person()), 2)
        ),
        "one character each of family and given name": lambda i: _box(
            i, f"{draw.part(family(draw.person()), 1)} {draw.part(given(draw.person()), 1)}"
        ),
        "10,000 hits, first page": lambda i: _box(i, frequent[-1 - i % min(5, len(frequent))]),
        "nobody has this name": lambda i: _box(i, rng.choice(unknown) + rng.choice(["", " 太郎", "　花子"])),
    }


def _readings(draw: Draw) -> dict[str, Any]:
    def kana(person: Person) -> tuple[str, str]:
        return split_name(person.kana)

    hiragana = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
    return {
        "kana, full": lambda i: {"kana": draw.person().kana},
        "kana, full, without space, hiragana": lambda i: {"kana": "".join(kana(draw.person())).translate(hiragana)},
        "kana, family name": lambda i: {"kana": kana(draw.person())[0]},
        "kana, given name": lambda i: {"kana": kana(draw.person())[1]},
        "kana, part": lambda i: {"kana": draw.part(kana(draw.person())[i % 2], 3)},
        "kana, one character": lambda i: {"kana": draw.part(kana(draw.person())[i % 2], 1)},
        "kana, two characters": lambda i: {"kana": draw.part(kana(draw.person())[i % 2], 2)},
    }


def _dates(draw: Draw) -> dict[str, Any]:
    def typed(i: int, iso: str) -> str:
        date = parse_date(iso)
        return (iso, iso.replace("-", ""), era_short(date))[i % 3]

    def month(i: int, iso: str) -> str:
        return iso[:7] if i % 2 else f"{int(iso[:4])}年{int(iso[5:7])}月"

    return {
        "birth date": lambda i: {"birth" if i % 2 else "text": typed(i, draw.person().birth)},
        "birth year and month": lambda i: {"birth": month(i, draw.person().birth)},
        "birth year": lambda i: {"birth": f"{draw.person().birth[:4]}年"},
    }


def _addresses(draw: Draw) -> dict[str, Any]:
    def town(person: Person) -> str:
        """The town without the city and without its 丁目."""
        return person.address.removeprefix("大浜市").rstrip("0123456789番地号の").split("丁目")[0].rstrip("一二三四五")

    def with_lot(person: Person) -> str:
        return person.address.removeprefix("大浜市")

    return {
        "town": lambda i: {"address" if i % 2 else "text": town(draw.person())},
        "town, one character": lambda i: {"address": draw.part(town(draw.person()), 1)},
        "town, two characters": lambda i: {"address": draw.part(town(draw.person()), 2)},
        "town with lot": lambda i: {"address" if i % 2 else "text": with_lot(draw.person())},
        "lot alone (refused: a town or a name is asked for)": lambda i: {
            "address": f"{draw.rng.randint(1, 400)}-{draw.rng.randint(1, 12)}"
        },
    }


def _together(draw: Draw) -> dict[str, Any]:
    towns = _addresses(draw)["town"]

    def town_of(person: Person) -> str:
        return person.address.removeprefix("大浜市")[:2]

    def both(make: Callable[[Person], Boxes]) -> Callable[[int], Boxes]:
        return lambda i: make(draw.person())

    return {
        "name and birth date": both(lambda p: {"name": family(p), "birth": p.birth}),
        "kana and birth date": both(lambda p: {"kana": split_name(p.kana)[0], "birth": p.birth}),
        "kana and birth year": both(lambda p: {"kana": p.kana, "birth": f"{p.birth[:4]}年"}),
        "name and town": both(lambda p: {"text": f"{family(p)} {town_of(p)}"}),
        "name and a town they may not live in": lambda i: {"name": draw.person().name, "address": towns(1)["address"]},
        "given name and town with lot": both(lambda p: {"name": given(p), "address": p.address.removeprefix("大浜市")}),
    }


def _numbers(draw: Draw) -> dict[str, Any]:
    def number(person: Person) -> str:
        return person.household.disaster_number  # type: ignore[union-attr]

    def mistyped(text: str) -> str:
        while True:
            at = draw.rng.choice([i for i, c in enumerate(text) if c.isdigit() and i > 4])
            wrong = text[:at] + draw.rng.choice("0123456789") + text[at + 1 :]
            try:
                parse_disaster_number(wrong)
            except ValueError:
                return wrong

    return {
        "宛名番号": lambda i: {
            "text": (draw.person().atena_no or "")[0 if i % 2 else None :].lstrip("0" if i % 2 else "")
        },
        "世帯番号": lambda i: {"text": draw.person().household.household_no},  # type: ignore[union-attr]
        "り災番号": lambda i: {"text": number(draw.person())},
        "り災番号, mistyped": lambda i: {"text": mistyped(number(draw.person()))},
    }
