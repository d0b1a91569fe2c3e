"""個別避難計画 as a file: which column is which item, and what one row says.

Source: 災害対策基本法 第49条の14第3項 (避難支援等実施者の氏名又は名称, 住所又は居所及び電話番号その他の連絡先; 避難施設その他の避難場所及び避難路その他の避難経路; what else the mayor
finds necessary). What a device needs to go on is the field's own knowledge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.core.dates import parse_date

from .rules import DEVICES, MY_NUMBER, Unreadable, devices_of, fold

# Our name -> what plans call it, folded; the first is ours.
COLUMNS = {
    "atena_no": ("宛名番号",),
    "name": ("氏名", "対象者氏名", "本人氏名"),
    "birth": ("生年月日",),
    "address": ("住所", "住所又は居所"),
    "place": ("避難先", "避難場所", "計画の避難先", "第一避難先"),
    "place2": ("避難先2", "第二避難先", "予備の避難先"),
    "route": ("避難経路", "経路"),
    "means": ("移動手段", "避難方法", "移動方法"),
    "steps": ("避難の手順", "手順", "行動手順", "避難時の行動"),
    "power": ("電源の必要", "電源", "電源が必要な機器"),
    "battery_hours": ("電池の時間", "バッテリー時間", "バッテリー持続時間", "電池が持つ時間"),
    "clinic": ("かかりつけ医", "医療機関", "主治医"),
    "bring": ("持ち出し品", "携行品", "持参するもの"),
    "care": ("配慮すること", "避難時に配慮すること", "特記事項"),
    "updated_on": ("更新日", "計画作成日", "作成日", "最終更新日"),
}
LABELS = {key: names[0] for key, names in COLUMNS.items()}
TEXTS = ("place", "place2", "route", "means", "steps", "power", "clinic", "bring", "care")
LONGEST = {"steps": 1500}
LONG = 500
SUPPORTERS = 4
# Of the first to the fourth supporter: a name, how they stand to the person, telephone, address.
_PARTS = {"name": ("氏名", "名前", ""), "relation": ("関係", "続柄", "間柄"), "phone": ("電話番号", "連絡先", "電話")}
_PERSON = ("避難支援等実施者", "支援者", "緊急連絡先")
# 6, 6時間, 1時間半, 30分, 1日12時間, 約6時間程度（満充電）: the whole cell, as half of it can say something quite different.
_NUMBER = r"([0-9]+(?:\.[0-9]+)?)"
_LASTS = re.compile(
    rf"約?(?:{_NUMBER}日間?)?(?:{_NUMBER}(?:時間|h)(半)?)?(?:{_NUMBER}(?:分間?|min))?(?:程度|くらい|ぐらい|ほど)?(?:\([^()0-9]*\))?"
)
MOST_HOURS = 8760  # a year: more is a telephone number in the wrong column
# 1) 2. ③ ・ → and new lines divide the steps of one cell.
_STEP = re.compile(
    r"\s*(?:\r?\n|→|⇒|；|;|[①-⑳]|(?<![0-9])[0-9]{1,2}[)．）](?![0-9])|(?<![0-9])[0-9]{1,2}\.(?![0-9]))\s*"
)


@dataclass(frozen=True)
class Columns:
    """Which column holds what; of supporters (number, part)."""

    items: dict[int, str]
    supporters: dict[int, tuple[int, str, str]]
    dropped: list[str]
    unused: list[str]


@dataclass(frozen=True)
class PlanRow:
    """One plan. `supporters`: name, relation, phone of each."""

    who: dict[str, str]
    values: dict[str, str]
    supporters: list[dict[str, str]]
    devices: tuple[str, ...]
    battery_hours: float | None
    updated_on: str
    steps: list[str] = field(default_factory=list)


def read_header(header: Sequence[str], named: Mapping[str, str], *, plans_only: bool = True) -> Columns:
    """Columns by their names; Unreadable when nobody is named, or nothing of a plan is in the file."""
    ours = {fold(name): key for key, names in COLUMNS.items() for name in names}
    ours |= {fold(label): key for key, (label, _) in DEVICES.items()}
    keys = {label: key for key, label in LABELS.items()} | {label: key for key, (label, _) in DEVICES.items()}
    people = {title: spot for spot, titles in _supporter_titles().items() for title in titles}
    for label, theirs in named.items():
        if label in keys:
            ours[fold(theirs)] = keys[label]
        elif fold(label) in people:
            people[fold(theirs)] = people[fold(label)]
        elif plans_only:
            raise Unreadable(
                f"「{label}」という項目はありません。使える項目：{'、'.join(keys)}、支援者1氏名、支援者1電話番号 など"
            )
    items: dict[int, str] = {}
    supporters: dict[int, tuple[int, str, str]] = {}
    dropped, unused = [], []
    for place, title in enumerate(header):
        folded = fold(title)
        if MY_NUMBER.search(folded):
            dropped.append(title)
        elif folded in people and people[folded] not in supporters.values():
            supporters[place] = people[folded]
        elif (key := ours.get(folded)) and key not in items.values():
            items[place] = key
        elif folded:
            unused.append(title)
    if plans_only:
        if not {"atena_no", "name"} & set(items.values()):
            raise Unreadable("だれの計画かを示す列（宛名番号か氏名）がありません")
        if not supporters and not set(items.values()) & {*TEXTS, "battery_hours"}:
            raise Unreadable("個別避難計画の列（避難先、避難の手順、支援者1氏名 など）がありません")
    return Columns(items, supporters, dropped, unused)


def _supporter_titles() -> dict[tuple[int, str, str], list[str]]:
    """(number, part, kind) -> the folded titles: `支援者1氏名`, `避難支援等実施者2連絡先`, `緊急連絡先氏名`. Without a number it is the first."""
    found: dict[tuple[int, str, str], list[str]] = {}
    for kind in _PERSON:
        role = "緊急連絡先" if kind == "緊急連絡先" else "支援者"
        for number in range(1, SUPPORTERS + 1):
            for part, words in _PARTS.items():
                marks = [str(number)] if number > 1 else ["1", ""]
                titles = [f"{kind}{mark}{word}" for mark in marks for word in words]
                titles += [f"{kind}{word}{mark}" for mark in marks for word in words if word]
                # 緊急連絡先 alone is a telephone number, 支援者 alone a name.
                if role == "緊急連絡先":
                    bare = {f"{kind}{mark}" for mark in marks}
                    titles = [title for title in titles if title not in bare]
                    titles += sorted(bare) if part == "phone" else []
                found.setdefault((number, part, role), []).extend(fold(title) for title in titles)
    return found


def read_row(cells: Sequence[str], columns: Columns) -> PlanRow:
    """One plan; Unreadable with the reason when it can't be taken."""

    def cell(place: int) -> str:
        return cells[place].strip() if place < len(cells) else ""

    said = {key: cell(place) for place, key in columns.items.items()}
    who = {key: said.get(key, "") for key in ("atena_no", "name", "birth", "address")}
    who["atena_no"] = fold(who["atena_no"])
    if not who["name"] and not who["atena_no"]:
        raise Unreadable("氏名も宛名番号もありません")
    who["birth"] = _day(who["birth"], "生年月日")
    values = {key: said.get(key, "") for key in TEXTS}
    for key, text in values.items():
        if len(text) > LONGEST.get(key, LONG):
            raise Unreadable(f"{LABELS[key]}が長すぎます")
    supporters = _supporters({spot: cell(place) for place, spot in columns.supporters.items()})
    flags = {key: said.get(key, "") for key in DEVICES}
    devices = devices_of({**flags, "note": " ".join([values["power"], values["care"]])})
    hours = _hours(said.get("battery_hours", ""))
    day = _day(said.get("updated_on", ""), "更新日")
    return PlanRow(who, values, supporters, devices, hours, day, steps_of(values["steps"]))


