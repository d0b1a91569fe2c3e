"""Finding people: what was typed becomes conditions, and conditions become a page of people.

A name or town is looked up in the dictionary of words (`words.py`); the people come by whole words over ordinary
indexes, best words first: equal, then beginning with what was typed, then containing it. Nothing is sorted or counted
over all hits, so that a frequent name costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, mul
from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models import F as Column

from backend.core.check_digits import CheckDigitError, completed, parse_disaster_number, suggestions

from . import buildings
from .households.queries import FOUNDED
from .models import Disaster, Household, HouseholdLine, Person
from .typed import COLUMN, Asked, F, Term, disaster_number_in, lot_below, lot_condition, numbers_typed, terms_of
from .ways import MOST_WORDS, NAMED, PAIRS, Way, as_filter, condition, together, ways_of

PAGE = 20
LAST_PAGE = 50  # whoever needs more than a thousand lines should ask for more
BATCH = 1000  # people that a statement may find while pages are filled
LOOKED_AT = 1500  # people whose other columns a first statement reads: each lies on another page of the disk
LOOKED_AT_IN_INDEX = 20_000  # the same where the other column stands beside the first one in an index
FEW = 300  # people that are asked for in one statement
RARE = 0.05  # share of people who pass whatever else was typed, as a guess
PER_HOUSEHOLD = 2.3
# Said without a parameter: SQLite then sees that the index of those who have an alias may be used.
HAS_ALIAS = Func(Column("alias_key"), template="NOT (%(expressions)s = '')", output_field=BooleanField())
# What follows the word in its index: people of one word come in this order for the cost of a page.
ORDER = {
    F.FAMILY: ("given_key", "id"),
    F.KANA_FAMILY: ("kana_given_key", "id"),
    F.TOWN: ("lot_key", "id"),
}


@dataclass
class Found:
    """A page of people. `more`: there are others after it; how many in all is never counted (see the module's text)."""

    people: list[Person] = field(default_factory=list)
    page: int = 1
    more: bool = False
    did_you_mean: list[Household] = field(default_factory=list)
    problem: str = ""


def find(asked: Asked, *, disaster: Disaster, people: QuerySet[Person], page: int = 1) -> Found:
    """A page of those of `people` (already without whom the asker may not see) for whom everything typed is true.

    Raises nothing: what can't be read is said in `problem`; a mistyped り災番号 gives `did_you_mean`.
    """
    page = min(max(page, 1), LAST_PAGE)
    people = people.filter(disaster=disaster)
    found = Found(page=page)
    try:
        terms = list(terms_of(asked, disaster))
    except ValueError as error:
        found.problem = str(error)
        return found
    if not terms:
        found.problem = "探す方の氏名・カナ・生年月日・住所・番号のどれかを入れてください。"
        return found
    if all(term.lot and not term.words for term in terms):
        found.problem = "番地だけでは探せません。町名か氏名も入れてください。"
        _complete_number(asked, people, found)
        return found
    start = (page - 1) * PAGE
    hits = _hits(terms, disaster, people)
    for position, person in enumerate(hits):
        if position >= start + PAGE:
            found.more = True
            break
        if position >= start:
            found.people.append(person)
    if not found.people and page == 1:
        _explain_number(asked, people, found)
        _complete_number(asked, people, found)
    return found


def _explain_number(asked: Asked, people: QuerySet[Person], found: Found) -> None:
    """Nobody was found by a り災番号: say why, and which other numbers it may have been."""
    for number in numbers_typed(asked):
        try:
            parse_disaster_number(number)
        except CheckDigitError:
            came = HouseholdLine.objects.filter(into_household=OuterRef("pk"), into_household__kind__in=FOUNDED)
            visible = Household.objects.filter(
                Exists(people.filter(household=OuterRef("pk"))) | Exists(came.filter(person__in=people))
            )
            found.did_you_mean = list(visible.filter(disaster_number__in=suggestions(number)).order_by("number")[:10])
            found.problem = "り災番号の検査数字が合いません。番号を確かめてください。"
            return
        if disaster_number_in(asked.text) and asked.fields() == "text":
            found.problem = "この番号の世帯はありません。"


def _complete_number(asked: Asked, people: QuerySet[Person], found: Found) -> None:
    """Nobody was found by a り災番号 without its check digits: ask whether it is the one that has them."""
    numbers = {number for word in (asked.text, *asked.text.split()) if (number := completed(word))}
    if not numbers or found.did_you_mean:
        return
    visible = Household.objects.filter(Exists(people.filter(household=OuterRef("pk"))))
    found.did_you_mean = list(visible.filter(disaster_number__in=numbers).order_by("number")[:10])
    if found.did_you_mean:
        found.problem = "り災番号の最後の2けた（検査数字）がありません。次の番号かどうか確かめてください。"


# From terms to people --------------------------------------------------------------------------------------------


def _hits(terms: list[Term], disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """People for whom all terms are true, each once."""
    worded = [term for term in terms if term.words]
    # Beside a town, `5` or `1970-1` may be its lot; alone it is not looked for among a million lots.
    for term in terms:
        if term.or_lot and term.exact is not None and any(F.TOWN in other.words for other in worded):
            term.exact |= lot_condition(term.or_lot)
        else:
            term.or_lot = ""
    # Each word has somebody: for one thing alone no more words are needed than people can be paged through.
    most = PAGE * LAST_PAGE + 1 if len(terms) == 1 else MOST_WORDS
    ways = [ways_of(term, disaster, most) for term in terms]
    for term, found in zip(terms, ways, strict=True):
        if term.words and not found and term.house and (homes := buildings.households_of(term.house, disaster)):
            term.words, term.lot, term.exact, term.in_order = {}, "", Q(household__in=homes), True
    if any(term.words and not found for term, found in zip(terms, ways, strict=True)):
        return
    total = disaster.last_number * PER_HOUSEHOLD + 1
    costs = [sum(_expected(way, total) for way in found) for found in ways]
    by_words = sorted((i for i, term in enumerate(terms) if term.words), key=lambda i: costs[i])[:2]
    exact = [term for term in terms if term.exact is not None and not term.or_lot]
    # A day or a number has fewer people than any word; a year or a month may have more.
    few = bool(by_words) and all(term.by_birth for term in exact) and _product(costs, by_words, total) <= FEW
    if (exact and not few) or not by_words:
        conditions = [as_filter(term, found) for term, found in zip(terms, ways, strict=True)]
        yield from _by_exact(exact, people.filter(reduce(and_, conditions)))
        return
    rest = [as_filter(terms[i], ways[i]) for i in range(len(terms)) if i not in by_words]
    rows = people.filter(reduce(and_, rest)) if rest else people
    first, *others = by_words
    arms = ways[first]
    for other in others:
        arms = [arm for one in arms for two in ways[other] if (arm := together(one, two))]
    lots = [term.lot for i, term in enumerate(terms) if i in by_words and term.lot]
    share = RARE if rest else 1.0
    seen: set[Any] = set()
    for arm in sorted(arms, key=len, reverse=True) if others else arms:
        for person in _by_lot(arm, rows, lots[0], lots[1:]) if lots else _by_words(arm, rows, total, share):
            if person.pk not in seen:
                seen.add(person.pk)
                yield person


def _expected(way: Way, total: float) -> float:
    """How many people a way may find, if its columns had nothing to do with each other."""
    return total * reduce(mul, (part.people / total for part in way.values()))


def _product(costs: list[float], chosen: list[int], total: float) -> float:
    return total * reduce(mul, (costs[i] / total for i in chosen))


def _by_exact(exact: list[Term], rows: QuerySet[Person]) -> Iterator[Person]:
    """By number or birth date."""
    names = ("kana_family_key", "kana_given_key", "id")
    order = ("household", "position", "id") if any(t.in_order for t in exact) else names
    if any(t.by_birth for t in exact):
        order = ("birth", *names)
    yield from _in_pages(rows.order_by(*order))


def _by_lot(way: Way, people: QuerySet[Person], lot: str, others: list[str]) -> Iterator[Person]:
    """The lot itself, then what lies below it: each a range of the index over town and lot."""
    people = people.filter(condition(way))
    for other in others:
        people = people.filter(lot_condition(other))
    for place in (Q(lot_key=lot), lot_below(lot)):
        yield from _in_pages(people.filter(place).order_by("town_key", "lot_key", "id"))


def _by_words(way: Way, people: QuerySet[Person], total: float, share: float) -> Iterator[Person]:
    """The people of a way, in the order of its rarest words, some words at a time.

    `share` of them will pass the other conditions. Few are asked for at once; of many a page's worth at first, then more.
    """
    field = min(way, key=lambda name: way[name].people)
    expected = _expected(way, total) * share
    part = way[field]
    if F.ALIAS in way:
        people = people.filter(HAS_ALIAS)
    others = {name: other for name, other in way.items() if name != field}
    rows = people.filter(condition(others))
    passing = expected / part.people
    alone = not others and share == 1
    whole_name = part.people > FEW and any(set(way) == set(pair) for pair in PAIRS)
    size = PAGE * 2 if expected > FEW else FEW
    looked_at = LOOKED_AT_IN_INDEX if whole_name else LOOKED_AT

    def found(words: list[tuple[str, int]]) -> Iterator[Person]:
        if whole_name:
            return _of_whole_names(field, words, condition(others), people)
        return _of_words(field, words, rows, alone=alone)

    batch: list[tuple[str, int]] = []
    count = 0
    for word in part.words:
        more = count + word[1]
        if batch and (more * passing > size or more > looked_at or len(batch) == NAMED):
            yield from found(batch)
            batch, more = [], word[1]
            size, looked_at = min(size * 2, BATCH), looked_at * 2
        batch.append(word)
        count = more
    yield from found(batch)


def _of_words(field: str, words: list[tuple[str, int]], rows: QuerySet[Person], *, alone: bool) -> Iterator[Person]:
    """`alone`: nothing else is asked of them."""
    column = COLUMN[F(field)]
    if len(words) == 1:
        rows = rows.filter(**{column: words[0][0]})
        order = ORDER.get(F(field)) if alone else None
        yield from _in_pages(rows.order_by(*order)) if order else _as_they_come(rows)
        return
    rank = {word: i for i, (word, _) in enumerate(words)}
    rows = rows.filter(**{f"{column}__in": list(rank)})
    yield from sorted(rows, key=lambda p: (rank[getattr(p, column)], p.given_key, p.pk))


def _of_whole_names(field: str, words: list[tuple[str, int]], other: Q, people: QuerySet[Person]) -> Iterator[Person]:
    """By both parts of a name. They and the id stand in one index, so that nobody else's row is read; a subquery in the
    same statement would not do, since PostgreSQL then may rather read the whole table."""
    column = COLUMN[F(field)]
    rank = {word: i for i, (word, _) in enumerate(words)}
    named = Person.objects.filter(other, **{f"{column}__in": list(rank)}).order_by()
    keys = sorted((rank[word], given, pk) for word, given, pk in named.values_list(column, "given_key", "pk"))
    start, size = 0, PAGE + 1
    while start < len(keys):
        chunk = [pk for _, _, pk in keys[start : start + size]]
        come = {person.pk: person for person in people.filter(pk__in=chunk).order_by()}
        yield from (come[pk] for pk in chunk if pk in come)
        start, size = start + size, min(size * 2, BATCH)


def _in_pages(rows: QuerySet[Person]) -> Iterator[Person]:
    """Rows in the order of an index, a page at a time: the first page of ten thousand costs one page."""
    start = 0
    while True:
        chunk = list(rows[start : start + PAGE + 1])
        yield from chunk
        if len(chunk) <= PAGE:
            return
        start += len(chunk)


def _as_they_come(rows: QuerySet[Person]) -> Iterator[Person]:
    """Rows that no index has in an order: to sort them all for a page would cost a look at each.

    Whoever has come is left out of the next statement by name, since an offset would count in an order that may change.
    """
    come: list[Any] = []
    size = PAGE + 1
    while True:
        chunk = list((rows.exclude(pk__in=come) if come else rows).order_by()[:size])
        yield from chunk
        if len(chunk) < size:
            return
        come += [person.pk for person in chunk]
        size = min(size * 2, BATCH)
