"""Taking entries that others wrote: one by one and in order, each with a final answer, or asked for again.

Part of the room's services (the only writers). Refused is only what can't be believed: unknown or revoked device, broken
chain, another municipality, unreadable; it is kept all the same, and shown at headquarters. What contradicts the domain
is accepted.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.core import sql
from backend.core.clock import now

from .apply import take
from .authority import may_say
from .content import FIRST_PREV, LONGEST, Read, Unreadable, read, sha256
from .marks import receipt_of
from .models import Conflict, Device, Entry, Head, Terminal
from .services import Topics, append, devices, lock, write_own

# Why an entry was refused: the code for the laptop, the words for headquarters.
REASONS = {
    "device": "登録のない端末の記録です",
    "revoked": "失効した端末の記録です",
    "chain": "端末の記録の続き番号か前の記録とのつながりが合いません（端末がバックアップから戻された可能性があります）",
    "municipality": "ほかの市区町村の端末の記録です",
    "unreadable": "読めない記録です",
    "same_id": "同じ番号で内容の違う記録があります",
    "not_theirs": "端末からは受け付けない記録です（本部だけが書くもの、またはよその避難所の記録についてのもの）",
    "restored": "本部が復元される前に受け付けた記録です（書いた端末からの再送を待っています）",
}
# Refused, though they have their place in the chain: what follows them goes on.
IN_CHAIN = [REASONS["same_id"], REASONS["not_theirs"]]
KEPT_OF_UNREADABLE = 4096  # bytes of a line that is longer than an entry may be
SAME_ID = "same_id_other_bytes"  # the conflict that two contents under one id open


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one entry: accepted, duplicate, refused (with the code of the reason), or retry."""

    verdict: str
    reason: str = ""


ACCEPTED, DUPLICATE, RETRY = Answer("accepted"), Answer("duplicate"), Answer("retry")


def read_all(lines: Sequence[bytes]) -> list[Read | Unreadable]:
    """Every line read, or why it can't be; before anything is locked."""
    found: list[Read | Unreadable] = []
    for line in lines:
        try:
            found.append(read(line))
        except Unreadable as problem:
            found.append(problem)
    return found


@dataclass
class Given:
    """What one laptop brings, read before anything is locked.

    `terminal=None`: whose it is is not known. `receipts`, line by line, prove of others' entries that this server had
    taken them before; `foreign` (another municipality's) refuses all of them.
    """

    lines: Sequence[bytes]
    terminal: Terminal | None
    receipts: Sequence[str] = ()
    foreign: bool = False
    reads: list[Read | Unreadable] = field(init=False)

    def __post_init__(self) -> None:
        self.reads = read_all(self.lines)


