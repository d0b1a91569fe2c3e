"""Who an entry speaks of, where somebody is, and what may be asked: plain values, no database.

Sources: 災害対策基本法 第90条の4 (what a disclosure needs consent for); EEI 災害対応基本共有情報 ver 1.1 避難所 (避難者数 counts
people inside, 避難所外避難者数 is a count of its own).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid5

# Of this project alone; never changed, or every replica would know residents by other ids.
_RESIDENTS = UUID("6f0a5e1c-58d2-5b1e-9a53-0c6a4e7d2b10")

# How an entry names somebody: a resident by 宛名番号, anybody else by the id they brought.
PERSON = {"atena_no?": "text:15", "evacuee?": "uuid"}

# 避難形態. People outside register for supplies; they are not in the count of a shelter.
HOW = {"inside": "所内", "car": "車中泊", "tent": "テント", "home": "在宅"}

DESTINATIONS = {
    "home": "帰宅",
    "relatives": "親族・知人宅",
    "shelter": "他の避難所",
    "hospital": "病院",
    "welfare": "福祉避難所",
    "hotel": "ホテル・旅館（2次避難）",
    "care_home": "介護・福祉施設",
    "car": "車中泊",
    "out_of_town": "市外",
    "temporary_housing": "仮設住宅",
    "tent": "テント",
    "intermediate": "1.5次避難所",
    "public_housing": "公営住宅",
    "unknown": "不明",
}

# Asked one by one; nothing is taken for a yes that was not one.
CONSENTS = {
    "safety": "安否照会への回答",
    "publication": "氏名の公表",
    "other_bodies": "関係機関への提供",
}

SEXES = {"1": "男", "2": "女"}

# What somebody says of themselves, and what a person reads it as.
DETAILS = {
    "name": "氏名",
    "kana": "氏名カナ",
    "birth": "生年月日",
    "sex": "性別",
    "address": "住所",
    "origin": "避難前の市町村",
    "telephone": "電話番号",
}


def whereabouts(kind: str, place: str, how: str, destination: str, spot: str = "") -> dict[str, object]:
    """Where somebody is by one event of their stay, as the value of a fact of the ledger."""
    if kind == "left":
        text = f"{place}を退所（{DESTINATIONS[destination]}{f'：{spot}' if spot else ''}）"
    else:
        text = place if how == "inside" else f"{place}（{HOW[how]}）"
    # Whoever left without saying where to is looked for.
    return {"text": text, "source": "避難所"} | ({"lost": True} if destination == "unknown" else {})


def evacuee_id(municipality: str, person: Mapping[str, str]) -> UUID:
    """The id by which all replicas know somebody: a resident's follows from 宛名番号, anybody else brings their own.

    ValueError when the reference names nobody.
    """
    number = person.get("atena_no")
    if number:
        return _resident(municipality, number)
    if not person.get("evacuee"):
        raise ValueError("a person is named by atena_no or by evacuee")
    return _typed(person["evacuee"])


# Each step with a batch of entries asks again who it is that they name.
_typed = lru_cache(maxsize=20_000)(UUID)


@lru_cache(maxsize=20_000)
def _resident(municipality: str, number: str) -> UUID:
    return uuid5(_RESIDENTS, f"{municipality}:{number}")


def household_party(municipality: str, household_no: str | None, household_id: UUID) -> UUID:
    """The id of those who belong together, for counting households: the same on every replica where the register knows it."""
    if household_no:
        return uuid5(_RESIDENTS, f"{municipality}:household:{household_no}")
    return household_id


# Shelters open before a typhoon comes: so long before a disaster an opening still counts to it.
BEFORE = timedelta(days=7)


def disaster_of(opened_at: datetime | None, disasters: Sequence[tuple[datetime, UUID]]) -> UUID | None:
    """The disaster that an opening is for, by time: the last one before it, else the next one within a week after.

    Only a guess: where two disasters run at once, headquarters says it.
    """
    if opened_at is None:
        return None
    past = [found for found in disasters if found[0] <= opened_at]
    if past:
        return max(past)[1]
    soon = [found for found in disasters if found[0] - BEFORE <= opened_at]
    return min(soon)[1] if soon else None
