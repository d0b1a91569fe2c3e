"""What stands on a survey sheet of paper: its heading and its lines, by kind of disaster, structure and survey. Plain values.

Source: 災害に係る住家の被害認定基準運用指針（平成25年6月, docs/sources.md), of which the order is known (at sight, then the lean or the
water, then the parts) and for shaken wooden houses the names of the parts. What the national sheet asks elsewhere, and how many
points a part has, has not been read: the sheet says then that the official one is to be attached.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from .rules import CAUSES, METHODS, METHODS_OF, STAGES

BUILDS = {"wood": "木造・プレハブ", "steel": "鉄骨造", "concrete": "鉄筋コンクリート造"}
HEADINGS = {"earthquake": "地震", "flood": "水害", "wind": "風害"}


@dataclass(frozen=True)
class Line:
    label: str
    text: str


@dataclass(frozen=True)
class Paper:
    """`lines` in the order of the survey; `parts`: those whose damage is written down; `attach`: that the official sheet is needed."""

    heading: str
    lines: tuple[Line, ...]
    parts: tuple[str, ...]
    attach: str


AT_SIGHT = {
    "earthquake": Line(
        "一見して全壊", "1 住家全部が倒壊　2 一部の階の全部が倒壊　3 該当なし（1か2なら全壊。調査はここで終わり）"
    ),
    "flood": Line("一見して全壊", "1 住家全部が流失　2 倒壊・埋没　3 該当なし（1か2なら全壊。調査はここで終わり）"),
    "wind": Line(
        "一見して全壊", "1 住家全部が倒壊　2 一部の階の全部が倒壊　3 該当なし（1か2なら全壊。調査はここで終わり）"
    ),
}
ANY = Line("一見して全壊", "1 はい（倒壊・流失・埋没など。調査はここで終わり）　2 該当なし")
FORCE = Line("外力による損傷", "1 あり　2 なし（津波・越流・堤防決壊の流れ、がれきの衝突。この家屋について記入）")
WATER = Line("浸水", "1 なし　2 床下　3 床上（いちばん浅いところで　　　　cm）")
_CORNERS = "四隅で下げ振り（高さ120cm）　①　　cm　②　　cm　③　　cm　④　　cm　平均　　cm"
LEAN_OF_WOOD = f"{_CORNERS}（平均6cm以上＝1/20以上なら全壊。平成25年6月の版。いまの版で確かめる）"
PARTS = {
    ("earthquake", "wood", False): ("屋根", "壁（外壁）", "基礎"),
    ("earthquake", "wood", True): (
        "屋根",
        "柱（耐力壁）",
        "床",
        "外壁",
        "内壁",
        "天井",
        "建具",
        "基礎",
        "設備",
    ),
}
OFFICIAL = "正式の調査票（国の様式）を添えてください。"


def build_of(structure: str) -> str:
    """wood, steel or concrete by the words of the house roll; empty where they don't say."""
    said = unicodedata.normalize("NFKC", structure).upper()
    if "コンクリート" in said or "RC" in said or "SRC" in said:
        return "concrete"
    if "プレハブ" in said:
        return "wood"
    if "鉄骨" in said:
        return "steel"
    return "wood" if "木" in said and "非木" not in said else ""


def sheet(*, cause: str, build: str, stage: str) -> Paper:
    """The sheet of a house. `cause`: empty where it is left to be ticked; `build`: empty where the roll does not say.

    A survey asked for again goes inside like a second one.
    """
    inside = stage != "first"
    cause = cause if cause in HEADINGS else ""
    what = "・".join((HEADINGS.get(cause, "災害の種類　　　"), BUILDS.get(build, "構造　　　"), STAGES[stage]))
    lines = [AT_SIGHT.get(cause, ANY)]
    if cause in ("flood", ""):
        lines += [FORCE, WATER]
    if cause == "earthquake":
        lean = LEAN_OF_WOOD if build == "wood" else f"{_CORNERS}（基準は正式の調査票による）"
        lines.append(Line("傾斜（1階）", lean))
    parts = PARTS.get((cause, build, inside), ())
    return Paper(f"調査票　{what}", tuple(lines), parts, _attach(cause, build, inside, bool(parts)))


def _attach(cause: str, build: str, inside: bool, parts: bool) -> str:
    if parts:
        return f"部位ごとの点数はここに載せていません。損害割合は、{OFFICIAL}"
    if cause == "flood" and build == "wood" and not inside:
        return f"戸建ての1～2階建ては浸水深で判定できます。そうでなければ、部位の欄はここにないため、{OFFICIAL}"
    return f"この災害・構造・調査の回の欄は、国の様式をまだ取り込んでいません。{OFFICIAL}"


def circled(choices: dict[str, str], chosen: str) -> str:
    """`①地震　2 水害`: the choices with their numbers of the screen, the one that is known marked."""
    return "　".join(
        f"{chr(0x2460 + n)}{label}" if key == chosen else f"{n + 1} {label}"
        for n, (key, label) in enumerate(choices.items())
    )


def methods(stage: str) -> list[str]:
    """The methods of a survey with their numbers of the screen; whole areas are judged elsewhere."""
    asked = [key for key in METHODS if key != "area"]
    return [f"{n} {METHODS[key]}" for n, key in enumerate(asked, 1) if key in METHODS_OF[stage]]


def causes(chosen: str) -> str:
    return circled(CAUSES, chosen)
