"""From entries to the rooms' tables: the same way for one entry just recorded, a batch received, and a rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff
from backend.core import sql

from .kinds import Kind, all_kinds, retiming_rooms
from .models import Conflict, Entry, Voiding

RETIMED = "entry.retimed"


def take(entries: Sequence[Entry]) -> None:
    """Apply and check entries that this database has just accepted, in the order of receipt.

    Checked is what the tables say once all of the batch is in them, so that the batching makes no difference.
    """
    groups = _by_kind(entries)
    for kind, group in groups:
        _apply(kind, group)
    found = [
        Conflict(entry=uuid, code=code, text=text)
        for kind, group in groups
        if kind.check
        for uuid, code, text in kind.check(group)
    ]
    if found:
        Conflict.objects.bulk_create(found, ignore_conflicts=True, batch_size=500)


_REPLAYING = ContextVar("replaying", default=False)


def replay(entries: Sequence[Entry]) -> None:
    """Apply entries again. Conflicts were written when the entries came and stay as they are."""
    token = _REPLAYING.set(True)
    try:
        for kind, group in _by_kind(entries):
            _apply(kind, group)
    finally:
        _REPLAYING.reset(token)


def is_replaying() -> bool:
    """Whether tables are being made anew: what was handed to other rooms when the entries came is there already."""
    return _REPLAYING.get()


def _apply(kind: Kind, group: list[Entry], done: frozenset[UUID] = frozenset()) -> None:
    kind.apply(group)
    uuids = [entry.uuid for entry in group]
    referring = _referring(uuids)
    if not referring:
        return
    if kind.void:
        # An entry may have been taken back before it came here itself, by way of another device.
        taken_back = _voidings(uuids)
        _void_each(kind, [(entry, taken_back[entry.uuid]) for entry in group if entry.uuid in taken_back])
    # What corrects an entry may have come before it, too; to apply it again does no harm.
    done = done.union(uuids)
    for other, waiting in _by_kind([entry for entry in referring if entry.uuid not in done]):
        if other.name != "entry.voided":
            _apply(other, waiting, done)


_OF_ENTRIES = "SELECT received_no FROM journal_topic WHERE \"of\" = 'entry' AND topic IN %s"


def _referring(targets: list[UUID]) -> list[Entry]:
    """Entries received already that speak of these."""
    numbers: list[int] = []
    for start in range(0, len(targets), 500):
        numbers += [number for (number,) in sql.fetch(_OF_ENTRIES, targets[start : start + 500])]
    found: list[Entry] = []
    for start in range(0, len(numbers), 500):
        found += Entry.objects.filter(received_no__in=numbers[start : start + 500]).order_by("received_no")
    return found


def _by_kind(entries: Sequence[Entry]) -> list[tuple[Kind, list[Entry]]]:
    """In the order of the kinds, so that what others build on comes first; entries of kinds not installed here wait."""
    groups: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.kind, entry.v or 0].append(entry)
    return [(kind, groups[key]) for key, kind in all_kinds().items() if key in groups]


def _voidings(targets: list[UUID]) -> dict[UUID, datetime]:
    """When each of these entries was first known to be taken back."""
    found: dict[UUID, datetime] = {}
    for start in range(0, len(targets), 500):
        rows = Voiding.objects.filter(target__in=targets[start : start + 500]).order_by("-received_no")
        found |= dict(rows.values_list("target", "received_at"))
    return found


def _void_each(kind: Kind, pairs: list[tuple[Entry, datetime]]) -> None:
    moments: dict[datetime, list[Entry]] = defaultdict(list)
    for target, at in pairs:
        moments[at].append(target)
    for at, targets in sorted(moments.items()):
        if kind.void:
            kind.void(targets, at)


def voided(entries: Sequence[Entry]) -> None:
    """`entry.voided`: note what was taken back, and let the rooms that own the targets take it back."""
    Voiding.objects.bulk_create(
        [
            Voiding(
                entry=e.uuid,
                target=e.payload["entry"],
                reason=e.payload.get("reason", ""),
                received_at=e.received_at,
                received_no=e.received_no,
            )
            for e in entries
        ],
        ignore_conflicts=True,
    )
    targets = Entry.objects.filter(verdict="accepted", uuid__in=[e.payload["entry"] for e in entries])
    at = _voidings([target.uuid for target in targets])
    for kind, group in _by_kind(list(targets)):
        _void_each(kind, [(entry, at[entry.uuid]) for entry in group])


def retimed(entries: Sequence[Entry]) -> None:
    """`entry.retimed`: the clock by which entries were written was wrong; this is when it was so. Of several words about one
    entry that with the latest id holds, which is the same one on every replica."""
    words = [e for e in _referring([UUID(e.payload["entry"]) for e in entries]) if e.kind == RETIMED]
    times = {
        UUID(e.payload["entry"]): datetime.fromisoformat(e.payload["occurred_at"])
        for e in sorted(words, key=lambda word: str(word.uuid))
    }
    for retime in retiming_rooms():
        retime(times)


def settled(entries: Sequence[Entry]) -> None:
    """`conflict.settled`: a contradiction is closed, with what was done about it."""
    ids = [entry.actor for entry in entries if len(entry.actor) == 36]
    staff = {str(row.pk): row for row in Staff.objects.filter(pk__in=ids)}
    for e in entries:
        rows = Conflict.objects.filter(entry=e.payload["entry"], code=e.payload["code"], settled_at=None)
        rows.update(settled_at=e.received_at, settled_by=staff.get(e.actor), note=e.payload["note"])


def check_voided(entries: Sequence[Entry]) -> list[tuple[UUID, str, str]]:
    """Contradictions: nothing there to take back, taken back already, or of a kind that can't be taken back."""
    asked = [UUID(e.payload["entry"]) for e in entries]
    targets = {t.uuid: t for t in Entry.objects.filter(verdict="accepted", uuid__in=asked)}
    first: dict[UUID, int] = {}
    for target, number in Voiding.objects.filter(target__in=asked).values_list("target", "received_no"):
        first[target] = min(number, first.get(target, number))
    found = []
    for e, asked_for in zip(entries, asked, strict=True):
        target = targets.get(asked_for)
        if target is None:
            found.append((e.uuid, "void_of_unknown", "取り消す相手の記録がまだ届いていません"))
        elif first.get(asked_for, e.received_no) < e.received_no:
            found.append((e.uuid, "voided_twice", "すでに取り消された記録です"))
        elif not may_be_voided(target):
            found.append((e.uuid, "not_voidable", "取り消せない種別の記録です"))
    return found


def may_be_voided(entry: Entry) -> bool:
    kind = all_kinds().get((entry.kind, entry.v or 0))
    return kind is not None and kind.void is not None


def void_topics(payload: dict[str, Any]) -> list[tuple[str, UUID]]:
    """Whatever its target speaks of is added when it is given to a laptop."""
    return [("entry", UUID(payload["entry"]))]


def drop() -> None:
    Voiding.objects.all().delete()
