"""When two records are one person: certain, likely, or no; and why, in words.

How alike two records are is said in bits, after Fellegi and Sunter (A Theory for Record Linkage, Journal of the American
Statistical Association 64, 1969): each field adds how much likelier it is to look so for one person than for two
strangers. A rare name says more than 佐藤. Bits only put candidates in order; what is *certain* is said by `_is_certain`
and `decide`, in plain conditions. How often people err (the constants) is our own estimate, held by the benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import log2
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from backend.core.names import identity_key


class Side(NamedTuple):
    """One record: as written, and its search keys (`ledger/search_keys.py`). Unknown is an empty text."""

    name: str
    family: str = ""
    given: str = ""
    kana_family: str = ""
    kana_given: str = ""
    alias: str = ""
    birth: str = ""  # YYYY-MM-DD, unknown parts 00
    sex: str = ""  # 1, 2, else not known
    town: str = ""
    lot: str = ""


class Name(StrEnum):
    SAME = "氏名が同じ"
    VARIANT = "氏名の字体だけが違う（異体字）"
    ALIAS = "通称が同じ"
    KANA = "氏名は読みだけで、カナが同じ"
    READS_ALIKE = "カナが同じで、漢字が違う"
    ONE_CHARACTER = "氏名が一字違う"
    FAMILY_DIFFERS = "名が同じで、氏が違う（旧姓・婚姻後の氏かもしれません）"
    GIVEN_ONLY = "名だけが書かれていて、同じ"
    FAMILY_ONLY = "氏だけが書かれていて、同じ"
    KANA_NEAR = "氏名は読みだけで、カナが一音違う"
    OTHER = "氏名が違う"


class Kana(StrEnum):
    SAME = "カナが同じ"
    NEAR = "カナが一音違う"
    OTHER = "カナが違う"
    UNKNOWN = "カナの記載がない"


class Birth(StrEnum):
    SAME = "生年月日が同じ"
    SWAPPED = "生年月日の月と日が入れ替わっている"
    PARTLY = "生年月日の分かっている部分が同じ"
    ONE_FIGURE = "生年月日が一字違う"
    OTHER_YEAR = "月日が同じで、年が違う"
    OTHER = "生年月日が違う"
    UNKNOWN = "生年月日の記載がない"


class Sex(StrEnum):
    SAME = "性別が同じ"
    OTHER = "性別が違う"
    UNKNOWN = "性別の記載がない"


class Place(StrEnum):
    SAME = "住所が同じ"
    TOWN = "町が同じで、番地が違う"
    OTHER = "住所が違う（転居の前後かもしれません）"
    UNKNOWN = "住所の記載がない"


class Level(StrEnum):
    CERTAIN = "certain"
    LIKELY = "likely"
    NO = "no"


DAYS = 15.0  # bits of one day among the 36,500 of a century
GENERATION = 2.0  # those born in one year share their given names: four times as many strangers as if names had no age
_BIRTH = {
    Birth.SAME: DAYS,
    Birth.SWAPPED: DAYS - 6,
    Birth.PARTLY: 6.0,
    Birth.ONE_FIGURE: DAYS - 10,
    Birth.OTHER_YEAR: 2.5,
    Birth.OTHER: -8.0,
    Birth.UNKNOWN: 0.0,
}
_KANA = {Kana.SAME: 1.0, Kana.NEAR: -2.0, Kana.OTHER: -4.0, Kana.UNKNOWN: 0.0}
_SEX = {Sex.SAME: 0.5, Sex.OTHER: -5.0, Sex.UNKNOWN: 0.0}
LOT = 13.0  # bits of one house number: some hundred people may share that of an apartment house
_PLACE = {Place.SAME: LOT, Place.OTHER: -2.5, Place.UNKNOWN: 0.0}
_NAME_LESS = {
    Name.SAME: -0.5,
    Name.VARIANT: 0.0,
    Name.KANA: 0.0,
    Name.READS_ALIKE: 3.0,
    Name.KANA_NEAR: 6.0,
    Name.ONE_CHARACTER: 5.0,
}
NO_NAME = -10.0
ALIAS = 12.0
OTHER_FAMILY = 5.0

LIKELY_FROM = -5.0  # bits against all who could be meant: about one in thirty of such candidates is the person
QUEUED = 5  # candidates that a person is shown
MOST_STRANGERS = 1 / 1000  # expected number of others who have this name and were born that day


@dataclass(frozen=True)
class Rarity:
    """How often the words of names and towns occur: word -> share of the register's people."""

    people: int
    shares: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def bits(self, column: str, word: str) -> float:
        """A word that nobody has is as rare as can be."""
        share = self.shares.get((column, word))
        return -log2(share) if share else log2(self.people + 1)


