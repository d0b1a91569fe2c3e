"""One exchange with headquarters: say where both stand, send what it lacks, take what it gives. Safe to cut anywhere.

Nothing is taken for sent before headquarters has answered for it, entry by entry; asked again, it answers the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.core import clock
from backend.core.fields import uuid7
from backend.journal import packs
from backend.journal.content import read
from backend.journal.models import Entry
from backend.journal.services import own_device
from backend.journal.taking_over import NotForHere, OtherHistory, begin_anew, others_entries, own_entries, take_given

from . import pictures, timing
from .errors import Stopped
from .line import Line, NoLine, TooMuch, talk
from .models import PutAside, Refusal, SealedPart, State

VERSION = "0.1.0"
BATCH = 500
PACK_AGAIN = timedelta(hours=12)
TOO_OLD = (
    "手元の記録は送りました。本部の Tasuki が新しく、届いた記録の一部をこの端末では読めません。"
    "端末の Tasuki を新しくしてください。それまでも受付は続けられます。"
)
SMALLEST_CORRECTION = timedelta(seconds=2)


@dataclass
class Result:
    """What went and what came."""

    sent: int = 0
    received: int = 0
    refused: int = 0
    carried: int = 0
    retimed: int = 0
    anew: bool = False
    forked: bool = False  # anew, because this laptop was set back, not headquarters


def state() -> State:
    return State.objects.get()


def sync(line: Line, between: Callable[[], None] = lambda: None) -> Result:
    """One whole exchange. `between` is called where it may be cut off (tests cut there). Raises `NoLine`, `Stopped`."""
    try:
        return _exchanged(line, between)
    except NotForHere as problem:
        raise Stopped(TOO_OLD) from problem
    except TooMuch as problem:  # of a question that can't be made shorter: whoever stands in between takes none of ours
        raise NoLine("本部との間にある機器が、やり取りを断りました（応答 413）。") from problem


def _exchanged(line: Line, between: Callable[[], None]) -> Result:
    result = Result()
    standing = hello(line)
    result.retimed = standing["retimed"]
    between()
    forked = is_forked(standing)
    if not forked:
        _know_answered(standing["seq"], result)
    if standing.get("revoked") or not forked:
        _send(line, standing, result, between)
    if standing.get("revoked"):
        raise Stopped("この端末は本部で失効しています。手元の記録は送りました。本部に連絡してください。")
    if forked or not standing["cursor_ok"]:
        _anew(line, result, forked=forked, restored=not standing["cursor_ok"], between=between)
    try:
        _take(line, result, between)
    except OtherHistory:
        _anew(line, result, forked=False, restored=False, between=between)
    _take_pack(line)
    State.objects.update(contacted_at=clock.now())
    pictures.exchange_pictures(line, between)
    return result


def hello(line: Line) -> dict[str, Any]:
    """Where both stand."""
    own, kept = own_device(), state()
    asked = clock.device_now()
    waiting = max(own.last_seq - kept.answered_seq, 0)
    last = Entry.objects.filter(device=own, seq=kept.answered_seq, verdict="accepted").values_list("sha256", flat=True)
    head = {
        "device": str(own.pk),
        "seq": own.last_seq,
        "answered": last.first(),
        "cursor": kept.cursor,
        "unsent": waiting,
        "clock": asked.isoformat(),
        "version": VERSION,
    }
    answer = talk(line, "hello", head).head
    if answer.get("municipality") != kept.municipality:
        raise Stopped("つながった先は、ほかの市区町村のサーバーです。つなぐ先の住所を確かめてください。")
    lack = _set_clock(asked, clock.device_now(), answer["now"])
    with transaction.atomic():
        was_other = abs(lack - kept.clock_seconds) > timing.SLACK.total_seconds()
        answer["retimed"] = timing.retime(kept, lack) if was_other else 0
        _know(kept, answer, lack)
    return answer


def _set_clock(asked: datetime, answered: datetime, there: str) -> float:
    """Headquarters' clock is right; half the way there and back is taken off. The seconds that ours lacks."""
    difference = datetime.fromisoformat(there) - (asked + (answered - asked) / 2)
    if abs(difference) < SMALLEST_CORRECTION:
        difference = timedelta(0)
    clock.correct_by(difference)
    return difference.total_seconds()


