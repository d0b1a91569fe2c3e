"""What the centre records for shelters that have no device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Conflict, Refused
from backend.core.fields import uuid7
from backend.facilities import queries as facilities
from backend.facilities.models import Facility
from backend.facilities.services import add_place
from backend.journal.services import Draft, record_many

from ..acts import begin, moment, opened
from ..queries import party_of
from ..services import check_in_new, open_shelter


@dataclass(frozen=True)
class Call:
    """What was told of one shelter, when, and by whom."""

    opening: UUID
    people: int
    households: int | None = None
    outside: int | None = None
    called_at: datetime | None = None
    told_by: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a list on paper. `together`: of the same household as the line above."""

    details: dict[str, str]
    how: str = "inside"
    together: bool = False


@transaction.atomic
def report_calls(*, by: Staff | None, calls: Sequence[Call]) -> int:
    """Head counts of several shelters in one act: all of them, or none. Returns how many."""
    begin(by)
    if not calls:
        raise Refused("電話で聞いた人数を、一か所以上に入れてください。")
    open_now = {s.opening: s for s in facilities.open_shelters()}
    drafts = []
    for call in calls:
        shelter = open_now.get(call.opening)
        if shelter is None:
            raise Conflict("入力している間に閉鎖された避難所があります。画面を開き直してください。")
        at = moment(call.called_at)
        if at < shelter.opened_at:
            raise Refused(f"「{shelter.name}」の開設より前の時刻です。")
        told = {"households": call.households, "outside": call.outside, "told_by": call.told_by.strip()[:60] or None}
        payload: dict[str, Any] = {"opening": str(call.opening), "people": call.people}
        drafts.append(Draft("headcount.reported", payload | {k: v for k, v in told.items() if v is not None}, at))
    record_many(drafts=drafts, by=by)
    audit(by=by, act="shelters.report_calls", shelters=len(drafts))
    return len(drafts)


@transaction.atomic
def open_by_telephone(
    *,
    by: Staff | None,
    name: str,
    address: str = "",
    phone: str = "",
    people: int | None = None,
    households: int | None = None,
    told_by: str = "",
    occurred_at: datetime | None = None,
    another: bool = False,
) -> UUID:
    """A place that nobody designated is made, opened and counted in one act. Returns the opening.

    `Conflict` where a place of that name is known, unless it is `another`.
    """
    begin(by)
    at = moment(occurred_at)
    if not another and Facility.objects.filter(name=name.strip(), active=True).exists():
        raise Conflict(
            f"「{name.strip()}」という施設が登録されています。その施設なら「避難所を開設する」から開設してください。"
            "別の場所なら「別の場所です」を選んで、もう一度押してください。"
        )
    place = add_place(by=by, name=name, address=address.strip(), phone=phone.strip())
    opening = open_shelter(by=by, facility=place, occurred_at=at)
    if people is not None:
        report_calls(by=by, calls=[Call(opening, people, households, None, at, told_by)])
    return opening


@transaction.atomic
def type_list(*, by: Staff | None, opening: UUID, lines: Sequence[Line], at: datetime | None = None) -> tuple[int, int]:
    """A list on paper is taken whole, as of its time: (how many came in, how many were in the roster already)."""
    begin(by)
    when = moment(at)
    opened(opening, when)
    if not lines:
        raise Refused("氏名を一人以上入れてください。")
    arrived = already = 0
    party = uuid7()
    for line in lines:
        party = party if line.together else uuid7()
        who, done = check_in_new(
            by=by, opening=opening, details=line.details, occurred_at=when, how=line.how or "inside", party=party
        )
        arrived += len(done.arrived) + len(done.moved)
        already += len(done.already)
        if done.already:  # the next line is of the household that they are in already
            party = party_of(who)
    audit(by=by, act="shelters.type_list", subject=f"opening:{opening}", lines=len(lines))
    return arrived, already
