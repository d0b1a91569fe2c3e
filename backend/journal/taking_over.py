"""On a laptop: taking what the server gives, and beginning anew on the server's history. Part of the room's services.

The server has checked what it gives; here it is only put in its place. Where the server's history is another one than
before (it was restored, or this laptop was), all of it is taken anew, and what this laptop alone knows is carried over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from backend.accounts.append_only import lifted
from backend.core.clock import now

from . import kinds
from .apply import take
from .content import FIRST_PREV, Read, Unreadable, read
from .models import Conflict, Device, Entry, Head, Topic, Voiding
from .receiving import entry_of
from .services import Topics, append, devices, keep_head, lock, own_device, write_own

UNNAMED = "ほかの端末"
CHUNK = 2000


class OtherHistory(Exception):
    """What the server gives does not follow what it gave before: all of it must be taken anew."""


class NotForHere(Exception):
    """The server gives what this version can't read; nothing was taken."""


@dataclass
class Anew:
    """What became of the entries of before: `carried` on in the chain of today, and `put_aside` as they were."""

    carried: int = 0
    put_aside: list[Entry] = field(default_factory=list)


@transaction.atomic
def take_given(*, lines: Sequence[bytes], receipts: Sequence[str], names: Mapping[str, str]) -> int:
    """Entries that the server gives, in its order; those that are here already are left alone. How many were new."""
    head = lock()
    rows = _new_rows(_readable(lines, receipts), names)
    append(head, rows, now())
    take([row for row, _ in rows])
    return len(rows)


def _readable(lines: Sequence[bytes], receipts: Sequence[str]) -> list[tuple[Read, str]]:
    found = []
    for line, receipt in zip(lines, receipts, strict=True):
        try:
            found.append((read(line), receipt))
        except Unreadable as problem:
            # Without it the rest would stand on air, and asking again brings the same.
            raise NotForHere("an entry that can't be read here") from problem
    return found


def _new_rows(given: list[tuple[Read, str]], names: Mapping[str, str]) -> list[tuple[Entry, Topics]]:
    known = _known([got.uuid for got, _ in given])
    chains = devices("id IN %s", {got.device for got, _ in given})
    rows: list[tuple[Entry, Topics]] = []
    for got, receipt in given:
        if got.uuid in known:
            if known[got.uuid] != got.sha256:
                raise OtherHistory("the same entry with other bytes")
            continue
        device = chains.get(got.device)
        if device is None:
            name = names.get(str(got.device), "")[:60] or UNNAMED
            device = chains[got.device] = Device.objects.create(pk=got.device, name=name)
        elif device.name == UNNAMED and (name := names.get(str(got.device), "")[:60]):
            Device.objects.filter(pk=device.pk).update(name=name)
        # Given later, of somebody who became known here later, an entry may have a lower number than the last one.
        taken = got.seq <= device.last_seq and Entry.objects.filter(device=device, seq=got.seq, verdict="accepted")
        if device.is_own or (taken and taken.exists()):
            raise OtherHistory("another entry in the same place")
        row = entry_of(got, device)
        row.receipt = receipt
        known[got.uuid] = got.sha256
        rows.append((row, got.topics))
        if got.seq > device.last_seq:
            device.last_seq, device.last_sha256 = got.seq, got.sha256
    for pk in {row.device_id for row, _ in rows}:
        keep_head(chains[pk])
    return rows


def _known(uuids: list[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for start in range(0, len(uuids), 500):
        rows = Entry.objects.filter(uuid__in=uuids[start : start + 500], verdict=Entry.Verdict.ACCEPTED)
        found |= dict(rows.values_list("uuid", "sha256"))
    return found


def own_entries(after: int = 0) -> QuerySet[Entry]:
    """What this database wrote itself, in the order of its chain."""
    return Entry.objects.filter(device__is_own=True, seq__gt=after, verdict=Entry.Verdict.ACCEPTED).order_by("seq")


def others_entries() -> QuerySet[Entry]:
    """What the server gave, with its receipts; chain by chain."""
    rows = Entry.objects.filter(device__is_own=False, verdict=Entry.Verdict.ACCEPTED).exclude(receipt="")
    return rows.order_by("device", "seq")


@transaction.atomic
def begin_anew(
    *, lines: Sequence[bytes], receipts: Sequence[str], names: Mapping[str, str], chain: UUID | None = None
) -> Anew:
    """Put the server's whole history in place of what is here; own entries that are not in it are carried over.

    `chain`: go on in a new chain of this id, because the old one has become two; carried entries keep their id, what they
    say, when, and who wrote them. All or nothing; the caller sends what is carried.
    """
    lock()
    own = own_device()
    given = _readable(lines, receipts)
    ids, bytes_given = {got.uuid for got, _ in given}, {got.sha256 for got, _ in given}
    before = list(Entry.objects.order_by("received_no"))
    mine = [row for row in before if row.device_id == own.pk and row.verdict == "accepted" and row.uuid not in ids]
    kept = set() if chain else {row.sha256 for row in mine}
    anew = Anew(put_aside=[row for row in before if row.sha256 not in bytes_given | kept])
    last = (own.last_seq, own.last_sha256, own.last_uuid)
    _empty()
    if chain:
        Device.objects.filter(pk=own.pk).update(is_own=False)
        own = Device.objects.create(pk=chain, name=own.name, is_own=True, last_uuid=last[2])
    else:
        # What was written here and is given back takes its own place again.
        Device.objects.filter(pk=own.pk).update(is_own=False)
    head = lock()
    for start in range(0, len(given), CHUNK):
        rows = _new_rows(given[start : start + CHUNK], names)
        append(head, rows, now())
        take([row for row, _ in rows])
    if chain:
        written = [_again(own, row) for row in mine]
        keep_head(own)
    else:
        written = [_as_it_was(row) for row in mine]
        Device.objects.filter(pk=own.pk).update(is_own=True, last_seq=last[0], last_sha256=last[1], last_uuid=last[2])
    append(head, written, now())
    take([row for row, _ in written])
    anew.carried = len(written)
    return anew


def _empty() -> None:
    """All that follows from entries, and the entries themselves: they are given again, or put aside by the caller."""
    for room in {kind.room for kind in kinds.all_kinds().values()}:
        drop = kinds.drop_of(room)
        if drop:
            drop()
    with lifted(connection):
        for table in (Conflict, Voiding, Topic, Entry):
            table.objects.all()._raw_delete(table.objects.db)
    Device.objects.update(last_seq=0, last_sha256=FIRST_PREV)
    Head.objects.update(received_no=0, history=FIRST_PREV)


def _again(own: Device, row: Entry) -> tuple[Entry, Topics]:
    got = read(bytes(row.raw))
    return write_own(
        own,
        uuid=got.uuid,
        kind=got.kind,
        v=got.v,
        payload=got.payload,
        occurred_at=got.occurred_at,
        recorded_at=got.recorded_at,
        actor=got.actor,
        topics=got.topics,
    )


def _as_it_was(row: Entry) -> tuple[Entry, Topics]:
    got = read(bytes(row.raw))
    return entry_of(got, row.device), got.topics
