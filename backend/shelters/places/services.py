"""Writing down where somebody is, whether or not they were ever in a shelter. Part of the room's services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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

from ..acts import begin, introduce, moment, references, written_details
from ..models import Status, StayEvent
from ..people import hidden, known_as
from ..queries import END
from ..telling.rules import ELSEWHERE
from ..telling.services import BY_CALL, RIGHT, understood, write


@transaction.atomic
def say_where(
    *,
    by: Staff | None,
    persons: Sequence[UUID] = (),
    evacuees: Sequence[UUID] = (),
    new: dict[str, str] | None = None,
    occurred_at: datetime | None = None,
    **said: Any,
) -> tuple[int, int]:
    """These people (of the ledger, known to shelters, or `new`) are at a place now, and what a call or visit brought
    (`said`: `Told`'s fields).

    Whoever is still registered in a shelter leaves it by this: everybody has one current place. Returns how many people, and
    how many left a shelter.
    """
    begin(by, RIGHT)
    told, at = understood(said), moment(occurred_at)
    people = _people(by, persons, evacuees, at)
    first: list[Draft] = []
    if new is not None:
        pk = uuid7()
        people[pk] = {"evacuee": str(pk)}
        first.append(Draft("evacuee.registered", {"evacuee": str(pk), **written_details(_clean(new))}, at))
    if not people:
        raise Refused("だれについてかを選んでください。", fields={"who": "一人以上選んでください。"})
    left = write(by, people, told, at, first=first)
    audit(by=by, act="shelters.say_where", people=len(people), status=told.status, left=left)
    return len(people), left


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


@transaction.atomic
def take_back(*, by: Staff | None, entry: UUID) -> UUID:
    """What was told was wrong: it is taken back, with the departure that it brought. Returns whose it was."""
    begin(by, RIGHT)
    told = Status.objects.filter(entry=entry).first()
    if told is None or (by is not None and hidden([told.evacuee], by)):
        raise NotFound("その記録は見つかりません。")
    if told.voided_at is not None:
        raise Conflict("その記録はすでに取り消されています。")
    at = now()
    entries = [entry, *_departures_of(told)]
    record_many(drafts=[Draft("entry.voided", {"entry": str(pk)}, at) for pk in entries], by=by)
    audit(by=by, act="shelters.take_back_where", subject=f"evacuee:{told.evacuee}", entry=str(entry))
    return told.evacuee


def _departures_of(told: Status) -> list[UUID]:
    """The departure that was told of by this, as it was first written: with it goes what corrects it.

    It stays while something else that was told stands by which they are not in the shelter either.
    """
    stays = StayEvent.objects.filter(evacuee=told.evacuee)
    before = stays.filter(occurred_at__lte=told.occurred_at, received_no__lt=told.received_no)
    left = before.filter(kind="left", note=BY_CALL, corrects=None).order_by("occurred_at", "received_no").last()
    if left is None or told.status not in ELSEWHERE:
        return []
    arrivals = stays.filter(occurred_at__gt=left.occurred_at, voided_at=None).exclude(kind="left")
    back = arrivals.order_by("occurred_at").values_list("occurred_at", flat=True).first() or END
    others = Status.objects.filter(evacuee=told.evacuee, status__in=ELSEWHERE, voided_at=None).exclude(pk=told.pk)
    others = others.filter(occurred_at__gte=left.occurred_at, occurred_at__lt=back, received_no__gt=left.received_no)
    return [] if told.occurred_at >= back or others.exists() else [left.entry]
