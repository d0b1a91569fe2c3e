"""From what may be known to files: path inside the folder → bytes. The same board gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from backend.core import downloads

from . import picture, rules
from .queries import Board

STATIC = settings.BASE_DIR / "frontend" / "static"
SHEETS = {
    "tokens.css": "vendor/digital-go-jp/tokens.css",
    "base.css": "css/base.css",
    "public.css": "css/public.css",
    "published.css": "css/published.css",
}


def site(board: Board) -> dict[str, bytes]:
    """Every file of the site."""
    table = sheet(board)
    pictures = {
        f"shelters/shelters{'' if number == 1 else f'-{number}'}.jpg": content
        for number, content in enumerate(picture.pictures(board), 1)
    }
    shared = {
        "board": board,
        "municipality": board.municipality,
        "disaster_name": board.disaster,
        "demo_notice": notice(board),
        "licence": rules.LICENCE,
        "licence_name": rules.LICENCE_NAME,
        "licence_url": rules.LICENCE_URL,
        "csv_size": len(table),
        "pictures": [
            {"file": name.rpartition("/")[2], "size": len(content), "number": number}
            for number, (name, content) in enumerate(pictures.items(), 1)
        ],
    }
    up = {**shared, "root": "../", "public_home": "../", "assets": "../assets/"}
    return {
        "index.html": _html(
            "index",
            {
                **shared,
                "apply_url": f"{settings.PUBLIC_URL}/apply/",
                "root": "",
                "public_home": "./",
                "assets": "assets/",
            },
        ),
        "shelters/index.html": _html("shelters", up),
        **pictures,
        "open/index.html": _html("open", {**up, "columns": rules.COLUMNS}),
        "open/shelters.csv": table,
        "open/datapackage.json": package(board, table),
        **assets(),
    }


def notice(board: Board) -> str:
    """What stands on top of every page that is not meant in earnest."""
    return {
        "訓練": "訓練です。実際の災害の情報ではありません。",
        "見本": "練習用の見本です。町も人数も架空のものです。",
    }.get(board.mark, "")


def sheet(board: Board) -> bytes:
    """The CSV: UTF-8 with a byte order mark (for Excel), CRLF, one header line."""
    out = io.BytesIO()
    downloads.write_csv(records(board), out, "utf-8")
    return out.getvalue()


def records(board: Board) -> Iterator[list[str]]:
    """The header and the lines of the CSV."""
    yield [name for name, _, _ in rules.COLUMNS]
    for line in board.lines:
        yield rules.record(
            line, code=board.code, municipality=board.municipality, as_of=board.as_of, note=notice(board)
        )


def package(board: Board, table: bytes) -> bytes:
    """datapackage.json (Frictionless Data Package) of the CSV beside it."""
    mark = f"【{board.mark}】" if board.mark else ""
    content: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "shelters-open",
        "title": f"{mark}開設中の避難所と避難者数（{board.disaster}）",
        "description": f"{rules.as_of_text(board.as_of)}。{notice(board)}",
        "version": rules.moment(board.as_of),
        "created": rules.moment(board.as_of),
        "contributors": [{"title": board.municipality, "role": "publisher"}],
        "licenses": [{"name": "CC-BY-4.0", "title": rules.LICENCE_NAME, "path": rules.LICENCE_URL}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "shelters",
                "path": "shelters.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": len(table),
                "hash": f"sha256:{hashlib.sha256(table).hexdigest()}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {
                    "fields": [{"name": n, "type": kind, "description": text} for n, kind, text in rules.COLUMNS],
                    "missingValues": [""],
                },
            }
        ],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def assets() -> dict[str, bytes]:
    """Style sheets and mark, without comments, white space and the tokens that no sheet asks for: a page stays light."""
    texts = {name: (STATIC / path).read_text(encoding="utf-8") for name, path in SHEETS.items()}
    texts["tokens.css"] = _asked_for(texts["tokens.css"], "".join(texts.values()))
    files = {f"assets/{name}": _squeezed(text).encode() for name, text in texts.items()}
    return {**files, "assets/tasuki.svg": (STATIC / "img" / "tasuki.svg").read_bytes()}


def _asked_for(tokens: str, sheets: str) -> str:
    """The tokens that some `var(--…)` names, also by way of another token."""
    asked = set(re.findall(r"var\((--[\w-]+)", sheets))
    return re.sub(
        r"^\s*(--[\w-]+):[^;]*;\n", lambda found: found[0] if found[1] in asked else "", tokens, flags=re.MULTILINE
    )


def _squeezed(text: str) -> str:
    """A style sheet without comments and the space that means nothing; what stands between quotes is not touched."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    parts = re.split(r'("[^"]*")', text)
    parts[::2] = [re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", part)) for part in parts[::2]]
    return "".join(parts).replace(";}", "}").strip() + "\n"


def _html(name: str, context: dict[str, Any]) -> bytes:
    text = render_to_string(f"publication/site/{name}.html", context)
    return (re.sub(r"\s*\n\s*", "\n", text).strip() + "\n").encode()
