"""Disasters in the words of the pages: rows, facts and cards for the components of the frontend."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.core import dates
from backend.core.templatetags.tasuki import tokyo
from backend.ledger.models import Disaster
from backend.registry.models import AsOfRevision

from . import queries

COLUMNS = [
    {"label": "災害名"},
    {"label": "コード"},
    {"label": "発災日時"},
    {"label": "区分"},
    {"label": "住民記録"},
    {"label": "世帯", "number": True},
    {"label": "人", "number": True},
    {"label": "要確認", "number": True},
]
FLAG_COUNT_COLUMNS = [{"label": "種別"}, {"label": "未確認", "number": True}, {"label": "全部", "number": True}]


def row(line: queries.Line) -> dict[str, Any]:
    disaster = line.disaster
    filled = disaster.register_revision is not None
    return {
        "cells": [
            {"text": disaster.name, "url": reverse("ledger:disaster", args=[disaster.pk])},
            {"text": disaster.code},
            tokyo(disaster.occurred_at),
            {"text": "訓練", "badge": "info"} if disaster.drill else "災害",
            {"text": "入っています", "badge": "success"} if filled else {"text": "まだ空です", "badge": "warning"},
            line.households,
            line.persons,
            line.open_flags,
        ]
    }


def cards(disaster: Disaster, revision: AsOfRevision | None) -> list[dict[str, Any]]:
    kinds = queries.household_counts(disaster)
    entered = kinds.get("outside", 0) + kinds.get("unknown", 0)
    return [
        {"label": "台帳世帯", "value": sum(kinds.values()), "unit": "世帯", "note": f"うち手で登録 {entered:,}世帯"},
        {"label": "被災者台帳の人", "value": disaster.persons.filter(ended_at=None).count(), "unit": "人"},
        {"label": "基準日の住民", "value": revision.persons if revision else 0, "unit": "人"},
    ]


def facts(disaster: Disaster, revision: AsOfRevision | None) -> list[dict[str, Any]]:
    opened_by = disaster.opened_by.display_name if disaster.opened_by else "コマンド"
    items: list[dict[str, Any]] = [
        {"label": "災害コード", "value": disaster.code, "kind": "code"},
        {"label": "発災日時", "value": tokyo(disaster.occurred_at)},
        {"label": "開設", "value": tokyo(disaster.opened_at), "note": opened_by},
    ]
    if revision is None:
        return [*items, {"label": "住民記録", "value": "まだ入っていません"}]
    base_note = "発災日より後の全件から作ったため、全員が要確認です" if revision.base_after else revision.base.name
    return [
        *items,
        {"label": "台帳作成", "value": tokyo(disaster.filled_at)},
        {
            "label": "もとにした全件",
            "value": f"{dates.era(revision.base.as_of)}の終わり" if revision.base.as_of else "",
            "note": base_note,
        },
        {
            "label": "基準日住民記録の版",
            "value": f"第{revision.number}版",
            "note": f"{tokyo(revision.known_at)} までに受け取ったファイルから",
        },
    ]


def flag_count_rows(disaster: Disaster, *, with_links: bool) -> list[dict[str, Any]]:
    url = reverse("ledger:flags", args=[disaster.pk])
    rows = []
    for count in queries.flag_counts(disaster):
        label: Any = {"text": count.label, "url": f"{url}?code={count.code}"} if with_links else count.label
        open_count: Any = {"text": f"{count.open:,}", "badge": "warning"} if count.open else "0"
        rows.append({"cells": [label, open_count, count.total]})
    return rows
