"""A mapping between another body's columns and our items, both ways, and what a row of theirs says.

Sources: 総務省 全国避難者情報システム (the items: 氏名, 生年月日, 性別, 避難前の住所, 避難先, 連絡先; voluntary; to the home municipality for notices, insurance cards and
tax relief), as municipalities and prefectures describe it; 災害対策基本法 第90条の4 (information from the ledger goes to others with consent).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core.dates import PartialDate, parse_date

from .towns import is_ours, town_of, without_prefecture

# What a row may say, in the order of the form.
ITEMS = {
    "id": "識別番号",
    "name": "氏名",
    "kana": "氏名カナ",
    "birth": "生年月日",
    "sex": "性別",
    "address": "住所（避難前）",
    "origin": "避難前の市町村",
    "telephone": "電話番号",
    "kind": "避難先の区分",
    "place": "避難先の名称・住所",
    "since": "いつから",
    "needs": "配慮すること",
    "as_of": "情報の時点",
}
CONSTANTS = ("municipality", "municipality_code")
LONGEST = {
    "id": 100,
    "name": 200,
    "kana": 300,
    "address": 300,
    "telephone": 40,
    "place": 200,
    "origin": 60,
    "needs": 500,
}
MY_NUMBER = re.compile(r"個人番号|マイナンバー", re.IGNORECASE)
# Where somebody is who can be told of as a place (places.rules.KINDS): not who is dead, missing or unknown.
SOMEWHERE = (
    "designated", "spontaneous", "welfare", "intermediate", "hotel", "out_of_town", "shelter", "home", "car", "tent",
    "relatives", "hospital", "care_home", "temporary_housing", "public_housing",
)  # fmt: skip
# Items that hold one of our own words; a mapping's `values` may name no others.
CODES: Mapping[str, tuple[str, ...]] = {"sex": ("1", "2"), "kind": SOMEWHERE}
# What a reported kind is as the status of one of our residents: a shelter of theirs is out of town for us.
STATUS = {
    "designated": "out_of_town",
    "spontaneous": "out_of_town",
    "shelter": "out_of_town",
    "": "out_of_town",
}


class Wrong(ValueError):
    """A mapping, a header or a row can't be read; the message says why, in Japanese."""


@dataclass(frozen=True)
class Column:
    """One column of theirs: an item of ours, or a constant; how values and dates are written."""

    title: str
    item: str = ""
    constant: str = ""
    values: Mapping[str, str] | None = None
    date: str = ""


@dataclass(frozen=True)
class Layout:
    """A mapping. `key`: the column by which they know somebody again; `only_ours`: rows of others' residents are set aside."""

    name: str
    columns: list[Column]
    key: str = ""
    only_ours: bool = False
    verified: bool = False

    def titles(self, chosen: Sequence[str] | None = None) -> list[str]:
        return [c.title for c in self.columns if chosen is None or c.title in chosen]


def read_layout(said: Any, stem: str = "") -> Layout:
    """A mapping from what its file says."""
    if not isinstance(said, dict) or not isinstance(said.get("columns"), dict) or not said["columns"]:
        raise Wrong("「columns」に、相手の見出しとこちらの項目を書いてください。")
    columns = [_column(str(title), meaning) for title, meaning in said["columns"].items()]
    items = [c.item for c in columns if c.item]
    if "name" not in items:
        raise Wrong("氏名（name）に当たる列がありません。")
    twice = sorted({item for item in items if items.count(item) > 1})
    if twice:
        raise Wrong(f"同じ項目が二つの列にあります：{'、'.join(twice)}")
    if any(MY_NUMBER.search(c.title) for c in columns):
        raise Wrong("個人番号の列は、対応表に入れられません。")
    key = str(said.get("key") or "")
    if key and key not in {c.title for c in columns}:
        raise Wrong(f"「key」の列がありません：{key}")
    return Layout(str(said.get("name") or stem), columns, key, bool(said.get("only_ours")), bool(said.get("verified")))


def _column(title: str, meaning: Any) -> Column:
    if isinstance(meaning, str):
        meaning = {"item": meaning}
    if not isinstance(meaning, dict):
        raise Wrong(f"「{title}」の書き方が正しくありません。")
    unknown = set(meaning) - {"item", "constant", "values", "date"}
    item, constant = str(meaning.get("item") or ""), str(meaning.get("constant") or "")
    if unknown or bool(item) == bool(constant):
        raise Wrong(f"「{title}」には item か constant のどちらかを書いてください。")
    if item and item not in ITEMS:
        raise Wrong(f"「{title}」の項目「{item}」はありません。使える項目：{'、'.join(ITEMS)}")
    if constant and constant not in CONSTANTS:
        raise Wrong(f"「{title}」の「{constant}」はありません。使えるもの：{'、'.join(CONSTANTS)}")
    values = meaning.get("values")
    if values is not None and not isinstance(values, dict):
        raise Wrong(f"「{title}」の values の書き方が正しくありません。")
    table = None if values is None else {str(k or ""): str(v) for k, v in values.items()}
    if foreign := sorted({*(table or ())} - {"", *CODES[item]}) if item in CODES else []:
        raise Wrong(
            f"「{title}」の values の左側はこちらの値です。「{'、'.join(foreign)}」はありません。"
            f"使える値：{'、'.join(CODES[item])}"
        )
    return Column(title, item, constant, table, str(meaning.get("date") or ""))


