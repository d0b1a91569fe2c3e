"""Writing into the journal as this database's own device, and making the tables anew from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from backend.accounts.models import Staff
from backend.core import bulk, sql
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
Said = tuple[int, str, UUID | None]  # the number of an entry, and a topic of it


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
    hold = " FOR UPDATE" if connection.features.has_select_for_update else ""
    statement = f"SELECT received_no, history FROM journal_head WHERE id = 1{hold}"  # noqa: S608
    row = sql.fetch(statement)
    if not row:
        Head.objects.get_or_create(pk=1)
        row = sql.fetch(statement)
    return Head(id=1, received_no=row[0][0], history=row[0][1])


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
    append(head, rows, now(), [own])
    entries = [row for row, _ in rows]
    take(entries)
    for tell in kinds.told_of_own():
        tell(entries)
    return entries


def own_device() -> Device:
    """This database as a device."""
    device = next(iter(devices("is_own = %s", True).values()), None)
    return device or Device.objects.get_or_create(is_own=True, defaults={"name": "本部"})[0]


def devices(where: str, *params: Any) -> dict[UUID, Device]:
    """Chains by id, with their heads."""
    rows = sql.fetch(f"SELECT {', '.join(_CHAIN)} FROM journal_device WHERE {where}", *params)  # noqa: S608
    found = {}
    for pk, name, is_own, terminal, last_seq, last_sha256, last_uuid in rows:
        said = [sql.uuid_of(pk), name, bool(is_own), terminal and sql.uuid_of(terminal), last_seq, last_sha256]
        found[said[0]] = Device.from_db("default", _CHAIN, [*said, last_uuid and sql.uuid_of(last_uuid)])
    return found


_CHAIN = ["id", "name", "is_own", "terminal_id", "last_seq", "last_sha256", "last_uuid"]


def keep_head(device: Device) -> None:
    """Where a chain has come to."""
    sql.run(
        "UPDATE journal_device SET last_seq = %s, last_sha256 = %s, last_uuid = %s WHERE id = %s",
        device.last_seq,
        device.last_sha256,
        device.last_uuid,
        device.pk,
    )


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


def append(
    head: Head, rows: Iterable[tuple[Entry, Topics]], received_at: datetime, chains: Iterable[Device] = ()
) -> None:
    """Save entries in the order of receipt, and where their chains have come to. The caller holds the lock, and applies
    them."""
    entries: list[tuple[Any, ...]] = []
    topics: list[Said] = []
    for entry, about in rows:
        head.received_no += 1
        head.history = sha256((head.history + entry.sha256).encode())
        entry.received_no, entry.received_at, entry.history = head.received_no, received_at, head.history
        entries.append(_columns(entry))
        topics += [(entry.received_no, of, topic) for of, topic in about]
    for chain in chains:
        keep_head(chain)
    bulk.put(Entry, _COLUMNS, entries)
    bulk.put(Topic, _SAID, topics)
    if entries:
        sql.run(_HEAD, head.received_no, head.history)
    say_what_targets_say([said for said in topics if said[1] == Topic.Of.ENTRY])


_HEAD = "UPDATE journal_head SET received_no = %s, history = %s WHERE id = 1"
_COLUMNS = [field.attname for field in Entry._meta.concrete_fields]
_columns = attrgetter(*_COLUMNS)
_SAID = ("received_no", "of", "topic")


def say_what_targets_say(references: Sequence[Said]) -> None:
    """What takes back or corrects an entry speaks of all that the entry speaks of, as far as it has come."""
    if not references:
        return
    targets = dict(
        Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, uuid__in=[r[2] for r in references]).values_list(
            "uuid", "received_no"
        )
    )
    said: dict[int, list[tuple[str, UUID | None]]] = {}
    rows = Topic.objects.filter(received_no__in=targets.values()).exclude(of=Topic.Of.ENTRY)
    for number, of, topic in rows.values_list("received_no", "of", "topic"):
        said.setdefault(number, []).append((of, topic))
    more: list[Said] = []
    for number, _, target in sorted(references, key=lambda reference: reference[0]):
        if targets.get(target, number) < number:
            found = said.get(targets[target], [])
            more += [(number, of, topic) for of, topic in found]
            # What refers to this one in the same batch speaks of it, too.
            said.setdefault(number, []).extend(found)
    bulk.put(Topic, _SAID, more)


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
    missing: list[Said] = [
        (entry.received_no, of, topic)
        for entry in entries
        if entry.received_no not in said
        for of, topic in _topics_or_none(entry)
    ]
    bulk.put(Topic, _SAID, missing)
    say_what_targets_say([row for row in missing if row[1] == Topic.Of.ENTRY])


@transaction.atomic
def take_up() -> int:
    """Apply what came before its kind was installed here: a newer version had written it. How many entries there were.

    Such an entry was kept in its place, and speaks of nothing so far; what a kind of today says is put down now.
    """
    lock()
    kinds_here = {(kind.name, kind.v) for kind in kinds.all_kinds().values() if kind.topics}
    said = Topic.objects.filter(received_no=OuterRef("received_no"))
    names = {name for name, _ in kinds_here}
    waiting = Entry.objects.filter(~Exists(said), verdict=Entry.Verdict.ACCEPTED, kind__in=names)
    last = count = 0
    while chunk := list(waiting.filter(received_no__gt=last).order_by("received_no")[:CHUNK]):
        last = chunk[-1].received_no
        spoken = [(entry, _topics_or_none(entry)) for entry in chunk if (entry.kind, entry.v) in kinds_here]
        rows = [(entry, topics) for entry, topics in spoken if topics]
        topics = [(entry.received_no, of, topic) for entry, about in rows for of, topic in about]
        bulk.put(Topic, _SAID, topics)
        say_what_targets_say([row for row in topics if row[1] == Topic.Of.ENTRY])
        take([entry for entry, _ in rows])
        count += len(rows)
    return count


def _topics_or_none(entry: Entry) -> Topics:
    """Nobody looked at its payload when it came; one that is not as the kind wants it stays as it is."""
    try:
        return topics_of(entry.kind, entry.v or 0, entry.payload or {})
    except Unreadable:
        return []
