"""Register files in the words of the pages: rows, facts and cards for the components of the frontend."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.core import dates

from . import layout
from .layouts.header_changes import in_words
from .models import RegisterFile, SetAsideRow
from .preview import ENCODINGS

FILE_COLUMNS = [
    {"label": "ファイル名"},
    {"label": "種別"},
    {"label": "基準日"},
    {"label": "受領"},
    {"label": "担当"},
    {"label": "行数", "number": True},
    {"label": "取込", "number": True},
    {"label": "変更なし", "number": True},
    {"label": "保留", "number": True},
    {"label": "取り置き", "number": True},
    {"label": "うち未修正", "number": True},
    {"label": "要確認", "number": True},
]


def text(value: object) -> dict[str, str]:
    """A cell that is shown as it is: the table would write a number with its thousands apart, and drop leading zeros."""
    return {"text": str(value) or "―"}


def who(file: RegisterFile) -> str:
    return file.received_by.display_name if file.received_by else "コマンド"


def day(file: RegisterFile) -> str:
    return f"{file.as_of:%Y-%m-%d}" if file.as_of else "―"


def file_row(file: Any) -> dict[str, Any]:
    """A row of the list; `file` carries `waiting`."""
    waiting = {"text": f"{file.waiting:,}", "badge": "warning"} if file.waiting else "0"
    return {
        "cells": [
            {"text": file.name, "url": reverse("registry:file", args=[file.pk])},
            file.get_kind_display(),
            day(file),
            file.received_at,
            who(file),
            file.rows,
            file.accepted,
            file.unchanged,
            file.pending,
            file.set_aside,
            waiting,
            file.flagged,
        ]
    }


def file_facts(file: RegisterFile) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = [{"label": "種別", "value": file.get_kind_display()}]
    if file.as_of:
        items.append({"label": "基準日", "value": f"{dates.era(file.as_of)}（{file.as_of}）の終わり"})
    if file.corrects:
        url = reverse("registry:file", args=[file.corrects_id])
        items.append({"label": "元のファイル", "value": file.corrects.name, "url": url})
    return [
        *items,
        *_layout_facts(file),
        *_comparison_facts(file),
        {"label": "文字コード", "value": ENCODINGS.get(file.encoding, file.encoding)},
        {"label": "大きさ", "value": f"{file.size:,}バイト"},
        {"label": "担当", "value": who(file)},
        {"label": "読んだ列", "value": "、".join(layout.JAPANESE.get(name, name) for name in file.columns)},
        {
            "label": "そのまま保管した列",
            "value": "、".join(file.unknown_columns) or "なし",
            "note": "" if not file.unknown_columns else "対応する項目がなく、画面には出しません",
        },
        {
            "label": "破棄した列",
            "value": "、".join(file.dropped_columns) or "なし",
            "note": "" if not file.dropped_columns else "個人番号のため保管していません",
        },
        {"label": "指紋（SHA-256）", "value": f"{file.fingerprint[:16]}…"},
    ]


def _layout_facts(file: RegisterFile) -> list[dict[str, Any]]:
    """The mapping that a file was read with, what is new in its header, and rows that are none of the register's."""
    items = []
    if file.layout != "canonical":
        version = f"第{file.layout_version}版" if file.layout_version else ""
        items.append({"label": "列の対応表", "value": file.layout, "note": version})
    if file.header_changes:
        items.append({"label": "見出しの変化", "value": "／".join(in_words(file.header_changes))})
    if file.left_out:
        note = "対応表により、住民記録に入れない行（転出者・死亡者など）。行数には数えません"
        items.append({"label": "対象外の行", "value": f"{file.left_out:,}行", "note": note})
    return items


def _comparison_facts(file: RegisterFile) -> list[dict[str, Any]]:
    """What was found by comparing with the export before, where the vendor gave no changes of the days between."""
    items = []
    for found in file.comparisons.filter(ended_by=None).select_related("earlier"):
        label = f"{dates.era(found.earlier.as_of)}の全件との比較"
        if found.torn:
            note = "人が減りすぎており、欠けたファイルのおそれがあります。異動は一つも取り出していません"
            items.append({"label": label, "value": f"{found.missing:,}人の記載がない", "note": note})
        else:
            note = "異動ファイルのない日なので、全件どうしを比べて異動を見つけました。事由と日付は推定です"
            said = f"異動 {found.rows:,}件（うち記載がなくなった人 {found.missing:,}人）"
            items.append({"label": label, "value": said, "note": note})
    return items


def torn(file: RegisterFile) -> str:
    """What is said over a file that may lack people: an export with far fewer of them than the one beside it."""
    found = file.comparisons.filter(ended_by=None, torn=True).select_related("earlier").first()
    if found is None:
        return ""
    return (
        f"{dates.era(found.earlier.as_of)}の全件にいた{found.missing:,}人の記載がありません。異動は一つも取り出していません。"
        "住民記録システムの担当に、出力し直しを頼んでください。"
    )


def file_cards(file: Any) -> list[dict[str, Any]]:
    waiting = getattr(file, "waiting", 0)
    compared = [found.rows for found in file.comparisons.filter(ended_by=None, torn=False)]
    note = "前後の全件と比べて。くわしくは「ファイルについて」に"
    found_cards = [{"label": "見つけた異動", "value": sum(compared), "unit": "件", "note": note}] if compared else []
    return [
        {"label": "行数", "value": file.rows, "unit": "行"},
        {"label": "取込", "value": file.accepted, "unit": "行"},
        {"label": "変更なし", "value": file.unchanged, "unit": "行", "note": "前に取り込んだ行と同じ"},
        {
            "label": "保留",
            "value": file.pending,
            "unit": "行",
            "note": "全件にない人の異動。後のファイルで分かるまで待つ",
        },
        {
            "label": "取り置き",
            "value": file.set_aside,
            "unit": "行",
            "note": f"未修正 {waiting:,}行" if file.set_aside and not file.corrects_id else "",
            "kind": "warning" if waiting else "",
        },
        {"label": "要確認", "value": file.flagged, "unit": "行", "note": "取り込んだ行のうち"},
        *found_cards,
    ]


def set_aside_columns(*, with_person: bool) -> list[dict[str, Any]]:
    person = [{"label": "宛名番号"}, {"label": "氏名"}] if with_person else []
    return [{"label": "行"}, {"label": "理由"}, *person]


def set_aside_row(row: SetAsideRow, *, with_person: bool) -> dict[str, Any]:
    cells: list[Any] = [text(row.line_no), "／".join(row.reasons)]
    if with_person:
        said = row.read or row.values
        name = said.get("氏名", "").strip()
        cells += [text(said.get("宛名番号", "")), {"text": name, "name": True} if name else text("")]
    return {"cells": cells}
