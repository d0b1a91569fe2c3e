"""Writing into the journal as the server's own device, and making the tables anew from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from backend.accounts.models import Staff
from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.fields import uuid7

from . import kinds, schema
from .apply import replay, take
from .models import Device, Entry, Head

CHUNK = 2000
BY_COMMAND = "command"


@dataclass(frozen=True)
class Draft:
    """What is to be recorded: the kind (its newest version is taken), its payload, and when it was so (aware)."""

    kind: str
    payload: dict[str, Any]
    occurred_at: datetime


def lock() -> Head:
    """Hold the journal until the end of the caller's transaction, so that what is checked is still so when recorded.

    Services take it first, before they look at anything.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("lock() belongs into the transaction of the act itself")
    head = Head.objects.select_for_update().first()
    if head is None:
        Head.objects.get_or_create(pk=1)
        head = Head.objects.select_for_update().get()
    return head


def record(
    *, kind: str, payload: dict[str, Any], occurred_at: datetime, by: Staff | None, recorded_at: datetime | None = None
) -> Entry:
    """Record one fact and apply it, in one transaction with the caller's. `by=None` is an operator's command.

    Raises `Refused` when the payload is not as the kind wants it; KeyError for a kind that no room has.
    """
    return record_many(drafts=[Draft(kind, payload, occurred_at)], by=by, recorded_at=recorded_at)[0]


@transaction.atomic
def record_many(*, drafts: Sequence[Draft], by: Staff | None, recorded_at: datetime | None = None) -> list[Entry]:
    """Record several facts as one act; the order is the order of the chain."""
    head = lock()
    server = server_device()
    received_at = now()
    entries = []
    for draft in drafts:
        _require_whole(draft)
        entries.append(_entry(draft, server, head, by, recorded_at or received_at, received_at))
    Entry.objects.bulk_create(entries, batch_size=500)
    server.save(update_fields=["last_seq", "last_sha256"])
    head.save(update_fields=["received_no"])
    take(entries)
    return entries


def server_device() -> Device:
    """This database as a device."""
    device = Device.objects.filter(is_server=True).first()
    return device or Device.objects.get_or_create(is_server=True, defaults={"name": "本部"})[0]


def _require_whole(draft: Draft) -> None:
    wrong = schema.problems(kinds.newest(draft.kind).schema, draft.payload)
    if draft.occurred_at.utcoffset() is None:
        wrong.append("occurred_at: without offset")
    if wrong:
        # The keys only: the values may be a person's.
        raise Refused("記録できない内容です：" + "、".join(wrong))


def _entry(
    draft: Draft, device: Device, head: Head, by: Staff | None, recorded_at: datetime, received_at: datetime
) -> Entry:
    kind = kinds.newest(draft.kind)
    uuid, actor = uuid7(), str(by.pk) if by else BY_COMMAND
    seq, prev = device.last_seq + 1, device.last_sha256
    raw = as_bytes(
        {
            "id": str(uuid),
            "device": str(device.pk),
            "seq": seq,
            "kind": kind.name,
            "v": kind.v,
            "occurred_at": iso(draft.occurred_at),
            "recorded_at": iso(recorded_at),
            "actor": actor,
            "payload": draft.payload,
            "prev": prev,
        }
    )
    device.last_seq, device.last_sha256 = seq, hashlib.sha256(raw).hexdigest()
    head.received_no += 1
    return Entry(
        received_no=head.received_no,
        received_at=received_at,
        verdict=Entry.Verdict.ACCEPTED,
        raw=raw,
        sha256=device.last_sha256,
        uuid=uuid,
        device=device,
        seq=seq,
        kind=kind.name,
        v=kind.v,
        occurred_at=draft.occurred_at,
        recorded_at=recorded_at,
        actor=actor,
        payload=draft.payload,
        prev=prev,
    )


def as_bytes(content: dict[str, Any]) -> bytes:
    """An entry as it is written: UTF-8 JSON without spaces. Only for writing; what was written is never made again."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, as entries carry times."""
    return moment.astimezone(UTC).isoformat()


@transaction.atomic
def rebuild(prefixes: Sequence[str] = ("",)) -> int:
    """Drop the tables of every room that has a kind with one of these prefixes, and make them anew from the journal.

    Returns how many entries were applied. Nobody records meanwhile (the journal is locked).
    """
    lock()
    rooms = {kind.room for kind in kinds.all_kinds().values() if kind.name.startswith(tuple(prefixes))}
    names = {kind.name for kind in kinds.all_kinds().values() if kind.room in rooms}
    for room in rooms:
        drop = kinds.drop_of(room)
        if drop:
            drop()
    wanted = Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, kind__in=names)
    last = count = 0
    while chunk := list(wanted.filter(received_no__gt=last).order_by("received_no")[:CHUNK]):
        replay(chunk)
        last, count = chunk[-1].received_no, count + len(chunk)
    return count