def _know(kept: State, standing: dict[str, Any], clock_seconds: float) -> None:
    """Only what is new is written: every write is a wait for the disk."""
    said = {"revoked": bool(standing.get("revoked")), "clock_seconds": clock_seconds, "clock_guessed": False}
    said["key"] = standing.get("key") or kept.key
    news = {name: value for name, value in said.items() if getattr(kept, name) != value}
    if news:
        State.objects.update(**news)
    if said["key"] and SealedPart.objects.filter(opened_at=None).exists():
        open_sealed()


def is_forked(standing: dict[str, Any]) -> bool:
    """Whether the chain that headquarters has is another one than ours: this laptop was set back from a backup."""
    own = own_device()
    if standing["seq"] > own.last_seq:
        return True
    if standing["seq"] == 0:
        return False
    sha = Entry.objects.filter(device=own, seq=standing["seq"], verdict="accepted").values_list("sha256", flat=True)
    return sha.first() != standing["sha256"]


def _know_answered(seq: int, result: Result) -> None:
    """Headquarters has our chain up to there, by the hash of its last entry: of what it took, the answer was lost on its
    way, or a stick brought it. Without this it would be called unsent until the next entry is written."""
    kept = state()
    if seq > kept.answered_seq:
        result.sent += seq - kept.answered_seq
        State.objects.update(answered_seq=seq)


def unsent() -> int:
    """Own entries without a final answer."""
    return max(own_device().last_seq - state().answered_seq, 0)


def _send(line: Line, standing: dict[str, Any], result: Result, between: Callable[[], None]) -> None:
    """Offer everything after what headquarters has: also what it had answered for, if it lost it since."""
    after = standing["seq"]
    if standing.get("revoked"):
        # Headquarters keeps what it refused, but moves no chain on: what was answered stays answered, unless it was restored
        # and has the last of it no more.
        if standing.get("answered", True):
            after = state().answered_seq
        elif is_forked(standing):
            after = 0
    size = BATCH
    while rows := list(own_entries(after)[:size]):
        try:
            answers = push(line, [bytes(row.raw) for row in rows])
        except TooMuch:
            size = _fewer(size)
            continue
        after = take_answers(rows, answers, result)
        between()
        if answers[-1] == "retry":
            break


