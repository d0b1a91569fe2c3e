"""The list of people who need help to evacuate, as municipalities keep it, and in which order they are asked after.

Sources: 災害対策基本法 第49条の10 (避難行動要支援者名簿: 氏名, 生年月日, 性別, 住所又は居所, 電話番号その他の連絡先, 避難支援等を必要とする
事由, ほか市町村長が必要と認める事項), 第49条の14 (個別避難計画). Which devices keep somebody alive is the field's own knowledge.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.core.dates import parse_date

# Our name -> what lists call it, folded. More names can be given with the file.
COLUMNS = {
    "atena_no": ("宛名番号",),
    "name": ("氏名", "対象者氏名", "名前"),
    "kana": ("氏名カナ", "フリガナ", "カナ氏名", "氏名フリガナ"),
    "birth": ("生年月日",),
    "sex": ("性別",),
    "address": ("住所", "住所又は居所", "居所"),
    "telephone": ("電話番号", "電話番号その他の連絡先", "連絡先"),
    "reason": ("避難支援等を必要とする事由", "事由", "支援を必要とする事由"),
    "district": ("地区", "自治会", "行政区", "町内会"),
    "supporter": ("避難支援等実施者", "避難支援等関係者", "避難支援者", "支援者", "担当者", "担当"),
    "supporter_phone": ("避難支援等実施者連絡先", "避難支援等関係者連絡先", "支援者電話番号", "担当者電話番号"),
    "plan_place": ("避難先", "避難場所", "計画の避難先"),
    "plan": ("個別避難計画", "避難経路", "計画"),
    "note": ("備考", "特記事項"),
}
LABELS = {key: names[0] for key, names in COLUMNS.items()}
REQUIRED = ("name", "address")
LONGEST = {"atena_no": 15, "name": 200, "kana": 300, "address": 300, "telephone": 100, "supporter": 60}
LONG = 500

# What keeps somebody alive, the most urgent first: a column of that name, or words in the reason, plan or note.
DEVICES = {
    "ventilator": ("人工呼吸器", ("人工呼吸", "呼吸器", "レスピレータ")),
    "oxygen": ("在宅酸素", ("酸素", "HOT")),
    "dialysis": ("透析", ("透析",)),
    "tube": ("経管栄養", ("経管", "胃ろう", "胃瘻", "経腸")),
    "insulin": ("インスリン", ("インスリン", "インシュリン")),
}
_YES = {"1", "1.0", "○", "〇", "◯", "有", "あり", "該当", "TRUE", "YES"}
MY_NUMBER = re.compile(r"個人番号|マイナンバー", re.IGNORECASE)


class Unreadable(ValueError):
    """A header or a row can't be read; the message says why, in Japanese."""


@dataclass(frozen=True)
class Row:
    """One person of the list."""

    values: dict[str, str]
    devices: tuple[str, ...]


def fold(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lstrip("\ufeff")


def headings(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """What a file may call its columns, for the page on which it is sent: our name, and the others in brackets."""
    return [f"{name}（{'、'.join(others)}）" if others else name for name, *others in columns.values()]


def read_header(header: Sequence[str], named: Mapping[str, str]) -> tuple[dict[int, str], list[str], list[str]]:
    """Which column holds what (`named`: our Japanese name -> theirs), which columns of 個人番号 are dropped, and which
    others nobody reads."""
    ours = {fold(name): key for key, names in COLUMNS.items() for name in names}
    ours |= {fold(label): key for key, (label, _) in DEVICES.items()}
    keys = {label: key for key, label in LABELS.items()} | {label: key for key, (label, _) in DEVICES.items()}
    for label, theirs in named.items():
        if label not in keys:
            raise Unreadable(f"「{label}」という項目はありません。使える項目：{'、'.join(keys)}")
        ours[fold(theirs)] = keys[label]
    found: dict[int, str] = {}
    dropped, unused = [], []
    for place, title in enumerate(header):
        if MY_NUMBER.search(fold(title)):
            dropped.append(title)
        elif (key := ours.get(fold(title))) and key not in found.values():
            found[place] = key
        elif fold(title):
            unused.append(title)
    missing = [LABELS[key] for key in REQUIRED if key not in found.values()]
    if missing:
        raise Unreadable(f"必要な列がありません：{'、'.join(missing)}")
    return found, dropped, unused


def read_row(cells: Sequence[str], columns: Mapping[int, str]) -> Row:
    """One record; Unreadable with the reason when it can't be taken."""
    said = {key: cells[place].strip() if place < len(cells) else "" for place, key in columns.items()}
    values = {key: said.get(key, "") for key in COLUMNS}
    values["atena_no"] = fold(values["atena_no"])  # lists write it in wide digits too
    if not values["name"]:
        raise Unreadable("氏名がありません")
    for key, text in values.items():
        if len(text) > LONGEST.get(key, LONG):
            raise Unreadable(f"{LABELS[key]}が長すぎます")
    if values["atena_no"] and not values["atena_no"].isdecimal():
        raise Unreadable("宛名番号が数字ではありません")
    try:
        values["birth"] = parse_date(values["birth"]).iso if values["birth"] else ""
    except ValueError:
        raise Unreadable(f"生年月日が読めません（{values['birth']}）") from None
    values["sex"] = {"1": "1", "男": "1", "2": "2", "女": "2"}.get(fold(values["sex"]), "")
    return Row(values, devices_of(said))


def devices_of(said: Mapping[str, str]) -> tuple[str, ...]:
    """The devices somebody depends on, the most urgent first."""
    text = unicodedata.normalize("NFKC", " ".join(said.get(key, "") for key in ("reason", "plan", "note")))
    return tuple(
        key
        for key, (_, words) in DEVICES.items()
        if fold(said.get(key, "")).upper() in _YES or any(word in text for word in words)
    )


def urgency(devices: Sequence[str], reached: bool) -> tuple[bool, int]:
    """The order of a list: those not reached before those reached, and of each those who depend on a device first."""
    order = list(DEVICES)
    return reached, min((order.index(key) for key in devices), default=len(order))


LATE = (timedelta(hours=48), timedelta(hours=24))


def lateness(since: datetime, at: datetime) -> int:
    """How many hours' mark has passed without word: 48, 24, or 0."""
    return next((int(mark.total_seconds() // 3600) for mark in LATE if at - since >= mark), 0)
