"""Kinds of place, and which of them a stay at a shelter, a departure or what was told comes to.

Everybody has one current place: the newest of their stays and of what was told of them.

Sources: 災害対策基本法 第90条の3第2項第4号 (居所 is an item of the ledger, beside 住所); 内閣府 避難所運営ガイドライン (people at home and in cars are
evacuees too); the words for places further away are those in use since 令和6年能登半島地震 (1.5次, 2次避難).
"""

from __future__ import annotations

KINDS = {
    "designated": "指定避難所",
    "spontaneous": "指定外・自主避難所",
    "welfare": "福祉避難所",
    "intermediate": "1.5次避難所",
    "hotel": "2次避難所（ホテル・旅館）",
    "out_of_town": "他の市町村",
    "shelter": "避難所（どこかは不明）",
    "home": "在宅",
    "car": "車中泊",
    "tent": "テント",
    "relatives": "親族・知人宅",
    "hospital": "入院",
    "care_home": "施設入所",
    "temporary_housing": "仮設住宅",
    "public_housing": "公営住宅",
    "safe": "無事（場所は聞いていない）",
    "missing": "行方不明",
    "unknown": "不明",
    "dead": "亡くなった",
}
# Nobody brings them anything unless somebody goes there: lists by district are made of these.
VISITED = ("car", "tent", "home")
# The kind of a facility (facilities.Facility.Kind) -> ours.
_FACILITIES = {
    "emergency": "designated",
    "shelter": "designated",
    "spontaneous": "spontaneous",
    "welfare": "welfare",
    "intermediate": "intermediate",
    "hotel": "hotel",
    "wide_area": "out_of_town",
}


def of_stay(facility: str, how: str) -> str:
    """The kind of place of somebody who is registered at a shelter: outside of it they are where they sleep."""
    return _FACILITIES.get(facility, "spontaneous") if how == "inside" else how


def of_departure(destination: str) -> str:
    """Where somebody went who left a shelter. The words of departures are those of kinds."""
    return destination if destination in KINDS else "unknown"


def of_told(status: str) -> str:
    return status if status in KINDS else "unknown"


def district_of(kind: str, at: str, told: str, address: str) -> str:
    """Under which place somebody is listed for a visit: where the car or tent is, else the district of the address."""
    if kind != "home" and (at or told):
        return at or up_to_number(told)
    return up_to_number(address)


def up_to_number(address: str) -> str:
    """The district as it is written: an address up to its first number."""
    end = next((i for i, c in enumerate(address) if c.isdecimal()), len(address))
    return address[:end].strip() or "（住所なし）"