# Out ---------------------------------------------------------------------------------------------------------------------


def write_row(
    layout: Layout, said: Mapping[str, Any], constants: Mapping[str, str], chosen: Sequence[str] | None = None
) -> list[str]:
    """One person as a row of theirs; `chosen`: only these of their columns."""
    return [
        constants.get(c.constant, "") if c.constant else _written(c, said.get(c.item))
        for c in layout.columns
        if chosen is None or c.title in chosen
    ]


def _written(column: Column, value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime(column.date or "%Y-%m-%d")
    text = str(value or "")
    if column.values is not None:
        return column.values.get(text, column.values.get("", ""))
    if column.item == "birth" and text and column.date:
        # Parts that are not known stay as we have them.
        try:
            return datetime.strptime(text, "%Y-%m-%d").strftime(column.date)  # noqa: DTZ007
        except ValueError:
            return text
    return text


# In ----------------------------------------------------------------------------------------------------------------------


def read_header(layout: Layout, header: Sequence[str]) -> tuple[dict[int, Column], list[str]]:
    """Which place holds which column, and what of 個人番号 is dropped. Wrong without a name."""
    by_title = {fold(c.title): c for c in layout.columns}
    found: dict[int, Column] = {}
    dropped = []
    for place, title in enumerate(header):
        if MY_NUMBER.search(fold(title)):
            dropped.append(title)
        elif (column := by_title.get(fold(title))) and column not in found.values():
            found[place] = column
    if "name" not in {c.item for c in found.values()}:
        wanted = next(c.title for c in layout.columns if c.item == "name")
        raise Wrong(f"「{wanted}」の列がありません。対応表「{layout.name}」のファイルかどうかを確かめてください。")
    return found, dropped


def read_row(layout: Layout, cells: Sequence[str], columns: Mapping[int, Column], municipality: str) -> dict[str, str]:
    """What one row says, by item; `key`: how they know somebody again. Wrong with the reason when it is to be set aside."""
    said: dict[str, str] = {}
    key = ""
    for place, column in columns.items():
        text = cells[place].strip() if place < len(cells) else ""
        if column.title == layout.key:
            key = text
        if column.item:
            said[column.item] = _read(column, text)
    if not said.get("name"):
        raise Wrong("氏名がありません")
    for item, longest in LONGEST.items():
        if len(said.get(item, "")) > longest:
            raise Wrong(f"{ITEMS[item]}が長すぎます")
    if layout.only_ours and is_elsewhere(said.get("address", ""), municipality):
        raise Wrong("本市の住所ではありません")
    return {**said, "key": key}


def _read(column: Column, text: str) -> str:
    if column.values is not None:
        text = next((ours for ours, theirs in column.values.items() if fold(theirs) == fold(text)), "")
    if column.item == "sex":
        return {"1": "1", "男": "1", "2": "2", "女": "2"}.get(fold(text), "")
    if column.item == "birth" and text:
        try:
            return (_by_format(column.date, text) or parse_date(text)).iso
        except ValueError:
            raise Wrong(f"生年月日が読めません（{text}）") from None
    return text


def _by_format(date: str, text: str) -> PartialDate | None:
    """A day as the mapping writes them (02/01/1970 by %d/%m/%Y); None where it is written otherwise, or the mapping leaves
    out a part of it."""
    if not all(part in date for part in ("%Y", "%m", "%d")):
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    try:
        day = datetime.strptime(text, date)  # noqa: DTZ007
    except (ValueError, re.error):
        return None
    # 2/1/1970 is as good, but 1970112 may be two days.
    same = _numbers(day.strftime(date)) == _numbers(text)
    return PartialDate(day.year, day.month, day.day) if same else None


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", text)]


def is_elsewhere(address: str, municipality: str) -> bool:
    """Whether an address names another municipality than ours; one that names none may be ours."""
    town = town_of(address)
    return bool(municipality) and town is not None and town.certain and not is_ours(address, municipality)


def identity(said: Mapping[str, str]) -> str:
    """How somebody is known again where they give no number."""
    return said.get("key") or "|".join(fold(said.get(item, "")) for item in ("name", "birth", "address"))


def status_of(kind: str) -> str:
    return STATUS.get(kind, kind if kind in SOMEWHERE else "out_of_town")


def fold(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("\ufeff")


def home_of(origin: str, address: str) -> str:
    """The home municipality of an evacuee as they said it: 避難前の市町村, else the one their address begins with."""
    if said := re.sub(r"[（(].*", "", unicodedata.normalize("NFKC", origin)).strip():
        return str(town_of(said) or said)
    town = town_of(address)
    return str(town) if town and town.certain else ""


def same_home(homes: Iterable[str]) -> dict[str, str]:
    """Each home municipality as said -> under which it is reported: 輪島市 stands with 石川県輪島市, unless there are two
    prefectures it may be in."""
    every = set(homes)
    full: dict[str, set[str]] = {}
    for home in every:
        if (short := without_prefecture(home)) != home:
            full.setdefault(short, set()).add(home)
    return {home: next(iter(full[home])) if len(full.get(home, ())) == 1 else home for home in every}
