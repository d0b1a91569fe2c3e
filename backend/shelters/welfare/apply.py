"""What entries about welfare shelters do to the tables. An arrival is no entry of its own: it is the stay there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ..apply import meet, who, write
from ..contradictions import Found
from ..models import WelfareAnswer, WelfareCancel, WelfarePlaces, WelfareRequest, WelfareTransport


def places_told(entries: Sequence[Any]) -> None:
    texts = ("told_by", "note")
    write(
        WelfarePlaces,
        entries,
        lambda p: {"facility": p["facility"], "places": p["places"], **{key: p.get(key, "") for key in texts}},
    )


def asked(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        WelfareRequest,
        entries,
        lambda p: {
            "request": p["request"],
            "evacuee": who(p["person"]),
            "needs": p["needs"],
            "devices": p.get("devices", ""),
            "companions": p.get("companions", 0),
            "opening": p.get("opening"),
            "contact": p.get("contact", ""),
        },
    )


def answered(entries: Sequence[Any]) -> None:
    meet(entries)
    texts = ("reason", "told_by")
    write(
        WelfareAnswer,
        entries,
        lambda p: {
            "request": p["request"],
            "facility": p["facility"],
            "answer": p["answer"],
            "over": p.get("over", False),
            **{key: p.get(key, "") for key in texts},
        },
    )


def transported(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        WelfareTransport,
        entries,
        lambda p: {
            "request": p["request"],
            "carrier": p["carrier"],
            "leaves_at": p.get("leaves_at"),
            "note": p.get("note", ""),
        },
    )


def cancelled(entries: Sequence[Any]) -> None:
    meet(entries)
    write(WelfareCancel, entries, lambda p: {"request": p["request"], "reason": p.get("reason", "")})


def check_turn(entries: Sequence[Any]) -> Found:
    """Something that could not be as the request stood: two welfare shelters accepted, or one after it was cancelled."""
    from .queries import standings

    ignored = {
        entry for found in standings({UUID(e.payload["request"]) for e in entries}).values() for entry in found.ignored
    }
    return [
        (e.uuid, "welfare_out_of_turn", "福祉避難所の依頼に、食い違う答えか手配があります")
        for e in entries
        if e.uuid in ignored
    ]


def topics(payload: dict[str, Any]) -> list[tuple[str, UUID | None]]:
    """Laptops learn of the requests of people whom they know; how many places there are is headquarters' matter."""
    found: list[tuple[str, UUID | None]] = []
    if payload.get("person"):
        found.append(("person", who(payload["person"])))
    if payload.get("opening"):
        found.append(("place", UUID(payload["opening"])))
    return found
