"""Writing into the journal as this database's own device, and making the tables anew from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.core.clock import device_now, now
from backend.core.errors import Refused
from backend.core.fields import uuid7

from . import kinds, schema
from .apply import replay, take
from .content import Unreadable, as_bytes, iso, sha256, topics_of
from .models import Device, Entry, Head, Topic

__all__ = ["Draft", "as_bytes", "iso", "lock", "own_device", "rebuild", "record", "record_many", "write_own"]

CHUNK = 2000
BY_COMMAND = "command"
Topics = list[tuple[str, UUID | None]]


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
    own = own_device()
    actor, written_at = str(by.pk) if by else BY_COMMAND, recorded_at or device_now()
    rows = []
    for draft in drafts:
        topics = _require_whole(draft)
        kind = kinds.newest(draft.kind)
        rows.append(
            write_own(
                own,
                kind=kind.name,
                v=kind.v,
                payload=draft.payload,
                occurred_at=draft.occurred_at,
                recorded_at=written_at,
                actor=actor,
                topics=topics,
            )
        )
    own.save(update_fields=["last_seq", "last_sha256", "last_uuid"])
    append(head, rows, now())
    entries = [row for row, _ in rows]
    take(entries)
    return entries


def own_device() -> Device:
    """This database as a device."""
    device = Device.objects.filter(is_own=True).first()
    return device or Device.objects.get_or_create(is_own=True, defaults={"name": "本部"})[0]


def _require_whole(draft: Draft) -> Topics:
    kind = kinds.newest(draft.kind)
    wrong = schema.problems(kind.schema, draft.payload)
    if draft.occurred_at.utcoffset() is None:
        wrong.append("occurred_at: without offset")
    if wrong:
        # The keys only: the values may be a person's.
        raise Refused("記録できない内容です：" + "、".join(wrong))
    try:
        return topics_of(kind.name, kind.v, draft.payload)
    except Unreadable as error:
        raise Refused("記録できない内容です：だれのことか書かれていません") from error


def write_own(
    own: Device,
    *,
    kind: str,
    v: int,
    payload: dict[str, Any],
    occurred_at: datetime,
    recorded_at: datetime,
    actor: str,
    topics: Topics,
    uuid: UUID | None = None,
) -> tuple[Entry, Topics]:
    """The next entry of the own chain, not saved yet; `own` moves on in memory. `uuid` of a fact that has one already."""
    uuid = uuid or _next_uuid(own)
    seq, prev = own.last_seq + 1, own.last_sha256
    raw = as_bytes(
        {
            "id": str(uuid),
            "device": str(own.pk),
            "seq": seq,
            "kind": kind,
            "v": v,
            "occurred_at": iso(occurred_at),
            "recorded_at": iso(recorded_at),
            "actor": actor,
            "payload": payload,
            "prev": prev,
        }
    )
    own.last_seq, own.last_sha256 = seq, sha256(raw)
    entry = Entry(
        verdict=Entry.Verdict.ACCEPTED,
        raw=raw,
        sha256=own.last_sha256,
        uuid=uuid,
        device=own,
        seq=seq,
        kind=kind,
        v=v,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        actor=actor,
        payload=payload,
        prev=prev,
    )
    return entry, topics


def _next_uuid(own: Device) -> UUID:
    """Ids of one chain only grow, whatever the clock does: of two facts of the same moment the later id is the later."""
    uuid = uuid7()
    if own.last_uuid is not None and uuid <= own.last_uuid:
        uuid = UUID(int=own.last_uuid.int + 1)
    own.last_uuid = uuid
    return uuid


def append(head: Head, rows: Iterable[tuple[Entry, Topics]], received_at: datetime) -> None:
    """Save entries in the order of receipt. The caller holds the lock, and applies them."""
    entries, topics = [], []
    for entry, about in rows:
        head.received_no += 1
        head.history = sha256((head.history + entry.sha256).encode())
        entry.received_no, entry.received_at, entry.history = head.received_no, received_at, head.history
        entries.append(entry)
        topics += [Topic(received_no=entry.received_no, of=of, topic=topic) for of, topic in about]
    Entry.objects.bulk_create(entries, batch_size=500)
    Topic.objects.bulk_create(topics, batch_size=1000)
    say_what_targets_say([topic for topic in topics if topic.of == Topic.Of.ENTRY])
    head.save(update_fields=["received_no", "history"])


def say_what_targets_say(references: Sequence[Topic]) -> None:
    """What takes back or corrects an entry speaks of all that the entry speaks of, as far as it has come."""
    if not references:
        return
    targets = dict(
        Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, uuid__in=[r.topic for r in references]).values_list(
            "uuid", "received_no"
        )
    )
    said: dict[int, list[tuple[str, UUID | None]]] = {}
    rows = Topic.objects.filter(received_no__in=targets.values()).exclude(of=Topic.Of.ENTRY)
    for number, of, topic in rows.values_list("received_no", "of", "topic"):
        said.setdefault(number, []).append((of, topic))
    Topic.objects.bulk_create(
        [
            Topic(received_no=reference.received_no, of=of, topic=topic)
            for reference in references
            if reference.topic in targets
            for of, topic in said.get(targets[reference.topic], ())
        ],
        batch_size=1000,
    )


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
        _say_topics(chunk)
        replay(chunk)
        last, count = chunk[-1].received_no, count + len(chunk)
    return count


def _say_topics(entries: Sequence[Entry]) -> None:
    """Of kinds that were not installed here when their entries came."""
    span = (entries[0].received_no, entries[-1].received_no)
    said = set(Topic.objects.filter(received_no__range=span).values_list("received_no", flat=True))
    missing = [
        Topic(received_no=entry.received_no, of=of, topic=topic)
        for entry in entries
        if entry.received_no not in said
        for of, topic in topics_of(entry.kind, entry.v or 0, entry.payload or {})
    ]
    Topic.objects.bulk_create(missing, batch_size=1000)
    say_what_targets_say([topic for topic in missing if topic.of == Topic.Of.ENTRY])
