"""Asking for a place, answering, arranging transport, arriving, cancelling. Part of the room's services.

Each act looks at the request under the journal's lock: of two people who answer at once the second is told what the
first did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.journal.services import Draft, iso, record, record_many

from ..acts import begin, moment, references
from ..help_first import queries as help_queries
from ..help_first import rules as help_rules
from ..help_first.services import introduced
from ..models import Evacuee, StayEvent, WelfareRequest
from ..people import faces, hidden, merged_away
from ..queries import places_of
from ..services import CheckedIn, check_in_people
from . import queries, rules

RIGHT = "welfare.write"
ASK = "shelters.write"


@transaction.atomic
def report_places(
    *,
    by: Staff | None,
    facility: UUID,
    places: int,
    told_by: str = "",
    note: str = "",
    occurred_at: datetime | None = None,
) -> None:
    """How many people a welfare shelter takes in all, as told."""
    begin(by, RIGHT)
    at = moment(occurred_at)
    if not Facility.objects.filter(pk=facility).exists():
        raise NotFound("この施設はありません。")
    more = {"told_by": told_by.strip()[:60], "note": note.strip()[:200]}
    payload: dict[str, Any] = {"facility": str(facility), "places": places} | {k: v for k, v in more.items() if v}
    record(kind="welfare.places", payload=payload, occurred_at=at, by=by)
    audit(by=by, act="shelters.welfare_places", subject=f"facility:{facility}", places=places)


@transaction.atomic
def ask(
    *,
    by: Staff | None,
    evacuee: UUID,
    needs: str,
    devices: Sequence[str] = (),
    companions: int = 0,
    contact: str = "",
    occurred_at: datetime | None = None,
) -> UUID:
    """A place in a welfare shelter is asked for somebody; the shelter they are in is where they are fetched. Returns the request.

    `Conflict` while another request of theirs is open.
    """
    begin(by, RIGHT if by is not None and by.division == "welfare" else ASK)
    at = moment(occurred_at)
    person, drafts = _reference(evacuee, by, at)
    if not needs.strip():
        raise Refused("必要なことを入力してください。", fields={"needs": "何が必要かを書いてください。"})
    if set(devices) - help_rules.DEVICES.keys():
        raise Refused("機器の選択が正しくありません。")
    if evacuee in queries.open_ones([evacuee]):
        raise Conflict("この方の福祉避難所の依頼は、すでに出ています。")
    request = uuid7()
    payload: dict[str, Any] = {"request": str(request), "person": person, "needs": needs.strip()[:500]}
    payload |= {"devices": " ".join(devices)} if devices else {}
    payload |= {"companions": companions} if companions else {}
    payload |= {"contact": contact.strip()[:100]} if contact.strip() else {}
    if opening := places_of([evacuee]).get(evacuee):
        payload["opening"] = str(opening)
    record_many(drafts=[*drafts, Draft("welfare.asked", payload, at)], by=by)
    audit(by=by, act="shelters.welfare_ask", subject=f"evacuee:{evacuee}", request=str(request))
    return request


def _reference(evacuee: UUID, by: Staff | None, at: datetime) -> tuple[dict[str, str], list[Draft]]:
    """How entries name them; of the municipality's list also who was not met anywhere yet."""
    file = help_queries.newest()
    listed = file.people.filter(evacuee=evacuee).first() if file else None
    if listed is None or Evacuee.objects.filter(pk=evacuee).exists():
        return references([evacuee], by)[evacuee], []
    if by is not None and hidden([evacuee], by):
        raise NotFound("その避難者は見つかりません。")
    return introduced(listed, at)


def _case(request: UUID, by: Staff | None, act: str) -> queries.Case:
    """The request, which must be where this act is possible: else `Conflict` says how it stands."""
    case = next(iter(queries.cases(by, only=request)), None) if by is not None else _any_case(request)
    if case is None:
        raise NotFound("この依頼は見つかりません。")
    if act not in case.standing.acts:
        where = f"（{case.facility}）" if case.facility else ""
        raise Conflict(
            f"この依頼は、いま「{case.state}」{where}です。ほかの方が先に入れました。画面を開き直してください。"
        )
    return case


def _any_case(request: UUID) -> queries.Case | None:
    """For an operator's command, which sees everybody."""
    row = WelfareRequest.objects.filter(request=request, voided_at=None).first()
    if row is None:
        return None
    found = queries.standings([request])[request]
    name = Facility.objects.filter(pk=found.facility).values_list("name", flat=True).first() if found.facility else ""
    evacuee = merged_away([row.evacuee]).get(row.evacuee, row.evacuee)
    return queries.Case(row, evacuee, faces([evacuee])[evacuee], found, name or "", "", None, None)


