"""What a clerk typed, read: numbers, dates, names and parts of addresses become terms that must all be true."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from backend.characters.queries import plain as plain_characters
from backend.core.addresses import split_address
from backend.core.check_digits import parse_disaster_number
from backend.core.dates import PartialDate, parse_typed_date
from backend.core.kana import looks_like_kana, search_kana
from backend.core.names import search_key

from . import words
from .buildings import looks_like_house
from .households.queries import FOUNDED
from .models import Disaster, Household, HouseholdLine, NumberExchange, Person, SearchWord

F = SearchWord.Field
COLUMN = {
    F.FAMILY: "family_key",
    F.GIVEN: "given_key",
    F.KANA_FAMILY: "kana_family_key",
    F.KANA_GIVEN: "kana_given_key",
    F.ALIAS: "alias_key",
    F.TOWN: "town_key",
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
class Term:
    """One thing that must be true of a person: the ways to find them (field -> what it must contain), or a condition.

    `mixed`: a family name with the given name in kana, typed in one. `or_lot`: what was typed may as well be the lot
    of the town that was typed beside it. `in_order`: shows members as their household lists them. `by_birth`: shows
    people by birth date, so that the first page of a whole year comes from its index. `house`: what may be the name of a
    house or flat (方書), where nobody and no town is called so.
    """

    words: dict[str, str] = field(default_factory=dict)
    lot: str = ""
    exact: Q | None = None
    mixed: str = ""
    or_lot: str = ""
    in_order: bool = False
    by_birth: bool = False
    house: str = ""


def lot_condition(lot: str) -> Q:
    """The lot itself, and what lies below it: 5 finds 5-1, not 51."""
    return Q(lot_key=lot) | lot_below(lot)


def lot_below(lot: str) -> Q:
    """As a range (a full stop is what follows a hyphen), which the index answers, and LIKE it does not."""
    return Q(lot_key__gte=f"{lot}-", lot_key__lt=f"{lot}.")


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


def numbers_typed(asked: Asked) -> list[str]:
    whole = disaster_number_in(asked.text)
    return [whole] if whole else [n for word in SPACES.split(asked.text) if (n := disaster_number_in(word))]


def terms_of(asked: Asked, disaster: Disaster) -> Iterator[Term]:
    """What was typed, as things that must all be true. Raises ValueError (Japanese) for a birth date that can't be."""
    if asked.birth.strip():
        yield _birth(_read_birth(asked.birth))
    for word in SPACES.split(f"{asked.kana} {asked.name}".strip()):
        if term := _name_term(word):
            yield term
    yield from _address_terms(asked.address, disaster)
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
    # A range and not LIKE, which no plain index of PostgreSQL answers.
    begins = date.iso.split("-00")[0]
    return Term(exact=Q(birth__range=(f"{begins}-00", f"{begins}-99")), or_lot=or_lot, by_birth=True)


def _name_term(word: str) -> Term | None:
    """A word of a name, in any script; None for what holds no letter (a middle dot alone)."""
    key, kana = search_key(plain_characters(word)), search_kana(word) if looks_like_kana(word) else ""
    ways = {F.FAMILY: key, F.GIVEN: key, F.ALIAS: key, F.KANA_FAMILY: kana, F.KANA_GIVEN: kana}
    words: dict[str, str] = {name: text for name, text in ways.items() if text}
    mixed = search_kana(key) if not kana and looks_like_kana(word[-1:]) else ""
    return Term(words, mixed=mixed) if words else None


def _address_terms(text: str, disaster: Disaster) -> Iterator[Term]:
    """An address, and the house or flat after a space, where what stands there is no part of a town's name."""
    head, _, tail = _plain(text).rpartition(" ")
    name = split_address(plain_characters(tail))[0]
    if head and len(name) > 1 and not words.containing(disaster, F.TOWN, name).exists():
        parts = [head, tail]
    else:
        parts = [text.strip()]
    for part in parts:
        if (term := _address_term(part)) is not None:
            yield term


def _address_term(text: str) -> Term | None:
    town, lot = split_address(plain_characters(text))
    return Term({F.TOWN: town} if town else {}, lot=lot, house=text) if town or lot else None


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
        return Term({F.TOWN: town} if town else {}, lot=lot, house=word)
    term = _name_term(word)
    if term and town:
        term.words[F.TOWN] = town
        term.house = word if looks_like_house(word) else ""
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
        # A household that a decision made: whoever came into it, also where that was undone since.
        came = HouseholdLine.objects.filter(into_household__in=list(homes), into_household__kind__in=FOUNDED)
        # The number of a household of the emergency register: whoever had it.
        moved = NumberExchange.objects.filter(household_from__in=list(homes), undone_at=None)
        if people := {*came.values_list("person", flat=True), *moved.values_list("person", flat=True)}:
            conditions.append(Q(pk__in=people))
    return Term(exact=reduce(or_, conditions) if conditions else Q(pk__in=[]), in_order=True)


def _number(digits: str, disaster: Disaster) -> Q:
    """宛名番号 or 世帯番号, typed with or without its leading zeros; or a birth date as digits."""
    bare = digits.lstrip("0") or "0"
    forms = {digits, *(bare.zfill(width) for width in range(len(bare), 16))}
    # The household first: an OR over two tables would look at everybody.
    homes = Household.objects.filter(disaster=disaster, household_no__in=forms).values_list("pk", flat=True)
    condition = Q(atena_no__in=forms)
    former = Person.objects.filter(disaster=disaster, former_no__in=forms).values_list("pk", flat=True)
    if before := list(former):
        condition |= Q(pk__in=before)
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
