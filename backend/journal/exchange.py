"""The conversation between a laptop and headquarters: what is asked, and what the server answers."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from backend.core.clock import now
from backend.core.errors import Refused

from . import circle, packs, terminals
from .bodies import MOST_LINES, Body, Unusable, pack, unpack, whose
from .content import FIRST_PREV
from .marks import receipt_of
from .models import Device, Entry, Terminal
from .receiving import Answer, Given, receive

# What the server answers -------------------------------------------------------------------------------------------------


def hello(terminal: Terminal, data: bytes) -> bytes:
    """Where both stand: the chain of this laptop as known here, whether its cursor is of this history, and the time."""
    body = unpack(data, "hello")
    return pack("hello.answer", {"to": body.head.get("nonce"), **standing_of(terminal, body.head)})


def standing_of(terminal: Terminal, head: dict[str, Any]) -> dict[str, Any]:
    device = _chain(terminal, head)
    _note_contact(terminal, head)
    cursor = head.get("cursor") or ""
    answer: dict[str, Any] = {
        "now": now().isoformat(),
        **whose(),
        "revoked": terminal.revoked_at is not None,
        "device": str(device.pk),
        "seq": device.last_seq,
        "sha256": device.last_sha256,
        "known": _sha_at(device, head.get("seq")),
        "cursor_ok": circle.start_of(cursor if isinstance(cursor, str) else "?") is not None,
    }
    if terminal.revoked_at is not None and isinstance(head.get("answered"), str):
        # Its chain goes on no more, so `seq` does not say what was kept of it.
        kept = Q(verdict=Entry.Verdict.REFUSED) | Q(verdict=Entry.Verdict.ACCEPTED, device=device)
        answer["answered"] = Entry.objects.filter(kept, sha256=head["answered"]).exists()
    if terminal.released_at is not None and terminal.revoked_at is None:
        answer["key"] = packs.key_of(terminal)
    return answer


def _left_out(head: dict[str, Any]) -> UUID | None:
    """The chain that a laptop has whole and need not be given: its own of today."""
    try:
        return UUID(str(head["leave"]))
    except (KeyError, ValueError):
        return None


def _chain(terminal: Terminal, head: dict[str, Any]) -> Device:
    try:
        pk = UUID(str(head.get("device")))
    except ValueError as error:
        raise Unusable("端末の番号がありません。") from error
    if terminal.revoked_at is None:
        return terminals.take_chain(terminal, pk)
    return Device.objects.filter(pk=pk).first() or Device(pk=pk)


def _sha_at(device: Device, seq: Any) -> str | None:
    """The hash that this chain has here at that place; None when it is not that long here."""
    if not isinstance(seq, int) or seq < 0 or seq > device.last_seq:
        return None
    if seq == 0:
        return FIRST_PREV
    row = Entry.objects.filter(device=device, seq=seq, verdict=Entry.Verdict.ACCEPTED)
    return row.values_list("sha256", flat=True).first()


def _note_contact(terminal: Terminal, head: dict[str, Any]) -> None:
    said: dict[str, Any] = {"seen_at": now()}
    unsent, clock, version = head.get("unsent"), head.get("clock"), head.get("version")
    if isinstance(unsent, int) and 0 <= unsent < 10**9:
        said["unsent"] = unsent
    if isinstance(clock, str):
        with suppress(ValueError, TypeError, OverflowError):
            said["clock_off"] = round((datetime.fromisoformat(clock) - now()).total_seconds())
    if isinstance(version, str):
        said["version"] = version[:20]
    Terminal.objects.filter(pk=terminal.pk).update(**said)


def push(terminal: Terminal, data: bytes) -> bytes:
    """Take entries; one answer each, in order."""
    body, given = read_push(terminal, data)
    return answer_of_push(body, receive(given))


def read_push(terminal: Terminal, data: bytes) -> tuple[Body, Given]:
    """The body, and what is to be taken; before anything is locked."""
    body = unpack(data, "push")
    if len(body.lines) > MOST_LINES:
        raise Unusable(f"一度に送れるのは{MOST_LINES}件までです。")
    receipts = body.head.get("receipts")
    return body, Given(
        lines=body.lines,
        terminal=terminal,
        receipts=receipts if isinstance(receipts, list) else (),
        foreign=body.head.get("municipality") != settings.MUNICIPALITY_CODE,
    )


def answer_of_push(body: Body, answers: list[Answer]) -> bytes:
    said = [a.verdict if not a.reason else f"{a.verdict}:{a.reason}" for a in answers]
    return pack("push.answer", {"to": body.head.get("nonce"), "answers": said, "now": now().isoformat()})


def pull(terminal: Terminal, data: bytes) -> bytes:
    """Give the next part of the circle."""
    body = unpack(data, "pull")
    if terminal.revoked_at is not None:
        raise Refused("この端末は失効しています。")
    start = circle.start_of(str(body.head.get("cursor") or ""))
    if start is None:
        raise Unusable("続きの場所が分かりません。最初から受け取り直してください。")
    size = body.head.get("page")
    page = min(size, circle.PAGE) if isinstance(size, int) and size > 0 else circle.PAGE
    part = circle.part_for(terminal, start, page, _left_out(body.head))
    names = circle.names(part.entries)
    head = {
        "to": body.head.get("nonce"),
        "cursor": part.cursor,
        "more": part.more,
        "devices": names,
        "receipts": [receipt_of(entry.sha256) for entry in part.entries],
    }
    return pack("pull.answer", head, [bytes(entry.raw) for entry in part.entries])
