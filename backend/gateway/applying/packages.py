"""The file in which sealed applications are carried inside: a head, a line for each, an end. Plain values only.

It is read twice: a file that was torn has no end, and then nothing of it is taken.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FORMAT = "tasuki-forms"
VERSION = 1
_LOOKUP, _KEY, _PICTURE = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{8}"), re.compile(r"[0-9a-f]{32}")


class PackageError(ValueError):
    """The file is none of ours, torn or altered; the message (Japanese) says why."""


@dataclass(frozen=True)
class SealedBody:
    key: str
    body: bytes


@dataclass(frozen=True)
class Package:
    """One application as it came, with its pictures by their ids."""

    lookup: str
    received_at: datetime
    form: SealedBody
    pictures: dict[str, SealedBody]


def head(municipality: str, made_at: datetime) -> bytes:
    said = {"format": FORMAT, "version": VERSION, "municipality": municipality, "made_at": made_at.isoformat()}
    return _line(said)


def line(package: Package) -> bytes:
    pictures = {name: [one.key, _text(one.body)] for name, one in package.pictures.items()}
    return _line(
        {
            "lookup": package.lookup,
            "received_at": package.received_at.isoformat(),
            "form": [package.form.key, _text(package.form.body)],
            "pictures": pictures,
        }
    )


def end(count: int) -> bytes:
    return _line({"end": count})


def check(path: Path, municipality: str) -> int:
    """How many applications a whole file has. Raises `PackageError`."""
    count, last = 0, b""
    with path.open("rb") as file:
        said = _read(file.readline())
        if said.get("format") != FORMAT:
            raise PackageError("オンライン申請のファイルではありません。")
        if said.get("version") != VERSION:
            raise PackageError("この版のファイルは読み込めません。プログラムの版を確かめてください。")
        if said.get("municipality") != municipality:
            raise PackageError("別の団体のオンライン申請です。")
        for text in file:
            count, last = count + 1, text
    if not last or _read(last) != {"end": count - 1}:
        raise PackageError("ファイルが途中で切れています。もう一度運んでください。")
    return count - 1


def read(path: Path) -> Iterator[Package]:
    """The applications of a file that was checked."""
    with path.open("rb") as file:
        file.readline()
        for text in file:
            said = _read(text)
            if "end" not in said:
                yield parse(said)


def parse_line(text: bytes) -> Package:
    return parse(_read(text))


def parse(said: dict[str, Any]) -> Package:
    try:
        lookup, pictures = said["lookup"], said["pictures"]
        if not _LOOKUP.fullmatch(lookup) or not all(_PICTURE.fullmatch(name) for name in pictures):
            raise PackageError("オンライン申請の形が決められたものと違います。")
        received = datetime.fromisoformat(said["received_at"])
        if received.utcoffset() is None:
            raise PackageError("オンライン申請の日時を読めません。")
        form = _body(said["form"])
        return Package(lookup, received, form, {name: _body(one) for name, one in pictures.items()})
    except (KeyError, TypeError, AttributeError, binascii.Error, ValueError) as error:
        if isinstance(error, PackageError):
            raise
        raise PackageError("オンライン申請の形が決められたものと違います。") from error


def _body(said: Any) -> SealedBody:
    key, text = said
    if not _KEY.fullmatch(key):
        raise PackageError("オンライン申請の形が決められたものと違います。")
    return SealedBody(key, base64.b64decode(text, validate=True))


def _read(text: bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError as error:
        raise PackageError("オンライン申請のファイルではないか、壊れています。") from error
    if not isinstance(said, dict):
        raise PackageError("オンライン申請のファイルではありません。")
    return said


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _line(said: Any) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
