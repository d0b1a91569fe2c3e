"""Surveys in the words of the pages: rows and facts for the components of the frontend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from backend.core.clock import tokyo_date
from backend.core.dates import era_short
from backend.damage import classes
from backend.damage.models import SecondTyping, Survey
from backend.ledger.models import HouseRecord

from . import queries, rules
from .queries import District, Waiting
from .twice_queries import Line, Standing

WAITING_COLUMNS = [
    {"label": "所在地"},
    {"label": "地区"},
    {"label": "調査の回"},
    {"label": "依頼"},
    {"label": "訪問の計画"},
]
DISTRICT_COLUMNS = [
    {"label": "地区"},
    *({"label": label, "number": True} for label in rules.STAGES.values()),
    {"label": "計", "number": True},
    {"label": "いちばん前の依頼"},
]
FOUND_COLUMNS = [{"label": "所在地"}, {"label": "住居表示住所"}, {"label": "種類・構造"}, {"label": "物件番号"}]
DRAWN_COLUMNS = [
    {"label": "所在地"},
    {"label": "調査票番号"},
    {"label": "調査日"},
    {"label": "調査の回"},
    {"label": "一度目の入力"},
    {"label": "二度目"},
]
ANSWER_COLUMNS = [{"label": "項目"}, {"label": "違った調査票", "number": True}]
TWICE_COLUMNS = [{"label": "項目"}, {"label": "一度目"}, {"label": "二度目"}, {"label": "違い"}]


def cards(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": "調査を待つ", "value": counts["waiting"], "unit": "件"},
        {"label": "調査済み・判定前", "value": counts["surveyed"], "unit": "件"},
        {
            "label": "確認を待つ判定",
            "value": counts["to_confirm"],
            "unit": "件",
            "url": reverse("judgements:index"),
        },
        {"label": "判定済み", "value": counts["judged"], "unit": "棟"},
    ]


def district_rows(districts: Iterable[District]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                one.name or "（地区なし）",
                *(one.counts.get(stage, 0) for stage in rules.STAGES),
                one.total,
                era_short(tokyo_date(one.longest)),
            ]
        }
        for one in districts
    ]


def found_rows(records: Iterable[HouseRecord]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": row.lot or row.address, "url": reverse("damage_houses:house", args=[row.house_id])},
                row.address or "―",
                "　".join(filter(None, (row.kind, row.structure))) or "―",
                {"text": row.house.property_no or "未登録"},
            ]
        }
        for row in records
    ]


def waiting_rows(rows: Iterable[Waiting]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": one.where, "url": reverse("damage_houses:house", args=[one.row.house_id])},
                one.row.district or "―",
                one.row.get_stage_display(),
                one.row.since,
                {"text": f"{era_short(one.visit.team.day)} {one.visit.team.name}", "badge": "info"}
                if one.visit
                else "まだ",
            ]
        }
        for one in rows
    ]


def thresholds() -> list[dict[str, str]]:
    """Which ratio is which class, in the edition in force: beside the sheet."""
    on = rules.EDITIONS[-1].valid_from
    return [{"label": classes.LABELS[code], "value": classes.span(code, on)} for code in classes.codes_on(on)]


def twice_cards(found: Standing) -> list[dict[str, Any]]:
    share = "―" if found.share is None else f"{found.share}%"
    return [
        {"label": "二度目を待つ", "value": found.waiting, "unit": "枚"},
        {"label": "二度打ち済み", "value": found.typed, "unit": "枚"},
        {"label": "違いがあった", "value": found.differing, "unit": "枚"},
        {"label": "違いがあった割合", "value": share},
    ]


def drawn_rows(lines: Iterable[Line], reader: Any) -> list[dict[str, Any]]:
    """`reader`: who looks at the list; what they typed themselves is for somebody else."""
    return [
        {
            "cells": [
                {"text": line.where, "url": reverse("damage_houses:house", args=[line.survey.house_id])},
                line.survey.sheet_no or "―",
                era_short(line.survey.surveyed_on),
                line.survey.get_stage_display(),
                str(line.survey.by),
                "別の職員が入力します"
                if line.survey.by_id == reader
                else {
                    "text": "違いを見る" if hasattr(line.survey, "second") else "入力する",
                    "url": reverse("surveys:second_typing", args=[line.survey.pk]),
                },
            ]
        }
        for line in lines
    ]


def twice_rows(row: Survey, second: SecondTyping) -> list[dict[str, Any]]:
    """Both typings beside each other, those that differ marked."""
    one, other = queries.answer_words(row.answers), queries.answer_words(second.answers)
    return [
        {
            "cells": [
                label,
                {"text": one.get(key, "―")},
                {"text": other.get(key, "―")},
                {"text": "違う", "badge": "danger"} if key in second.differs else "",
            ]
        }
        for key, label in queries.ANSWER_LABELS.items()
        if key in one or key in other
    ]


def method_note(row: Survey) -> str:
    """What somebody has to look at who confirms it: a table or a method that nobody has held against the edition."""
    edition = rules.BY_KEY.get(row.edition) or rules.edition_on(row.surveyed_on)
    if row.method == "photo_self":
        day = row.surveyed_on
        return rules.photo_self(consent_on=day, surveyed_on=day, photos=None, on=rules.day_in(edition, day)).note
    if row.method not in ("flood_depth", "area") or edition.read:
        return ""
    return f"{edition.title}の運用指針での浸水深の表は未確認です。確認する人は、手元の指針と照らしてください。"
