"""The degrees of damage of a dwelling (住家の被害の程度): codes, labels, order, thresholds by date, and what is reported upward.

Sources: 災害の被害認定基準について（平成13年6月28日府政防第518号）; 災害に係る住家の被害認定基準運用指針 in its editions; 被災者生活再建支援法の一部を
改正する法律（令和2年法律第69号）, which parted 半壊 in two; 災害報告取扱要領 第4号様式 for the classes of the national report (docs/sources.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

TOTAL, LARGE, MEDIUM, HALF, QUASI, BELOW = "total", "large", "medium", "half", "quasi", "below"
ORDER = (TOTAL, LARGE, MEDIUM, HALF, QUASI, BELOW)  # the worst first
LABELS = {
    TOTAL: "全壊",
    LARGE: "大規模半壊",
    MEDIUM: "中規模半壊",
    HALF: "半壊",
    QUASI: "準半壊",
    BELOW: "準半壊に至らない（一部損壊）",
}
BELOW_HALF = "半壊に至らない（一部損壊）"  # what `BELOW` was called before there was 準半壊
# The digit that stands for the words of a class in the signed proof of a QR code; the verifier page has the same list.
# It stands for words and not for a class, so that who compares finds on the screen what is on the paper.
PROOF_CODES = {
    LABELS[TOTAL]: "6",
    LABELS[LARGE]: "5",
    LABELS[MEDIUM]: "4",
    LABELS[HALF]: "3",
    LABELS[QUASI]: "2",
    LABELS[BELOW]: "1",
    BELOW_HALF: "0",
}
CHOICES = [(code, LABELS[code]) for code in ORDER]


@dataclass(frozen=True)
class Answer:
    """What a rule says: a value, that it does not apply, or that it can't tell. `why` is for the person at the screen.

    `note` goes with a value that somebody has to look at all the same.
    """

    value: Any = None
    state: str = "value"
    why: str = ""
    note: str = ""

    @property
    def known(self) -> bool:
        return self.state == "value"


def does_not_apply(why: str) -> Answer:
    return Answer(None, "does_not_apply", why)


def cannot_tell(why: str) -> Answer:
    return Answer(None, "cannot_tell", why)


@dataclass(frozen=True)
class Scheme:
    """Which classes there are from a day on: lower bounds in percent, the worst first. A bound belongs to its class."""

    valid_from: date
    bounds: tuple[tuple[int, str], ...]
    labels: Mapping[str, str]
    verified: bool
    note: str = ""


SCHEMES = (
    Scheme(
        date(2001, 6, 28),
        ((50, TOTAL), (40, LARGE), (20, HALF), (0, BELOW)),
        {BELOW: BELOW_HALF},
        True,
        "半壊は20%以上40%未満",
    ),
    Scheme(
        date(2019, 10, 1),
        ((50, TOTAL), (40, LARGE), (20, HALF), (10, QUASI), (0, BELOW)),
        {},
        False,  # from which day of October 2019 準半壊 counts has not been read in the notice itself
        "準半壊ができた。半壊は20%以上40%未満",
    ),
    Scheme(
        date(2020, 12, 4),
        ((50, TOTAL), (40, LARGE), (30, MEDIUM), (20, HALF), (10, QUASI), (0, BELOW)),
        {},
        True,
        "中規模半壊ができた。半壊は20%以上30%未満",
    ),
)


def scheme_on(day: date) -> Scheme | None:
    """The classes that hold on a day; None before there were any of these."""
    found = [scheme for scheme in SCHEMES if scheme.valid_from <= day]
    return found[-1] if found else None


def codes_on(day: date) -> tuple[str, ...]:
    scheme = scheme_on(day)
    return tuple(code for _, code in scheme.bounds) if scheme else ()


def label(code: str, on: date | None = None) -> str:
    """The words on paper. Classes before 2020-12 have the same codes, and the last of them another label."""
    scheme = scheme_on(on) if on else None
    return (scheme.labels.get(code) if scheme else None) or LABELS.get(code, "")


def of_ratio(ratio: int | None, on: date) -> Answer:
    """The class of a damage ratio (損害割合) in whole percent: lower bounds count in, upper ones do not."""
    scheme = scheme_on(on)
    if scheme is None:
        return does_not_apply("この日には、いまの被害区分がまだありません（平成13年6月28日から）。")
    if ratio is None:
        return cannot_tell("損害割合が入っていません。")
    if not 0 <= ratio <= 100:
        return cannot_tell("損害割合は0から100までの整数です。")
    return Answer(next(code for bound, code in scheme.bounds if ratio >= bound))


def span(code: str, on: date) -> str:
    """`20%以上30%未満`: which ratios belong to a class."""
    scheme = scheme_on(on)
    bounds = scheme.bounds if scheme else ()
    if bounds and bounds[0][1] == code:
        return f"{bounds[0][0]}%以上"
    for (above, _), (bound, found) in pairwise(bounds):
        if found == code:
            return f"{bound}%以上{above}%未満" if bound else f"{above}%未満"
    return ""


def worse(one: str, other: str) -> bool:
    """Whether one class is heavier than another."""
    return ORDER.index(one) < ORDER.index(other)


# The national report (消防庁 災害報告取扱要領 第4号様式) has classes of its own and counts buildings (棟), not households.
REPORTED = {
    "total": "全壊",
    "half": "半壊",
    "part": "一部破損",
    "above_floor": "床上浸水",
    "below_floor": "床下浸水",
}
WATER = {"none": "浸水なし", "below_floor": "床下浸水", "above_floor": "床上浸水"}


def reported_as(code: str, water: str | None) -> Answer:
    """How the national report counts a building of this class. `water` is a key of `WATER`, None where nobody looked.

    半壊 there includes 大規模半壊 and 中規模半壊; what is less than 半壊 counts by the water, and as 一部破損 without any.
    """
    if code == TOTAL:
        return Answer("total")
    if code in (LARGE, MEDIUM, HALF):
        return Answer("half")
    if code not in LABELS:
        return cannot_tell("被害の程度が決まっていません。")
    if water is None:
        return cannot_tell("浸水したか（床上・床下）が記録されていません。")
    return Answer(water if water in ("below_floor", "above_floor") else "part")