class Likeness(NamedTuple):
    """How two records compare, field by field. `strangers`: how many others would have this name and birth date."""

    name: Name
    kana: Kana
    birth: Birth
    sex: Sex
    place: Place
    bits: float
    level: Level
    strangers: float

    @property
    def reasons(self) -> list[str]:
        """What speaks for one person, for the page."""
        fields = [self.name, self.birth, self.place, self.kana, self.sex]
        return [str(f) for f in fields if f in _FOR and not (f is Kana.SAME and self.name is Name.KANA)]


_FOR = {
    *(n for n in Name if n is not Name.OTHER),
    *(Birth.SAME, Birth.SWAPPED, Birth.PARTLY, Birth.ONE_FIGURE),
    *(Place.SAME, Place.TOWN, Kana.SAME, Kana.NEAR),
}


def compare(typed: Side, other: Side, rarity: Rarity) -> Likeness:
    """What was typed beside a person of the register."""
    name, kana = compare_names(typed, other)
    birth, sex = compare_births(typed.birth, other.birth), compare_sexes(typed.sex, other.sex)
    place = compare_places((typed.town, typed.lot), (other.town, other.lot))
    names = name_bits(name, other, rarity)
    where = min(rarity.bits("town", other.town), 8.0) - 2 if place is Place.TOWN else _PLACE[place]
    bits = names + (_KANA[kana] if _has_kanji(name) else 0.0) + _BIRTH[birth] + _SEX[sex] + where
    bits -= log2(rarity.people + 1)
    strangers = 2.0 ** (log2(rarity.people + 1) - names - DAYS)
    if place is Place.TOWN:
        strangers *= 2.0**-where
    level = Level.LIKELY if bits >= LIKELY_FROM else Level.NO
    if _is_certain(name, kana, birth, sex, place, strangers):
        level = Level.CERTAIN
    return Likeness(name, kana, birth, sex, place, bits, level, strangers)


def _is_certain(name: Name, kana: Kana, birth: Birth, sex: Sex, place: Place, strangers: float) -> bool:
    """Name and full birth date, nothing against it, and the address, or a name too rare to be another's."""
    if birth is not Birth.SAME or sex is Sex.OTHER or kana is Kana.OTHER:
        return False
    at_home = place is Place.SAME
    if name in (Name.SAME, Name.VARIANT):
        return at_home or strangers <= MOST_STRANGERS
    return name is Name.KANA and at_home


# Field by field ----------------------------------------------------------------------------------------------------


def compare_names(typed: Side, other: Side) -> tuple[Name, Kana]:
    kana = compare_kana(typed, other)
    whole, theirs = typed.family + typed.given, other.family + other.given
    if whole == theirs:
        same = identity_key(typed.name) == identity_key(other.name)
        return (Name.SAME if same else Name.VARIANT), kana
    if other.alias and whole == other.alias:
        return Name.ALIAS, Kana.UNKNOWN
    only_kana = whole == typed.kana_family + typed.kana_given
    if only_kana and not typed.given and typed.family in (other.given, other.kana_given):
        return Name.GIVEN_ONLY, Kana.UNKNOWN
    if only_kana or whole == theirs:
        return {Kana.SAME: Name.KANA, Kana.NEAR: Name.KANA_NEAR}.get(kana, _by_part(typed, other)), kana
    if kana is Kana.SAME:
        return Name.READS_ALIKE, kana
    if len(theirs) >= 3 and OSA.distance(whole, theirs, score_cutoff=1) <= 1:
        return Name.ONE_CHARACTER, kana
    return _by_part(typed, other), kana


def _by_part(typed: Side, other: Side) -> Name:
    """One of the two parts is the same, in writing or as it is read."""
    if not typed.given:
        if typed.family == other.given:
            return Name.GIVEN_ONLY
        return Name.FAMILY_ONLY if typed.family == other.family else Name.OTHER
    read = typed.kana_given and typed.kana_given == other.kana_given
    if typed.given == other.given or (read and typed.given == typed.kana_given):
        return Name.FAMILY_DIFFERS
    return Name.OTHER


def compare_kana(typed: Side, other: Side) -> Kana:
    """Readings as they sound, whole: one that lacks its space is the same."""
    mine, theirs = typed.kana_family + typed.kana_given, other.kana_family + other.kana_given
    if not mine or not theirs:
        return Kana.UNKNOWN
    if mine == theirs:
        return Kana.SAME
    return Kana.NEAR if OSA.distance(mine, theirs, score_cutoff=1) <= 1 else Kana.OTHER


def compare_births(typed: str, other: str) -> Birth:
    if not typed or not other:
        return Birth.UNKNOWN
    mine, theirs = typed.split("-"), other.split("-")
    (year, month, day), (year2, month2, day2) = mine, theirs
    if all(one == two or not int(one) or not int(two) for one, two in zip(mine, theirs, strict=True)):
        return Birth.SAME if typed == other and all(map(int, mine)) else Birth.PARTLY
    if year == year2 and (month, day) == (day2, month2):
        return Birth.SWAPPED
    if sum(one != two for one, two in zip(typed, other, strict=False)) == 1 and len(typed) == len(other):
        return Birth.ONE_FIGURE
    return Birth.OTHER_YEAR if (month, day) == (month2, day2) and int(day) else Birth.OTHER


