"""Headquarters settles: each way is entries of the journal, and one that closes the contradiction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.journal import queries as journal
from backend.journal.models import Conflict, Entry
from backend.journal.services import lock, record
from backend.journal.settling import RIGHT, settle_conflict

from .. import rules as shelter_rules
from ..acts import begin, references
from ..apply import who
from ..models import StayEvent
from ..queries import places_of
from ..said import said_of
from ..wishes import record_correction
from . import queries, rules, sides


@transaction.atomic
def settle(*, by: Staff, conflict: int, act: str, note: str = "") -> None:
    """Settle a contradiction in one of the ways that its guide offers; `note` is what was found out."""
    require(by, RIGHT)
    lock()
    found = next(iter(queries.conflicts(by, only=conflict)), None)
    if found is None or found.hidden:
        raise NotFound("この食い違いは、すでに解決されたか、開けません。")
    words = dict(found.ways).get(act)
    if words is None:
        raise Refused("解決のしかたを選び直してください。")
    entry = journal.entry(Conflict.objects.get(pk=conflict).entry)
    if entry is not None and act != rules.KEEP:
        _ACTS[act](by, entry, found)
    said = f"{words}　{note.strip()}".strip()[:200]
    settle_conflict(by=by, conflict=conflict, note=said)


def _void(by: Staff, entry: Entry, found: queries.Open) -> None:
    payload = {"entry": str(entry.uuid), "reason": found.guide.title[:200]}
    record(kind="entry.voided", payload=payload, occurred_at=now(), by=by)


def _move(by: Staff, entry: Entry, found: queries.Open) -> None:
    """The arrival was a move from the other shelter: it is recorded as one, and the arrival taken back."""
    payload, there = dict(entry.payload or {}), _there(entry, found)
    later = StayEvent.objects.filter(evacuee=who(payload["person"]), opening=there, voided_at=None, kind="arrived")
    if (since := later.filter(occurred_at__gt=entry.occurred_at).first()) is not None:
        # Here was written later, but happened before: they are here now, so they came back from there.
        at, going = now(), since.opening
    else:
        at, going = entry.occurred_at, there
        _void(by, entry, found)
    moved: dict[str, Any] = {"from": str(going), "to": payload["opening"], "person": payload["person"]}
    moved |= {key: payload[key] for key in ("how", "party") if key in payload}
    record(kind="stay.moved", payload=moved, occurred_at=at, by=by)  # type: ignore[arg-type]


def _arrive(by: Staff, entry: Entry, found: queries.Open) -> None:
    """They were there before they left, since nobody knows when: at the moment of the departure, just before it."""
    payload = entry.payload or {}
    at = entry.occurred_at
    evacuee = who(payload["person"])
    elsewhere = places_of([evacuee], at).get(evacuee)
    # Of two events at one time the one with the later id is the later: the departure is told again after the arrival.
    if elsewhere is None:
        arrival = {"opening": payload["opening"], "person": payload["person"]}
        record(kind="stay.arrived", payload=arrival, occurred_at=at, by=by)  # type: ignore[arg-type]
    else:
        moved = {"from": str(elsewhere), "to": payload["opening"], "person": payload["person"]}
        record(kind="stay.moved", payload=moved, occurred_at=at, by=by)  # type: ignore[arg-type]
    _void(by, entry, found)
    record(kind="stay.left", payload=payload, occurred_at=at, by=by)  # type: ignore[arg-type]


def _elsewhere(by: Staff, entry: Entry, found: queries.Open) -> None:
    payload = {**(entry.payload or {}), "opening": str(_there(entry, found))}
    _void(by, entry, found)
    record(kind="stay.left", payload=payload, occurred_at=entry.occurred_at, by=by)  # type: ignore[arg-type]


def _this(by: Staff, entry: Entry, found: queries.Open) -> None:
    _correct(by, entry, {clash.field: getattr(clash.newcomer, clash.field) for clash in found.clashes})


def _that(by: Staff, entry: Entry, found: queries.Open) -> None:
    by_number = sorted(found.clashes, key=lambda clash: sides.other_of(clash).received_no)
    _correct(by, entry, {clash.field: getattr(sides.other_of(clash), clash.field) for clash in by_number})


def _correct(by: Staff, entry: Entry, chosen: dict[str, str]) -> None:
    """What was chosen is said once more, by somebody who knows both; where it stands there already there is nothing to say."""
    person = (entry.payload or {})["person"]
    held = said_of([who(person)])[who(person)]
    now_said = {key: getattr(held, key) for key in shelter_rules.DETAILS}
    was = {key: now_said[key] for key, value in chosen.items() if value != now_said[key]}
    if was:
        record_correction(by=by, person=person, details=now_said | chosen, was=was)


def _there(entry: Entry, found: queries.Open) -> UUID:
    rows = queries.stays_before(
        [Conflict(entry=entry.uuid)], {entry.uuid: entry}, {entry.uuid: who(entry.payload["person"])}
    )
    if entry.uuid not in rows:
        raise Refused("もう一方の避難所の記録がありません。画面を開き直してください。")
    return rows[entry.uuid].opening


_ACTS = {
    rules.VOID: _void,
    rules.MOVE: _move,
    rules.ARRIVE: _arrive,
    rules.ELSEWHERE: _elsewhere,
    rules.THIS: _this,
    rules.THAT: _that,
}


@transaction.atomic
def tell_apart(*, by: Staff, one: UUID, two: UUID) -> UUID:
    """Two records that look like one person are two: they are not proposed again."""
    begin(by)
    if one == two:
        raise Refused("同じ記録です。")
    people = references([one, two], by)
    payload = {"person": people[one], "other": people[two]}
    entry = record(kind="evacuee.told_apart", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="shelters.tell_apart", subject=f"evacuee:{one}", other=str(two))
    return entry.uuid  # type: ignore[return-value]