@dataclass
class _Batch:
    """One reception under the lock: what is known of the chains, and what is to be saved."""

    terminal: Terminal | None
    receipts: Mapping[int, str]
    head: Head
    received_at: datetime
    devices: dict[UUID, Device]
    ids: set[UUID]
    places: set[tuple[UUID, int, str]]
    rows: list[tuple[Entry, Topics]] = field(default_factory=list)
    moved: set[UUID] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    waiting: dict[UUID, tuple[int, int]] = field(default_factory=dict)

    def answer(self, line: bytes, got: Read | Unreadable) -> Answer:
        if isinstance(got, Unreadable):
            return self.refuse("unreadable", line, sha256(line))
        device = self.devices.get(got.device)
        if device is not None and (got.device, got.seq, got.sha256) in self.places:
            return DUPLICATE
        if device is None or device.terminal_id is None or device.terminal_id != getattr(self.terminal, "pk", None):
            if hmac.compare_digest(self.receipts.get(id(got), ""), receipt_of(got.sha256)):
                return self._given_back(got, device)
            return self.refuse("device", line, got.sha256, got)
        if self.terminal is not None and self.terminal.revoked_at is not None:
            return self.refuse("revoked", line, got.sha256, got)
        return self._next(got, device)

    def _next(self, got: Read, device: Device) -> Answer:
        follows = got.seq == device.last_seq + 1 and got.prev == device.last_sha256
        if follows and got.uuid in self.ids:
            device.last_seq, device.last_sha256 = got.seq, got.sha256
            self.moved.add(device.pk)
            return self._same_id(got)
        if follows and not may_say(got, self.terminal, self.rows):
            return self._not_theirs(got, device)
        if follows:
            return self._accept(got, device)
        if got.seq > device.last_seq + 1 and not self._was_refused(got.prev):
            return RETRY
        return self.refuse("chain", got.raw, got.sha256, got)

    def _not_theirs(self, got: Read, device: Device) -> Answer:
        """Nothing is done that they may not do; it is kept and shown, and the chain goes on."""
        answer = self.refuse("not_theirs", got.raw, got.sha256, got)
        device.last_seq, device.last_sha256 = got.seq, got.sha256
        self.moved.add(device.pk)
        self.places.add((got.device, got.seq, got.sha256))
        return answer

    def _given_back(self, got: Read, device: Device | None) -> Answer:
        """An entry that this server had taken before it was restored, given back by a laptop that had it from here."""
        if got.uuid in self.ids:
            return DUPLICATE if self._known_bytes(got) else self._same_id(got)
        if device is None and got.seq == 1 and got.prev == FIRST_PREV:
            device = self.devices[got.device] = Device.objects.create(pk=got.device, name="復元前の端末")
        if device is not None and got.seq == device.last_seq + 1 and got.prev == device.last_sha256:
            return self._accept(got, device)
        if device is not None and device.is_own:
            # What was written on the server's own screens nobody else can send again: it goes on in today's chain.
            self.rows.append(
                write_own(
                    device,
                    uuid=got.uuid,
                    kind=got.kind,
                    v=got.v,
                    payload=got.payload,
                    occurred_at=got.occurred_at,
                    recorded_at=got.recorded_at,
                    actor=got.actor,
                    topics=got.topics,
                )
            )
            self._moved(device, got)
            return ACCEPTED
        return self.refuse("restored", got.raw, got.sha256, got)

    def _accept(self, got: Read, device: Device) -> Answer:
        device.last_seq, device.last_sha256 = got.seq, got.sha256
        self._moved(device, got)
        self.rows.append((entry_of(got, device), got.topics))
        return ACCEPTED

    def _moved(self, device: Device, got: Read) -> None:
        self.moved.add(device.pk)
        self.ids.add(got.uuid)
        self.places.add((got.device, got.seq, got.sha256))

    def refuse(self, code: str, raw: bytes, sha: str, got: Read | None = None) -> Answer:
        if not self._was_refused(sha):
            device = self.devices.get(got.device) if got else None
            row = Entry(verdict=Entry.Verdict.REFUSED, reason=REASONS[code], raw=raw, sha256=sha, device=device)
            if len(raw) > LONGEST:  # no entry at all; the hash says which bytes came
                row.raw = raw[:KEPT_OF_UNREADABLE]
            if got is not None:
                _fill(row, got)
            self.rows.append((row, []))
            self.refused[sha] = code
        return Answer("refused", code)

    def _was_refused(self, sha: str) -> bool:
        if sha not in self.refused:
            known = Entry.objects.filter(verdict=Entry.Verdict.REFUSED, sha256=sha).exists()
            if not known:
                return False
            self.refused[sha] = ""
        return True

    def _same_id(self, got: Read) -> Answer:
        """Both are kept, and the chain goes on. It is the same fact in another chain (the laptop was set back, or
        headquarters took it over), or else a conflict is named."""
        answer = self.refuse("same_id", got.raw, got.sha256, got)
        self.places.add((got.device, got.seq, got.sha256))
        rows = [row for row, _ in self.rows if row.uuid == got.uuid and row.verdict == Entry.Verdict.ACCEPTED]
        rows += Entry.objects.filter(uuid=got.uuid, verdict=Entry.Verdict.ACCEPTED)
        same = (got.kind, got.payload, got.occurred_at)
        if all((row.kind, row.payload, row.occurred_at) == same for row in rows):
            return DUPLICATE
        Conflict.objects.get_or_create(
            entry=got.uuid, code=SAME_ID, defaults={"text": "同じ番号で内容の違う記録が届きました"}
        )
        return answer

    def _known_bytes(self, got: Read) -> bool:
        return Entry.objects.filter(uuid=got.uuid, verdict=Entry.Verdict.ACCEPTED, sha256=got.sha256).exists()


def entry_of(got: Read, device: Device) -> Entry:
    """The accepted entry, without its place in the order of receipt."""
    # By position: in half the time that names would take, and there may be fifty thousand waiting.
    said = (got.seq, got.kind, got.v, got.occurred_at, got.recorded_at, got.actor, got.payload, got.prev)
    return Entry(None, None, _ACCEPTED_VERDICT, "", got.raw, got.sha256, got.uuid, device.pk, *said)


