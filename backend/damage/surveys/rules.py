"""What a survey of a house finds: only rules whose text is known. Everything else is typed in with the sheet attached.

Sources (docs/sources.md): 災害に係る住家の被害認定基準運用指針 in its editions; 内閣府（防災担当）, 平成30年7月豪雨における住家の被害認定調査
（第一次調査）の効率化・迅速化について, 2018-07-12 (depths with external force); the treatment of 内水氾濫 of 2023-05-31 (depths without). No rule for
shaking or wind computes anything here: its text in the edition in force has not been read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from backend.damage.classes import (
    BELOW,
    HALF,
    LABELS,
    LARGE,
    MEDIUM,
    QUASI,
    TOTAL,
    Answer,
    cannot_tell,
    codes_on,
    does_not_apply,
    of_ratio,
    span,
)

STAGES = {"first": "第1次調査", "second": "第2次調査", "again": "再調査"}
STAGE_ORDER = {"first": 1, "second": 2, "again": 3}
# step of a request -> what may become of it, and where that leads. One that has ended is followed by another one.
REQUEST_TRANSITIONS: dict[str, dict[str, str]] = {
    "open": {"answer": "answered", "withdraw": "withdrawn"},
    "answered": {},
    "withdrawn": {},
}
REQUEST_WHY_NOT = {
    ("answered", "answer"): "この依頼には、すでに調査が入っています。",
    ("answered", "withdraw"): "この依頼は、すでに「調査済み」です。",
    ("withdrawn", "answer"): "この依頼は、取り下げられています。",
    ("withdrawn", "withdraw"): "この依頼は、すでに「取下げ」です。",
}


def request_refusal(step: str, act: str) -> str:
    """Why an act can't be done with a request in this step; empty if it can."""
    return "" if act in REQUEST_TRANSITIONS[step] else REQUEST_WHY_NOT[step, act]


METHODS = {
    "exterior": "外観による調査",
    "interior": "内部立入調査",
    "flood_depth": "浸水深による判定",
    "photo_self": "写真による自己判定",
    "area": "区域の一括判定",
    "typed": "調査票の結果を入力",
}
# Of these nothing is computed: what stands on the sheet is typed in, and the sheet itself has to be there to look at.
BY_SHEET = ("exterior", "interior", "typed")
NO_SHEET = "調査票の写しがありません。家屋の画面で調査票の写真を入れるか、調査を打ち直して、紙の調査票の保管場所を入れてください。"
# Which methods a survey of each stage may have: the first is done from outside, the others inside too.
METHODS_OF = {
    "first": ("exterior", "flood_depth", "photo_self", "area", "typed"),
    "second": ("interior", "typed"),
    "again": ("interior", "exterior", "typed"),
}
CAUSES = {"earthquake": "地震", "flood": "水害", "wind": "風害", "other": "その他"}
STRUCTURES = {"wood": "木造・プレハブ", "other": "非木造"}


@dataclass(frozen=True)
class Edition:
    """An edition of 災害に係る住家の被害認定基準運用指針."""

    key: str
    title: str
    valid_from: date  # the first of the month that stands on it
    read: bool  # whether its depth table was read in a copy or a quotation of it


EDITIONS = (
    Edition("h25-06", "平成25年6月", date(2013, 6, 1), True),
    Edition("h30-03", "平成30年3月", date(2018, 3, 1), True),
    Edition("r02-03", "令和2年3月", date(2020, 3, 1), True),
    Edition("r03-03", "令和3年3月", date(2021, 3, 1), True),
    Edition("r06-05", "令和6年5月", date(2024, 5, 1), False),
    Edition("r07-07", "令和7年7月", date(2025, 7, 1), False),
)
BY_KEY = {edition.key: edition for edition in EDITIONS}


def edition_on(day: date) -> Edition:
    """The edition in force on a day; the oldest one we know for days before it."""
    return next((edition for edition in reversed(EDITIONS) if edition.valid_from <= day), EDITIONS[0])


def editions_for(*, occurred: date, surveyed_on: date) -> tuple[Edition, ...]:
    """The editions by which a house may be judged: the one of the day of survey and, of a disaster before a revision,
    the one of the disaster, so that all houses of a disaster can be judged by one edition. The former is the usual one.
    """
    return tuple(dict.fromkeys((edition_on(surveyed_on), edition_on(occurred))))


def day_in(edition: Edition, surveyed_on: date) -> date:
    """The day whose classes and tables a survey by this edition has: its own, or the last one on which the edition held.

    Classes and tables also changed while an edition held (準半壊, 中規模半壊, the depths without external force).
    """
    at = EDITIONS.index(edition)
    if at + 1 == len(EDITIONS):
        return surveyed_on
    return min(surveyed_on, EDITIONS[at + 1].valid_from - timedelta(days=1))


# Depths (centimetres above the floor, at the shallowest side of the house) --------------------------------------------


