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

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Concat, Length

from backend.core.addresses import split_address
from backend.core.check_digits import CheckDigitError, parse_disaster_number, suggestions
from backend.core.dates import PartialDate, parse_typed_date
from backend.core.kana import looks_like_kana, search_kana
from backend.core.names import search_key

from .models import Disaster, Household, Person, SearchWord

PAGE = 20
LAST_PAGE = 50  # whoever needs more than a thousand lines should ask for more
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
HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))
NUMBER_LENGTH = 13  # a り災番号 without its hyphens
TYPED_DATE = re.compile(
    r"(?:[明大昭平令]\S*|[MTSHRmtshr]\d{1,2}(?:[-./年]\S*)?|[MTSHRmtshr]\d{6}|\d{4}年|\d{4}[-/年.]\d{1,2}\S*|\d{8}"
    r"|[1-5]\d{6}|[1-5]([./])\d{1,2}\1\d{1,2}\1\d{1,2})\Z"
)
_ERA = "(?:明治|大正|昭和|平成|令和|[明大昭平令MTSHRmtshr])"
# A birth date whose parts stand apart: `3 45 1 2`, `S45 1 2`, `昭和45年 1月 2日`, `1970 1 2`.
SPACED_DATE = re.compile(
    rf"(?<!\S)(?:[1-5] (?:\d{{1,2}}|元) \d{{1,2}} \d{{1,2}}|{_ERA} ?(?:\d{{1,2}}|元)(?:年 ?| )\d{{1,2}}(?:月 ?| )\d{{1,2}}日?"
    r"|(?:18|19|20)\d\d(?:年 ?| )\d{1,2}(?:月 ?| )\d{1,2}日?)(?!\S)"
)
YEAR = re.compile(r"(?:(?:18|19|20)\d\d|(?:明治|大正|昭和|平成|令和)(?:\d{1,2}|元))\Z")
SHORT_YEAR = re.compile(r"[明大昭平令MTSHRmtshr](?:\d{1,2}|元)年\Z")


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
    """One thing that must be true of a person: the ways to find them (field -> what it must contain), or a condition.

    `mixed`: a family name with the given name in kana, typed in one. `or_lot`: what was typed may as well be the lot
    of the town that was typed beside it. `in_order`: shows members as their household lists them.
    """

    words: dict[str, str] = field(default_factory=dict)
    lot: str = ""
    exact: Q | None = None
    mixed: str = ""
    or_lot: str = ""
    in_order: bool = False

    def condition(self) -> Q:
        """As a filter on people who are found by another term."""
        ways = [Q(**{f"{FILTER[F(name)]}__contains": text}) for name, text in self.words.items()]
        if self.mixed:
            ways.append(Q(mixed_key__contains=self.mixed))
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
    page = min(max(page, 1), LAST_PAGE)
    people = people.filter(disaster=disaster).alias(
        whole_key=Concat("family_key", "given_key"),
        kana_whole_key=Concat("kana_family_key", "kana_given_key"),
        mixed_key=Concat("family_key", "kana_given_key"),
    )
    found = Found(page=page)
    try:
        terms = list(_terms(asked, disaster))
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


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def disaster_number_in(text: str) -> str:
    """What looks like a り災番号, rightly typed or not: 13 letters and digits, hyphens and spaces left out; else empty.

    Two of the last nine may be no digits (O for 0). More are a name: MARIA GONZALES is thirteen letters, too.
    """
    plain = _plain(text).translate(HYPHENS).upper()
    bare = plain.replace("-", "").replace(" ", "")
    if len(bare) != NUMBER_LENGTH or not (bare.isascii() and bare.isalnum()) or plain.count("-") > 2:
        return ""
    return plain.replace(" ", "") if sum(character.isdigit() for character in bare[4:]) >= 7 else ""


def _numbers_typed(asked: Asked) -> list[str]:
    whole = disaster_number_in(asked.text)
    return [whole] if whole else [n for word in SPACES.split(asked.text) if (n := disaster_number_in(word))]


def _explain_number(asked: Asked, people: QuerySet[Person], found: Found) -> None:
    """Nobody was found by a り災番号: say why, and which other numbers it may have been."""
    for number in _numbers_typed(asked):
        try:
            parse_disaster_number(number)
        except CheckDigitError:
            visible = Household.objects.filter(Exists(people.filter(household=OuterRef("pk"))))
            found.did_you_mean = list(visible.filter(disaster_number__in=suggestions(number)).order_by("number")[:10])
            found.problem = "り災番号の検査数字が合いません。番号を確かめてください。"
            return
        if disaster_number_in(asked.text) and asked.fields() == "text":
            found.problem = "この番号の世帯はありません。"


