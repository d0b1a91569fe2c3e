"""Finding people: what was typed becomes conditions, and conditions become a page of people.

A name or town is looked up in the dictionary of words (`words.py`); the people come by whole words over ordinary
indexes, best words first: equal, then beginning with what was typed, then containing it. Nothing is sorted or counted
over all hits, so that a frequent name costs no more than a rare one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Concat, Length

from backend.core.check_digits import CheckDigitError, parse_disaster_number, suggestions

from .models import Disaster, Household, Person, SearchWord
from .typed import COLUMN, Asked, F, Term, disaster_number_in, lot_condition, numbers_typed, terms_of

PAGE = 20
LAST_PAGE = 50  # whoever needs more than a thousand lines should ask for more
BATCH = 2000  # people per statement while pages are filled
MOST_WORDS = 5000
ORDER = {
    F.FAMILY: ("family_key", "given_key"),
    F.GIVEN: ("given_key",),
    F.KANA_FAMILY: ("kana_family_key", "kana_given_key"),
    F.KANA_GIVEN: ("kana_given_key",),
    F.ALIAS: ("alias_key",),
    F.TOWN: ("town_key", "lot_key"),
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
    people = people.filter(disaster=disaster).alias(
        whole_key=Concat("family_key", "given_key"),
        kana_whole_key=Concat("kana_family_key", "kana_given_key"),
        mixed_key=Concat("family_key", "kana_given_key"),
    )
    found = Found(page=page)
    try:
        terms = list(terms_of(asked, disaster))
    except ValueError as error:
        found.problem = str(error)
        return found
    if not terms:
        found.problem = "探す方の氏名・カナ・生年月日・住所・番号のどれかを入れてください。"
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
    return found


def _explain_number(asked: Asked, people: QuerySet[Person], found: Found) -> None:
    """Nobody was found by a り災番号: say why, and which other numbers it may have been."""
    for number in numbers_typed(asked):
        try:
            parse_disaster_number(number)
        except CheckDigitError:
            visible = Household.objects.filter(Exists(people.filter(household=OuterRef("pk"))))
            found.did_you_mean = list(visible.filter(disaster_number__in=suggestions(number)).order_by("number")[:10])
            found.problem = "り災番号の検査数字が合いません。番号を確かめてください。"
            return
        if disaster_number_in(asked.text) and asked.fields() == "text":
            found.problem = "この番号の世帯はありません。"


# From terms to people --------------------------------------------------------------------------------------------


@dataclass
class Way:
    """The words of one field that contain what was typed, best first."""

    field: str
    words: list[tuple[str, int]]
    people: int


def _hits(terms: list[Term], disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """People for whom all terms are true, each once."""
    worded = [term for term in terms if term.words]
    # Beside a town, `5` or `1970-1` may be its lot; alone it is not looked for among a million lots.
    for term in terms:
        if term.or_lot and term.exact is not None and any(F.TOWN in other.words for other in worded):
            term.exact |= lot_condition(term.or_lot)
        else:
            term.or_lot = ""
    exact = [term for term in terms if term.exact is not None and not term.words and not term.or_lot]
    lots = [term for term in terms if not term.words and (term.exact is None or term.or_lot)]
    if exact or not worded:
        rows = people.filter(reduce(and_, (t.condition() for t in terms)))
        names = ("kana_family_key", "kana_given_key", "id")
        order = ("household", "position", "id") if any(t.in_order for t in exact) else names
        if any(t.by_birth for t in exact):
            order = ("birth", *names)
        yield from _in_pages(rows.order_by(*order))
        return
    ways = {id(term): _ways(term, disaster) for term in worded}
    driver = min(worded, key=lambda term: sum(way.people for way in ways[id(term)]))
    others = [term.condition() for term in [*worded, *lots] if term is not driver]
    rows = people.filter(reduce(and_, others)) if others else people
    if driver.lot:
        rows = rows.filter(lot_condition(driver.lot))
    seen: set[Any] = set()
    for way in ways[id(driver)]:
        for person in _by_words(way, rows):
            if person.pk not in seen:
                seen.add(person.pk)
                yield person
    for person in _by_whole_names(driver, disaster, rows):
        if person.pk not in seen:
            seen.add(person.pk)
            yield person


def _ways(term: Term, disaster: Disaster) -> list[Way]:
    """Per field the words that contain what was typed: equal ones first, then beginnings, then the rest."""
    result = []
    for name, text in term.words.items():
        words = SearchWord.objects.filter(disaster=disaster, field=name, word__contains=text)
        ranked = sorted(
            # The shortest: what equals the text is among them, and every page is made of the same ones.
            words.order_by(Length("word"), "word").values_list("word", "people")[:MOST_WORDS],
            key=lambda row: (row[0] != text, not row[0].startswith(text), row[0]),
        )
        if ranked:
            result.append(Way(name, ranked, sum(count for _, count in ranked)))
    return result


def _by_words(way: Way, people: QuerySet[Person]) -> Iterator[Person]:
    """The people of the words, in the words' order, some words at a time."""
    column, order = COLUMN[F(way.field)], ORDER[F(way.field)]
    batch: list[str] = []
    count = 0
    for word, number in [*way.words, ("", BATCH + 1)]:
        if batch and count + number > BATCH:
            condition = {column: batch[0]} if len(batch) == 1 else {f"{column}__in": batch}
            rows = people.filter(**condition)
            rank = {w: i for i, w in enumerate(batch)}
            if len(batch) == 1:
                yield from _in_pages(rows.order_by(*order, "id"))
            else:
                yield from sorted(rows, key=lambda p: (rank[getattr(p, column)], p.given_key, p.pk))
            batch, count = [], 0
        batch.append(word)
        count += number


def _in_pages(rows: QuerySet[Person]) -> Iterator[Person]:
    """Rows in the order of an index, a page at a time: the first page of ten thousand costs one page."""
    start = 0
    while True:
        chunk = list(rows[start : start + PAGE + 1])
        yield from chunk
        if len(chunk) <= PAGE:
            return
        start += len(chunk)


def _by_whole_names(term: Term, disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """A name typed without its space: in its characters, in kana, or the family name in its characters only."""
    if text := term.words.get(F.FAMILY):
        yield from _by_whole_name(text, F.FAMILY, F.GIVEN, disaster, people)
    if text := term.words.get(F.KANA_FAMILY):
        yield from _by_whole_name(text, F.KANA_FAMILY, F.KANA_GIVEN, disaster, people)
    if term.mixed:
        yield from _by_whole_name(term.mixed, F.FAMILY, F.KANA_GIVEN, disaster, people)


def _by_whole_name(text: str, family: F, given: F, disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """Every family name that it begins with, and the rest as the given name."""
    beginnings = [text[:i] for i in range(len(text) - 1, 0, -1)]
    known = set(
        SearchWord.objects.filter(disaster=disaster, field=family, word__in=beginnings).values_list("word", flat=True)
    )
    for beginning in beginnings:
        if beginning in known:
            rest = text[len(beginning) :]
            rows = people.filter(**{COLUMN[family]: beginning, f"{COLUMN[given]}__startswith": rest})
            yield from rows.order_by(COLUMN[given], "id")
