"""Where an application stands, and how what was judged is counted for the reports upward. Plain values.

Sources: 消防庁, 災害報告取扱要領 第4号様式 (not read in its edition in force): 棟, 世帯 and 人 are three counts; 半壊 holds 大規模半壊 and
中規模半壊; what is less than 半壊 counts by the water; of 非住家 only 全壊 and 半壊. 住家, 棟 and 世帯 as 那覇市, 被害区分一覧, 2024-01-22 and
立科町, 被害の認定基準, tell them (docs/sources.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend.damage import classes
from backend.damage.classes import Answer

# Where a dwelling that was applied for stands, in the order of the work.
STAGES = {
    "taken": "照合待ち",
    "first": "第1次調査待ち",
    "second": "第2次調査待ち",
    "again": "再調査待ち",
    "surveyed": "判定待ち",
    "to_confirm": "確認待ち",
    "paper": "証明書待ち",
    "issued": "交付済み",
}
WAITING = tuple(stage for stage in STAGES if stage != "issued")
NO_DISTRICT = "（地区なし）"
UNMATCHED = "（照合前）"  # an applicant's words of a place are no district


def after(asked: str, received: str) -> str:
    """After which moment something has to be, to be for this application: the first survey may be there already."""
    return "" if asked == "first" else received


def stage_of(
    asked: str, received: str, *, matched: bool, paper: str, judged: str, to_confirm: str, surveyed: str
) -> str:
    """Where a dwelling stands that somebody applied for. The last moment of each thing, empty where there is none.

    `paper` is when the judgement was confirmed on which the certificate rests, `to_confirm` and `surveyed` when the
    survey was typed. Who applies for another survey waits until one came later.
    """
    if not matched:
        return "taken"
    since = after(asked, received)
    if paper > since:
        return "issued"
    if judged > since:
        return "paper"
    if to_confirm > since:
        return "to_confirm"
    return "surveyed" if surveyed > since else asked


def days_waited(since: date, on: date) -> int:
    return max((on - since).days, 0)


# from how many days on -> what the drawing says
SPANS = {0: "3日まで", 4: "4日から7日", 8: "8日から14日", 15: "15日から30日", 31: "31日から"}


def span_of(days: int) -> str:
    return next(words for least, words in reversed(SPANS.items()) if days >= least)


# Day by day --------------------------------------------------------------------------------------------------------------


def all_days(counted: Iterable[date], until: date) -> list[date]:
    """Every day from the first on which something was counted, those without anything too."""
    first = min(counted, default=None)
    if first is None or first > until:
        return []
    return [first + timedelta(days=n) for n in range((until - first).days + 1)]


def rising(days: Sequence[date], counted: Mapping[date, int]) -> list[int]:
    """How many there were in all by the end of each day."""
    total, found = 0, []
    for day in days:
        total += counted.get(day, 0)
        found.append(total)
    return found


# Reports upward ----------------------------------------------------------------------------------------------------------

FORM = "災害報告取扱要領 第4号様式"
FORM_NOTE = (
    "半壊には大規模半壊と中規模半壊を含め、半壊に至らないものは浸水があれば床上浸水・床下浸水に、なければ一部破損に数えます。"
    "報告に使う版の要領と照らしてください（現行の版は未確認です）。"
)
# line of the report -> (label, line that it is part of)
LINES = {
    "total": ("全壊", ""),
    "half": ("半壊", ""),
    "half_large": ("うち大規模半壊", "half"),
    "half_medium": ("うち中規模半壊", "half"),
    "half_half": ("うち半壊", "half"),
    "part": ("一部破損", ""),
    "part_quasi": ("うち準半壊", "part"),
    "part_below": ("うち準半壊に至らない", "part"),
    "above_floor": ("床上浸水", ""),
    "below_floor": ("床下浸水", ""),
    "untold": ("浸水の記録がなく、分けられないもの", ""),
}
TOPS = tuple(key for key, (_, above) in LINES.items() if not above)
# Kinds of buildings: somebody's living there on the day is confirmed, not confirmed, or it is none to live in.
DWELLING, UNKNOWN, OTHER = "dwelling", "unknown", "other"
KINDS = {DWELLING: "住家", UNKNOWN: "居住が未確認の家屋", OTHER: "非住家（附属家）"}


@dataclass(frozen=True)
class Finding:
    """What decides under which line a judged house is counted."""

    damage_class: str
    water: str | None  # as the sheet says it; None: nothing written
    cause: str  # of the survey


def water_of(found: Finding) -> str | None:
    """Whether the house was under water. Sheets of shaking and wind ask nothing of it: nothing written is none there."""
    if found.water in classes.WATER:
        return found.water
    return "none" if found.cause in ("earthquake", "wind") else None


def reported(found: Finding) -> Answer:
    """The line of the report for a judged house; can't tell where nobody wrote whether it stood in water."""
    return classes.reported_as(found.damage_class, water_of(found))


def lines_of(found: Finding) -> tuple[str, ...]:
    """The line and the one below it (`うち…`), if there is one."""
    answer = reported(found)
    if not answer.known:
        return ("untold",)
    below = f"{answer.value}_{found.damage_class}"
    return (answer.value, below) if below in LINES else (answer.value,)


def kind_of(*, lived_in: bool, annex: bool) -> str:
    """住家 is what somebody lived in, whatever it was built for; an annex in which nobody did is 非住家.

    A house in which nobody's living is confirmed may be either: it is counted apart until somebody knows.
    """
    if lived_in:
        return DWELLING
    return OTHER if annex else UNKNOWN


def heaviest(found: Sequence[Finding]) -> Finding:
    """Of a household's houses, or of a building's flats, the one that it is counted by; of equal ones the wettest."""
    wet = {"above_floor": 0, "below_floor": 1, "none": 2, None: 3}
    return min(found, key=lambda one: (classes.ORDER.index(one.damage_class), wet[water_of(one)], one.cause))


@dataclass(frozen=True)
class Numbers:
    """Buildings, households, people: three counts of the same damage."""

    buildings: int = 0
    households: int = 0
    people: int = 0

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(self.buildings + other.buildings, self.households + other.households, self.people + other.people)

    def __sub__(self, other: Numbers) -> Numbers:
        return Numbers(self.buildings - other.buildings, self.households - other.households, self.people - other.people)


NOTHING = Numbers()


def fold(counted: Iterable[tuple[str, Finding, Numbers]]) -> dict[str, dict[str, Numbers]]:
    """kind of building -> line of the report -> numbers, from groups of equal findings."""
    found: dict[str, dict[str, Numbers]] = {kind: dict.fromkeys(LINES, NOTHING) for kind in KINDS}
    for kind, finding, numbers in counted:
        for line in lines_of(finding):
            found[kind][line] += numbers
    return found


def total(lines: Mapping[str, Numbers]) -> Numbers:
    """All lines together, each house once."""
    return sum((lines[key] for key in TOPS), NOTHING)


def reported_others(lines: Mapping[str, Numbers]) -> int:
    """Buildings that are no dwellings: the report counts 全壊 and 半壊 of them only."""
    return lines["total"].buildings + lines["half"].buildings
