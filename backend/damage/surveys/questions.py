"""What a survey sheet asks, in its order: the one source of the sheet on paper (`paper`) and of the screen (`forms`).

Sources: 災害に係る住家の被害認定基準運用指針（平成25年6月, docs/sources.md), of which the order is known (at sight, then the lean or the
water, then the parts) and for shaken wooden houses the names of the parts; 災害の被害認定基準について（平成13年6月28日府政防第518号） for
what is lost at sight. How much a part counts in the edition in force has not been read: the figures of parts and of the
lean are written down as they stand on the sheet, and nothing adds them up or makes a class of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from backend.damage.classes import LABELS as CLASSES
from backend.damage.classes import WATER

from .rules import CAUSES, STAGES, STRUCTURES
from .rules import METHODS as ALL_METHODS

DETACHED = {"yes": "はい", "no": "いいえ（共同住宅・長屋）"}
METHODS = {key: label for key, label in ALL_METHODS.items() if key != "area"}  # whole areas are judged elsewhere
AT_SIGHT = {
    "collapsed": "住家全部が倒壊",
    "storey": "一部の階の全部が倒壊",
    "swept": "住家全部が流失・埋没",
    "none": "該当なし",
}
LOST = tuple(key for key in AT_SIGHT if key != "none")
FORCE = {"yes": "あり", "no": "なし"}
PLUMB = 120  # centimetres of the plumb line: the lean over it can't be more


@dataclass(frozen=True)
class Question:
    """`key`: the field of the screen and of the answers. `choices`: each has the number of its place, from 1, everywhere."""

    key: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)

    def numbered(self) -> list[tuple[str, str]]:
        return [(key, f"{n} {label}") for n, (key, label) in enumerate(self.choices.items(), 1)]


@dataclass(frozen=True)
class Part(Question):
    """部位 of a shaken wooden house: whether it is looked at from outside (第1次), inside (第2次, 再調査), or both."""

    outside: bool = False
    inside: bool = True


LEAN = tuple(Question(f"lean_{n}", f"四隅{mark}") for n, mark in enumerate("①②③④", 1))
# Where both have a part it stands in the order of both papers.
PARTS = (
    Part("part_roof", "屋根", outside=True),
    Part("part_wall", "壁（外壁）", outside=True, inside=False),
    Part("part_frame", "柱（耐力壁）"),
    Part("part_floor", "床"),
    Part("part_outer", "外壁"),
    Part("part_inner", "内壁"),
    Part("part_ceiling", "天井"),
    Part("part_fittings", "建具"),
    Part("part_base", "基礎", outside=True),
    Part("part_equipment", "設備"),
)
LEAN_TITLE = "傾斜（1階。下げ振り120cmで何cmか）"
PARTS_TITLE = "部位ごとの損害（%）"
# Title of the group on the screen, and its questions. The last two but one are not asked on paper: where it is kept, and
# the edition that stands at its foot.
GROUPS: tuple[tuple[str, tuple[Question, ...]], ...] = (
    (
        "調査",
        (
            Question("sheet_no", "調査票番号"),
            Question("surveyed_on", "調査日"),
            Question("surveyors", "調査した人"),
            Question("stage", "調査の回", STAGES),
            Question("cause", "災害の種類", CAUSES),
        ),
    ),
    (
        "家屋",
        (
            Question("structure", "構造", STRUCTURES),
            Question("detached", "戸建て", DETACHED),
            Question("floors", "階数"),
        ),
    ),
    (
        "方法と外力",
        (
            Question("method", "方法", METHODS),
            Question("whole_loss", "一見して全壊", AT_SIGHT),
            Question("external_force", "外力による損傷", FORCE),
        ),
    ),
    ("浸水", (Question("water", "浸水", WATER), Question("depth", "床上の浸水深（cm）"))),
    (LEAN_TITLE, LEAN),
    (PARTS_TITLE, PARTS),
    (
        "結果",
        (
            Question("ratio", "損害割合（%）"),
            Question("found", "区分", CLASSES),
            Question("consent_on", "自己判定への同意の日"),
            Question("sheet_place", "紙の調査票の保管場所"),
            Question("edition", "運用指針の版"),
            Question("note", "備考"),
        ),
    ),
)
BY_KEY = {one.key: one for _, group in GROUPS for one in group}
LABELS = {key: one.label for key, one in BY_KEY.items()}
MEASURED = tuple(one.key for one in (*LEAN, *PARTS))


def lean_of(cause: str) -> tuple[Question, ...]:
    """The readings that the sheet of this kind has: four corners after shaking."""
    return LEAN if cause == "earthquake" else ()


def parts_of(cause: str, structure: str, stage: str) -> tuple[Part, ...]:
    """The parts that the sheet of this kind has, in its order; none where their names have not been read."""
    if (cause, structure) != ("earthquake", "wood"):
        return ()
    return tuple(part for part in PARTS if (part.outside if stage == "first" else part.inside))


def problems(measured: Mapping[str, int | Decimal], *, cause: str, structure: str, stage: str) -> dict[str, str]:
    """field -> what is wrong with a figure of a part or of the lean. How they make a ratio is not checked: it is not known."""
    asked = {one.key for one in (*lean_of(cause), *parts_of(cause, structure, stage))}
    wrong = {}
    for key, value in measured.items():
        most = 100 if key.startswith("part_") else PLUMB
        if key not in asked:
            wrong[key] = (
                "この災害・構造・調査の回の調査票には、この欄がありません。空にするか、上の選択を直してください。"
            )
        elif not 0 <= value <= most:
            wrong[key] = f"0から{most}までの数を入れてください。"
    return wrong
