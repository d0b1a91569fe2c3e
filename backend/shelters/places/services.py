"""Writing down where somebody is, whether or not they were ever in a shelter. Part of the room's services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.core.kana import to_wide
from backend.journal.services import Draft, record_many
from backend.ledger.queries import visible_persons

from ..models import Status, StayEvent
from ..people import hidden, known_as
from ..queries import staying
from ..services import begin, introduce, moment, references, written_details
from ..unheard import rules as telling
from ..unheard.services import RIGHT
from . import rules

BY_CALL = "聞き取りによる"


@transaction.atomic
def say_where(
    *,
    by: Staff | None,
    persons: Sequence[UUID] = (),
    evacuees: Sequence[UUID] = (),
    new: dict[str, str] | None = None,
    status: str = "",
    place: str = "",
    plate: str = "",
    told_by: str = "",
    how: str = "",
    result: str = "",
    note: str = "",
    next_by: str = "",
    next_on: date | None = None,
    occurred_at: datetime | None = None,
) -> tuple[int, int]:
    """These people (of the ledger, known to shelters, or `new`) are at a place now, and what a call or visit brought.

    Whoever is still registered in a shelter leaves it by this: everybody has one current place. Returns how many people, and
    how many left a shelter.
    """
    begin(by, RIGHT)
    at = moment(occurred_at)
    if not status and not how:
        raise Refused(
            "いまの居場所か、連絡のしかたと結果を選んでください。", fields={"status": "どちらかを選んでください。"}
        )
    if status and status not in telling.STATUSES:
        raise Refused("居場所を選び直してください。", fields={"status": "選び直してください。"})
    if how and (how not in telling.HOW or result not in telling.RESULTS):
        raise Refused("連絡の結果を選んでください。", fields={"result": "選んでください。"})
    people = _people(by, persons, evacuees, at)
    drafts: list[Draft] = []
    if new is not None:
        pk = uuid7()
        people[pk] = {"evacuee": str(pk)}
        drafts.append(Draft("evacuee.registered", {"evacuee": str(pk), **written_details(_clean(new))}, at))
    if not people:
        raise Refused("だれについてかを選んでください。", fields={"who": "一人以上選んでください。"})
    left = _leaving(people, status, place, plate, at)
    drafts += left
    for person in people.values():
        if how:
            more = {"note": note.strip()[:300], "next_by": next_by.strip()[:60]}
            more |= {"next_on": next_on.isoformat() if next_on else ""}
            contact: dict[str, Any] = {"person": person, "how": how, "result": result}
            drafts.append(Draft("contact.made", contact | {k: v for k, v in more.items() if v}, at))
        if status:
            more = {"place": place.strip()[:200], "plate": plate.strip()[:20], "told_by": told_by.strip()[:60]}
            told: dict[str, Any] = {"person": person, "status": status}
            drafts.append(Draft("person.status", told | {k: v for k, v in more.items() if v}, at))
    record_many(drafts=drafts, by=by)
    audit(by=by, act="shelters.say_where", people=len(people), status=status, left=len(left))
    return len(people), len(left)


def _people(
    by: Staff | None, persons: Sequence[UUID], evacuees: Sequence[UUID], at: datetime
) -> dict[UUID, dict[str, str]]:
    found = list(visible_persons(by).filter(pk__in=persons)) if persons else []
    if len(found) != len(set(persons)):
        raise NotFound("選んだ人が見つかりません。画面を開き直してください。")
    introduce(by, [person for person in found if not person.atena_no], at)
    return (known_as(found) if found else {}) | (references(list(evacuees), by) if evacuees else {})


def _clean(new: dict[str, str]) -> dict[str, str]:
    said = {key: value.strip() for key, value in new.items() if value}
    if not said.get("name"):
        raise Refused("氏名を入力してください。", fields={"name": "分からないときは見た目などを書いてください。"})
    return said | {"kana": to_wide(said.get("kana", ""))}


def _leaving(people: dict[UUID, dict[str, str]], status: str, place: str, plate: str, at: datetime) -> list[Draft]:
    """The departures of those who are registered in a shelter and were told to be elsewhere since."""
    if status not in rules.ELSEWHERE:
        return []
    more = {"spot": place.strip()[:60], "plate": plate.strip()[:20], "note": BY_CALL}
    more = {key: text for key, text in more.items() if text}
    return [
        Draft(
            "stay.left",
            {"opening": str(event.opening), "person": people[event.evacuee], **more}
            | {"destination": rules.destination_of(status)},
            at,
        )
        for event in staying(evacuees=people)
        if event.occurred_at <= at
    ]


@transaction.atomic
def take_back(*, by: Staff | None, entry: UUID) -> UUID:
    """What was told was wrong: it is taken back, with the departure that it brought. Returns whose it was."""
    begin(by, RIGHT)
    told = Status.objects.filter(entry=entry).first()
    if told is None or (by is not None and hidden([told.evacuee], by)):
        raise NotFound("その記録は見つかりません。")
    if told.voided_at is not None:
        raise Conflict("その記録はすでに取り消されています。")
    stays = StayEvent.objects.filter(
        evacuee=told.evacuee, kind="left", occurred_at=told.occurred_at, note=BY_CALL, voided_at=None
    )
    at = now()
    entries = [entry, *stays.values_list("entry", flat=True)]
    record_many(drafts=[Draft("entry.voided", {"entry": str(pk)}, at) for pk in entries], by=by)
    audit(by=by, act="shelters.take_back_where", subject=f"evacuee:{told.evacuee}", entry=str(entry))
    return told.evacuee
