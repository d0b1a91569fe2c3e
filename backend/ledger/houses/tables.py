"""Houses in the words of the pages: facts and rows for the components of the frontend."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.ledger.models import HouseRecord, HouseTable

from .queries import HouseView

TABLE_COLUMNS = [
    {"label": "ファイル名"},
    {"label": "種類"},
    {"label": "受領"},
    {"label": "担当"},
    {"label": "件数", "number": True},
    {"label": "取込", "number": True},
    {"label": "重複", "number": True},
    {"label": "読めない", "number": True},
    {"label": "状態"},
]
NOT_SAID = "記載なし"
FOUND_COLUMNS = [
    {"label": "所在地"},
    {"label": "住居表示住所"},
    {"label": "種類"},
    {"label": "構造"},
    {"label": "床面積（㎡）", "number": True},
    {"label": "物件番号"},
]
HISTORY_COLUMNS = [{"label": "年度"}, {"label": "所在地"}, {"label": "所有者"}, {"label": "構造"}, {"label": "〜まで"}]


def origin(record: HouseRecord) -> str:
    return f"{record.year}年度の{record.roll or '家屋'}課税台帳" if record.year else "台帳にない家屋（職員が登録）"


def size(record: HouseRecord) -> str:
    return f"{record.area:,}平方メートル" if record.area is not None else ""


def facts(view: HouseView) -> list[dict[str, Any]]:
    """What stands at the top of a house's page."""
    record = view.record
    marks = [
        label
        for label, said in (("共有", record.shared), ("区分所有", record.sectional), ("附属家", record.annex))
        if said
    ]
    rows: list[dict[str, Any]] = [
        {"label": "所在地", "value": record.lot or NOT_SAID, "note": record.house_no and f"家屋番号 {record.house_no}"},
        {"label": "住居表示住所", "value": record.address or NOT_SAID},
        {"label": "種類・用途", "value": "／".join(dict.fromkeys(filter(None, (record.kind, record.use)))) or NOT_SAID},
        {"label": "構造・階数", "value": " ".join(filter(None, (record.structure, record.floors and f"{record.floors}階"))) or NOT_SAID},
        {"label": "床面積・建築年", "value": "　".join(filter(None, (size(record), record.built))) or NOT_SAID},
    ]  # fmt: skip
    owner = {"label": "所有者", "value": view.owner or NOT_SAID, "kind": "name" if view.owner else ""}
    if view.owner_home:
        owner |= {"note": f"世帯 {view.owner_home.disaster_number}"}
    rows.append(owner)
    if view.present_owner:
        rows.append({"label": "現況所有者", "value": view.present_owner, "kind": "name"})
    if marks:
        rows.append({"label": "区分", "value": "、".join(marks)})
    if record.note:
        rows.append({"label": "覚え書き", "value": record.note})
    rows.append(
        {
            "label": "出所",
            "value": origin(record),
            "note": view.house.property_no and f"物件番号 {view.house.property_no}",
        }
    )
    return rows


def found_rows(records: list[HouseRecord]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": record.lot or record.address, "url": reverse("houses:house", args=[record.house_id])},
                record.address or "―",
                record.kind or record.use or "―",
                record.structure or "―",
                {"text": str(record.area) if record.area is not None else "―"},
                {"text": record.house.property_no or "未登録"},
            ]
        }
        for record in records
    ]


def history_rows(records: list[HouseRecord]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": f"{record.year}年度" if record.year else "手入力"},
                record.lot,
                {"text": record.owner_name or "―", "name": bool(record.owner_name)},
                record.structure or "―",
                record.until,
            ]
        }
        for record in records
    ]


def table_row(table: HouseTable) -> dict[str, Any]:
    return {
        "cells": [
            table.name,
            table.get_kind_display(),
            table.received_at,
            table.received_by.display_name if table.received_by else "コマンド",
            table.rows,
            table.accepted,
            table.unchanged,
            {"text": f"{table.set_aside:,}", "badge": "warning"} if table.set_aside else "0",
            "終了" if table.until else {"text": "使用中", "badge": "success"},
        ],
        "muted": table.until is not None,
    }
