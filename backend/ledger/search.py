"""Finding people: what was typed becomes conditions, and conditions become a page of people.

A name or town is looked up in the dictionary of words (`words.py`); the people come by whole words over ordinary
indexes, best words first: equal, then beginning with what was typed, then containing it. Nothing is sorted or counted
over all hits, so that a frequent name costs no more than a rare one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Concat

from backend.core.addresses import split_address
from backend.core.check_digits import CheckDigitError, parse_disaster_number, suggestions
from backend.core.dates import PartialDate, parse_typed_date
from backend.core.kana import looks_like_kana, search_kana
from backend.core.names import search_key

from .models import Disaster, Household, Person, SearchWord

PAGE = 20
BATCH = 2000  # people per statement while pages are filled
MOST_WORDS = 5000
F = SearchWord.Field
COLUMN = {
    F.FAMILY: "family_key",
    F.GIVEN: "given_key",
    F.KANA_FAMILY: "kana_family_key",
    F.KANA_GIVEN: "kana_given_key",
    F.ALIAS: "alias_key",
    F.TOWN: "town_key",
}
# As a filter a name is held against family and given name in one, since it may have been typed without its space.
FILTER = COLUMN | {F.FAMILY: "whole_key", F.KANA_FAMILY: "kana_whole_key"}
ORDER = {
    F.FAMILY: ("family_key", "given_key"),
    F.GIVEN: ("given_key",),
    F.KANA_FAMILY: ("kana_family_key", "kana_given_key"),
    F.KANA_GIVEN: ("kana_given_key",),
    F.ALIAS: ("alias_key",),
    F.TOWN: ("town_key", "lot_key"),
}
SPACES = re.compile(r"[\s　]+")
DISASTER_NUMBER = re.compile(r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{7}-?[0-9A-Za-z]{2}\Z")
TYPED_DATE = re.compile(
    r"(?:[明大昭平令]\S*|[MTSHRmtshr]\d{1,2}[./年]\S*|\d{4}[-/年.]\d{1,2}\S*|\d{8}|[1-5]\d{6}|[1-5]\.\d{1,2}\.\d{1,2}\.\d{1,2})\Z"
)


@dataclass
class Asked:
    """What a clerk typed. `text` is the one box; the others are the boxes that know what they are."""

    text: str = ""
    kana: str = ""
    birth: str = ""
    name: str = ""
    address: str = ""

    def fields(self) -> str:
        """The names of the boxes that were filled, for the access log; never what was in them."""
        return ",".join(name for name in ("text", "kana", "birth", "name", "address") if getattr(self, name).strip())


@dataclass
class Found:
    """A page of people. `more`: there are others after it; how many in all is never counted (see the module's text)."""

    people: list[Person] = field(default_factory=list)
    page: int = 1
    more: bool = False
    did_you_mean: list[Household] = field(default_factory=list)
    problem: str = ""


@dataclass
class Term:
    """One thing that must be true of a person: the ways to find them (field -> what it must contain), or a condition."""

    words: dict[str, str] = field(default_factory=dict)
    lot: str = ""
    exact: Q | None = None

    def condition(self) -> Q:
        """As a filter on people who are found by another term."""
        ways = [Q(**{f"{FILTER[F(name)]}__contains": text}) for name, text in self.words.items()]
        result = reduce(or_, ways) if ways else Q()
        if self.lot:
            result &= lot_condition(self.lot)
        if self.exact is not None:
            result = result | self.exact if ways else self.exact
        return result


def lot_condition(lot: str) -> Q:
    """The lot itself, and what lies below it: 5 finds 5-1, not 51."""
    return Q(lot_key=lot) | Q(lot_key__startswith=f"{lot}-")


def find(asked: Asked, *, disaster: Disaster, people: QuerySet[Person], page: int = 1) -> Found:
    """A page of those of `people` (already without whom the asker may not see) for whom everything typed is true.

    Raises nothing: what can't be read is said in `problem`; a mistyped り災番号 gives `did_you_mean`.
    """
    people = people.filter(disaster=disaster).annotate(
        whole_key=Concat("family_key", "given_key"), kana_whole_key=Concat("kana_family_key", "kana_given_key")
    )
    found = Found(page=page)
    number = _plain(asked.text).replace(" ", "")
    if DISASTER_NUMBER.match(number):
        return _by_disaster_number(number, disaster, people, found)
    try:
        terms = list(_terms(asked))
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
    return found


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _by_disaster_number(number: str, disaster: Disaster, people: QuerySet[Person], found: Found) -> Found:
    visible = Household.objects.filter(pk__in=people.values("household"))
    try:
        parsed = parse_disaster_number(number)
    except CheckDigitError:
        near = suggestions(number)
        found.did_you_mean = list(visible.filter(disaster_number__in=near)[:10])
        found.problem = "り災番号の検査数字が合いません。番号を確かめてください。"
        return found
    except ValueError as error:
        found.problem = str(error)
        return found
    found.people = list(people.filter(household__disaster_number=parsed.text).order_by("position"))
    if not found.people:
        found.problem = "この番号の世帯はありません。"
    return found


def _terms(asked: Asked) -> Iterator[Term]:
    """What was typed, as things that must all be true. Raises ValueError (Japanese) for a birth date that can't be."""
    if asked.birth.strip():
        yield _birth(parse_typed_date(asked.birth.strip()))
    for word in SPACES.split(asked.kana.strip()):
        if word:
            yield _kana_term(word)
    for word in SPACES.split(asked.name.strip()):
        if word:
            yield _name_term(word)
    if asked.address.strip():
        yield _address_term(asked.address.strip())
    text = _plain(asked.text)
    if re.fullmatch(r"[1-5] \d{1,2} \d{1,2} \d{1,2}", text):
        yield _birth(parse_typed_date(text))
        return
    for word in SPACES.split(asked.text.strip()):
        if word:
            yield _any_term(word)


def _birth(date: PartialDate) -> Term:
    if not date.iso or not date.year:
        raise ValueError("生年月日は 昭和45年1月2日、S45.1.2、3 45 1 2、19700102 のように入れてください。")
    if date.date:
        return Term(exact=Q(birth=date.iso))
    return Term(exact=Q(birth__startswith=date.iso.split("-00")[0]))


def _kana_term(word: str) -> Term:
    key = search_kana(word)
    return Term({F.KANA_FAMILY: key, F.KANA_GIVEN: key, F.ALIAS: search_key(word)}) if key else Term(exact=Q())


def _name_term(word: str) -> Term:
    key = search_key(word)
    ways = {F.FAMILY: key, F.GIVEN: key, F.ALIAS: key}
    if looks_like_kana(word):
        ways |= {F.KANA_FAMILY: search_kana(word), F.KANA_GIVEN: search_kana(word)}
    return Term(ways)


def _address_term(text: str) -> Term:
    town, lot = split_address(text)
    return Term({F.TOWN: town} if town else {}, lot=lot)


def _any_term(word: str) -> Term:
    """A word in the one box: a number, a date, a part of an address, or a name."""
    plain = _plain(word)
    if plain.isascii() and plain.isdigit():
        return Term(exact=_number(plain))
    if TYPED_DATE.match(plain):
        try:
            return _birth(parse_typed_date(plain))
        except ValueError:
            pass
    town, lot = split_address(word)
    if lot:
        return Term({F.TOWN: town} if town else {}, lot=lot)
    term = _name_term(word)
    if town:
        term.words[F.TOWN] = town
    return term


def _number(digits: str) -> Q:
    """宛名番号 or 世帯番号, typed with or without its leading zeros; or a birth date as digits."""
    bare = digits.lstrip("0") or "0"
    forms = {digits, *(bare.zfill(width) for width in range(len(bare), 16))}
    condition = Q(atena_no__in=forms) | Q(household__household_no__in=forms)
    if len(digits) in (7, 8):
        try:
            birth = parse_typed_date(digits)
        except ValueError:
            return condition
        if birth.date:
            condition |= Q(birth=birth.iso)
    return condition


# From terms to people --------------------------------------------------------------------------------------------


@dataclass
class Way:
    """The words of one field that contain what was typed, best first."""

    field: str
    words: list[tuple[str, int]]
    people: int


def _hits(terms: list[Term], disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """People for whom all terms are true, each once."""
    exact = [term for term in terms if term.exact is not None and not term.words]
    worded = [term for term in terms if term.words]
    lots = [term for term in terms if term.exact is None and not term.words]
    if exact or not worded:
        rows = people.filter(reduce(and_, (t.condition() for t in terms)))
        yield from rows.order_by("kana_family_key", "kana_given_key", "id").iterator(chunk_size=200)
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
    joined = [text for name, text in driver.words.items() if name in (F.FAMILY, F.KANA_FAMILY)]
    for text, kana in [(text, name == F.KANA_FAMILY) for name, text in driver.words.items() if text in joined]:
        for person in _by_whole_name(text, kana, disaster, rows):
            if person.pk not in seen:
                seen.add(person.pk)
                yield person


def _ways(term: Term, disaster: Disaster) -> list[Way]:
    """Per field the words that contain what was typed: equal ones first, then beginnings, then the rest."""
    result = []
    for name, text in term.words.items():
        words = SearchWord.objects.filter(disaster=disaster, field=name, word__contains=text)
        ranked = sorted(
            words.values_list("word", "people")[:MOST_WORDS],
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
                yield from sorted(rows, key=lambda p: (rank[getattr(p, column)], p.given_key))
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


def _by_whole_name(text: str, kana: bool, disaster: Disaster, people: QuerySet[Person]) -> Iterator[Person]:
    """A name typed without its space: every family name that it begins with, and the rest as the given name."""
    family, given = (F.KANA_FAMILY, F.KANA_GIVEN) if kana else (F.FAMILY, F.GIVEN)
    beginnings = [text[:i] for i in range(len(text) - 1, 0, -1)]
    known = set(
        SearchWord.objects.filter(disaster=disaster, field=family, word__in=beginnings).values_list("word", flat=True)
    )
    for beginning in beginnings:
        if beginning in known:
            rest = text[len(beginning) :]
            rows = people.filter(**{COLUMN[family]: beginning, f"{COLUMN[given]}__startswith": rest})
            yield from rows.order_by(COLUMN[given], "id")
