"""Dates as registers hold them: parts may be unknown, years may be counted by era.

A part that is not known is None here and `00` in text. Messages name no date: they may be somebody's birthday. Days before Meiji 6 (1873-01-01) were counted by another
calendar; they are taken as written.
"""

import datetime
import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple


class Era(NamedTuple):
    """An era: name, letter, the digit that resident systems use for it, and its first day."""

    name: str
    letter: str
    digit: str
    first_day: datetime.date
    last_day: datetime.date

    def year(self, year: int) -> int:
        return year - self.first_day.year + 1


# 元号を改める詔書・政令: 大正元年7月30日, 昭和元年12月25日, 昭和64年政令第1号, 平成31年政令第143号. The day of change belongs to the new
# era by the two older 詔書; the old era's name on that very day is read as well, since it can only mean the same day.
ERAS = (
    Era("明治", "M", "1", datetime.date(1868, 1, 1), datetime.date(1912, 7, 30)),
    Era("大正", "T", "2", datetime.date(1912, 7, 30), datetime.date(1926, 12, 25)),
    Era("昭和", "S", "3", datetime.date(1926, 12, 25), datetime.date(1989, 1, 7)),
    Era("平成", "H", "4", datetime.date(1989, 1, 8), datetime.date(2019, 4, 30)),
    Era("令和", "R", "5", datetime.date(2019, 5, 1), datetime.date.max),
)
_ERA_OF = {key: era for era in ERAS for key in (era.name, era.name[0], era.letter, era.digit)}

_FIRST_YEAR = 1800
_BLANK = str.maketrans({"‐": "-", "‑": "-", "–": "-", "—": "-", "―": "-", "−": "-", "ー": "-", "\u3000": " "})

