"""Headquarters settles what could not be believed, and what contradicts itself. Part of the room's services.

Nothing is edited: a refused entry that was true is recorded again as an entry of headquarters, a conflict is closed with
what was done about it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict as Clash
from backend.core.errors import Forbidden, NotFound, Refused

from .apply import take
from .content import Read, Unreadable, read
from .kinds import all_kinds
from .models import Conflict, Entry, Settled
from .queries import withheld
from .receiving import REASONS
from .services import append, lock, own_device, record, write_own

RIGHT = "journal.settle"


def _refused(by: Staff, received_no: int) -> Entry:
    row = Entry.objects.filter(pk=received_no, verdict=Entry.Verdict.REFUSED).first()
    if row is None:
        raise NotFound("その記録は見つかりません。")
    if why := withheld(row, by):
        raise Forbidden(why)
    if Settled.objects.filter(refused=row).exists():
        raise Clash("この記録は、すでに解決されています。")
    return row


@transaction.atomic
def take_over(*, by: Staff, received_no: int, note: str = "") -> Entry:
    """A refused entry was true: its fact is recorded by headquarters, with its own id where nobody has used it."""
    require(by, RIGHT)
    head = lock()
    row = _refused(by, received_no)
    try:
        got = read(bytes(row.raw))
    except Unreadable as error:
        raise Refused(
            "読めない記録なので、そのままでは記録にできません。内容を確かめて、画面から入力してください。"
        ) from error
    kind = all_kinds().get((got.kind, got.v))
    if kind is not None and kind.told_by == "headquarters":
        raise Refused(
            "本部だけが書く種類の記録です。端末のものを受け付けることはできません。本部の画面から行ってください。"
        )
    uuid = _own_id(row, got)
    own = own_device()
    written = write_own(
        own,
        uuid=uuid,
        kind=got.kind,
        v=got.v,
        payload=got.payload,
        occurred_at=got.occurred_at,
        recorded_at=got.recorded_at,
        actor=got.actor,
        topics=got.topics,
    )
    append(head, [written], now(), [own])
    take([written[0]])
    _settle(row, by, note, taken_as=written[0].uuid)
    return written[0]


def _own_id(row: Entry, got: Read) -> UUID | None:
    """The id that its fact is recorded with; None (a new one) for another fact under an id that is taken."""
    there = Entry.objects.filter(uuid=got.uuid, verdict=Entry.Verdict.ACCEPTED).first()
    if there is None:
        return got.uuid
    if row.reason != REASONS["same_id"] or (there.kind, there.payload, there.occurred_at) == (
        got.kind,
        got.payload,
        got.occurred_at,
    ):
        raise Clash("同じ記録がすでに受け付けられています。")
    return None


@transaction.atomic
def leave(*, by: Staff, received_no: int, note: str) -> None:
    """A refused entry stays out, and why."""
    require(by, RIGHT)
    lock()
    if not note.strip():
        raise Refused("理由を入力してください。", fields={"note": "空欄にはできません。"})
    _settle(_refused(by, received_no), by, note)


def _settle(row: Entry, by: Staff, note: str, **more: object) -> None:
    Settled.objects.create(refused=row, by=by, note=note.strip()[:200], **more)
    audit(by=by, act="journal.settle_refused", subject=f"entry:{row.pk}", taken="taken_as" in more)


@transaction.atomic
def settle_conflict(*, by: Staff, conflict: int, note: str) -> None:
    """A contradiction is dealt with: an entry says what was done about it, so that laptops learn it too."""
    require(by, RIGHT)
    if not note.strip():
        raise Refused("どう解決したかを入力してください。", fields={"note": "空欄にはできません。"})
    lock()
    found = Conflict.objects.filter(pk=conflict, settled_at=None).first()
    if found is None:
        raise Clash("この食い違いは、すでに解決されています。")
    payload = {"entry": str(found.entry), "code": found.code, "note": note.strip()[:200]}
    record(kind="conflict.settled", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="journal.settle_conflict", subject=f"conflict:{conflict}")
