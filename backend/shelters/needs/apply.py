"""What entries about needs do to the tables. What was stated stands until its own entry is met or taken back: so two
desks that write at the same time never put out each other's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from backend.shelters.apply import meet, who, write
from backend.shelters.contradictions import Found
from backend.shelters.models import Need, NeedMet


def stated(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        Need,
        entries,
        lambda p: {"evacuee": who(p["person"]), "need": p["need"], "text": p.get("text", "")},
    )


def met(entries: Sequence[Any]) -> None:
    write(NeedMet, entries, lambda p: {"stated": UUID(p["entry"]), "note": p.get("note", "")})


def check_met(entries: Sequence[Any]) -> Found:
    known = set(Need.objects.filter(entry__in=[e.payload["entry"] for e in entries]).values_list("entry", flat=True))
    return [
        (e.uuid, "met_nothing", "解決したという要望の記録がありません")
        for e in entries
        if UUID(e.payload["entry"]) not in known
    ]
