"""Which judgement of a house counts, and what may become of one. Plain values.

Source: 災害に係る住家の被害認定基準運用指針 (a later survey takes the place of an earlier one, up or down); 災害対策基本法 第90条の2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backend.core.dates import era
from backend.damage.classes import worse
from backend.damage.surveys.questions import AT_SIGHT, LOST
from backend.damage.surveys.rules import BY_SHEET, METHODS, STAGE_ORDER, STAGES

# step -> what may be done, and where that leads. Confirmed ones are followed by others, never taken back; of a survey whose
# judgement was sent back another one is made.
TRANSITIONS: dict[str, dict[str, str]] = {
    "unjudged": {"make": "waiting"},
    "waiting": {"confirm": "confirmed", "reject": "rejected"},
    "confirmed": {},
    "rejected": {"make": "waiting"},
}
WHY_NOT = {
    ("unjudged", "confirm"): "この調査の判定は、まだ起案されていません。",
    ("unjudged", "reject"): "この調査の判定は、まだ起案されていません。",
    ("waiting", "make"): "この調査の判定は、すでに起案されています。",
    ("confirmed", "make"): "この調査の判定は、すでに起案されています。",
    ("confirmed", "confirm"): "この判定は、すでに確認されています。",
    ("confirmed", "reject"): "この判定は、すでに確認されています。",
    ("rejected", "confirm"): "この判定は、差し戻されています。",
    ("rejected", "reject"): "この判定は、差し戻されています。",
}


def refusal(step: str, act: str) -> str:
    """Why an act can't be done in this step; empty if it can."""
    return "" if act in TRANSITIONS[step] else WHY_NOT[step, act]


def reason_of(*, stage: str, surveyed_on: date, method: str, ratio: int | None, answers: Mapping[str, Any]) -> str:
    """The reason of a judgement where nobody wrote another one: the survey itself, and what it found."""
    found = []
    if method in BY_SHEET and (ratio is None or answers.get("whole_loss") in LOST):
        what = AT_SIGHT.get(answers.get("whole_loss", ""), "")
        found.append(f"一見して全壊（{what}）" if what else "一見して全壊")
    elif method in BY_SHEET:
        found.append(f"損害割合{ratio}%")
    if method in ("flood_depth", "area"):
        floor = {"below_floor": "床下浸水", "above_floor": "床上浸水"}.get(answers.get("water", ""), "")
        found.append(f"床上{answers['depth']}cm" if answers.get("depth") else floor)
        force = answers.get("external_force")
        found.append("" if force is None else f"外力による損傷{'あり' if force else 'なし'}")
    if method == "photo_self" and answers.get("consent_on"):
        found.append(f"申請者の同意 {era(date.fromisoformat(answers['consent_on']))}")
    said = "、".join(one for one in found if one)
    sentence = f"{STAGES[stage]}（{era(surveyed_on)}、{METHODS[method]}）による。"
    return f"{sentence}{said}。" if said else sentence


STATES = {"waiting": "確認待ち", "holds": "現在の判定", "past": "後の判定に替わった", "rejected": "差戻し"}


@dataclass(frozen=True)
class Confirmed:
    """A confirmed judgement with what decides whether it counts."""

    id: UUID
    surveyed_on: date
    stage: str
    survey: UUID
    retyped_from: tuple[UUID, ...] = ()  # the surveys that its own took the place of, however many times


def holding(confirmed: Sequence[Confirmed]) -> UUID | None:
    """The judgement that counts: of the latest survey, whatever order they were confirmed in.

    A survey that was typed again counts no more once the judgement of the corrected one is confirmed. On one day a
    再調査 goes before a 第2次調査, and that before a 第1次調査. No two surveys of a house share day and stage
    (`surveys.services.write`), so their numbers, which say who was typed first, never come to decide.
    """
    corrected = {survey for one in confirmed for survey in one.retyped_from}
    left = [one for one in confirmed if one.survey not in corrected]
    if not left:
        return None
    return max(left, key=lambda one: (one.surveyed_on, STAGE_ORDER[one.stage], one.survey.int)).id


def worst(found: Sequence[tuple[str, UUID]]) -> tuple[str, UUID] | None:
    """Of (class, house) of a household that lived in several houses the heaviest; of equal ones the first."""
    heaviest: tuple[str, UUID] | None = None
    for code, house in sorted(found, key=lambda pair: pair[1].int):
        if heaviest is None or worse(code, heaviest[0]):
            heaviest = (code, house)
    return heaviest