_ACCEPTED_VERDICT = Entry.Verdict.ACCEPTED.value


def _fill(row: Entry, got: Read) -> None:
    row.uuid, row.seq, row.kind, row.v = got.uuid, got.seq, got.kind, got.v
    row.occurred_at, row.recorded_at, row.actor = got.occurred_at, got.recorded_at, got.actor
    row.payload, row.prev = got.payload, got.prev


def receive(given: Given) -> list[Answer]:
    """Take entries from a laptop; one answer each, in order. Safe to repeat."""
    return receive_all(lambda: [given])[0]


@transaction.atomic
def receive_all(come: Callable[[], Sequence[Given]]) -> list[list[Answer]]:
    """Take what several bring, in one transaction; `come` is asked for them once the journal is held."""
    head = lock()
    pushes = come()
    batch = _begin(pushes, head)
    answers = [_answered(batch, push) for push in pushes]
    _save(batch)
    return answers


def _answered(batch: _Batch, push: Given) -> list[Answer]:
    batch.terminal = push.terminal
    answers: list[Answer] = []
    for line, got in zip(push.lines, push.reads, strict=True):
        if answers and answers[-1] is RETRY:
            _note_waiting(batch, got)
            answers.append(RETRY)
        elif push.foreign:
            answers.append(batch.refuse("municipality", line, sha256(line), got if isinstance(got, Read) else None))
        else:
            answers.append(batch.answer(line, got))
            if answers[-1] is RETRY:
                _note_waiting(batch, got)
    return answers


def _note_waiting(batch: _Batch, got: Read | Unreadable) -> None:
    """It came before its turn: headquarters is to see that an earlier part of this laptop's chain is lacking."""
    device = batch.devices.get(got.device) if isinstance(got, Read) else None
    if device is None or device.terminal_id != getattr(batch.terminal, "pk", None) or got.seq <= device.last_seq + 1:
        return
    first, last = batch.waiting.get(device.pk, (got.seq, got.seq))
    batch.waiting[device.pk] = (min(first, got.seq), max(last, got.seq))


def _begin(pushes: Sequence[Given], head: Head) -> _Batch:
    good = [got for push in pushes for got in push.reads if isinstance(got, Read)]
    chains = devices("id IN %s", {got.device for got in good})
    ids: set[UUID] = set()
    wanted = [got.uuid for got in good]
    for start in range(0, len(wanted), 500):
        rows = sql.fetch(_ACCEPTED, wanted[start : start + 500])
        ids |= {sql.uuid_of(uuid) for (uuid,) in rows}
    places: set[tuple[UUID, int, str]] = set()
    kept = Q(verdict=Entry.Verdict.ACCEPTED) | Q(reason__in=IN_CHAIN)
    for pk, device in chains.items():
        asked = [got.seq for got in good if got.device == pk and got.seq <= device.last_seq]
        if asked:
            there = Entry.objects.filter(kept, device=pk, seq__range=(min(asked), max(asked)))
            places |= {(pk, seq, sha) for seq, sha in there.values_list("seq", "sha256")}
    receipts = {
        id(got): text
        for push in pushes
        for got, text in zip(push.reads, push.receipts, strict=False)
        if isinstance(got, Read) and text
    }
    return _Batch(None, receipts, head, now(), chains, ids, places)


_ACCEPTED = "SELECT uuid FROM journal_entry WHERE verdict = 'accepted' AND uuid IN %s"


def _save(batch: _Batch) -> None:
    with sql.in_one_trip():
        append(batch.head, batch.rows, batch.received_at, [batch.devices[pk] for pk in batch.moved])
        take([row for row, _ in batch.rows if row.verdict == Entry.Verdict.ACCEPTED])
    for pk, (first, last) in batch.waiting.items():
        _keep_waiting(Device.objects.get(pk=pk), first, last, batch.received_at)


def _keep_waiting(device: Device, first: int, last: int, at: datetime) -> None:
    """From which number to which, and since when; what waited already goes on waiting."""
    if device.waiting_upto is not None and device.waiting_upto > device.last_seq:
        first, last = min(first, device.waiting_from or first), max(last, device.waiting_upto)
        at = device.waiting_since or at
    rows = Device.objects.filter(pk=device.pk)
    rows.update(waiting_from=first, waiting_upto=last, waiting_since=at)
