"""What a call or a visit brought is recorded: that it was made, and what it told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import NotFound, Refused
from backend.journal.services import Draft, record_many
from backend.ledger.models import Person
from backend.ledger.queries import visible_persons

from ..people import known_as
from ..services import begin, introduce, moment
from . import rules

RIGHT = "contacts.write"


@transaction.atomic
def say(
    *,
    by: Staff | None,
    persons: Sequence[UUID],
    how: str = "",
    result: str = "",
    note: str = "",
    next_by: str = "",
    next_on: date | None = None,
    status: str = "",
    place: str = "",
    plate: str = "",
    told_by: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """A call or visit for these people (of one household), and what was told of where they are. Returns entries written."""
    begin(by, RIGHT)
    at = moment(occurred_at)
    found = list(visible_persons(by).filter(pk__in=persons))
    if not found or len(found) != len(set(persons)):
        raise NotFound("選んだ人が見つかりません。画面を開き直してください。")
    if not how and not status:
        raise Refused(
            "連絡のしかたと結果か、いまの居場所を選んでください。", fields={"status": "どちらかを選んでください。"}
        )
    if how and (how not in rules.HOW or result not in rules.RESULTS):
        raise Refused("連絡の結果を選んでください。", fields={"result": "選んでください。"})
    if status and status not in rules.STATUSES:
        raise Refused("居場所を選び直してください。", fields={"status": "選び直してください。"})
    introduce(by, [person for person in found if not person.atena_no], at)
    drafts: list[Draft] = []
    for person in known_as(found).values():
        if how:
            more = {"note": note.strip()[:300], "next_by": next_by.strip()[:60]}
            more |= {"next_on": next_on.isoformat() if next_on else ""}
            payload: dict[str, Any] = {"person": person, "how": how, "result": result}
            drafts.append(Draft("contact.made", payload | {k: v for k, v in more.items() if v}, at))
        if status:
            more = {"place": place.strip()[:200], "plate": plate.strip()[:20], "told_by": told_by.strip()[:60]}
            payload = {"person": person, "status": status} | {k: v for k, v in more.items() if v}
            drafts.append(Draft("person.status", payload, at))
    record_many(drafts=drafts, by=by)
    audit(by=by, act="shelters.say", subject=_subject(found), people=len(found), status=status)
    return len(drafts)


def _subject(people: Sequence[Person]) -> str:
    homes = {person.household_id for person in people}
    return f"household:{homes.pop()}" if len(homes) == 1 and None not in homes else f"person:{people[0].pk}"