_PLAIN = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d\d)(\d\d)")
_SHORT = re.compile(r"([MTSHR明大昭平令])(?:(\d{1,2}|元)([-/.])(\d{1,2})\3(\d{1,2})|(\d\d)(\d\d)(\d\d))")
_LONG = re.compile(
    r"(明治|大正|昭和|平成|令和|西暦)?(\d{1,4}|元)年"
    r"(?:\(月日不詳\)|(?:(\d{1,2})月|\(月不詳\))(?:(\d{1,2})日|\(日不詳\))?)?"
)
_TYPED = re.compile(r"([1-5])(?:([-/. ])(\d{1,2}|元)\2(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)(\d\d))")
_TYPED_SPACED = re.compile(r"([MTSHR明大昭平令]|明治|大正|昭和|平成|令和) ?(\d{1,2}|元) (\d{1,2}) (\d{1,2})")
_TYPED_SHORT_ERA = re.compile(r"([MTSHR明大昭平令])(\d{1,2}|元)(?:[-/. ](\d{1,2}))?")
_TYPED_PLAIN = re.compile(r"(\d{4})([-/. ])(\d{1,2})(?:\2(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date of which year, month or day may be unknown (None); ValueError when it can't be.

    `iso` is its text: `1970-01-02`, unknown parts as zeros, empty when nothing is known.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    # Written once: an import asks a few ten thousand different days for it, a million times.
    iso: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.year is not None and not _FIRST_YEAR <= self.year <= 9999:
            raise ValueError("年が正しくありません。")
        if self.month is not None and not 1 <= self.month <= 12:
            raise ValueError("月が正しくありません。")
        if self.day is not None and not 1 <= self.day <= self._longest():
            raise ValueError("存在しない日付です。")
        known = self.year or self.month or self.day
        iso = f"{self.year or 0:04d}-{self.month or 0:02d}-{self.day or 0:02d}" if known else ""
        object.__setattr__(self, "iso", iso)

    def _longest(self) -> int:
        """Days in the month; the longest possible where year or month is unknown."""
        return monthrange(self.year or 2000, self.month)[1] if self.month else 31

    @property
    def date(self) -> datetime.date | None:
        """The day, if all of it is known."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return datetime.date(self.year, self.month, self.day)

    @property
    def first_day(self) -> datetime.date | None:
        """The earliest day it may be; None if the year is unknown."""
        span = self._span()
        return span[0] if span else None

    @property
    def last_day(self) -> datetime.date | None:
        """The latest day it may be; None if the year is unknown."""
        span = self._span()
        return span[1] if span else None

    def _span(self) -> tuple[datetime.date, datetime.date] | None:
        if self.year is None:
            return None
        months = [self.month] if self.month else range(1, 13)
        if self.day:
            # A known day in an unknown month: only months that have the day.
            days = [datetime.date(self.year, m, self.day) for m in months if self.day <= monthrange(self.year, m)[1]]
            return days[0], days[-1]
        return datetime.date(self.year, months[0], 1), datetime.date(
            self.year, months[-1], monthrange(self.year, months[-1])[1]
        )


UNKNOWN = PartialDate()


@lru_cache(maxsize=131_072)
def parse_date(text: str) -> PartialDate:
    """A date of a file: `1970-01-02`, `19700102`, `1970/1/2`, `S45.1.2`, `S450102`, `昭和45年1月2日`, in either width.

    Unknown parts are `00` or, where the parts are named, absent (`昭和45年`); empty text is an unknown date. Raises
    ValueError (message in Japanese) for a date that can't be, or that lies outside the era named.
    """
    plain = _tidy(text).replace(" ", "")
    value = _parse_plain(plain)
    if value is None:
        raise ValueError("日付として読めません。")
    return value


def parse_typed_date(text: str) -> PartialDate:
    """A date as a clerk types it: all of `parse_date`, and the era as a digit (`3 45 1 2`, `3450102`, `3.45.1.2`).

    1 is 明治, 2 大正, 3 昭和, 4 平成, 5 令和. Year alone or year and month, with an era or 年 (`S45`, `1970年`, `1970-01`),
    leave the rest unknown. Raises ValueError as `parse_date` does.
    """
    plain = " ".join(_tidy(text).split())
    value = _parse_typed(plain)
    return parse_date(text) if value is None else value


def may_be_same_day(one: str, other: str) -> bool:
    """Whether two dates as ISO text can be one: parts that are not known (00), or no date at all, say nothing."""
    parts = zip(one.split("-"), other.split("-"), strict=False) if one and other else ()
    return all(a == b or not int(a) or not int(b) for a, b in parts)


def era(value: datetime.date | PartialDate) -> str:
    """`昭和45年1月2日`, `令和元年5月1日`, `昭和45年（月日不詳）`; both eras where a year has two and the day is not known."""
    partial = _partial(value)
    if partial == UNKNOWN:
        return "不詳"
    year = "／".join(f"{e.name}{_first(e.year(partial.year))}年" for e in _eras(partial)) if partial.year else "年不詳"
    if partial.year and not year:
        year = f"{partial.year}年"
    if partial.month is None and partial.day is None:
        return f"{year}（月日不詳）" if partial.year else "不詳"
    month = f"{partial.month}月" if partial.month else "（月不詳）"
    return year + month + (f"{partial.day}日" if partial.day else "（日不詳）")


def era_short(value: datetime.date | PartialDate) -> str:
    """`S45.1.2`, unknown parts as `00`; `S64/H1.00.00` where a year has two eras; empty when the year is unknown."""
    partial = _partial(value)
    if partial.year is None:
        return ""
    year = "/".join(f"{e.letter}{e.year(partial.year)}" for e in _eras(partial)) or str(partial.year)
    return f"{year}.{partial.month or '00'}.{partial.day or '00'}"


def age_on(birth: PartialDate, day: datetime.date) -> int | None:
    """Full years on a day; None if it can't be told (parts unknown that matter, or not yet born).

    Counted by birthday, as certificates do: one year older on the birthday itself, and for 29 February on 1 March of
    other years. (年齢計算ニ関スル法律 with 民法143条 lets the year be full at the end of the day before; where a law's age limit
    turns on that day, ask for the age on the day after.)
    """
    earliest, latest = birth.first_day, birth.last_day
    if earliest is None or latest is None or latest > day:
        return None
    oldest, youngest = _years(earliest, day), _years(latest, day)
    return oldest if oldest == youngest else None


def _years(birth: datetime.date, day: datetime.date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_BLANK).strip().upper()


def _parse_plain(plain: str) -> PartialDate | None:
    if not plain:
        return UNKNOWN
    if found := _PLAIN.fullmatch(plain):
        g = found.groups()
        return _western_date(g[0] or g[4], g[2] or g[5], g[3] or g[6])
    if found := _SHORT.fullmatch(plain):
        g = found.groups()
        return _era_date(g[0], g[1] or g[5], g[3] or g[6], g[4] or g[7])
    if found := _LONG.fullmatch(plain):
        return _named_date(found[1], found[2], found[3], found[4])
    return None


def _parse_typed(plain: str) -> PartialDate | None:
    if found := _TYPED.fullmatch(plain):
        g = found.groups()
        return _era_date(g[0], g[2] or g[5], g[3] or g[6], g[4] or g[7])
    if found := _TYPED_SPACED.fullmatch(plain):
        return _era_date(*found.groups())
    if found := _TYPED_SHORT_ERA.fullmatch(plain):
        return _era_date(found[1], found[2], found[3], None)
    if found := _TYPED_PLAIN.fullmatch(plain):
        return _western_date(found[1], found[3], found[4])
    return None


def _named_date(name: str | None, year: str, month: str | None, day: str | None) -> PartialDate | None:
    if name in _ERA_OF:
        return _era_date(name, year, month, day)
    # 45年 without an era could be any of them.
    return _western_date(year, month, day) if len(year) == 4 else None


def _western_date(year: str, month: str | None, day: str | None) -> PartialDate:
    return PartialDate(int(year) or None, int(month or 0) or None, int(day or 0) or None)


def _era_date(name: str, year: str, month: str | None, day: str | None) -> PartialDate:
    found = _ERA_OF[name]
    count = 1 if year == "元" else int(year)
    if not count:
        # An era of which the year is not known says too little to be kept as a year.
        return PartialDate(None, int(month or 0) or None, int(day or 0) or None)
    value = _western_date(str(found.first_day.year + count - 1), month, day)
    earliest, latest = value.first_day, value.last_day
    if earliest is None or latest is None or latest < found.first_day or earliest > found.last_day:
        raise ValueError(f"{found.name}にない日付です。")
    return value


def _partial(value: datetime.date | PartialDate) -> PartialDate:
    return value if isinstance(value, PartialDate) else PartialDate(value.year, value.month, value.day)


def _eras(value: PartialDate) -> list[Era]:
    """The eras in which the date may lie; of a known day the newer one, none before Meiji."""
    earliest, latest = value.first_day, value.last_day
    if earliest is None or latest is None:
        return []
    possible = [e for e in ERAS if e.first_day <= latest and earliest <= e.last_day]
    return possible[-1:] if value.date else possible


def _first(year: int) -> str:
    return "元" if year == 1 else str(year)
