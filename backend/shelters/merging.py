"""Two evacuee records of one person are made one, and two again.

Part of the room's services: each is one act in the journal. Nothing is re-pointed: the entries of both stay as they were
written, `into` stands for both from the merge on, and where the other one was alone is carried over by an entry.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.facilities.queries import known, latest
from backend.journal.services import Draft, record, record_many
from backend.ledger.models import Person
from backend.ledger.queries import live_links, live_protections

from .acts import begin, moment, references
from .models import Evacuee, Merge, Status, StayEvent
from .people import Face, evacuee_of, faces, hidden, merged_away, protected
from .queries import staying
from .telling.rules import ELSEWHERE, Told
from .telling.services import BY_CALL


@transaction.atomic
def merge(*, by: Staff | None, evacuee: UUID, into: UUID) -> UUID:
    """`evacuee` is the same person as `into`, who stands for both from now on; return the entry of the merge.

    Where `evacuee` came later than `into` was anywhere, that is where they are. If one is under protection, so is the
    other. `Conflict` for somebody merged already.
    """
    begin(by)
    if evacuee == into:
        raise Refused("同じ記録です。もう一方の記録を選んでください。")
    people = references([evacuee, into], by)
    if Merge.objects.filter(into=evacuee, voided_at=None).exists():
        raise Conflict("この記録には、別の記録が一つにされています。先にそれを分けてください。")
    payload: dict[str, Any] = {"person": people[evacuee], "into": people[into]}
    if draft := _carried(people[into], into, evacuee):
        payload["carried"] = str(record_many(drafts=[draft], by=by)[0].uuid)
    entry = record(kind="evacuee.merged", payload=payload, occurred_at=now(), by=by)
    guarded = protected([evacuee, into]) and not _both_asked(evacuee, into)
    if guarded:
        _protect_both(by, people)
    audit(by=by, act="shelters.merge", subject=f"evacuee:{evacuee}", into=str(into))
    return entry.uuid  # type: ignore[return-value]


def _carried(person: dict[str, str], into: UUID, evacuee: UUID) -> Draft | None:
    """The arrival, move or departure that puts `into` where the other one was or was told to be, where that is newer."""
    places = {event.evacuee: event for event in staying(evacuees=[evacuee, into])}
    elsewhere = Status.objects.filter(evacuee__in=[evacuee, into], status__in=ELSEWHERE)
    told = {status.evacuee: status for status in latest(known(elsewhere, None, None), "evacuee")}
    here, there = places.get(into), _newer(places.get(evacuee), told.get(evacuee))
    mine = _newer(here, told.get(into))
    if there is None or (mine is not None and mine.occurred_at >= there.occurred_at):
        return None
    if isinstance(there, Status):
        return here and _departure(person, here, there)
    more: dict[str, Any] = {"how": there.how} | ({"party": str(there.party)} if there.party else {})
    if here is None:
        return Draft("stay.arrived", {"opening": str(there.opening), "person": person, **more}, there.occurred_at)
    if here.opening == there.opening:
        return None
    payload = {"from": str(here.opening), "to": str(there.opening), "person": person, **more}
    return Draft("stay.moved", payload, there.occurred_at)


def _newer(stay: StayEvent | None, told: Status | None) -> StayEvent | Status | None:
    return told if stay is None or (told is not None and told.occurred_at > stay.occurred_at) else stay


def _departure(person: dict[str, str], here: StayEvent, told: Status) -> Draft:
    said = Told(status=told.status, place=told.place, plate=told.plate).departure
    payload = {"opening": str(here.opening), "person": person, "note": BY_CALL} | said
    return Draft("stay.left", payload, told.occurred_at)


def _both_asked(*evacuees: UUID) -> bool:
    asked = live_protections().filter(evacuee__in=evacuees).values_list("evacuee", flat=True)
    return len(set(asked)) == len(evacuees)


def _protect_both(by: Staff | None, people: dict[UUID, dict[str, str]]) -> None:
    """Said of each of them, so that it stays when they are taken apart: only a named supervisor lifts it."""
    record_many(drafts=[Draft("protection.asked", {"person": p}, moment(None)) for p in people.values()], by=by)


@transaction.atomic
def unmerge(*, by: Staff | None, evacuee: UUID) -> None:
    """They are two persons after all. What was written of both since the merge stays with the one it names."""
    begin(by)
    merged = Merge.objects.filter(evacuee=evacuee, voided_at=None).order_by("-received_no").first()
    if merged is None or (by is not None and hidden([evacuee, merged.into], by)):
        raise NotFound("一つにされた記録が見つかりません。画面を開き直してください。")
    record(kind="evacuee.unmerged", payload={"entry": str(merged.entry)}, occurred_at=now(), by=by)
    carried = StayEvent.objects.filter(entry=merged.carried, voided_at=None).first() if merged.carried else None
    if carried is not None:
        payload = {"entry": str(carried.entry), "reason": "二つの記録に分けたため"}
        record(kind="entry.voided", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="shelters.unmerge", subject=f"evacuee:{evacuee}", into=str(merged.into))


# What the page of one evacuee shows of it -----------------------------------------------------------------------------


def others_of(evacuee: UUID, staff: Staff) -> list[Face]:
    """Other records of shelters that are linked to the same person of the register, and not merged yet."""
    number = Evacuee.objects.filter(pk=evacuee).values_list("atena_no", flat=True).first()
    mine = Q(record=evacuee) | Q(person=evacuee)
    into = set(live_links().filter(mine).values_list("into", flat=True))
    if number:
        into |= set(Person.objects.filter(atena_no=number).values_list("pk", flat=True))
    residents = Person.objects.filter(pk__in=into).exclude(atena_no=None)
    found = {evacuee_of(person) for person in residents}
    found |= set(live_links().filter(into__in=into).values_list("typed", flat=True))
    found &= set(Evacuee.objects.filter(pk__in=found - {evacuee}).values_list("pk", flat=True))
    away = merged_away([*found, evacuee])
    if evacuee in away:
        return []
    found -= away.keys() | hidden(found, staff)
    return list(faces(found).values())


def merged_here(evacuee: UUID, staff: Staff) -> list[Face]:
    """Records that were made one with this one."""
    rows = Merge.objects.filter(into=evacuee, voided_at=None).values_list("evacuee", flat=True)
    found = set(rows) - hidden(rows, staff)
    return list(faces(found).values())
