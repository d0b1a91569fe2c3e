"""From frozen content to PDF/A: the same content and printing give the same bytes, every time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import qrcode
import typst

from backend.characters import faces

from . import fonts, settling
from .rules import texts
from .settling import Whose
from .tokens import grouped

TEMPLATES = Path(__file__).with_name("typst")
# Stands in content for programs, not for readers: passed to the typesetter as it is, or not at all.
PLAIN = {"form", "verify_url", "token", "persons", "characters"}


@dataclass(frozen=True)
class Paper:
    """One printed form: its template, its fixed words, and what its fields are called when a character is missing."""

    template: str
    labels: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)


PAPERS = {
    "hisai/1": Paper(
        template="hisai.typ",
        labels={
            "head": "世帯主",
            "name": "氏名",
            "address": "住所",
            "household_number": "り災番号",
            "disaster": "災害",
            "occurred": "発災年月日",
            "place": "被災場所",
            "members": "世帯員",
            "relationship": "続柄",
            "birth": "生年月日",
            "purpose": "使用目的",
            "seal": "公印",
            "department": "担当",
            "check": "この証明書が本物で有効かどうかは、右の二次元コードを携帯電話などで読み取るか、次のページで確認番号を入力して確かめられます。",
            "token": "確認番号",
            "copy": "再交付",
            "copy_of": "通目",
            "page": "ページ",
            "void": "失効",
            "continued": "（続き）",
        },
        names={
            "head.name": "世帯主の氏名",
            "head.address": "世帯主の住所",
            "disaster": "災害の名称",
            "place": "被災場所",
            "purpose": "使用目的",
            "members.*.name": "世帯員{n}の氏名",
            "members.*.relationship": "世帯員{n}の続柄",
            "mayor": "市町村長の氏名",
        },
    )
}


def check(content: dict[str, Any]) -> None:
    """Raises `fonts.Held` if anything on the paper can't be printed exactly, or as it was settled when it was issued."""
    ways = content.get("characters", {})
    fonts.hold((label(content["form"], path), text, ways.get(path, {})) for path, text in texts(printed(content)))


def settle(content: dict[str, Any], whose: Mapping[str, Whose], **paper: Any) -> dict[str, dict[str, Any]]:
    """How characters are printed that aren't printed as they stand: path -> code points -> way. Raises `fonts.Held`.

    `whose` says of which person or household, and from which source, the text at a path is; `paper` (kind, disaster,
    household) goes with what has to wait.
    """
    labelled = [(path, label(content["form"], path), text) for path, text in texts(printed(content))]
    return settling.settle(labelled, whose, **paper)


def printed(content: dict[str, Any]) -> dict[str, Any]:
    """The part of the content that a reader sees."""
    return {key: value for key, value in content.items() if key not in PLAIN}


def render(content: dict[str, Any], *, at: datetime, copy: int = 1, copied_on: str = "", void: bool = False) -> bytes:
    """The paper as PDF/A-2u. `at` is the time of this printing; `copy` from 2 on is marked as 再交付, `void` as 失効.

    Same arguments and same fonts give the same bytes. Raises `fonts.Held` if a character can't be printed.
    """
    check(content)
    paper = PAPERS[content["form"]]
    labels = dict(paper.labels)
    if copy > 1:
        labels["copy_line"] = f"{labels['copy']}　{copy}{labels['copy_of']}　{copied_on}"
    data = {
        "families": faces.chain().families,
        "meta": f"{content['title']} {content['number']}",
        "t": _dressed(printed(content), content.get("characters", {})),
        "l": _dressed(labels),
        "token": _dressed(grouped(content["token"])),
        "verify_page": _dressed(content["verify_url"].rpartition("/")[0] + "/"),
        "qr": qr_svg(content["verify_url"]),
        "void": void,
    }
    return typst.compile(
        str(TEMPLATES / paper.template),
        root=str(TEMPLATES),
        font_paths=faces.chain().fonts,
        sys_inputs={"d": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["a-2u"],
        timestamp=int(at.timestamp()),
    )


def qr_svg(address: str) -> str:
    """The QR code (error correction M, quiet zone of four) as one SVG path."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(address)
    code.make(fit=True)
    matrix = code.get_matrix()
    size = len(matrix)
    path = "".join(
        f"M{found.start()} {y}h{len(found[0])}v1h-{len(found[0])}z"
        for y, row in enumerate(matrix)
        for found in re.finditer("1+", "".join("1" if dark else "0" for dark in row))
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'


def _dressed(value: Any, ways: Mapping[str, fonts.Ways] | None = None, path: str = "") -> Any:
    """Every text replaced by its runs; the shape stays."""
    if isinstance(value, str):
        return fonts.runs(value, (ways or {}).get(path))
    below = f"{path}." if path else ""
    if isinstance(value, dict):
        return {key: _dressed(inner, ways, f"{below}{key}") for key, inner in value.items()}
    return [_dressed(inner, ways, f"{below}{place}") for place, inner in enumerate(value)]


def label(form: str, path: str) -> str:
    """What the field at a path of the content is called: `世帯員2の氏名`."""
    pattern = re.sub(r"\.\d+(?=\.|$)", ".*", path)
    place = re.search(r"\.(\d+)(?=\.|$)", path)
    return PAPERS[form].names.get(pattern, "文書の文").format(n=int(place[1]) + 1 if place else "")
