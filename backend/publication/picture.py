"""The table of open shelters as JPEG pictures, for those who can pass on nothing but pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import typst
from PIL import Image

from backend.characters import faces
from backend.core.clock import TOKYO

from . import rules
from .queries import Board

ROWS = 30  # on one picture
PPI = 120  # 1,600 pixels wide
QUALITY = 72
TEMPLATES = Path(__file__).with_name("typst")
GETA = "〓"
WORDS = {
    "name": "避難所",
    "place": "所在地・電話",
    "opened": "開設",
    "people": "避難者（人）",
    "households": "世帯",
    "observed": "人数の確認",
    "room": "空き状況",
    "none": "開設中の避難所はありません。",
    "unknown": "不明",
}


def pictures(board: Board) -> list[bytes]:
    """JPEG files of at most thirty shelters each; one that says so when none is open."""
    chain = faces.chain()
    data = {
        "families": chain.families,
        "words": _dressed(WORDS, chain),
        "pages": _dressed(_pages(board), chain),
    }
    made = typst.compile(
        str(TEMPLATES / "shelters.typ"),
        root=str(TEMPLATES),
        font_paths=chain.fonts,
        format="png",
        ppi=PPI,
        sys_inputs={"d": json.dumps(data, ensure_ascii=False)},
    )
    return [_jpeg(png) for png in (made if isinstance(made, list) else [made])]


def _pages(board: Board) -> list[dict[str, Any]]:
    chunks = [board.lines[start : start + ROWS] for start in range(0, len(board.lines), ROWS)] or [[]]
    people = "不明" if board.people is None else f"{board.people:,}人"
    total = f"開設中 {len(board.lines):,}か所　避難者 {people}"
    if board.uncounted and board.people is not None:
        total += f"（ほかに人数不明 {board.uncounted:,}か所）"
    return [
        {
            "mark": board.mark,
            "title": f"開設中の避難所　{board.municipality}",
            "disaster": board.disaster,
            "as_of": board.as_of_text,
            "total": total,
            "page": f"{number}／{len(chunks)}枚" if len(chunks) > 1 else "",
            "foot": f"{board.municipality}　{rules.LICENCE}（出典を示せば自由に使えます）　人数は避難所の名簿か報告の、新しいほうです。",
            "rows": [_row(line) for line in lines],
        }
        for number, lines in enumerate(chunks, 1)
    ]


def _row(line: rules.Line) -> dict[str, str]:
    count = line.count
    return {
        "name": line.name,
        "kana": line.kana,
        "address": line.address,
        "phone": line.phone,
        "opened": _short(line.opened_at),
        "people": "不明" if count.people is None else f"{count.people:,}",
        "households": "不明" if count.households is None else f"{count.households:,}",
        "observed": f"{_short(count.at)}（{count.source}）" if count.at else "",
        "room": line.room,
    }


def _short(at: Any) -> str:
    local = at.astimezone(TOKYO)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def _dressed(value: Any, chain: faces.Chain) -> Any:
    """Every text replaced by [font, piece] runs, as the template wants it; the shape stays."""
    if isinstance(value, str):
        return _runs(value, chain)
    if isinstance(value, dict):
        return {key: _dressed(inner, chain) for key, inner in value.items()}
    return [_dressed(inner, chain) for inner in value]


def _runs(text: str, chain: faces.Chain) -> list[tuple[int, str]]:
    """Sans first, because it is read on a screen. A character without a font becomes 〓: a list of shelters can't wait."""
    order = sorted(
        range(len(chain.faces)), key=lambda i: not any(s in chain.faces[i].family for s in ("Sans", "Gothic"))
    )
    result: list[tuple[int, str]] = []
    for cluster in faces.clusters(text):
        piece = next((p for p in (cluster, cluster[0], GETA) if any(face.has(p) for face in chain.faces)), GETA)
        index = next((i for i in order if chain.faces[i].has(piece)), order[0])
        if result and result[-1][0] == index:
            result[-1] = (index, result[-1][1] + piece)
        else:
            result.append((index, piece))
    return result


def _jpeg(png: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
