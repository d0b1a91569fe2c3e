"""What may be decided about households, and what follows from it: pure rules over plain values.

A household is who lives together and shares a livelihood (住民基本台帳事務処理要領 第1-4). The register's household is not always
that one. Which household was struck is a question of the day of the disaster; what became of it later (a couple
separates, children go to an aunt, the head dies) changes who is written to and who comes to the counter, never what was
certified (the household's own り災番号 stays with it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Kind:
    """`as_of_disaster`: says who they were on that day. `founds`: makes a household with a number of its own.

    `other`: another household is named. `everybody`: all of the household go; else some, `leaves` at least one behind.
    """

    name: str
    label: str
    help: str
    as_of_disaster: bool = False
    founds: bool = False
    other: bool = False
    everybody: bool = False
    leaves: bool = False
    moves: bool = True


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "split", "世帯の分離（発災後）", "夫婦が別れた、子が独立したなど。選んだ方に新しいり災番号を付けます。",
            founds=True, leaves=True,
        ),
        Kind(
            "move", "ほかの世帯に移る（発災後）", "子がおばの世帯に移ったなど。選んだ方を、番号を入れた世帯に入れます。",
            other=True, leaves=True,
        ),
        Kind(
            "merge", "世帯の合併（発災後）", "世帯の全員が、番号を入れた世帯に入ります。",
            other=True, everybody=True,
        ),
        Kind("head", "世帯主の変更（発災後）", "世帯主が亡くなったなど。世帯員は変わりません。", moves=False),
        Kind(
            "actual_split", "実態世帯の認定：分ける（発災日現在）",
            "住民票は一つでも、発災日に生計が別だった方（同居の別世帯など）。新しいり災番号を付けます。",
            as_of_disaster=True, founds=True, leaves=True,
        ),
        Kind(
            "actual_join", "実態世帯の認定：合わせる（発災日現在）",
            "住民票は別でも、発災日に生計が一つだった二つの世帯。合わせた世帯に新しいり災番号を付けます。",
            as_of_disaster=True, founds=True, other=True, everybody=True,
        ),
        Kind(
            "actual_move", "実態世帯の認定：ほかの世帯に入れる（発災日現在）",
            "発災日に、住民票とは違う世帯で暮らしていた方。番号を入れた世帯に入れます。",
            as_of_disaster=True, other=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One person of a household at a moment. `dead`: known to have died."""

    key: Any
    is_head: bool = False
    relationship: str = ""
    birth: str = ""
    dead: bool = False


def why_not_day(kind: Kind, day: date, *, disaster_day: date, today: date) -> str:
    """Why a decision may not take force on that day; empty if it may."""
    if kind.as_of_disaster and day != disaster_day:
        return "実態世帯の認定は、発災日現在で行います。"
    if day < disaster_day:
        return "発災日より前の日にはできません。発災日現在の世帯が違うときは、実態世帯の認定を選んでください。"
    if day > today:
        return "未来の日にはできません。異動の後で記録してください。"
    return ""


def why_not(kind: Kind, chosen: Sequence[Member], members: Sequence[Member]) -> str:
    """Why these members of a household can't be decided about so; empty if they can."""
    if not members:
        return "この世帯には、その日に世帯員がいません。"
    if not kind.moves:
        return "" if any(not member.dead for member in members) else "この世帯には、世帯主になれる方がいません。"
    if not chosen:
        return "対象の方を選んでください。"
    if not kind.as_of_disaster and any(member.dead for member in chosen):
        return "亡くなった方は、発災後の世帯には移せません。発災日の世帯に残ります。"
    living = [member for member in members if kind.as_of_disaster or not member.dead]
    if kind.everybody and len(chosen) < len(living):
        return "この種別では、世帯の全員が対象です。一部の方だけのときは、ほかの種別を選んでください。"
    if kind.leaves and len(chosen) == len(members):
        return "全員を選んでいます。残る方がいないときは、分ける必要がありません。"
    return ""


SPOUSES = {"夫", "妻", "夫（未届）", "妻（未届）", "夫(未届)", "妻(未届)"}
_ADULT = 18  # 民法第4条


def suggested_head(members: Sequence[Member], *, day: date) -> Any:
    """Who would be head if nobody said otherwise: the head, else the spouse, else the oldest; None if all have died.

    Only a suggestion that a person confirms: who is head is said by the household itself (住民基本台帳事務処理要領 第1-4).
    """
    living = [member for member in members if not member.dead]
    for member in living:
        if member.is_head:
            return member.key
    for member in living:
        if member.relationship in SPOUSES:
            return member.key
    grown = [member for member in living if _is_grown(member, day)] or living
    known = [member for member in grown if len(member.birth) == 10 and not member.birth.startswith("0000")]
    return min(known or grown, key=lambda member: member.birth).key if grown else None


def _is_grown(member: Member, day: date) -> bool:
    try:
        year = int(member.birth[:4])
    except ValueError:
        return False
    return year + _ADULT < day.year


HEAD = "世帯主"
# What a relationship to the old head becomes when his or her spouse is the new one. Where it can't be told, nothing.
_TO_SPOUSE = {
    "子": "子",
    "長男": "長男",
    "長女": "長女",
    "二男": "二男",
    "二女": "二女",
    "三男": "三男",
    "三女": "三女",
}


def relationships(members: Sequence[Member], head: Any) -> dict[Any, str]:
    """The relationship of each to `head`, as far as it follows from what they were before; empty where it doesn't."""
    old = next((member for member in members if member.is_head), None)
    new = next((member for member in members if member.key == head), None)
    if new is None or (old is not None and old.key == head):
        return {member.key: HEAD if member.key == head else member.relationship for member in members}
    by_spouse = new.relationship in SPOUSES
    found = {}
    for member in members:
        if member.key == head:
            found[member.key] = HEAD
        elif by_spouse and member is old:
            found[member.key] = {"夫": "妻", "妻": "夫"}.get(new.relationship[:1], "")
        else:
            found[member.key] = _TO_SPOUSE.get(member.relationship, "") if by_spouse else ""
    return found


def fingerprint(parts: Iterable[object]) -> str:
    """What a clerk saw, in short: if it has changed before they confirm, they are shown it again."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:24]