def _terms(asked: Asked, disaster: Disaster) -> Iterator[Term]:
    """What was typed, as things that must all be true. Raises ValueError (Japanese) for a birth date that can't be."""
    if asked.birth.strip():
        yield _birth(_read_birth(asked.birth))
    for word in SPACES.split(f"{asked.kana} {asked.name}".strip()):
        if term := _name_term(word):
            yield term
    if (term := _address_term(asked.address.strip())) is not None:
        yield term
    text = _plain(asked.text)
    if number := disaster_number_in(text):
        yield _disaster_number(number, disaster)
        return
    if dated := SPACED_DATE.search(text):
        try:
            birth = parse_typed_date(dated[0])
        except ValueError:
            birth = None
        if birth:
            yield _birth(birth)
            text = text[: dated.start()] + text[dated.end() :]
    for word in SPACES.split(text.strip()):
        if word and (term := _any_term(word, disaster)) is not None:
            yield term


def _read_birth(text: str) -> PartialDate:
    """Everything that `parse_typed_date` reads, and a year alone."""
    plain = _plain(text)
    if YEAR.match(plain):
        plain = f"{plain}年"
    return parse_typed_date(plain[:-1] if SHORT_YEAR.match(plain) else plain)


def _birth(date: PartialDate, *, or_lot: str = "") -> Term:
    """A whole day finds those too of whom the register knows the month or the year only."""
    if not date.iso or not date.year:
        raise ValueError("生年月日は 昭和45年1月2日、S45.1.2、3 45 1 2、19700102 のように入れてください。")
    if date.date:
        year = f"{date.year:04d}"
        return Term(exact=Q(birth__in=[date.iso, f"{date.iso[:7]}-00", f"{year}-00-00"]), or_lot=or_lot)
    return Term(exact=Q(birth__startswith=date.iso.split("-00")[0]), or_lot=or_lot)


def _name_term(word: str) -> Term | None:
    """A word of a name, in any script; None for what holds no letter (a middle dot alone)."""
    key, kana = search_key(word), search_kana(word) if looks_like_kana(word) else ""
    ways = {F.FAMILY: key, F.GIVEN: key, F.ALIAS: key, F.KANA_FAMILY: kana, F.KANA_GIVEN: kana}
    words: dict[str, str] = {name: text for name, text in ways.items() if text}
    mixed = search_kana(key) if not kana and looks_like_kana(word[-1:]) else ""
    return Term(words, mixed=mixed) if words else None


def _address_term(text: str) -> Term | None:
    town, lot = split_address(text)
    return Term({F.TOWN: town} if town else {}, lot=lot) if town or lot else None


def _any_term(word: str, disaster: Disaster) -> Term | None:
    """A word in the one box: a number, a date, a part of an address, or a name."""
    plain = _plain(word)
    if number := disaster_number_in(plain):
        return _disaster_number(number, disaster)
    if plain.isascii() and plain.isdigit():
        return Term(exact=_number(plain, disaster), or_lot=split_address(plain)[1], in_order=True)
    if TYPED_DATE.match(plain):
        try:
            return _birth(_read_birth(plain), or_lot=split_address(plain)[1] if plain[0].isdigit() else "")
        except ValueError:
            pass
    town, lot = split_address(word)
    if lot:
        return Term({F.TOWN: town} if town else {}, lot=lot)
    term = _name_term(word)
    if term and town:
        term.words[F.TOWN] = town
    return term


def _disaster_number(number: str, disaster: Disaster) -> Term:
    """A り災番号; thirteen digits may as well be somebody's 宛名番号."""
    conditions = [_number(number, disaster)] if number.isdigit() else []
    try:
        text = parse_disaster_number(number).text
    except ValueError:
        pass
    else:
        homes = Household.objects.filter(disaster=disaster, disaster_number=text).values_list("pk", flat=True)
        conditions.append(Q(household__in=list(homes)))
    return Term(exact=reduce(or_, conditions) if conditions else Q(pk__in=[]), in_order=True)


def _number(digits: str, disaster: Disaster) -> Q:
    """宛名番号 or 世帯番号, typed with or without its leading zeros; or a birth date as digits."""
    bare = digits.lstrip("0") or "0"
    forms = {digits, *(bare.zfill(width) for width in range(len(bare), 16))}
    # The household first: an OR over two tables would look at everybody.
    homes = Household.objects.filter(disaster=disaster, household_no__in=forms).values_list("pk", flat=True)
    condition = Q(atena_no__in=forms)
    if found := list(homes):
        condition |= Q(household__in=found)
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
        yield from rows.order_by(*order).iterator(chunk_size=200)
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
