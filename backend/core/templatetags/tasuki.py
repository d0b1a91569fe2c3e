"""How days, times, money and names are shown to people: Japanese eras, Tokyo time, whole yen, readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.apps import apps
from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.safestring import mark_safe

from backend.core import dates, tables
from backend.core.clock import TOKYO, today
from backend.core.dates import PartialDate, parse_date

register = template.Library()

WEEKDAYS = "月火水木金土日"


def _day(value: object) -> date | PartialDate | str:
    """The day meant; text that is no date, and nothing, come back as text."""
    if isinstance(value, datetime):
        return _in_tokyo(value).date()
    if isinstance(value, date | PartialDate):
        return value
    text = "" if value is None else str(value)
    try:
        return parse_date(text) if text else ""
    except ValueError:
        return text


@register.filter
def era(value: object) -> str:
    """A day in the Japanese calendar (昭和45年1月2日). Takes a date, a partial date or any notation of one as text.

    Text that is no date comes back as it is; nothing comes back as an empty string.
    """
    day = _day(value)
    return day if isinstance(day, str) else dates.era(day)


@register.filter
def era_short(value: object) -> str:
    """The same in the clerks' short form: S45.1.2, unknown parts as 00."""
    day = _day(value)
    return day if isinstance(day, str) else dates.era_short(day)


def _in_tokyo(value: datetime) -> datetime:
    try:
        return value.astimezone(TOKYO) if timezone.is_aware(value) else value.replace(tzinfo=TOKYO)
    except OverflowError:  # at the very end of the calendar; a page that shows it must open all the same
        return value


@register.filter
def tokyo(value: object) -> str:
    """2026年11月21日 18:00. A date without a time is shown as the day alone; anything else as it is."""
    if isinstance(value, datetime):
        at = _in_tokyo(value)
        return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}"
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return "" if value is None else str(value)


@register.filter
def tokyo_short(value: object) -> str:
    """11月21日 18:00, for lists in which the year is plain."""
    return re.sub(r"^\d+年", "", tokyo(value))


@register.filter
def tokyo_iso(value: object) -> str:
    """The machine's form, for `<time datetime>`."""
    if isinstance(value, datetime):
        return _in_tokyo(value).isoformat(timespec="minutes")
    return value.isoformat() if isinstance(value, date) else ""


@register.filter
def as_of(value: object) -> str:
    """11月21日（土）18時00分 現在; with the year before it when that is not this year's."""
    if not isinstance(value, datetime):
        return "" if value is None else str(value)
    at = _in_tokyo(value)
    year = "" if at.year == today().year else f"{at.year}年"
    return f"{year}{at.month}月{at.day}日（{WEEKDAYS[at.weekday()]}）{at.hour}時{at.minute:02}分 現在"


@register.filter
def number(value: object) -> str:
    """1,234. Nothing and words stay as they are, so that 不明 can stand in a column of numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return f"{int(value):,}"
    return "" if value is None else str(value)


@register.filter
def yen(value: object) -> str:
    """1,234,567円. Money is whole yen; an empty value stays empty, it is not 0円."""
    text = number(value)
    return f"{text}円" if re.search(r"\d$", text) else text


@register.filter
def ruby(name: object, kana: object) -> list[tuple[str, str, str]]:
    """Pair the parts of a name with the parts of its reading: (part, reading, what stands between this and the next).

    Surname over surname and given name over given name when both have as many parts; else the whole over the whole.
    """
    text, reading = str(name or ""), str(kana or "")
    parts = re.split(r"(\s+)", text)
    readings = reading.split()
    words, gaps = parts[::2], [*parts[1::2], ""]
    if len(words) == len(readings):
        return list(zip(words, readings, gaps, strict=True))
    return [(text, reading, "")]


@lru_cache(maxsize=1)
def _shower() -> Callable[[str], Any] | None:
    """What the installation knows of characters (`shows_characters` of an AppConfig); nothing on the Internet side."""
    names = (getattr(config, "shows_characters", None) for config in apps.get_app_configs())
    return next((import_string(name) for name in names if name), None)


def _drawn(pieces: Any) -> str:
    return render_to_string("components/characters.html", {"pieces": pieces}).lstrip("\n")


@register.filter
def shown(value: object) -> object:
    """A text whose characters some machines can't show: a 外字 as its map says or as drawn, else 〓 with its code point."""
    shower = _shower()
    pieces = shower(value) if shower and isinstance(value, str) else None
    return value if pieces is None else mark_safe(_drawn(pieces))


@register.filter
def beside(cells: Iterable[object], columns: Sequence[object]) -> list[tuple[object, object]]:
    """Each cell of a row with its column, for tables whose cells say their column on a phone."""
    return list(zip(cells, columns, strict=False))


@register.filter
def table_rows(rows: Iterable[Any], columns: Sequence[Any]) -> str:
    """The rows of components/table.html."""
    return tables.rows_html(rows, columns, plain=lambda cell: shown(number(cell)), moment=_moment)


def _moment(at: datetime) -> str:
    return f'<time class="number" datetime="{tokyo_iso(at)}">{tokyo_short(at)}</time>'


@register.filter
def page_numbers(page: Page) -> list[int | None]:
    """The page numbers to offer around this one; None stands for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return [n if isinstance(n, int) else None for n in numbers]


@register.filter
def unlocalized(value: object) -> str:
    """A number for an attribute: no grouping, whatever the language."""
    return str(value)


@register.filter
def percent_of(part: int, whole: int | None) -> int:
    """How many of a hundred, rounded down, so that 100 means done."""
    return int(part) * 100 // int(whole) if whole else 0
