"""The open data sheet 指定緊急避難場所一覧 (Digital Agency, 自治体標準オープンデータセット, sheet 03) and its older forms, as plain values.

In the wild flags come as 1, "1.0" or TRUE, headers with the words of other years; what can't be read is said, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

# 災害対策基本法施行令 第20条の4: the eight kinds, in its order.
HAZARDS = {
    "flood": "洪水",
    "landslide": "崖崩れ、土石流及び地滑り",
    "storm_surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "large_fire": "大規模な火事",
    "inland_flood": "内水氾濫",
    "volcano": "火山現象",
}
# Column of the sheet -> field; the first name of a field is the one written on export.
COLUMNS = {
    "ID": "open_data_id",
    "名称": "name",
    "名称_カナ": "kana",
    "名称_英字": "name_en",
    "所在地_連結表記": "address",
    "緯度": "latitude",
    "経度": "longitude",
    "標高": "elevation",
    "電話番号": "phone",
    **{f"災害種別_{label}": field for field, label in HAZARDS.items()},
    "指定避難所との重複": "also_shelter",
    "想定収容人数": "capacity_text",
    "対象となる町会・自治会": "districts",
    "備考": "note",
}
_OTHER_NAMES = {
    "NO": "open_data_id",
    "共通ID": "open_data_id",
    "施設・場所名": "name",
    "住所": "address",
    "災害種別_土石及び地滑り": "landslide",
    "災害種別_大規模な火災": "large_fire",
    "指定避難所との住所同一": "also_shelter",
    **{label: field for field, label in HAZARDS.items()},
}
_REQUIRED = {"name": "名称", "address": "所在地_連結表記"}
_NUMBERS = {"latitude": 90, "longitude": 180, "elevation": 9000}
_LONGEST = {
    "open_data_id": 40,
    "name": 120,
    "kana": 200,
    "name_en": 200,
    "address": 300,
    "phone": 40,
    "capacity_text": 200,
    "districts": 2000,
    "note": 1000,
}
_PLACES = {"latitude": Decimal("0.00000001"), "longitude": Decimal("0.00000001"), "elevation": Decimal("0.01")}
_INDOOR = re.compile(r"(?:屋内|収容人数|^)\D*?([0-9][0-9,]*)人")


class Unreadable(ValueError):
    """A cell or a header can't be read; the message says which and why, in Japanese."""


def _fold(header: str) -> str:
    """Headers differ in width, spaces and commas only."""
    return re.sub(r"[\s、,，､]", "", unicodedata.normalize("NFKC", header)).lstrip("\ufeff")


_FIELD_OF = {_fold(name): field for name, field in {**_OTHER_NAMES, **COLUMNS}.items()}


def read_header(header: Sequence[str]) -> dict[int, str]:
    """Which column holds which field; columns that we do not keep are passed over. Unreadable without 名称 or address."""
    found: dict[int, str] = {}
    for place, name in enumerate(header):
        field = _FIELD_OF.get(_fold(name))
        if field and field not in found.values():
            found[place] = field
    missing = [label for field, label in _REQUIRED.items() if field not in found.values()]
    if missing:
        raise Unreadable(f"必要な列がありません：{'、'.join(missing)}")
    return found


def read_row(cells: Mapping[str, str]) -> dict[str, object]:
    """One row of the sheet (by field) as values of a facility, with `capacity` taken from the text. Columns that
    the file does not have are not in it, so that they stay as they were."""
    values: dict[str, object] = {}
    for field, raw in cells.items():
        text = raw.strip()
        if field in HAZARDS or field == "also_shelter":
            values[field] = read_flag(text)
        elif field in _NUMBERS:
            values[field] = _number(field, text)
        elif len(text) > _LONGEST[field]:
            raise Unreadable(f"{field} が長すぎます（{_LONGEST[field]}文字まで）")
        else:
            values[field] = text
    if not values.get("name"):
        raise Unreadable("名称がありません")
    if (values.get("latitude") is None) != (values.get("longitude") is None):
        raise Unreadable("緯度と経度の片方だけがあります")
    values["open_data_id"] = values.get("open_data_id") or None
    if "capacity_text" in values:
        values["capacity"] = read_capacity(str(values["capacity_text"]))
    return values


def read_flag(text: str) -> bool:
    """1, 1.0, TRUE, ○ is yes; empty, 0, 0.0, FALSE is no."""
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    if plain in {"1", "1.0", "TRUE", "○", "〇", "◯"}:
        return True
    if plain in {"", "0", "0.0", "FALSE", "×", "-"}:
        return False
    raise Unreadable(f"1 か空欄であるべき欄に「{text}」があります")


def read_capacity(text: str) -> int | None:
    """People who fit inside: `屋内480人／屋外3,350人` is 480, `810人（2平方メートルあたり1人）` is 810; None when no number is plain."""
    found = _INDOOR.search(unicodedata.normalize("NFKC", text))
    if found:
        return int(found[1].replace(",", ""))
    return int(text) if text.isascii() and text.isdigit() else None


def _number(field: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(unicodedata.normalize("NFKC", text))
    except InvalidOperation:
        raise Unreadable(f"{field} が数ではありません（{text}）") from None
    if not value.is_finite() or abs(value) > _NUMBERS[field]:
        raise Unreadable(f"{field} がありえない値です（{text}）")
    return value.quantize(_PLACES[field])
