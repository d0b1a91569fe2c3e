"""Roll files in the words of the pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.registry.preview import ENCODINGS
from backend.registry.tables import text

from .layouts import LAYOUTS
from .models import RollFile, RollSetAside

FILE_COLUMNS = [
    {"label": "ファイル名"},
    {"label": "台帳"},
    {"label": "年度"},
    {"label": "受領"},
    {"label": "担当"},
    {"label": "行数", "number": True},
    {"label": "取込", "number": True},
    {"label": "変更なし", "number": True},
    {"label": "取り置き", "number": True},
    {"label": "うち未修正", "number": True},
]
SET_ASIDE_COLUMNS = [{"label": "行"}, {"label": "理由"}, {"label": "番号"}]


def kind(file: RollFile) -> str:
    return file.get_kind_display() + ("（修正行）" if file.corrects_id else "")


def who(file: RollFile) -> str:
    return file.received_by.display_name if file.received_by else "コマンド"


def file_row(file: Any) -> dict[str, Any]:
    """A row of the list; `file` carries `waiting`."""
    waiting = {"text": f"{file.waiting:,}", "badge": "warning"} if file.waiting else "0"
    return {
        "cells": [
            {"text": file.name, "url": reverse("rolls:file", args=[file.pk])},
            kind(file),
            text(file.year or ""),
            file.received_at,
            who(file),
            file.rows,
            file.accepted,
            file.unchanged,
            file.set_aside,
            waiting,
        ]
    }


def file_cards(file: Any) -> list[dict[str, Any]]:
    return [
        {"label": "行数", "value": file.rows, "unit": "行"},
        {"label": "取込", "value": file.accepted, "unit": "行"},
        {"label": "変更なし", "value": file.unchanged, "unit": "行", "note": "取込済みの行と同じ"},
        {
            "label": "取り置き",
            "value": file.set_aside,
            "unit": "行",
            "note": f"未修正 {file.waiting:,}行" if file.set_aside and not file.corrects_id else "",
            "kind": "warning" if file.waiting else "",
        },
    ]


def file_facts(file: RollFile) -> list[dict[str, Any]]:
    layout = LAYOUTS[file.kind]
    facts: list[dict[str, Any]] = [{"label": "台帳", "value": kind(file)}]
    if file.year:
        facts.append({"label": "年度", "value": f"{file.year}年度（{file.year}年1月1日現在）"})
    dropped_note = "個人番号のため保管していません" if file.dropped_columns else ""
    kept_note = "対応する項目がなく、画面には出しません" if file.unknown_columns else ""
    return [
        *facts,
        {"label": "文字コード", "value": ENCODINGS.get(file.encoding, file.encoding)},
        {"label": "担当", "value": who(file)},
        {"label": "読んだ列", "value": "、".join(layout.header_of(name) for name in file.columns)},
        {"label": "そのまま保管した列", "value": "、".join(file.unknown_columns) or "なし", "note": kept_note},
        {"label": "破棄した列", "value": "、".join(file.dropped_columns) or "なし", "note": dropped_note},
        {"label": "指紋（SHA-256）", "value": f"{file.fingerprint[:16]}…"},
    ]


def set_aside_row(row: RollSetAside) -> dict[str, Any]:
    number = row.values.get("物件番号") or row.values.get("宛名番号") or ""
    return {"cells": [text(row.line_no), "／".join(row.reasons), text(number)]}
