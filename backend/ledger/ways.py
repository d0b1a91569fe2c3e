"""Ways to find a person: which whole words of which columns a typed text may stand for.

The words come from the dictionary (`words.py`), so that people are asked for by equality, which the indexes of both
databases answer in whatever language they sort.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from . import words
from .models import Disaster, SearchWord
from .typed import COLUMN, F, Term, lot_condition

MOST_WORDS = 5000
NAMED = 300  # more words than these are not listed in a statement, but said by what they have in common
PAIRS = ((F.FAMILY, F.GIVEN), (F.KANA_FAMILY, F.KANA_GIVEN))


@dataclass
class Part:
    """Words of one column, best first, with how many have each. `common` says the same of the column in one lookup."""

    words: list[tuple[str, int]]
    common: tuple[str, str]

    @property
    def people(self) -> int:
        return sum(number for _, number in self.words)

    def condition(self, field: str) -> Q:
        column = COLUMN[F(field)]
        if len(self.words) > NAMED:
            lookup, text = self.common
            return Q(**{f"{column}__{lookup}": text})
        names = [word for word, _ in self.words]
        return Q(**{column: names[0]}) if len(names) == 1 else Q(**{f"{column}__in": names})

    def both(self, other: Part) -> Part:
        names = {word for word, _ in other.words}
        # Both are listed: neither says alone what the two have in common.
        return Part([row for row in self.words if row[0] in names][:NAMED], self.common)


Way = dict[str, Part]  # field -> its words; all of them must be true


def condition(way: Way) -> Q:
    result = Q()
    for field, part in way.items():
        result &= part.condition(field)
    return result


def together(one: Way, other: Way) -> Way | None:
    """The way of those for whom both are true; None where no word is in both."""
    result = dict(one)
    for field, part in other.items():
        result[field] = result[field].both(part) if field in result else part
    return result if all(part.words for part in result.values()) else None


def as_filter(term: Term, ways: list[Way]) -> Q:
    """The term as a condition on people who are found by others."""
    result = reduce(or_, map(condition, ways), Q(pk__in=[])) if term.words else Q()
    if term.lot:
        result &= lot_condition(term.lot)
    if term.exact is not None:
        result = result | term.exact if ways else term.exact
    return result


def ways_of(term: Term, disaster: Disaster, most: int = MOST_WORDS) -> list[Way]:
    """Words that contain what was typed (at most so many of a field), then names that were typed without their space."""
    result: list[Way] = []
    for field, text in term.words.items():
        rows = words.containing(disaster, field, text)
        found = list(rows.values_list("word", "people")[:most])
        if found:
            found.sort(key=lambda row: (row[0] != text, not row[0].startswith(text), row[0]))
            result.append({field: Part(found, ("contains", text))})
    for family, given in PAIRS:
        if text := term.words.get(family):
            result += _whole_names(text, family, given, disaster)
    if term.mixed:
        result += _whole_names(term.mixed, F.FAMILY, F.KANA_GIVEN, disaster)
    return result


def _whole_names(text: str, family: F, given: F, disaster: Disaster) -> Iterator[Way]:
    """Every family name that the text begins with, and given names that begin with the rest of it."""
    beginnings = [text[:i] for i in range(len(text) - 1, 0, -1)]
    if not beginnings:
        return
    known = dict(
        SearchWord.objects.filter(disaster=disaster, field=family, word__in=beginnings).values_list("word", "people")
    )
    for beginning in beginnings:
        if beginning in known:
            rest = text[len(beginning) :]
            rows = words.beginning_with(disaster, given, rest).order_by("word")
            if found := list(rows.values_list("word", "people")[:MOST_WORDS]):
                first = Part([(beginning, known[beginning])], ("exact", beginning))
                yield {family: first, given: Part(found, ("startswith", rest))}
