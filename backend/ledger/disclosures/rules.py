"""On which ground information of the ledger may be given, which items, and to whom not: plain values, no database.

Sources: 災害対策基本法 第90条の4第1項 (the three cases), 第90条の3第2項 and 施行規則 第8条の5 (what a ledger holds); 住民基本台帳事務処理要領
第6-10 (支援措置). 個人番号 is in no list: it is never held.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Ground:
    """One case of the law. `needs_consent`: of everybody whose data is given. `to_person`: it goes to that person."""

    label: str
    source: str
    needs_consent: bool = False
    to_person: bool = False


GROUNDS: dict[str, Ground] = {
    "consent": Ground("本人の同意", "災害対策基本法 第90条の4第1項第1号", needs_consent=True),
    "self": Ground("本人への提供", "災害対策基本法 第90条の4第1項第1号", to_person=True),
    "internal": Ground("市町村の内部での利用（援護の実施に必要な限度）", "災害対策基本法 第90条の4第1項第2号"),
    "municipality": Ground("他の地方公共団体への提供（援護の実施に必要な限度）", "災害対策基本法 第90条の4第1項第3号"),
}

# Kinds of recipients, and the grounds on which each may receive anything.
RECIPIENTS: dict[str, str] = {
    "municipality": "他の地方公共団体",
    "internal": "市町村の内部",
    "body": "その他の団体・個人",
}
_GROUNDS_OF = {
    "municipality": ("municipality", "consent"),
    "internal": ("internal", "consent"),
    "body": ("consent",),
}


@dataclass(frozen=True)
class Item:
    """One thing that may be given. `kind`: 基本 (who it is), 連絡先 (where to find them now), 番号 (of our systems)."""

    label: str
    kind: str
    grounds: frozenset[str] = frozenset(GROUNDS)


_OURS = frozenset({"internal", "self"})  # numbers inside the town hall mean nothing to others and lead to more
ITEMS: dict[str, Item] = {
    "name": Item("氏名", "基本"),
    "kana": Item("氏名カナ", "基本"),
    "alias": Item("通称", "基本"),
    "birth": Item("生年月日", "基本"),
    "sex": Item("性別", "基本"),
    "address": Item("住所", "基本"),
    "building": Item("方書", "基本"),
    "relationship": Item("続柄", "基本"),
    "disaster_number": Item("り災番号", "番号"),
    "atena_no": Item("宛名番号", "番号", _OURS),
    "telephone": Item("電話番号", "連絡先"),
    "mailing_address": Item("送付先", "連絡先"),
    "whereabouts": Item("居所（避難所）", "連絡先"),
}

# What became of somebody who was chosen.
GIVEN = "given"
OUTCOMES: dict[str, str] = {
    GIVEN: "提供した",
    "joined": "同じ人の別の記載としてまとめた",
    "no_consent": "この提供先への同意がない",
    "unconfirmed": "住民記録の方とのつながりを誰も確かめていない",
    "protected": "秘匿",
}

# Ways in which people are chosen, as the register says it.
WAYS: dict[str, str] = {
    "search": "検索",
    "household": "世帯",
    "numbers": "宛名番号の一覧",
    "place": "避難所にいる人",
    "consented": "この提供先に同意した人",
}

ENDINGS: dict[str, str] = {"returned": "返却された", "deleted": "消去・廃棄の報告を受けた"}
STATED: dict[str, str] = {"paper": "書面", "spoken": "口頭", "form": "申請書の同意欄"}


def grounds_for(recipient: str | None) -> list[str]:
    """The grounds on which a kind of recipient may be given something; None is the person themselves."""
    return ["self"] if recipient is None else list(_GROUNDS_OF[recipient])


def fault_of_items(items: Iterable[str], ground: str) -> str:
    """Why these items can't be given on this ground; empty where they can."""
    chosen = list(items)
    if not chosen:
        return "渡す項目を一つ以上選んでください。"
    if unknown := [item for item in chosen if item not in ITEMS]:
        return f"渡せない項目です：{'、'.join(unknown)}"
    if barred := [ITEMS[item].label for item in chosen if ground not in ITEMS[item].grounds]:
        return f"「{GROUNDS[ground].label}」では渡せない項目です：{'、'.join(barred)}"
    return ""


def in_order(items: Iterable[str]) -> list[str]:
    chosen = set(items)
    return [item for item in ITEMS if item in chosen]


def consent_holds(since: date, until: date | None, withdrawn_on: date | None, day: date) -> bool:
    """A consent counts from its first day to its last, and not from the day on which it is withdrawn."""
    return since <= day and (until is None or day <= until) and (withdrawn_on is None or day < withdrawn_on)


def outcome(*, protected: bool, link_confirmed: bool | None, needs_consent: bool, consents: bool) -> str:
    """What becomes of somebody who was chosen. `link_confirmed`: None if they are linked to nobody of the register.

    Protection comes first: nobody is told that anything else was looked at.
    """
    if protected:
        return "protected"
    if link_confirmed is False:
        return "unconfirmed"
    if needs_consent and not consents:
        return "no_consent"
    return GIVEN