def compare_sexes(typed: str, other: str) -> Sex:
    if typed not in ("1", "2") or other not in ("1", "2"):
        return Sex.UNKNOWN
    return Sex.SAME if typed == other else Sex.OTHER


def compare_places(typed: tuple[str, str], other: tuple[str, str]) -> Place:
    """Town and lot. The city is often left out: 西町1-2 is 大浜市西町1-2."""
    if not typed[0] or not other[0]:
        return Place.UNKNOWN
    if not _is_town(typed[0], other[0]):
        return Place.OTHER
    return Place.SAME if typed[1] == other[1] and typed[1] else Place.TOWN


def _is_town(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) >= 2 and (one.endswith(other) or other.endswith(one)))


def _has_kanji(name: Name) -> bool:
    """Whether the reading says something that the name has not said yet."""
    return name in (Name.SAME, Name.VARIANT, Name.ONE_CHARACTER)


def name_bits(name: Name, other: Side, rarity: Rarity) -> float:
    """What the name says, by how many have it."""
    if name is Name.OTHER:
        return NO_NAME
    if name is Name.ALIAS:
        return ALIAS
    given = rarity.bits("given", other.given) - GENERATION
    if name is Name.GIVEN_ONLY:
        return given
    if name is Name.FAMILY_DIFFERS:
        return given - OTHER_FAMILY
    if name is Name.FAMILY_ONLY:
        return rarity.bits("family", other.family)
    if name in (Name.KANA, Name.KANA_NEAR, Name.READS_ALIKE):
        whole = rarity.bits("kana_family", other.kana_family) + rarity.bits("kana_given", other.kana_given)
    else:
        whole = rarity.bits("family", other.family) + rarity.bits("given", other.given)
    return whole - GENERATION - _NAME_LESS[name]


# Who it is ---------------------------------------------------------------------------------------------------------


class Candidate(NamedTuple):
    """A person of the register beside what was typed. `dead`, `protected`: as the ledger knows them now."""

    id: Any
    side: Side
    likeness: Likeness
    dead: bool = False
    protected: bool = False


@dataclass(frozen=True)
class Outcome:
    """`level`: certain (one may be linked by itself), likely (a person decides), no. `held`: why it is not certain."""

    level: Level
    candidates: list[Candidate]
    held: str = ""

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None


TWICE = "同じ氏名・生年月日の方が、ほかにもいます。"
TWINS = "同じ日に生まれた似た名前の家族がいます（双子かもしれません）。"
DEAD = "亡くなった方です。"
PROTECTED = "秘匿されている方です。"


def decide(typed: Side, candidates: Sequence[Candidate]) -> Outcome:
    """The candidates in order, and whether the first may be linked by itself.

    Never by itself: somebody under protection, the dead, two of the same name and birth date, twins not told apart.
    """
    found = [c for c in candidates if c.likeness.level is not Level.NO]
    found.sort(key=lambda c: (c.likeness.level is not Level.CERTAIN, -c.likeness.bits, str(c.id)))
    if not found:
        return Outcome(Level.NO, [])
    best = found[0]
    if best.likeness.level is not Level.CERTAIN:
        return Outcome(Level.LIKELY, found[:QUEUED])
    held = _held(typed, best, [c for c in candidates if c.id != best.id])
    return Outcome(Level.LIKELY if held else Level.CERTAIN, found[:QUEUED], held)


def _held(typed: Side, best: Candidate, others: Sequence[Candidate]) -> str:
    if best.protected:
        return PROTECTED
    if best.dead:
        return DEAD
    for other in others:
        if other.side.birth != best.side.birth:
            continue
        if is_same_name(best.side, other.side) or other.likeness.level is Level.CERTAIN:
            return TWICE
        if is_twin(best.side, other.side) and not tells_apart(typed, best.side, other.side):
            return TWINS
    return ""


def is_same_name(one: Side, other: Side) -> bool:
    return one.family + one.given == other.family + other.given


def is_twin(one: Side, other: Side) -> bool:
    """Born on one day into one family at one address."""
    at_home = (one.town, one.lot) == (other.town, other.lot)
    return bool(one.birth) and one.birth == other.birth and at_home and one.family == other.family


def tells_apart(typed: Side, best: Side, twin: Side) -> bool:
    """What was typed can only mean the one: written as theirs, and the twin's name neither reads nor looks alike."""
    if typed.given != best.given or best.given == twin.given:
        return False
    if not best.kana_given or not twin.kana_given:
        return True
    return OSA.distance(best.kana_given, twin.kana_given, score_cutoff=1) > 1
