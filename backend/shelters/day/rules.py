"""What the roster is narrowed to by day: plain values. A filter is a word in the address, never a name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from backend.shelters.needs.rules import CARE, NEEDS

# Our own bounds, for finding people in a list; no right hangs on them.
INFANT_UNTIL = 6
OLD_FROM = 75

FILTERS = {
    "": "全員",
    "care": "配慮が必要な人",
    "allergy": "アレルギー",
    "infant": "乳幼児",
    "old": f"{OLD_FROM}歳以上",
    "language": "日本語以外",
    "pet": "ペット",
    "outside": "車・テント・在宅",
    "today": "今日来た人",
}


def passes(
    wanted: str, *, needs: Collection[str], age: int | None, how: str, since: date | datetime, midnight: datetime
) -> bool:
    """Whether somebody is shown under a filter. An age that is not known shuts nobody out of 配慮が必要な人."""
    if wanted == "care":
        return any(need in CARE for need in needs)
    if wanted == "infant":
        return "infant" in needs or (age is not None and age < INFANT_UNTIL)
    if wanted == "old":
        return age is not None and age >= OLD_FROM
    if wanted == "outside":
        return how != "inside"
    if wanted == "today":
        return isinstance(since, datetime) and since >= midnight
    return wanted in needs if wanted in NEEDS else True
