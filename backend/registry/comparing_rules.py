"""What happened to a person between two exports, guessed from which columns differ. Pure functions, as in `rules`.

Where a vendor gives the whole register every day and no changes (住民記録), the changes are found by comparing. 異動事由 is
only guessed so that it owns the columns that differ; the day is the row's own 異動年月日 if it lies between the two
exports, else the later export's day, and said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .rules import COLUMNS, CORRECTION, ENTRIES, HOUSEHOLD, OWNED, PLACE, REMOVALS, Values

COMPARED = (*COLUMNS, "protection", "protection_until")
NAMES = ("name", "kana", "alias")
BORN_WITHIN = timedelta(days=30)  # a birth is notified within 14 days (戸籍法 第49条)


@dataclass(frozen=True)
class Found:
    """A change: 異動事由, 異動年月日, and whether that day is only the later export's."""

    reason: str
    effective: str
    day_unknown: bool


def differing(before: Values, after: Values) -> tuple[str, ...]:
    """The columns in which two rows differ; one that a file does not have (None) says nothing."""
    return tuple(
        c for c in COMPARED if before.get(c) is not None and after.get(c) is not None and before[c] != after[c]
    )


def changed(before: Values, after: Values, said: tuple[str, str], earlier: date, later: date) -> Found | None:
    """Somebody in both exports. `said`: 異動事由 and 異動年月日 of the later row. None if nothing differs."""
    columns = differing(before, after)
    if not columns:
        return None
    effective, day_unknown = _day(said[1], earlier, later)
    reason = said[0] if not day_unknown and _fits(said[0], columns) else _guess(columns)
    return Found(reason, effective, day_unknown)


def entered(after: Values, said: tuple[str, str], earlier: date, later: date) -> Found:
    """Somebody who is in the later export only."""
    effective, day_unknown = _day(said[1], earlier, later)
    if said[0] in ENTRIES and not day_unknown:
        return Found(said[0], effective, False)
    born = after.get("birth") or ""
    is_newborn = (earlier - BORN_WITHIN).isoformat() < born <= later.isoformat()
    return Found("出生" if is_newborn else "転入", effective, day_unknown)


def missing(later: date) -> Found:
    """Somebody who is in the earlier export only: nobody says why, or since when."""
    return Found("職権消除", later.isoformat(), True)


def is_torn(people: int, missing_people: int) -> bool:
    """Whether an export lost so many that it is a torn file rather than a town that people left."""
    return missing_people > max(50, people // 20)


def _day(said: str, earlier: date, later: date) -> tuple[str, bool]:
    inside = earlier.isoformat() < said <= later.isoformat() and "-00" not in said
    return (said, False) if inside else (later.isoformat(), True)


def _fits(reason: str, columns: tuple[str, ...]) -> bool:
    """Whether the reason that a row gives is one for what differs; one that enters or removes nobody is."""
    if reason in ENTRIES or reason in REMOVALS:
        return False
    return reason == CORRECTION or bool(set(OWNED.get(reason, ())) & set(columns))


def _guess(columns: tuple[str, ...]) -> str:
    differ = set(columns)
    if "address" in differ and differ <= {*PLACE, *HOUSEHOLD}:
        return "転居"
    if differ <= set(PLACE):
        return "転居"
    if differ <= {"relationship"}:
        return "世帯主変更"
    if differ <= set(HOUSEHOLD):
        return "世帯合併"  # owns what 世帯分離 owns: which of the two it was, nobody says
    if differ <= set(NAMES):
        return "氏名変更"
    return CORRECTION
