"""What people at a shelter may need, and how what several desks wrote of one person comes together: plain values.

Sources: 避難者カード in use (items of a person: 負傷・疾病, 服薬・医療機器, アレルギー, 要介護, 障害, 妊産婦, 乳幼児, 使用言語, 配慮事項,
ペット).
"""

from __future__ import annotations

from collections.abc import Iterable

# The order is that of the card. Those of `SAID` have words of their own; the others are said by a tick.
NEEDS = {
    "allergy": "アレルギー",
    "medicine": "服薬中・薬が必要",
    "device": "医療機器・透析",
    "illness": "けが・病気",
    "hospital": "受診・入院が必要",
    "care": "要介護・介助が必要",
    "disability": "障害",
    "pregnant": "妊産婦",
    "infant": "乳幼児",
    "soft_food": "やわらかい食事",
    "language": "使用言語",
    "pet": "ペット",
    "other": "配慮すること",
}
SAID = ("allergy", "language", "pet", "other")
TICKED = {key: label for key, label in NEEDS.items() if key not in SAID}
# Who is found by the filter 要配慮者: 災害対策基本法 第8条第2項第15号 (高齢者, 障害者, 乳幼児その他の特に配慮を要する者).
CARE = (
    "medicine",
    "device",
    "illness",
    "hospital",
    "care",
    "disability",
    "pregnant",
    "infant",
    "soft_food",
    "allergy",
    "other",
)

# Of the card; any other is written. 食品表示基準 別表第14: those that every package must name (くるみ since 令和5年3月9日).
ALLERGENS = ("卵", "乳", "小麦", "そば", "落花生", "えび", "かに", "くるみ")
LONGEST = 200


def allergy_text(chosen: Iterable[str], other: str) -> str:
    """Allergens as one text, in the order of the card: `卵・そば・もも`."""
    ticked = set(chosen)
    return "・".join([*(name for name in ALLERGENS if name in ticked), *filter(None, [other.strip()])])[:LONGEST]


def together(stated: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What several desks wrote of one person, as one list: a union. The same twice is once, nothing is dropped.

    A bare tick says nothing that a statement with words does not say too.
    """
    once = list(dict.fromkeys((need, text.strip()) for need, text in stated))
    worded = {need for need, text in once if text}
    order = list(NEEDS)
    found = [(need, text) for need, text in once if text or need not in worded]
    return sorted(found, key=lambda item: (order.index(item[0]) if item[0] in NEEDS else len(order), item[1]))


def shown(need: str, text: str) -> str:
    label = NEEDS.get(need, need)
    return f"{label}：{text}" if text else label
