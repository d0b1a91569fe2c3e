"""Requests, receipts and hand-outs: plain values.

Sources: EEI 災害対応基本共有情報 ver 1.1 避難所 (必要物資); 災害救助法 第4条第1項 (relief in kind).
"""

from __future__ import annotations

import unicodedata
from datetime import date

# The order is that in which they are looked at.
URGENCY = {"now": "いますぐ", "today": "今日中", "soon": "2、3日のうち", "later": "急がない"}
STATES = {"open": "未対応", "answered": "手配した", "cancelled": "取り下げ"}
DELIVERY = {"none": "", "part": "一部届いた", "whole": "届いた"}
# Offered while one types; anything else may be written.
COMMON = (
    "水",
    "食事",
    "おにぎり・パン",
    "やわらかい食事",
    "アレルギー対応食",
    "粉ミルク",
    "離乳食",
    "おむつ（子ども）",
    "おむつ（大人）",
    "生理用品",
    "毛布",
    "簡易ベッド",
    "簡易トイレ",
    "トイレットペーパー",
    "衣類・下着",
    "衛生用品",
    "灯油",
)
MOST = 1_000_000


def same_thing(what: str) -> str:
    """The key by which two names of a thing are one: width, spaces and case do not count."""
    return "".join(unicodedata.normalize("NFKC", what).split()).casefold()


def delivered(quantity: int, received: int) -> str:
    """How much of what was asked for has come, as a key of DELIVERY."""
    return "whole" if received >= quantity else "part" if received else "none"


def overdue(until: str, today: date) -> bool:
    return bool(until) and until < today.isoformat()


def order(urgency: str, until: str) -> tuple[int, str]:
    """Which request is looked at first: the more urgent, then the one that is wanted earlier."""
    keys = list(URGENCY)
    return (keys.index(urgency) if urgency in keys else len(keys), until or "9")
