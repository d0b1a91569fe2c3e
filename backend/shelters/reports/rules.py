"""A list of open shelters with their head counts at one time, as municipalities publish it or keep it in a spreadsheet.

Sources: 自治体標準オープンデータセット (names of the columns of a place); EEI 災害対応基本共有情報 ver 1.1 避難所 (避難者数, 世帯数, 観測時刻).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.core.clock import TOKYO
from backend.core.dates import parse_date

# Our name -> what lists call it, folded; a column's own time may follow its name (人数_令和6年1月9日午後6時時点).
COLUMNS = {
    "id": ("ID", "NO", "共通ID"),
    "name": ("名称", "避難所", "避難所名", "施設名", "施設・場所名"),
    "people": ("人数", "避難者数", "避難者数(総数)", "避難者数(人)"),
    "households": ("世帯数", "避難世帯数"),
    "outside": ("避難所外", "避難所外避難者数"),
    "at": ("時点", "確認日時", "観測時刻", "報告日時"),
    "kana": ("名称_カナ",),
    "address": ("所在地_連結表記", "所在地", "住所"),
    "latitude": ("緯度",),
    "longitude": ("経度",),
    "phone": ("電話番号",),
}
_CLOCK = re.compile(r"^(?P<day>.+?日)(?P<half>午前|午後)?(?P<hour>\d{1,2})時(?:(?P<minute>\d{1,2})分|(?P<thirty>半))?")
NUMBERS = ("people", "households", "outside")


class Unreadable(ValueError):
    """A header or a cell can't be read; the message says which and why, in Japanese."""


@dataclass(frozen=True)
class Line:
    """One shelter in the list; `place` are the columns that describe it, for a place that is not known yet."""

    line: int
    id: str
    name: str
    people: int
    households: int | None
    outside: int | None
    at: datetime | None
    place: dict[str, str]


def fold(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("\ufeff")


def read_header(header: Sequence[str]) -> tuple[dict[str, int], datetime | None]:
    """Which column holds what, and the time that a header itself names. Unreadable without a name and a number."""
    ours = {fold(name): key for key, names in COLUMNS.items() for name in names}
    found: dict[str, int] = {}
    at = None
    for place, title in enumerate(header):
        plain = fold(title)
        key = ours.get(plain)
        if key is None and "_" in plain:
            start, rest = plain.split("_", 1)
            if ours.get(start) == "people" and _CLOCK.match(rest):
                key, at = "people", read_moment(rest)
        if key and key not in found:
            found[key] = place
    missing = [label for key, label in (("name", "名称"), ("people", "人数")) if key not in found]
    if missing:
        raise Unreadable(f"必要な列がありません：{'、'.join(missing)}")
    return found, at


def read_line(number: int, cells: Sequence[str], columns: dict[str, int], at: datetime | None) -> Line:
    """One record; Unreadable with the reason when it can't be taken."""
    values = {key: cells[place].strip() if place < len(cells) else "" for key, place in columns.items()}
    if not values["name"]:
        raise Unreadable("名称がありません")
    people = _count(values["people"], "人数")
    if people is None:
        raise Unreadable("人数がありません")
    own = read_moment(values["at"]) if values.get("at") else at
    place = {key: values[key] for key in ("kana", "address", "latitude", "longitude", "phone") if values.get(key)}
    households, outside = (_count(values.get(key, ""), COLUMNS[key][0]) for key in ("households", "outside"))
    return Line(number, values.get("id", ""), values["name"], people, households, outside, own, place)


def _count(text: str, label: str) -> int | None:
    plain = fold(text).replace(",", "").removesuffix("人").removesuffix("世帯")
    plain = plain.removesuffix(".0")
    if not plain:
        return None
    if not plain.isdigit() or int(plain) > 1_000_000:
        raise Unreadable(f"{label}が数ではありません（{text}）")
    return int(plain)


def read_moment(text: str) -> datetime:
    """`令和6年1月9日午後6時時点`, `2024年1月9日18時30分`, or ISO 8601; without an offset it is Japan's."""
    plain = fold(text)
    found = _CLOCK.match(plain)
    try:
        if not found:
            moment = datetime.fromisoformat(text.strip())
            return moment if moment.utcoffset() is not None else moment.replace(tzinfo=TOKYO)
        day = parse_date(found["day"]).date
        hour = int(found["hour"])
        if (found["half"] and hour > 12) or day is None:
            raise ValueError
        if found["half"]:
            hour = hour % 12 + (12 if found["half"] == "午後" else 0)
        minute = 30 if found["thirty"] else int(found["minute"] or 0)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TOKYO)
    except ValueError:
        raise Unreadable(f"時点が読めません（{text}）") from None
