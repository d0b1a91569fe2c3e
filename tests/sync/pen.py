"""A chain of entries, written by hand: the other side of the exchange, without any of its code."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.journal.content import FIRST_PREV, as_bytes, iso, sha256

SECRET = "s" * 40


class Pen:
    """A chain of entries, written by hand."""

    def __init__(self, device: UUID | None = None) -> None:
        self.device = device or uuid7()
        self.seq, self.prev = 0, FIRST_PREV
        self.lines: list[bytes] = []

    def write(self, kind: str, payload: dict[str, Any], at: datetime | None = None, **changed: Any) -> bytes:
        """The next entry; `changed` overrides what it says of itself, as a broken or forged one would."""
        moment = iso(at or now())
        content = {
            "id": str(uuid7()),
            "device": str(self.device),
            "seq": self.seq + 1,
            "kind": kind,
            "v": 1,
            "occurred_at": moment,
            "recorded_at": moment,
            "actor": "command",
            "payload": payload,
            "prev": self.prev,
        } | changed
        line = as_bytes(content)
        self.seq, self.prev = self.seq + 1, sha256(line)
        self.lines.append(line)
        return line

    def arrive(self, opening: UUID, number: str = "0001", **more: Any) -> bytes:
        return self.write("stay.arrived", {"opening": str(opening), "person": {"atena_no": number}}, **more)
