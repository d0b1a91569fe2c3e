"""Writing down nights away, visitors and parcels. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import today
from backend.core.errors import Conflict, NotFound, Refused
from backend.journal.services import Draft, record, record_many
from backend.shelters.acts import begin, moment, opened
from backend.shelters.models import Away, Ended, Parcel, Visitor
from backend.shelters.people import hidden
from backend.shelters.services import those_present

from . import rules
from .queries import absent

_ENDS = {"away.ended": Away, "visitor.left": Visitor, "parcel.handed_over": Parcel}


def _texts(given: Mapping[str, str]) -> dict[str, str]:
    return {key: value.strip() for key, value in given.items() if value and value.strip()}


@transaction.atomic
def go_away(
    *,
    by: Staff | None,
    opening: UUID,
    evacuees: Sequence[UUID],
    until: date | None = None,
    place: str = "",
    phone: str = "",
    occurred_at: datetime | None = None,
) -> int:
    """These people sleep elsewhere from now on. Returns how many; whoever is away already stays so."""
    begin(by)
    at = moment(occurred_at)
    if until is not None and until < today():
        raise Refused("戻る予定の日が過ぎています。", fields={"until": "今日か、それより後の日にしてください。"})
    if by is not None and hidden(evacuees, by):
        raise NotFound("その避難者は見つかりません。")
    people = those_present(evacuees, opening, at)
    already = absent(opening, people)
    more = _texts({"until": until.isoformat() if until else "", "place": place, "phone": phone})
    drafts = [
        Draft("away.began", {"opening": str(opening), "person": person, **more}, at)
        for pk, person in people.items()
        if pk not in already
    ]
    if drafts:
        record_many(drafts=drafts, by=by)
        audit(by=by, act="shelters.go_away", subject=f"opening:{opening}", people=len(drafts))
    return len(drafts)


@transaction.atomic
def visitor_came(
    *, by: Staff | None, opening: UUID, name: str, result: str, asks_for: str = "", phone: str = ""
) -> UUID:
    """Somebody came. What they asked is kept in their words; nothing says whether that person is here."""
    if not name.strip():
        raise Refused(
            "来訪者の氏名を入れてください。", fields={"name": "分からないときは「50代くらいの男性」のように。"}
        )
    if result not in rules.RESULTS:
        raise Refused("どうしたかを選んでください。", fields={"result": "選んでください。"})
    said = _texts({"name": name, "asks_for": asks_for, "phone": phone})
    return _write(by, "visitor.came", opening, {**said, "result": result}, "shelters.visitor")


@transaction.atomic
def parcel_came(
    *, by: Staff | None, opening: UUID, addressee: str, what: str = "", sender: str = "", place: str = ""
) -> UUID:
    """A parcel is kept for somebody, as it is addressed."""
    if not addressee.strip():
        raise Refused("宛名を入れてください。", fields={"addressee": "荷物に書かれたとおりに。"})
    said = _texts({"addressee": addressee, "what": what, "sender": sender, "place": place})
    return _write(by, "parcel.arrived", opening, said, "shelters.parcel")


def _write(by: Staff | None, kind: str, opening: UUID, said: dict[str, Any], act: str) -> UUID:
    begin(by)
    opened(opening)
    entry = record(kind=kind, payload={"opening": str(opening), **said}, occurred_at=moment(None), by=by)
    audit(by=by, act=act, subject=f"opening:{opening}")
    return entry.uuid


@transaction.atomic
def end(*, by: Staff | None, opening: UUID, kind: str, entry: UUID, result: str = "", note: str = "") -> None:
    """Somebody came back (`away.ended`), left (`visitor.left`), or got their parcel (`parcel.handed_over`)."""
    begin(by)
    row = _ENDS[kind].objects.filter(pk=entry, opening=opening, voided_at=None).first()  # type: ignore[attr-defined]
    if row is None or (isinstance(row, Away) and by is not None and hidden([row.evacuee], by)):
        raise NotFound("その記録は見つかりません。画面を開き直してください。")
    if Ended.objects.filter(began=entry, voided_at=None).exists():
        raise Conflict("すでに記録されています。画面を開き直してください。")
    if kind == "parcel.handed_over" and result not in rules.HANDED:
        raise Refused("渡した相手を選んでください。")
    more = _texts({"result": result, "note": note[:100]})
    payload = {"opening": str(opening), "entry": str(entry), **more}
    record(kind=kind, payload=payload, occurred_at=moment(None), by=by)
    audit(by=by, act="shelters.desk_end", subject=f"opening:{opening}", kind=kind)
