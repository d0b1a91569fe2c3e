"""What a day's sheet of a shelter asks, what of it stays true overnight, and what headquarters should look at.

Sources (docs/sources.md, where it says how far each was checked): 全国保健師長会, 大規模災害における保健師の活動マニュアル (the nurses' daily forms
of a shelter: people, those who need care, symptoms, lifelines, toilets, food, places, staff); 施設・避難所等ラピッドアセスメントシート
(drinking water, food, toilets and what else a first look asks); 内閣府, 避難所運営等避難生活支援のためのガイドライン (space for women, pets).
The subjects are theirs; the choice, the order and the short words are ours: one screen, everything optional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ENOUGH = {"enough": "足りている", "short": "足りない", "none": "ない"}
WORKS = {"yes": "使える", "partly": "一部だけ", "no": "使えない"}
THERE = {"yes": "ある", "preparing": "準備中", "no": "ない"}
CLEAN = {"good": "よい", "poor": "よくない"}
# Answers that headquarters should look at.
WRONG = {"short", "none", "no", "poor"}
LONGEST = 500


@dataclass(frozen=True)
class Item:
    """One question. `choices` empty: a count (`unit` set) or words. `stays`: yesterday's answer is today's first guess."""

    key: str
    label: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    stays: bool = False
    longest: int = 200

    @property
    def kind(self) -> str:
        """As a payload says it (journal.schema)."""
        if self.choices:
            return "one:" + "|".join(self.choices)
        return "count" if self.unit else f"text:{self.longest}"


def _state(key: str, label: str, choices: Mapping[str, str]) -> Item:
    return Item(key, label, choices=choices, stays=True)


# Title of the group -> its questions.
GROUPS: dict[str, tuple[Item, ...]] = {
    "人数": (
        Item("people", "避難所内", "人"),
        Item("households", "世帯数", "世帯"),
        Item("away", "うち外泊", "人"),
        Item("outside", "避難所外", "人"),
    ),
    "配慮が必要な人": (
        Item("old", "75歳以上", "人"),
        Item("care", "要介護・介助", "人"),
        Item("disability", "障害", "人"),
        Item("pregnant", "妊産婦", "人"),
        Item("infant", "乳幼児", "人"),
        Item("medicine", "服薬中", "人"),
        Item("device", "医療機器・透析", "人"),
        Item("language", "日本語以外", "人"),
    ),
    "食事": (
        Item("breakfast", "朝", "食"),
        Item("lunch", "昼", "食"),
        Item("dinner", "夜", "食"),
        Item("soft_food", "やわらかい食事", "人"),
        Item("allergy", "アレルギー", "人"),
        Item("milk", "ミルク・離乳食", "人"),
        _state("food", "食べ物の量", ENOUGH),
        Item("allergens", "アレルギーの内訳"),
    ),
    "体調の悪い人": (
        Item("fever", "発熱", "人"),
        Item("cough", "せき・のど", "人"),
        Item("vomiting", "下痢・おう吐", "人"),
        Item("rash", "発疹・皮膚", "人"),
        Item("infection", "感染症と診断", "人"),
        Item("injury", "けが", "人"),
        Item("mind", "不眠・不安", "人"),
        Item("hospital", "受診・搬送", "人"),
        Item("sick_note", "体調について"),
    ),
    "水・電気・トイレ": (
        _state("drinking", "飲み水", ENOUGH),
        _state("water", "水道・生活用水", WORKS),
        _state("power", "電気", WORKS),
        _state("gas", "ガス", WORKS),
        _state("line", "電話・通信", WORKS),
        Item("toilets", "使えるトイレ", "基", stays=True),
        _state("toilet_state", "トイレの数", ENOUGH),
        _state("toilet_clean", "トイレの清潔", CLEAN),
        _state("bath", "風呂・シャワー", WORKS),
    ),
    "寝る所・過ごす所": (
        Item("beds", "簡易ベッド", "台", stays=True),
        _state("bedding", "毛布・寝具", ENOUGH),
        _state("partition", "仕切り", ENOUGH),
        _state("heating", "冷暖房", WORKS),
        _state("women", "女性の場所（更衣・授乳）", THERE),
        _state("children", "子どもの場所", THERE),
        _state("isolation", "体調の悪い人の場所", THERE),
        _state("clean", "掃除・ごみ", CLEAN),
        _state("pet_place", "ペットの場所", THERE),
        Item("pets", "ペット", stays=True),
    ),
    "運営する人": (
        Item("staff", "市の職員", "人", stays=True),
        Item("helpers", "応援の職員", "人", stays=True),
        Item("volunteers", "ボランティア", "人", stays=True),
        Item("nurses", "保健師・看護師", "人", stays=True),
        _state("doctor", "医師・救護班", {"here": "常駐", "rounds": "巡回", "no": "来ていない"}),
        _state("residents", "避難者の自治", THERE),
    ),
    "伝えること": (
        Item("problems", "困っていること", longest=LONGEST),
        Item("requests", "要望", longest=LONGEST),
    ),
}
ITEMS: dict[str, Item] = {item.key: item for group in GROUPS.values() for item in group}
SCHEMA: dict[str, Any] = {f"{item.key}?": item.kind for item in ITEMS.values()}
SICK = [item.key for item in GROUPS["体調の悪い人"] if item.unit]


def staying_true(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Of an earlier day's answers those that are today's first guess: buildings and people who run them, never the sick."""
    return {key: value for key, value in answers.items() if key in ITEMS and ITEMS[key].stays}


def shown(key: str, value: Any) -> str:
    """An answer in words."""
    item = ITEMS[key]
    if item.choices:
        return item.choices.get(value, str(value))
    return f"{value:,}{item.unit}" if item.unit and isinstance(value, int) else str(value)


def to_look_at(answers: Mapping[str, Any]) -> list[str]:
    """What is wrong at a shelter, as headquarters reads it: `飲み水 足りない`."""
    return [
        f"{item.label} {item.choices[answers[key]]}"
        for key, item in ITEMS.items()
        if item.choices and answers.get(key) in WRONG and answers[key] in item.choices
    ]


def sick(answers: Mapping[str, Any]) -> list[str]:
    """Who is ill, by symptom: `発熱 2`. Somebody may have several, so these are never added up."""
    return [f"{ITEMS[key].label} {answers[key]}" for key in SICK if answers.get(key)]


def allergens(texts: Iterable[str]) -> str:
    """How many need food without what: `卵 2、そば 1`, as they said it."""
    counts: dict[str, int] = {}
    for text in texts:
        for name in dict.fromkeys(part.strip() for part in text.replace("、", "・").split("・")):
            if name:
                counts[name] = counts.get(name, 0) + 1
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return "、".join(f"{name} {number}" for name, number in order)[: ITEMS["allergens"].longest]