@transaction.atomic
def answer(
    *,
    by: Staff | None,
    request: UUID,
    facility: UUID,
    accepted: bool,
    reason: str = "",
    told_by: str = "",
    over: bool = False,
    occurred_at: datetime | None = None,
) -> None:
    """A welfare shelter accepts or refuses. More people than places are taken only when `over` says that this was asked."""
    begin(by, RIGHT)
    case = _case(request, by, "accept" if accepted else "refuse")
    room = queries.room(facility)
    if room is None:
        raise NotFound("この福祉避難所はありません。")
    warning = rules.too_many(room.free, case.people) if accepted else ""
    if warning and not over:
        raise Refused(warning, fields={"over": "確かめたら、ここに印を付けてください。"})
    if not accepted and not reason.strip():
        raise Refused("断られた理由を入れてください。", fields={"reason": "例：満員、医療の対応ができない"})
    more = {"reason": reason.strip()[:200], "told_by": told_by.strip()[:60]}
    _write(
        by,
        "welfare.answered",
        case,
        occurred_at,
        {"facility": str(facility), "answer": "accept" if accepted else "refuse"}
        | {k: v for k, v in more.items() if v}
        | ({"over": True} if warning else {}),
    )


@transaction.atomic
def withdraw(*, by: Staff | None, request: UUID, reason: str = "", occurred_at: datetime | None = None) -> None:
    """A welfare shelter that had accepted can't after all: a place is looked for again."""
    begin(by, RIGHT)
    case = _case(request, by, "withdraw")
    more = {"reason": reason.strip()[:200]} if reason.strip() else {}
    _write(
        by,
        "welfare.answered",
        case,
        occurred_at,
        {"facility": str(case.standing.facility), "answer": "withdraw", **more},
    )


@transaction.atomic
def arrange(
    *,
    by: Staff | None,
    request: UUID,
    carrier: str,
    leaves_at: datetime | None = None,
    note: str = "",
    occurred_at: datetime | None = None,
) -> None:
    """Who brings them, and when. Arranged again, the later one holds."""
    begin(by, RIGHT)
    case = _case(request, by, "transport")
    if not carrier.strip():
        raise Refused("だれが移送するかを入れてください。", fields={"carrier": "例：消防団、福祉タクシー、家族"})
    more: dict[str, Any] = {"leaves_at": iso(leaves_at)} if leaves_at else {}
    more |= {"note": note.strip()[:200]} if note.strip() else {}
    _write(by, "welfare.transported", case, occurred_at, {"carrier": carrier.strip()[:100], **more})


@transaction.atomic
def cancel(*, by: Staff | None, request: UUID, reason: str = "", occurred_at: datetime | None = None) -> None:
    """No place is needed any more."""
    begin(by, RIGHT)
    case = _case(request, by, "cancel")
    more = {"reason": reason.strip()[:200]} if reason.strip() else {}
    _write(by, "welfare.cancelled", case, occurred_at, more)


def _write(by: Staff | None, kind: str, case: queries.Case, occurred_at: datetime | None, more: dict[str, Any]) -> None:
    at = _since(case, occurred_at)
    person = references([case.evacuee], None)[case.evacuee]
    payload = {"request": str(case.row.request), "person": person, **more}
    record(kind=kind, payload=payload, occurred_at=at, by=by)
    audit(by=by, act=f"shelters.{kind}", subject=f"evacuee:{case.evacuee}", request=str(case.row.request))


def _since(case: queries.Case, occurred_at: datetime | None) -> datetime:
    """When it was so: not before the request stood as it does."""
    at = moment(occurred_at)
    if at < case.standing.since:
        raise Refused("依頼より前の日時です。", fields={"occurred_at": "依頼や前の答えより後の日時にしてください。"})
    return at


@transaction.atomic
def arrive(*, by: Staff | None, request: UUID, occurred_at: datetime | None = None) -> CheckedIn:
    """They arrived: that is the stay there. The welfare shelter must be open."""
    begin(by, RIGHT)
    case = _case(request, by, "arrive")
    room = queries.room(case.standing.facility) if case.standing.facility else None
    if room is None:
        raise Refused("受入先がまだ決まっていません。")
    if room.opening is None:
        raise Refused(f"「{room.facility.name}」は開設されていません。開設してから、到着を記録してください。")
    at = _since(case, occurred_at)
    people = references([case.evacuee], by)
    events = StayEvent.objects.filter(evacuee=case.evacuee, voided_at=None).exclude(kind="left")
    party = events.order_by("-occurred_at", "-entry").values_list("party", flat=True).first()
    done = check_in_people(by, room.opening, people, at, "inside", party)
    audit(by=by, act="shelters.welfare_arrived", subject=f"evacuee:{case.evacuee}", request=str(request))
    return done