@dataclass(frozen=True)
class Depths:
    """From which depth on which class holds, the deepest first; lower bounds count in."""

    valid_from: date
    external_force: bool
    above_floor: tuple[tuple[int, str], ...]
    below_floor: str


DEPTHS = (
    Depths(date(2018, 7, 12), True, ((180, TOTAL), (100, LARGE), (0, HALF)), BELOW),
    Depths(date(2020, 12, 4), True, ((180, TOTAL), (100, LARGE), (50, MEDIUM), (0, HALF)), BELOW),
    Depths(date(2023, 5, 31), False, ((180, LARGE), (100, MEDIUM), (10, HALF), (0, QUASI)), BELOW),
)
DEEPEST = Decimal(2000)


@dataclass(frozen=True)
class Wet:
    """A house that stood in water, as the sheet asks. `depth` in centimetres above the floor; None: below the floor."""

    cause: str
    stage: str
    structure: str
    detached: bool | None
    floors: int | None
    external_force: bool | None
    water: str | None  # none, below_floor, above_floor
    depth: Decimal | None


def flood(house: Wet, on: date) -> Answer:
    """The class by the depth alone: first surveys of detached wooden or prefabricated houses of one or two storeys.

    Without external force the same depth is one class less than with it, and 5 cm above the floor 準半壊 instead of 半壊.
    `on`: `day_in` the edition that the survey names. Where no table of that day is known nothing computes.
    """
    if house.cause != "flood":
        return does_not_apply("浸水深による判定は、水害だけに使えます。")
    if house.stage != "first":
        return does_not_apply("浸水深による判定は、第1次調査だけに使えます。")
    if house.structure == "other":
        return does_not_apply("浸水深による判定は、木造・プレハブだけに使えます。非木造は部位による調査をします。")
    if house.detached is False:
        return does_not_apply("浸水深による判定は、戸建てだけに使えます。")
    if house.floors is not None and house.floors > 2:
        return does_not_apply("浸水深による判定は、1階建てか2階建てだけに使えます。")
    for known, what in (
        (house.structure in STRUCTURES, "構造（木造・プレハブか、非木造か）"),
        (house.detached is not None, "戸建てかどうか"),
        (house.floors is not None, "階数"),
        (house.external_force is not None, "外力（津波・越流・堤防決壊の流れや、がれきの衝突）による損傷の有無"),
        (house.water is not None, "浸水の状況（床上・床下）"),
    ):
        if not known:
            return cannot_tell(f"{what}が入っていません。")
    rows = [row for row in DEPTHS if row.valid_from <= on and row.external_force == house.external_force]
    if not rows and house.external_force:
        title = edition_on(on).title
        return does_not_apply(
            f"{title}の運用指針での浸水深の表は登録がありません（登録は平成30年7月12日から）。部位による調査をして、結果を入力します。"
        )
    if not rows:
        return does_not_apply(
            "外力のない浸水を深さだけで判定できるのは、令和5年5月31日からです。部位による調査をします。"
        )
    return _by_depth(house, rows[-1], on)


def _by_depth(house: Wet, table: Depths, on: date) -> Answer:
    unread = edition_on(on)
    note = (
        "" if unread.read else f"{unread.title}の運用指針での表は未確認です。決める前に、手元の指針と照らしてください。"
    )
    if house.water == "none":
        return does_not_apply("浸水していない家屋です。")
    if house.water == "below_floor":
        return Answer(table.below_floor, note=note)
    if house.depth is None:
        return cannot_tell("床上の浸水深が入っていません。")
    if not 0 < house.depth <= DEEPEST:
        return cannot_tell(f"床上の浸水深は、0より大きく{DEEPEST}cmまでの数です。床下は「床下浸水」を選びます。")
    return Answer(next(code for bound, code in table.above_floor if house.depth >= bound), note=note)


# The resident's own judgement by photographs (自己判定方式) -----------------------------------------------------------


@dataclass(frozen=True)
class PhotoSelf:
    """From when on the resident's own judgement may be used, and for which class. None: no source says since when."""

    valid_from: date | None
    told_on: date  # the day of the oldest source that tells of it
    found: str
    source: str


PHOTO_SELF = (PhotoSelf(None, date(2024, 8, 9), BELOW, "羽島市 罹災証明書の自己判定方式"),)


def photo_self(*, consent_on: date | None, surveyed_on: date, photos: int | None, on: date) -> Answer:
    """準半壊に至らない（一部損壊） and nothing else, without going there, if the applicant agrees to it beforehand.

    `on`: `day_in` the edition that the survey names. Before the oldest source it goes with a note for who decides.
    """
    row = _row_on(PHOTO_SELF, on)
    if row is None:
        return does_not_apply("自己判定方式は、この日の運用指針にはまだありません。現地の調査をします。")
    if consent_on is None:
        return cannot_tell("自己判定方式には、申請者の同意とその日付が要ります。")
    if consent_on > surveyed_on:
        return cannot_tell("同意の日が、判定の日より後です。日付を確かめてください。")
    if photos is not None and photos < 1:
        return cannot_tell("自己判定方式には、被害の分かる写真が1枚以上要ります。")
    if row.valid_from is None and on < row.told_on:
        return Answer(row.found, note=UNKNOWN_SINCE)
    return Answer(row.found)


