"""The verbs: ask for something, answer, take in, hand out, take back. Each is one act in the journal, which is locked from the first look on."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today
from backend.core.errors import Conflict, NotFound, Refused
from backend.facilities import queries as facilities
from backend.journal import people
from backend.journal import queries as journal
from backend.journal.services import lock, record

from . import queries, rules
from .models import HandOut, Receipt, Request


class Again(Conflict):
    """Somebody was given the same today already: whoever hands out decides."""


def _begin(by: Staff | None, opening: UUID | None = None) -> None:
    if by is not None:
        require(by, "supplies.write")
    lock()
    if opening is not None:
        shelter = facilities.shelter_or_404(opening)
        if not shelter.is_open:
            raise Refused(f"「{shelter.name}」は閉鎖されています。開設してから記録してください。")


def _thing(what: str, quantity: int, unit: str) -> dict[str, Any]:
    if not what.strip():
        raise Refused("品目を入れてください。", fields={"what": "空欄にはできません。"})
    if not 0 < quantity <= rules.MOST:
        raise Refused("数量を確かめてください。", fields={"quantity": "1以上の数を入れてください。"})
    thing: dict[str, Any] = {"what": what.strip()[:100], "quantity": quantity}
    return thing | ({"unit": unit.strip()[:20]} if unit.strip() else {})


@transaction.atomic
def request(
    *,
    by: Staff | None,
    opening: UUID,
    what: str,
    quantity: int,
    unit: str = "",
    until: date | None = None,
    urgency: str = "soon",
    note: str = "",
) -> UUID:
    """A shelter asks for something. Returns the entry that stands for the request."""
    _begin(by, opening)
    if urgency not in rules.URGENCY:
        raise Refused("急ぎの選択が正しくありません。", fields={"urgency": "選び直してください。"})
    if until is not None and until < today():
        raise Refused("期限が過ぎています。", fields={"until": "今日か、それより後の日にしてください。"})
    payload = {"opening": str(opening), **_thing(what, quantity, unit), "urgency": urgency}
    payload |= {"until": until.isoformat()} if until else {}
    payload |= {"note": note.strip()[:200]} if note.strip() else {}
    entry = record(kind="supply.requested", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="supplies.request", subject=f"opening:{opening}", quantity=quantity)
    return entry.uuid


@transaction.atomic
def answer(*, by: Staff | None, request: UUID, state: str, note: str = "") -> None:
    """A request is answered, taken back, or open again. `Conflict` where somebody else was faster with the same."""
    _begin(by)
    found = Request.objects.filter(pk=request, voided_at=None).first()
    if found is None:
        raise NotFound("その要望は見つかりません。")
    if state not in rules.STATES:
        raise Refused("状態の選択が正しくありません。")
    if queries.state_of(request) == state:
        raise Conflict(f"この要望は、すでに「{rules.STATES[state]}」です。画面を開き直してください。")
    payload = {"opening": str(found.opening), "entry": str(request), "state": state}
    payload |= {"note": note.strip()[:200]} if note.strip() else {}
    record(kind="supply.answered", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="supplies.answer", subject=f"opening:{found.opening}", request=str(request), state=state)


@transaction.atomic
def receive(
    *,
    by: Staff | None,
    opening: UUID,
    quantity: int,
    request: UUID | None = None,
    what: str = "",
    unit: str = "",
    brought_by: str = "",
) -> UUID:
    """Something came to a shelter: for one of its `request`s, of which it then is the thing, or anything else (`what`)."""
    _begin(by, opening)
    payload: dict[str, Any] = {"opening": str(opening)}
    if request is not None:
        asked = Request.objects.filter(pk=request, opening=opening, voided_at=None).first()
        if asked is None:
            raise NotFound("その要望は見つかりません。")
        what, unit = asked.what, asked.unit
        payload["entry"] = str(request)
    payload |= _thing(what, quantity, unit)
    payload |= {"brought_by": brought_by.strip()[:100]} if brought_by.strip() else {}
    entry = record(kind="supply.received", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="supplies.receive", subject=f"opening:{opening}", quantity=quantity)
    return entry.uuid


@transaction.atomic
def hand_out(
    *,
    by: Staff | None,
    opening: UUID,
    what: str,
    quantity: int = 1,
    unit: str = "",
    evacuee: UUID | None = None,
    given_to: str = "",
    again: bool = False,
) -> UUID:
    """Somebody is given something. `Again` where they had the same today, unless `again` says that it is meant."""
    _begin(by, opening)
    payload = {"opening": str(opening), **_thing(what, quantity, unit)}
    if evacuee is not None:
        payload["person"] = people.references([evacuee], by)[evacuee]
        had = queries.received_today(evacuee, what)
        if had is not None and not again:
            raise Again("今日、同じ品をすでに受け取っています。")
    elif given_to.strip():
        payload["given_to"] = given_to.strip()[:100]
    else:
        raise Refused("渡した相手を選んでください。", fields={"q": "札を読むか、氏名を入れてください。"})
    entry = record(kind="supply.handed_out", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="supplies.hand_out", subject=f"opening:{opening}", quantity=quantity)
    return entry.uuid


@transaction.atomic
def undo(*, by: Staff | None, opening: UUID, entry: UUID) -> None:
    """A hand-out or a receipt that was wrong is taken back; the entry stays in the history."""
    _begin(by)
    if not any(table.objects.filter(pk=entry, opening=opening).exists() for table in (HandOut, Receipt)):
        raise NotFound("その記録は見つかりません。")
    if journal.is_voided(entry):
        raise Conflict("その記録はすでに取り消されています。")
    record(kind="entry.voided", payload={"entry": str(entry)}, occurred_at=now(), by=by)
    audit(by=by, act="supplies.undo", subject=f"opening:{opening}", entry=str(entry))
