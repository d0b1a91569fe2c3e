"""What entries do to this room's tables. The only writers of them; set-based, safe to repeat, the same in any batching."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from backend.core import bulk
from backend.facilities.apply import retime
from backend.journal import people

from . import rules
from .models import Answer, HandOut, Receipt, Request

TABLES = (Request, Answer, Receipt, HandOut)
Topics = list[tuple[str, UUID | None]]


def _write(table: Any, entries: Sequence[Any], values: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    rows = [
        {
            "entry": e.uuid,
            "occurred_at": e.occurred_at,
            "received_at": e.received_at,
            "received_no": e.received_no,
            **values(e.payload),
        }
        for e in entries
    ]
    names = list(rows[0]) if rows else []
    bulk.put(table, names, [[row[name] for name in names] for row in rows], unless_there=True)


def requested(entries: Sequence[Any]) -> None:
    keys, texts = ("opening", "what", "quantity", "urgency"), ("unit", "until", "note")
    _write(Request, entries, lambda p: {k: p[k] for k in keys} | {k: p.get(k, "") for k in texts})


def answered(entries: Sequence[Any]) -> None:
    _write(Answer, entries, lambda p: {"request": UUID(p["entry"]), "state": p["state"], "note": p.get("note", "")})


def received(entries: Sequence[Any]) -> None:
    _write(
        Receipt,
        entries,
        lambda p: {
            "opening": p["opening"],
            "request": UUID(p["entry"]) if p.get("entry") else None,
            "what": p["what"],
            "quantity": p["quantity"],
            "unit": p.get("unit", ""),
            "brought_by": p.get("brought_by", ""),
        },
    )


def check_answered(entries: Sequence[Any]) -> list[tuple[UUID, str, str]]:
    """An answer without its request is a contradiction; two answers are not: the later one holds."""
    return [(uuid, "answered_nothing", "回答の相手の要望の記録がありません") for uuid in _of_nothing(entries)]


def check_received(entries: Sequence[Any]) -> list[tuple[UUID, str, str]]:
    """What came for a request that nobody knows. More than was asked for is none: what came, came."""
    return [(uuid, "received_for_nothing", "届いた物資の要望の記録がありません") for uuid in _of_nothing(entries)]


def _of_nothing(entries: Sequence[Any]) -> list[UUID]:
    """Those of these entries whose request was never made, as far as is known."""
    asked = {e.uuid: UUID(e.payload["entry"]) for e in entries if e.payload.get("entry")}
    known = set(Request.objects.filter(entry__in=set(asked.values())).values_list("entry", flat=True))
    return [uuid for uuid, request in asked.items() if request not in known]


def handed_out(entries: Sequence[Any]) -> None:
    people.meet(entries)
    _write(
        HandOut,
        entries,
        lambda p: {
            "opening": p["opening"],
            "evacuee": people.who(p["person"]) if p.get("person") else None,
            "given_to": p.get("given_to", ""),
            "what": p["what"],
            "key": rules.same_thing(p["what"])[:100],
            "quantity": p["quantity"],
            "unit": p.get("unit", ""),
        },
    )


def void(targets: Sequence[Any], at: datetime) -> None:
    """Take back what these entries did, as known from `at` on; the first to take back counts."""
    ids = [target.uuid for target in targets]
    for table in TABLES:
        rows = table.objects.filter(entry__in=ids)
        rows.filter(Q(voided_at__isnull=True) | Q(voided_at__gt=at)).update(voided_at=at)


def retimed(times: Mapping[UUID, datetime]) -> None:
    """What these entries left behind was so at another time: the clock by which they were written was wrong."""
    retime(TABLES, times)


def drop() -> None:
    for table in TABLES:
        table.objects.all().delete()


def about(payload: dict[str, Any]) -> Topics:
    """The shelter, the request that is answered or came, the person who was given something."""
    found: Topics = [("place", UUID(payload["opening"]))]
    found += [("entry", UUID(payload["entry"]))] if payload.get("entry") else []
    return found + ([("person", people.who(payload["person"]))] if payload.get("person") else [])
