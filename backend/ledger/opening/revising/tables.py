"""Reports in the words of the pages."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from backend.core.dates import era, parse_date
from backend.core.templatetags.tasuki import tokyo, tokyo_short
from backend.ledger.models import RevisionChange, RevisionReport
from backend.ledger.opening.queries import household_url

from . import queries, rules

SEX = {"1": "男", "2": "女", "": "記載なし"}
NATIONALITY = {"1": "日本人", "2": "外国人", "": "記載なし"}
DAYS = ("birth", "died", "changed_on")
COLUMNS = [{"label": "氏名"}, {"label": "項目"}, {"label": "台帳"}, {"label": "新しい住民記録"}]
REPORT_COLUMNS = [
    {"label": "版"},
    {"label": "作成"},
    {"label": "担当"},
    {"label": "件数", "number": True},
    {"label": "うち未処理", "number": True},
]


def said(column: str, value: str) -> str:
    """A value of a column as people read it."""
    if column == "sex":
        return SEX.get(value, value)
    if column == "nationality":
        return NATIONALITY.get(value, value)
    if column in DAYS and value:
        return "日は不詳" if value == rules.UNKNOWN_DAY else _day(value)
    return value or "―"


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(text: str) -> str:
    try:
        return era(parse_date(text))
    except ValueError:
        return text


def kinds(line: Any) -> list[str]:
    return [rules.LABELS[kind] for kind in line.kinds]


def name_of(change: RevisionChange) -> dict[str, str]:
    """Who a change is about: as the ledger has them, else as they enter."""
    if change.person is not None:
        return {"name": change.person.name, "kana": change.person.kana}
    return {column: change.columns.get(column, ["", ""])[1] for column in ("name", "kana")}


def rows(view: queries.LineView) -> list[dict[str, Any]]:
    """The changes of a line: a row a column that changes, the name on the first of each person."""
    result = []
    for change in view.changes:
        for number, (what, old, new) in enumerate(_told(change)):
            result.append({"name": name_of(change) if number == 0 else None, "what": what, "old": old, "new": new})
    return result


def _told(change: RevisionChange) -> list[tuple[str, str, str]]:
    if change.kind == RevisionChange.Kind.LEFT:
        why = DAY.sub(lambda found: _day(found[0]), change.why)
        return [("台帳から外れる", "載っている", why or "住民記録に記載がない")]
    if change.kind == RevisionChange.Kind.ENTERED:
        told = [
            said(c, change.columns[c][1]) for c in ("birth", "sex", "relationship", "address") if c in change.columns
        ]
        note = "（手で登録された方と同じ宛名番号）" if change.person and change.person.ended_at is None else ""
        return [("台帳に加わる", f"載っていない{note}", "　".join([*told, _home_to(change)]))]
    result = [
        (label, said(column, change.columns[column][0]), said(column, change.columns[column][1]))
        for column, label in rules.COLUMNS.items()
        if column in change.columns
    ]
    if change.household_no:
        source = change.household_from.disaster_number if change.household_from else "世帯未定"
        result.insert(0, ("世帯", source, _home_to(change)))
    return result


def _home_to(change: RevisionChange) -> str:
    if change.household_to:
        return change.household_to.disaster_number
    return f"新しい世帯（世帯番号 {change.household_no}）" if change.household_no else "世帯未定"


def line(view: queries.LineView) -> dict[str, Any]:
    """A line for the template."""
    accepted = view.acceptance
    return {
        "pk": view.line.pk,
        "kinds": kinds(view.line),
        "homes": [{"number": h.disaster_number, "url": household_url(h), "address": h.address} for h in view.homes],
        "rows": rows(view),
        "beside": [{"title": item.title, "text": item.text, "at": tokyo_short(item.at)} for item in view.beside],
        "accepted": f"{tokyo(accepted.at)}　{accepted.by or 'コマンド'}" if accepted else "",
    }


def report_row(report: RevisionReport, counts: queries.Counts) -> dict[str, Any]:
    return {
        "cells": [
            {"text": f"第{report.number}版", "url": reverse("ledger:revision", args=[report.pk])},
            tokyo(report.made_at),
            str(report.made_by or "コマンド"),
            counts.lines,
            counts.open,
        ]
    }


def cards(counts: queries.Counts) -> list[dict[str, Any]]:
    noted = counts.kinds.get(rules.NOTED, 0)
    return [
        {"label": "発災日現在の内容が変わる", "value": counts.substantial, "unit": "件"},
        {"label": "直近の異動のみ", "value": noted, "unit": "件", "note": "発災後の転居など。発災日現在は変わりません"},
        {
            "label": "まだ受け入れていない",
            "value": counts.open,
            "unit": "件",
            "kind": "warning" if counts.open else "success",
        },
    ]
