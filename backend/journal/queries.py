"""What pages and other rooms ask of the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from backend.accounts.models import Staff

from . import circle
from .content import Unreadable, read
from .kinds import all_kinds
from .models import FIRST_PREV, Conflict, Device, Entry, Terminal, Voiding
from .receiving import IN_CHAIN, REASONS, SAME_ID


@dataclass(frozen=True)
class Gap:
    """What a laptop brought that waits for an earlier part: how many entries, since when, and which numbers are lacking
    (None: the earlier part has come since, and these are to be brought once more)."""

    terminal: Terminal
    waiting: int
    since: datetime
    lacking: tuple[int, int] | None

    @property
    def said(self) -> str:
        return f"{self.waiting:,}件は前の部分を待っています"

    @property
    def to_do(self) -> str:
        if self.lacking is None:
            return "前の部分は届きました。あとの USB メモリーをもう一度受け取るか、端末を回線につないでください。"
        first, last = self.lacking
        numbers = f"{first}番" if first == last else f"{first}番から{last}番"
        return (
            f"この端末の記録の{numbers}が届いていません。先に書き出した USB メモリーを受け取ってから、この USB メモリーをもう一度受け取るか、"
            "端末を回線につないでください。待っている記録は、端末に残っています。"
        )


@dataclass(frozen=True)
class Chain:
    """Whether a device's chain holds: `entries` checked, and the first `problem` with its `seq` (None: it holds)."""

    entries: int
    seq: int | None = None
    problem: str | None = None


def verify_chain(device: Device) -> Chain:
    """Walk a device's accepted entries: numbers without gaps, each the hash of the one before, bytes and columns alike."""
    prev, seq = FIRST_PREV, 0
    # What stands in another chain already, or was not theirs to write, has its place in the chain and is kept too.
    elsewhere = dict(
        Entry.objects.filter(
            device=device, verdict=Entry.Verdict.REFUSED, reason__in=IN_CHAIN, seq__isnull=False
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
    found = Entry.objects.filter(verdict=Entry.Verdict.ACCEPTED, uuid__in=list(uuids))
    found = found.select_related("device").defer("raw")
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
    """Refused entries that nobody has settled, and that did not come again in their right place, the newest first.

    The other one of two with the same id is among them as long as nobody has decided between the two.
    """
    came = Entry.objects.filter(Q(sha256=OuterRef("sha256")) | Q(uuid=OuterRef("uuid")), verdict=Entry.Verdict.ACCEPTED)
    undecided = open_conflicts().filter(code=SAME_ID, entry=OuterRef("uuid"))
    two_contents = Q(reason=REASONS["same_id"]) & Exists(undecided)
    rows = Entry.objects.filter(verdict=Entry.Verdict.REFUSED, settled=None)
    return (
        rows.filter(~Exists(came) | two_contents)
        .select_related("device__terminal")
        .defer("raw")
        .order_by("-received_no")
    )


HIDDEN = "秘匿されている方についての記録です。見てよい職員（監督者）に解決を頼んでください。"
ABOUT_WHOM = (
    "だれについての記録か分からず、秘匿されている方のことが書かれているかもしれません。"
    "見てよい職員（監督者）に解決を頼んでください。"
)


def withheld(refused: Entry, staff: Staff) -> str:
    """Why this person may not see or settle a refused entry, in Japanese; empty when they may.

    It speaks of somebody under protection, itself or in what it corrects; or nobody can tell of whom it speaks: it can't be
    read, is of a kind that is not installed here, or another municipality's, whose protected people are not known here.
    """
    if staff.sees_protected:
        return ""
    try:
        got = read(bytes(refused.raw))
    except Unreadable:
        return ABOUT_WHOM
    if (got.kind, got.v) not in all_kinds() or refused.reason == REASONS["municipality"]:
        return ABOUT_WHOM
    return HIDDEN if circle.hidden_people(circle.people_of(got.topics)) else ""


def gaps() -> list[Gap]:
    """Laptops whose chain here lacks an earlier part of what they brought, the longest waiting first.

    Of each laptop its chain of today: one that was set back carries over into it what only it knows.
    """
    later = Device.objects.filter(terminal=OuterRef("terminal"), registered_at__gt=OuterRef("registered_at"))
    rows = Device.objects.filter(waiting_upto__gt=F("last_seq"), terminal__revoked_at=None).exclude(Exists(later))
    return [_gap(row) for row in rows.select_related("terminal").order_by("waiting_since", "pk")]


def _gap(row: Device) -> Gap:
    first = max(row.waiting_from or 0, row.last_seq + 1)
    lacking = (row.last_seq + 1, first - 1) if first > row.last_seq + 1 else None
    assert row.terminal is not None and row.waiting_since is not None  # noqa: S101, PT018 - as the query asks
    return Gap(row.terminal, (row.waiting_upto or 0) - first + 1, row.waiting_since, lacking)


def clock_off(seconds: float) -> str:
    """By how much a laptop's clock is wrong, in words."""
    way, rest = ("進み" if seconds > 0 else "遅れ"), round(abs(seconds))
    if rest >= 86400:
        return f"{rest // 86400:,}日の{way}"
    return f"{rest // 3600}時間{rest % 3600 // 60}分の{way}" if rest >= 3600 else f"{rest // 60}分の{way}"
