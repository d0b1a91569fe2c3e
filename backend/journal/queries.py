"""What pages and other rooms ask of the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.accounts.models import Staff

from .kinds import all_kinds
from .models import FIRST_PREV, Conflict, Device, Entry, Voiding
from .receiving import REASONS


@dataclass(frozen=True)
class Chain:
    """Whether a device's chain holds: `entries` checked, and the first `problem` with its `seq` (None: it holds)."""

    entries: int
    seq: int | None = None
    problem: str | None = None


def verify_chain(device: Device) -> Chain:
    """Walk a device's accepted entries: numbers without gaps, each the hash of the one before, bytes and columns alike."""
    prev, seq = FIRST_PREV, 0
    # In the place of a fact that stands in another chain already, its bytes are kept too.
    elsewhere = dict(
        Entry.objects.filter(
            device=device, verdict=Entry.Verdict.REFUSED, reason=REASONS["same_id"], seq__isnull=False
        ).values_list("prev", "sha256")
    )
    rows = Entry.objects.filter(device=device, verdict=Entry.Verdict.ACCEPTED).order_by("seq")
    for entry in rows.iterator(chunk_size=2000):
        while entry.seq > seq + 1 and prev in elsewhere:
            prev, seq = elsewhere[prev], seq + 1
        seq += 1
        problem = _broken(entry, seq, prev)
        if problem:
            return Chain(seq - 1, entry.seq, problem)
        prev = entry.sha256
    while device.last_seq > seq and prev in elsewhere:
        prev, seq = elsewhere[prev], seq + 1
    if (device.last_seq, device.last_sha256) != (seq, prev):
        return Chain(seq, device.last_seq, "the head of the chain is elsewhere")
    return Chain(seq)


def _broken(entry: Entry, seq: int, prev: str) -> str | None:
    raw = bytes(entry.raw)
    content = json.loads(raw)
    if entry.seq != seq:
        return "a number is missing"
    if hashlib.sha256(raw).hexdigest() != entry.sha256:
        return "the bytes were altered"
    if content["prev"] != prev or entry.prev != prev:
        return "it does not follow the one before"
    same = (content["id"], content["device"], content["seq"], content["kind"], content["payload"]) == (
        str(entry.uuid),
        str(entry.device_id),
        entry.seq,
        entry.kind,
        entry.payload,
    )
    return None if same else "bytes and columns differ"


def entry(uuid: UUID) -> Entry | None:
    """The accepted entry of that id."""
    return Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, uuid=uuid).first()


def entries(uuids: Iterable[UUID]) -> dict[UUID, Entry]:
    """Accepted entries by id."""
    found = Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, uuid__in=list(uuids)).defer("raw")
    return {row.uuid: row for row in found}


def is_voided(uuid: UUID) -> bool:
    return Voiding.objects.filter(target=uuid).exists()


def open_conflicts() -> QuerySet[Conflict]:
    """Contradictions that nobody has settled yet, the newest first."""
    return Conflict.objects.filter(settled_at__isnull=True).order_by("-found_at", "-id")


def authors(found: Iterable[Entry]) -> dict[str, str]:
    """Who wrote these entries: the name shown of each `actor`."""
    actors = {e.actor for e in found}
    ids = {actor for actor in actors if _is_uuid(actor)}
    names = {str(s.pk): str(s) for s in Staff.objects.filter(pk__in=ids)}
    return {actor: names.get(actor, "システム") for actor in actors}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def title(kind: str) -> str:
    """What a kind is called on pages."""
    return next((k.title for k in all_kinds().values() if k.name == kind), kind)


def waiting_refused() -> QuerySet[Entry]:
    """Refused entries that nobody has settled, and that did not come again in their right place, the newest first."""
    came = Entry.objects.filter(Q(sha256=OuterRef("sha256")) | Q(uuid=OuterRef("uuid")), verdict=Entry.Verdict.ACCEPTED)
    rows = Entry.objects.filter(verdict=Entry.Verdict.REFUSED, settled=None)
    return rows.exclude(Exists(came)).select_related("device__terminal").order_by("-received_no")


def clock_off(seconds: float) -> str:
    """By how much a laptop's clock is wrong, in words."""
    way, rest = ("進み" if seconds > 0 else "遅れ"), round(abs(seconds))
    if rest >= 86400:
        return f"{rest // 86400:,}日の{way}"
    return f"{rest // 3600}時間{rest % 3600 // 60}分の{way}" if rest >= 3600 else f"{rest // 60}分の{way}"