def is_empty(row: PlanRow) -> bool:
    """Whether a row of a list says nothing of a plan."""
    return not any(row.values.values()) and not row.supporters and row.battery_hours is None


def _supporters(said: Mapping[tuple[int, str, str], str]) -> list[dict[str, str]]:
    found: dict[tuple[str, int], dict[str, str]] = {}
    for (number, part, role), text in said.items():
        if len(text) > 100:
            raise Unreadable(f"{role}{number}の欄が長すぎます")
        if text:
            found.setdefault((role, number), {"role": role})[part] = text
    order = sorted(found, key=lambda key: (key[0] != "支援者", key[1]))
    return [found[key] for key in order]


def _day(text: str, label: str) -> str:
    try:
        return parse_date(text).iso if text else ""
    except ValueError:
        raise Unreadable(f"{label}が読めません（{text}）") from None


def _hours(text: str) -> float | None:
    plain = fold(text).lower()
    if not plain:
        return None
    found = _LASTS.fullmatch(f"{plain}時間" if re.fullmatch(_NUMBER, plain) else plain)
    if not found or not any(found.groups()):
        raise Unreadable(f"電池の時間が読めません（{text}）。「6時間」「30分」のように書いてください")
    days, hours, half, minutes = found.groups("0")
    lasts = float(days) * 24 + float(hours) + (0.5 if half == "半" else 0) + float(minutes) / 60
    if lasts > MOST_HOURS:
        raise Unreadable(f"電池の時間が長すぎます（{text}）。ほかの列の値ではありませんか")
    return lasts


def steps_of(text: str) -> list[str]:
    """The steps of one cell, one by one."""
    return [step.strip(" 　・-") for step in _STEP.split(text) if step.strip(" 　・-")]
