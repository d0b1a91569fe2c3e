"""What laptops and headquarters send each other: a body of lines, the same over a line and on a USB stick.

The first line is a JSON object in UTF-8 that says what the body is, the others are entries, byte for byte. So that the
page of somebody's Wi-Fi is never taken for an answer, every body names itself and the request that it answers.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from backend.core.errors import Refused

PROTOCOL = "tasuki-journal"
MEDIA = "application/gzip"
VERSION = 1
OLDEST = 1
MOST_LINES = 1000
MOST_BYTES = 8 * 1024 * 1024


class Unusable(Refused):
    """This is no body of the protocol, or was cut off, or is of a version that is not spoken here."""

    code = "unusable"
    status = 400


@dataclass
class Body:
    head: dict[str, Any]
    lines: list[bytes]


def pack(what: str, head: dict[str, Any], lines: list[bytes] | None = None) -> bytes:
    """A body, compressed."""
    lines = lines or []
    first = {"is": PROTOCOL, "what": what, "v": VERSION, "lines": len(lines), **head}
    text = json.dumps(first, ensure_ascii=False, separators=(",", ":")).encode()
    return gzip.compress(b"\n".join([text, *lines]), 6, mtime=0)


def unpack(data: bytes, what: str) -> Body:
    """Read a body; raises `Unusable` for whatever is not whole, not ours, or not this one."""
    try:
        inflater = zlib.decompressobj(wbits=31)
        plain = inflater.decompress(data, MOST_BYTES * 8)
        if not inflater.eof or inflater.unused_data:
            raise Unusable("途中で切れています。もう一度送ってください。")
        first, *lines = plain.split(b"\n")
        head = json.loads(first)
    except (zlib.error, ValueError) as error:
        raise Unusable("やり取りの形式ではありません。") from error
    if not isinstance(head, dict) or head.get("is") != PROTOCOL or head.get("what") != what:
        raise Unusable("やり取りの形式ではありません。")
    if not isinstance(head.get("v"), int) or head["v"] < OLDEST:
        raise Unusable("版が古すぎて、やり取りができません。端末の Tasuki を新しくしてください。")
    if head.get("lines") != len(lines):
        raise Unusable("途中で切れています。もう一度送ってください。")
    return Body(head, lines)


def whose() -> dict[str, str]:
    """Which municipality's this server is."""
    return {"municipality": settings.MUNICIPALITY_CODE, "municipality_name": settings.MUNICIPALITY}