def _fewer(size: int) -> int:
    """So many entries were too many at once: how many to try. `Stopped` when it was one."""
    if size == 1:
        raise Stopped("一件の記録が大きすぎて送れません。本部に連絡してください。") from None
    return max(1, size // 4)


def push(line: Line, lines: list[bytes], receipts: list[str] | None = None) -> list[str]:
    head: dict[str, Any] = {"municipality": state().municipality}
    if receipts:
        head["receipts"] = receipts
    answers = talk(line, "push", head, lines).head.get("answers")
    if not isinstance(answers, list) or len(answers) != len(lines):
        raise NoLine("本部の答えが足りません。")
    return answers


@transaction.atomic
def take_answers(rows: list[Entry], answers: list[str], result: Result) -> int:
    """Keep what was answered; the number up to which every own entry has a final answer."""
    done = 0
    for row, answer in zip(rows, answers, strict=True):
        verdict, _, reason = answer.partition(":")
        if verdict == "retry":
            break
        done = row.seq or 0
        result.sent += verdict == "accepted"
        if verdict == "refused":
            _, made = Refusal.objects.get_or_create(sha256=row.sha256, defaults={"kind": row.kind, "reason": reason})
            result.refused += made
    if done > state().answered_seq:
        State.objects.update(answered_seq=done)
    return done


def _take(line: Line, result: Result, between: Callable[[], None]) -> None:
    more = True
    while more:
        cursor = state().cursor
        body = talk(line, "pull", {"cursor": cursor, "leave": str(own_device().pk)})
        if body.lines or body.head["cursor"] != cursor:
            with transaction.atomic():
                result.received += take_given(
                    lines=body.lines, receipts=body.head["receipts"], names=body.head["devices"]
                )
                State.objects.update(cursor=body.head["cursor"])
        more = body.head["more"]
        between()


# Where a history is another one than before -------------------------------------------------------------------------------


def _anew(line: Line, result: Result, *, forked: bool, restored: bool, between: Callable[[], None]) -> None:
    """Give headquarters back what it lost, take its whole history, and carry over what only this laptop knows."""
    if restored:
        give_back(line, between)
    chain = _new_chain(line) if forked else None
    lines: list[bytes] = []
    receipts: list[str] = []
    names: dict[str, str] = {}
    cursor, more = "", True
    while more:
        body = talk(line, "pull", {"cursor": cursor})
        lines, receipts = lines + body.lines, receipts + body.head["receipts"]
        names |= body.head["devices"]
        cursor, more = body.head["cursor"], body.head["more"]
        between()
    result.carried += take_anew(lines, receipts, names, chain, cursor)
    result.received, result.anew, result.forked = result.received + len(lines), True, forked
    standing = hello(line)
    if not is_forked(standing):
        _send(line, standing, result, between)


def _new_chain(line: Line) -> UUID:
    """The id of the next chain is chosen once, whatever is cut off in between."""
    if state().new_chain is None:
        State.objects.update(new_chain=uuid7())
    return state().new_chain  # type: ignore[return-value]


@transaction.atomic
def take_anew(lines: list[bytes], receipts: list[str], names: dict[str, str], chain: UUID | None, cursor: str) -> int:
    answered = state().answered_seq
    anew = begin_anew(lines=lines, receipts=receipts, names=names, chain=chain)
    PutAside.objects.bulk_create(
        [PutAside(raw=bytes(row.raw), sha256=row.sha256, receipt=row.receipt) for row in anew.put_aside],
        ignore_conflicts=True,
        batch_size=500,
    )
    State.objects.update(cursor=cursor, new_chain=None, answered_seq=0 if chain else answered)
    return anew.carried


def give_back(line: Line, between: Callable[[], None]) -> None:
    """What headquarters once gave, with its own word for it, chain by chain: it was restored, and may lack it.

    Also what it did not take the last time: it may have been set back to before that.
    """
    chains: dict[UUID, list[tuple[int, bytes, str]]] = {}
    rows: Iterable[Entry | PutAside] = [*others_entries(), *PutAside.objects.exclude(receipt="")]
    for row in rows:
        got = read(bytes(row.raw))
        chains.setdefault(got.device, []).append((got.seq, got.raw, row.receipt))
    for chain in chains.values():
        chain.sort()
        start, size = 0, BATCH
        while part := chain[start : start + size]:
            try:
                push(line, [raw for _, raw, _ in part], [receipt for _, _, receipt in part])
            except TooMuch:
                size = _fewer(size)
                continue
            start += len(part)
            between()


# The pack -----------------------------------------------------------------------------------------------------------------


def _take_pack(line: Line) -> None:
    kept = state()
    if kept.packed_at is not None and abs(clock.now() - kept.packed_at) < PACK_AGAIN:
        return
    answer = talk(line, "pack", {})
    if answer.head.get("municipality") != kept.municipality:
        raise Stopped("ほかの市区町村の名簿の写しが届きました。受け取っていません。つなぐ先の住所を確かめてください。")
    take_pack(answer.lines)


@transaction.atomic
def take_pack(lines: list[bytes]) -> None:
    sealed = packs.take(lines)
    SealedPart.objects.all().delete()
    SealedPart.objects.bulk_create([SealedPart(line=part) for part in sealed])
    State.objects.update(packed_at=clock.now())
    open_sealed()


@transaction.atomic
def open_sealed(code: str = "") -> int:
    """Open what the key from headquarters, or the code of the envelope, opens; how many residents are in it."""
    key = "" if code else state().key
    parts = SealedPart.objects.all() if code else SealedPart.objects.filter(opened_at=None)
    if not (key or code):
        return 0
    count = packs.unseal([bytes(part.line) for part in parts], key=key, code=code)
    parts.update(opened_at=clock.now())
    return count
