"""What photographed lists do to their tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.shelters.apply import Topics, meet, who, write
from backend.shelters.contradictions import Found
from backend.shelters.models import Sheet, SheetLine

_HASH = re.compile("[0-9a-f]{64}").fullmatch


def attached(entries: Sequence[Any]) -> None:
    keys = ("opening", "number", "sha256", "size", "kind")
    write(Sheet, entries, lambda p: {key: p[key] for key in keys} | {"title": p.get("title", "")})


def about(payload: dict[str, Any]) -> Topics:
    if not _HASH(payload["sha256"]):
        raise ValueError("a picture is named by its SHA-256")
    return [("place", UUID(payload["opening"]))]


def files(payload: dict[str, Any]) -> list[tuple[str, int]]:
    return [(payload["sha256"], payload["size"])]


def typed(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        SheetLine,
        entries,
        lambda p: {
            "sheet": UUID(p["entry"]),
            "line": p["line"],
            "result": p["result"],
            "evacuee": who(p["person"]) if p.get("person") else None,
            "text": p.get("text", ""),
        },
    )


def about_line(payload: dict[str, Any]) -> Topics:
    found: Topics = [("place", UUID(payload["opening"])), ("entry", UUID(payload["entry"]))]
    return found + ([("person", who(payload["person"]))] if payload.get("person") else [])


def check_typed(entries: Sequence[Any]) -> Found:
    asked = {e.payload["entry"] for e in entries}
    known = set(Sheet.objects.filter(entry__in=asked).values_list("entry", flat=True))
    return [
        (e.uuid, "typed_from_nothing", "入力のもとになった紙の名簿の記録がありません")
        for e in entries
        if UUID(e.payload["entry"]) not in known
    ]