UNKNOWN_SINCE = (
    "自己判定方式がいつの版から使えるかは未確認です。決める前に、その日の運用指針にあるかを確かめてください。"
)


# What surveyors found, typed in with the sheet attached ----------------------------------------------------------------


def typed(*, found: str, ratio: int | None, whole_loss: bool, on: date) -> Answer:
    """Whether the class that stands on the sheet fits the ratio that stands on it.

    `whole_loss`: lost at sight (倒壊, 流失, 埋没, 一部の階の全部の倒壊): 全壊, and the survey ends there, without a ratio.
    """
    if found not in codes_on(on):
        names = "・".join(LABELS[code] for code in codes_on(on))
        return cannot_tell(f"この日の指針の区分は、{names}です。")
    if whole_loss:
        if found != TOTAL:
            return cannot_tell("一見して全壊（倒壊・流失・埋没など）なら、区分は全壊です。")
        return Answer(TOTAL)
    by_ratio = of_ratio(ratio, on)
    if not by_ratio.known:
        return by_ratio
    if by_ratio.value != found:
        right = LABELS[by_ratio.value]
        return cannot_tell(
            f"損害割合{ratio}%は{right}（{span(by_ratio.value, on)}）です。{LABELS[found]}は{span(found, on)}です。"
            "調査票の数字か区分を確かめてください。"
        )
    return Answer(found)


# A whole area at once --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Area:
    """From when on an area is judged at once: by how many houses at its corners, and in how much water (centimetres)."""

    valid_from: date
    external_force: bool
    corners: int
    depth: int
    source: str


AREAS = (
    Area(date(2018, 3, 1), True, 4, 180, "運用指針 平成30年3月（井手よしひろ 真備町の一括判定に引用）"),
    Area(date(2023, 5, 31), False, 4, 180, "井手よしひろ 内水氾濫の判定（令和5年5月31日の取扱い）"),
)
CORNERS = max(row.corners for row in AREAS)


def area(samples: Sequence[Wet], on: date) -> Answer:
    """The class of all houses of an area in which deep water is plain to see (`AREAS`): by houses at its corners."""
    if len(samples) < CORNERS:
        return cannot_tell(f"区域の四隅の家屋を{CORNERS}棟調べてください（いま{len(samples)}棟）。")
    answers = [flood(sample, on) for sample in samples]
    for answer in answers:
        if not answer.known:
            return cannot_tell(f"標本の家屋が浸水深で判定できません。{answer.why}")
    forces = {sample.external_force for sample in samples}
    if len(forces) > 1:
        return does_not_apply("標本の家屋で、外力の有無が分かれています。区域を分けてください。")
    row = _row_on([row for row in AREAS if {row.external_force} == forces], on)
    if row is None:
        return does_not_apply("この日の運用指針では、区域を一括で判定できません。一棟ずつ調査します。")
    if any(sample.depth is None or sample.depth < row.depth for sample in samples):
        return does_not_apply(f"一括で判定できるのは、標本のすべてが床上{row.depth / 100}m以上の区域だけです。")
    return answers[0]


Row = TypeVar("Row", PhotoSelf, Area)


def _row_on(rows: Sequence[Row], on: date) -> Row | None:
    """The row that holds on a day; one whose first day nobody knows holds before all others."""
    found = [row for row in rows if row.valid_from is None or row.valid_from <= on]
    return found[-1] if found else None


# How a photograph lies to its house, and how two typings of a sheet differ ---------------------------------------------

FAR = 50  # metres


def differences(first: dict[str, object], second: dict[str, object]) -> list[str]:
    """The keys in which two typings of the same sheet differ; an empty field and one that is left out are the same."""

    def said(answers: dict[str, object], key: str) -> str:
        value = answers.get(key)
        return "" if value is None else str(value)

    return [key for key in {**first, **second} if said(first, key) != said(second, key)]


_NUMBER = re.compile(r"\d")
_BLOCK = re.compile(r"^(.*?\d+)\s*丁目")


def district(address: str, municipality: str = "") -> str:
    """The town (町字) of an address, as it is written: `大浜市本町1丁目2-3` → `本町1丁目`, `西町12番地3` → `西町`."""
    text = unicodedata.normalize("NFKC", address).strip()
    text = text.split(municipality, 1)[-1].strip() if municipality and municipality in text else text
    block = _BLOCK.match(text)
    if block:
        return f"{block[1]}丁目"[:100]
    number = _NUMBER.search(text)
    return (text[: number.start()] if number else text).strip(" -")[:100]
