"""What stands on a survey sheet of paper: its heading and its lines, by kind of disaster, structure and survey. Plain values.

Questions, their order and the numbers of their choices are those of the screen (`questions`). What the national sheet
asks elsewhere, and how many points a part has, has not been read: the sheet says then that the official one is to be
attached.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from . import questions
from .questions import LOST, Question
from .rules import METHODS_OF, STAGES

BUILDS = {"wood": "木造・プレハブ", "steel": "鉄骨造", "concrete": "鉄筋コンクリート造"}
HEADINGS = {"earthquake": "地震", "flood": "水害", "wind": "風害"}


@dataclass(frozen=True)
class Line:
    """One line of the sheet. `asks`: the fields of the screen that it is typed into, in their order; none: it is not typed."""

    asks: tuple[str, ...]
    label: str
    choices: tuple[str, ...] = ()  # as they are numbered on the screen
    chosen: str = ""  # of these the one that is known beforehand
    blank: str = ""  # what is left to be filled in, and what is to be minded

    @property
    def text(self) -> str:
        shown = [chr(0x2460 + int(one[0]) - 1) + one[2:] if one == self.chosen else one for one in self.choices]
        return "　".join(shown) + self.blank


@dataclass(frozen=True)
class Paper:
    """`rows`: one line or two beside each other, in the order of the survey; `attach`: that the official sheet is needed."""

    heading: str
    rows: tuple[tuple[Line, ...], ...]
    attach: str

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for row in self.rows for line in row)

    @property
    def parts(self) -> tuple[str, ...]:
        """Those whose damage is written down."""
        return tuple(line.label for line in self.lines if line.asks and line.asks[0].startswith("part_"))


LEAN_OF_WOOD = "（平均6cm以上＝1/20以上なら全壊。平成25年6月の版。いまの版で確かめる）"
OFFICIAL = "正式の調査票（国の様式）を添えてください。"
DAY = "　　年　　月　　日"


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


def structure_of(build: str) -> str:
    """The choice of the screen for it; empty where the roll does not say."""
    return {"": "", "wood": "wood"}.get(build, "other")


def sheet(*, cause: str, build: str, stage: str) -> Paper:
    """The sheet of a house. `cause`: empty where it is left to be ticked; `build`: empty where the roll does not say.

    A survey asked for again goes inside like a second one.
    """
    inside = stage != "first"
    cause = cause if cause in HEADINGS else ""
    what = "・".join((HEADINGS.get(cause, "災害の種類　　　"), BUILDS.get(build, "構造　　　"), STAGES[stage]))
    parts = questions.parts_of(cause, structure_of(build), stage)
    attach = _attach(cause, build, inside, bool(parts))
    rows = [
        (_line("sheet_no"), _line("surveyed_on", blank=DAY)),
        (_line("surveyors"), _line("stage", chosen=stage)),
        (_line("cause", chosen=cause), _line("structure", chosen=structure_of(build))),
        (_line("detached"), _line("floors", blank="　　　階")),
        (_line("method", only=METHODS_OF[stage]),),
        (_line("whole_loss", blank=f"（1から{len(LOST)}なら全壊。調査はここで終わり）"),),
    ]
    if cause in ("flood", ""):
        rows.append(
            (_line("external_force", blank="（津波・越流・堤防決壊の流れ、がれきの衝突。この家屋について記入）"),)
        )
        wet = _line("water", blank="（床上は、いちばん浅いところで　　　　cm）")
        rows.append((Line(("water", "depth"), wet.label, wet.choices, blank=wet.blank),))
    if cause == "earthquake":
        rows.append((_lean(build),))
    measured = [_line(part.key, blank="　　　　%") for part in parts]
    rows += [tuple(measured[at : at + 2]) for at in range(0, len(measured), 2)]
    rows += [(Line((), "添えるもの", blank=attach),)]
    rows += [(Line(("ratio",), "損害割合", blank="　　　　%"), _line("found"))]
    photos = Line((), "写真", blank="　　　枚")
    rows += [(photos,) if inside else (Line(("consent_on",), "自己判定への同意", blank=DAY), photos)]
    rows += [(Line(("note",), "備考・見取図"),)]
    return Paper(f"調査票　{what}", tuple(rows), attach)


def _line(key: str, *, only: Sequence[str] = (), chosen: str = "", blank: str = "") -> Line:
    """A question of the screen. `only`: those of its choices that this sheet has, with the numbers that they have there."""
    asked: Question = questions.BY_KEY[key]
    numbered = dict(asked.numbered())
    choices = tuple(text for choice, text in numbered.items() if not only or choice in only)
    return Line((key,), asked.label, choices, numbered.get(chosen, ""), blank)


def _lean(build: str) -> Line:
    marks = "　".join(f"{one.label[-1]}　　cm" for one in questions.LEAN)
    judged = LEAN_OF_WOOD if build == "wood" else "（基準は正式の調査票による）"
    asks = tuple(one.key for one in questions.LEAN)
    return Line(asks, "傾斜（1階）", blank=f"四隅で下げ振り（高さ{questions.PLUMB}cm）　{marks}　平均　　cm{judged}")


def _attach(cause: str, build: str, inside: bool, parts: bool) -> str:
    if parts:
        return f"部位ごとの点数はここに載せていません。損害割合は、{OFFICIAL}"
    if cause == "flood" and build == "wood" and not inside:
        return f"戸建ての1～2階建ては浸水深で判定できます。そうでなければ、部位の欄はここにないため、{OFFICIAL}"
    return f"この災害・構造・調査の回の欄は、国の様式をまだ取り込んでいません。{OFFICIAL}"
