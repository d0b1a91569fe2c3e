"""How old a piece of knowledge of somebody is, and how districts and names stand in addresses."""

from __future__ import annotations

import hashlib
from datetime import date


def age_of(known_on: date | None, today: date) -> str:
    """How old a piece of knowledge is."""
    if known_on is None:
        return "日付不明"
    days = (today - known_on).days
    return "今日" if days <= 0 else "きのう" if days == 1 else f"{days}日前"


def key_of(text: str) -> str:
    """A word that may stand in an address in place of a district or a name."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
