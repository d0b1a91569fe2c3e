"""What nights away, visitors and parcels do to their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.shelters.apply import Topics, meet, who, write
from backend.shelters.contradictions import Found
from backend.shelters.models import Away, Ended, Parcel, Visitor


def went_away(entries: Sequence[Any]) -> None:
    meet(entries)
    texts = ("until", "place", "phone")
    write(
        Away,
        entries,
        lambda p: {"opening": p["opening"], "evacuee": who(p["person"]), **{key: p.get(key, "") for key in texts}},
    )


def came(entries: Sequence[Any]) -> None:
    texts = ("name", "asks_for", "phone", "result")
    write(Visitor, entries, lambda p: {"opening": p["opening"], **{key: p.get(key, "") for key in texts}})


def arrived(entries: Sequence[Any]) -> None:
    texts = ("addressee", "what", "sender", "place")
    write(Parcel, entries, lambda p: {"opening": p["opening"], **{key: p.get(key, "") for key in texts}})


def ended(entries: Sequence[Any]) -> None:
    write(
        Ended,
        entries,
        lambda p: {
            "opening": p["opening"],
            "began": UUID(p["entry"]),
            "result": p.get("result", ""),
            "note": p.get("note", ""),
        },
    )


def check_ended(entries: Sequence[Any]) -> Found:
    """What ends must have begun; that it ended twice is no contradiction: the first one counts."""
    asked = [e.payload["entry"] for e in entries]
    known = {
        pk
        for table in (Away, Visitor, Parcel)
        for pk in table.objects.filter(pk__in=asked).values_list("pk", flat=True)
    }
    return [
        (e.uuid, "ended_nothing", "外泊・来訪・荷物の始まりの記録がありません")
        for e in entries
        if UUID(e.payload["entry"]) not in known
    ]


def about(payload: dict[str, Any]) -> Topics:
    return [("place", UUID(payload["opening"])), ("entry", UUID(payload["entry"]))]
