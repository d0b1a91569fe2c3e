"""The verbs of a shelter: open, close, check in, leave, move, return, take back, count. Each is one act in the journal.

All take `by` (None: an operator's command), need the right `shelters.write`, and hold the journal locked from the first
look to the last entry, so that two people at once can't check in the same person twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.core.kana import to_wide
from backend.core.names import identity_key
from backend.facilities import queries as facilities
from backend.facilities.models import Facility
from backend.journal.services import Draft, iso, record, record_many
from backend.ledger.households import queries as households
from backend.ledger.models import Household

from . import rules
from .acts import (
    DETAILS,
    SLACK,
    begin,
    introduce,
    moment,
    opened,
    references,
    unseen_people,
    written_details,
)
from .models import StayEvent
from .people import faces, hidden, known_as
from .queries import places_of, staying


@dataclass
class CheckedIn:
    """What became of each: newly here, moved here from another shelter (which), or here already."""

    arrived: list[UUID] = field(default_factory=list)
    moved: dict[UUID, UUID] = field(default_factory=dict)
    already: list[UUID] = field(default_factory=list)


@transaction.atomic
def open_shelter(*, by: Staff | None, facility: Facility, occurred_at: datetime | None = None, name: str = "") -> UUID:
    """Open a place as a shelter; return the UUID of the opening. `Conflict` when it is open already."""
    begin(by)
    at = moment(occurred_at)
    if any(s.facility.pk == facility.pk for s in facilities.open_shelters()):
        raise Conflict(f"「{facility.name}」はすでに開設されています。")
    opening = uuid7()
    payload = {"opening": str(opening), "facility": str(facility.pk)} | ({"name": name} if name else {})
    record(kind="facility.opened", payload=payload, occurred_at=at, by=by)
    audit(by=by, act="shelters.open", subject=f"opening:{opening}", facility=str(facility.pk))
    return opening


@transaction.atomic
def close_shelter(
    *,
    by: Staff | None,
    opening: UUID,
    occurred_at: datetime | None = None,
    destination: str = "",
    move_to: UUID | None = None,
) -> int:
    """Close a shelter. People still there leave for `destination` or move to another shelter in the same act; without
    either the act is refused. Returns how many did."""
    begin(by)
    at = moment(occurred_at)
    shelter = opened(opening, at)
    inside = list(staying(opening=opening).values_list("evacuee", flat=True))
    if inside and not destination and move_to is None:
        raise Refused(
            f"「{shelter.name}」には{len(inside)}名がいます。全員の行き先を選ぶか、先に退所・移動を記録してください。"
        )
    if inside and move_to is not None:
        _move(by, inside, opening, move_to, at)
    elif inside:
        _leave(by, inside, opening, destination, at, note="閉鎖")
    record(kind="facility.closed", payload={"opening": str(opening)}, occurred_at=at, by=by)
    audit(by=by, act="shelters.close", subject=f"opening:{opening}", people=len(inside))
    return len(inside)


@transaction.atomic
def check_in_household(
    *,
    by: Staff | None,
    opening: UUID,
    household: UUID,
    persons: Iterable[UUID],
    occurred_at: datetime | None = None,
    how: str = "inside",
) -> CheckedIn:
    """Check in those members of a ledger household who are there. Hidden members are answered like unknown ones."""
    begin(by)
    at = moment(occurred_at)
    people, party = household_people(by, household, set(persons), at)
    return check_in_people(by, opening, people, at, how, party)


def household_people(
    by: Staff | None, household: UUID, wanted: set[UUID], at: datetime
) -> tuple[dict[UUID, dict[str, str]], UUID]:
    """How entries name these members of a ledger household, and their party. Hidden members are answered like unknown ones."""
    home = Household.objects.filter(pk=household).first()
    found = list(households.ever_in(home).filter(pk__in=wanted).order_by("position", "pk")) if home else []
    unseen = unseen_people(found, by)
    if home is None or len(found) != len(wanted) or unseen:
        raise NotFound("選んだ人がこの世帯に見つかりません。画面を開き直してください。")
    if not found:
        raise Refused("到着した人を選んでください。", fields={"persons": "一人以上選んでください。"})
    introduce(by, [person for person in found if not person.atena_no], at)
    return known_as(found), rules.household_party(settings.MUNICIPALITY_CODE, home.household_no, home.pk)


@transaction.atomic
def check_in_new(
    *,
    by: Staff | None,
    opening: UUID,
    details: dict[str, str],
    occurred_at: datetime | None = None,
    how: str = "inside",
    party: UUID | None = None,
    where: dict[str, str] | None = None,
) -> tuple[UUID, CheckedIn]:
    """Check in somebody from elsewhere or unknown. `details`: name (needed), kana, birth, sex, address, origin, telephone;
    `where`: spot and plate of somebody in a car, a tent or a certain room.

    Somebody of the same name and full birth date who is there already is taken for the same person, and said so.
    """
    begin(by)
    at = moment(occurred_at)
    opened(opening, at)
    unknown = details.keys() - set(DETAILS)
    if unknown or not details.get("name", "").strip():
        raise Refused("氏名を入力してください。", fields={"name": "分からないときは見た目などを書いてください。"})
    details = {key: value.strip() for key, value in details.items() if value}
    details["kana"] = to_wide(details.get("kana", ""))
    twin = _already_here(opening, details, by)
    if twin:
        return twin, CheckedIn(already=[twin])
    evacuee = uuid7()
    record(
        kind="evacuee.registered", payload={"evacuee": str(evacuee), **written_details(details)}, occurred_at=at, by=by
    )
    return evacuee, check_in_people(by, opening, {evacuee: {"evacuee": str(evacuee)}}, at, how, party, where)


def _already_here(opening: UUID, details: dict[str, str], by: Staff | None) -> UUID | None:
    birth = details.get("birth", "")
    if len(birth) != 10 or "-00" in birth:
        return None
    inside = set(staying(opening=opening).values_list("evacuee", flat=True))
    # Whoever asks may learn of a hidden person's presence only by being allowed to see them.
    visible = faces(inside - hidden(inside, by))
    key = identity_key(details["name"])
    return next((f.id for f in visible.values() if f.birth == birth and identity_key(f.name) == key), None)


def check_in_people(
    by: Staff | None,
    opening: UUID,
    people: dict[UUID, dict[str, str]],
    at: datetime,
    how: str,
    party: UUID | None,
    where: dict[str, str] | None = None,
) -> CheckedIn:
    opened(opening, at)
    if how not in rules.HOW:
        raise Refused("避難形態の選択が正しくありません。", fields={"how": "選び直してください。"})
    result, drafts = CheckedIn(), []
    present = places_of(people)
    # Typed in late from paper: what counts is where they were then; whoever came here since is here already.
    places = places_of(people, at) if at < now() - SLACK else present
    more = {"how": how} | ({"party": str(party)} if party else {})
    more |= {key: text for key, text in (where or {}).items() if text}
    for evacuee, person in people.items():
        place = places.get(evacuee)
        if opening in (place, present.get(evacuee)):
            result.already.append(evacuee)
        elif place is not None:
            result.moved[evacuee] = place
            payload = {"from": str(place), "to": str(opening), "person": person, **more}
            drafts.append(Draft("stay.moved", payload, at))
        else:
            result.arrived.append(evacuee)
            drafts.append(Draft("stay.arrived", {"opening": str(opening), "person": person, **more}, at))
    if drafts:
        record_many(drafts=drafts, by=by)
        audit(
            by=by,
            act="shelters.check_in",
            subject=f"opening:{opening}",
            arrived=len(result.arrived),
            moved=len(result.moved),
        )
    return result


@transaction.atomic
def leave(
    *,
    by: Staff | None,
    opening: UUID,
    evacuees: Sequence[UUID],
    destination: str,
    occurred_at: datetime | None = None,
    note: str = "",
    spot: str = "",
    plate: str = "",
) -> int:
    """People leave a shelter; where to is asked (`rules.DESTINATIONS`; `spot`: where exactly). Returns how many did."""
    begin(by)
    references(evacuees, by)
    said = {"note": note, "spot": spot, "plate": plate}
    left = _leave(by, evacuees, opening, destination, moment(occurred_at), **said)
    audit(by=by, act="shelters.leave", subject=f"opening:{opening}", people=left, destination=destination)
    return left


def _leave(
    by: Staff | None, evacuees: Sequence[UUID], opening: UUID, destination: str, at: datetime, **said: str
) -> int:
    return write_departures(by, those_present(evacuees, opening, at), opening, destination, at, **said)


def write_departures(
    by: Staff | None, people: dict[UUID, dict[str, str]], opening: UUID, destination: str, at: datetime, **said: str
) -> int:
    """Write that they left, whether it is known that they were there or not: headquarters is told of the latter. How many."""
    if destination not in rules.DESTINATIONS:
        raise Refused("行き先を選んでください。", fields={"destination": "分からないときは「不明」を選んでください。"})
    more = {"destination": destination} | {key: text.strip() for key, text in said.items() if text.strip()}
    drafts = [Draft("stay.left", {"opening": str(opening), "person": p, **more}, at) for p in people.values()]
    record_many(drafts=drafts, by=by)
    return len(drafts)


def those_present(evacuees: Sequence[UUID], opening: UUID, at: datetime) -> dict[UUID, dict[str, str]]:
    """References to people who are in that shelter since before `at`; `Conflict` when somebody is not."""
    if not evacuees:
        raise Refused("人を選んでください。", fields={"evacuees": "一人以上選んでください。"})
    here = {e.evacuee: e for e in staying(evacuees=evacuees, opening=opening)}
    gone = len(set(evacuees) - here.keys())
    if gone:
        raise Conflict(f"選んだうち{gone}名は、もうこの避難所にいません。名簿を開き直してください。")
    if any(event.occurred_at > at for event in here.values()):
        raise Refused("到着より前の日時です。", fields={"occurred_at": "到着より後の日時にしてください。"})
    return references(list(here), None)


@transaction.atomic
def move(
    *, by: Staff | None, opening: UUID, evacuees: Sequence[UUID], to: UUID, occurred_at: datetime | None = None
) -> int:
    """People move from one shelter to another. Returns how many did."""
    begin(by)
    references(evacuees, by)
    moved = _move(by, evacuees, opening, to, moment(occurred_at))
    audit(by=by, act="shelters.move", subject=f"opening:{opening}", people=moved, to=str(to))
    return moved


def _move(by: Staff | None, evacuees: Sequence[UUID], opening: UUID, to: UUID, at: datetime) -> int:
    if to == opening:
        raise Refused("同じ避難所です。", fields={"to": "別の避難所を選んでください。"})
    opened(to, at)
    people = those_present(evacuees, opening, at)
    before = {e.evacuee: e for e in staying(evacuees=evacuees)}
    drafts = []
    for pk, person in people.items():
        party = before[pk].party
        payload = {"from": str(opening), "to": str(to), "person": person, "how": before[pk].how}
        drafts.append(Draft("stay.moved", payload | ({"party": str(party)} if party else {}), at))
    record_many(drafts=drafts, by=by)
    return len(drafts)


@transaction.atomic
def return_(*, by: Staff | None, opening: UUID, evacuee: UUID, occurred_at: datetime | None = None) -> CheckedIn:
    """Somebody who had left is back, with the same household as before."""
    begin(by)
    people = references([evacuee], by)
    last = StayEvent.objects.filter(evacuee=evacuee, voided_at__isnull=True).exclude(kind="left")
    before = last.order_by("-occurred_at", "-entry").first()
    how, party = (before.how, before.party) if before else ("inside", None)
    return check_in_people(by, opening, people, moment(occurred_at), how, party)


def _stay(entry: UUID, by: Staff | None) -> StayEvent:
    event = StayEvent.objects.filter(entry=entry).first()
    if event is None or (by is not None and hidden([event.evacuee], by)):
        raise NotFound("その記録は見つかりません。")
    if event.voided_at is not None:
        raise Conflict("その記録はすでに取り消されたか、訂正されています。")
    return event


@transaction.atomic
def void(*, by: Staff | None, entry: UUID, reason: str = "") -> None:
    """Take back a wrong arrival, move or departure: from now on it is as if it had never been written."""
    begin(by)
    event = _stay(entry, by)
    payload = {"entry": str(entry)} | ({"reason": reason} if reason else {})
    record(kind="entry.voided", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="shelters.void", subject=f"evacuee:{event.evacuee}", entry=str(entry))


@transaction.atomic
def correct_stay(*, by: Staff | None, entry: UUID, occurred_at: datetime, destination: str = "") -> None:
    """Correct when an arrival, move or departure was (and where to)."""
    begin(by)
    event = _stay(entry, by)
    payload = {"entry": str(entry), "occurred_at": iso(moment(occurred_at))}
    payload |= {"destination": destination} if destination and event.kind == "left" else {}
    record(kind="stay.corrected", payload=payload, occurred_at=now(), by=by)
    audit(by=by, act="shelters.correct_stay", subject=f"evacuee:{event.evacuee}", entry=str(entry))


@transaction.atomic
def report_head_count(
    *,
    by: Staff | None,
    opening: UUID,
    people: int,
    households: int | None = None,
    outside: int | None = None,
    observed_at: datetime | None = None,
) -> UUID:
    """A head count as seen at `observed_at`: people inside, households of them, people outside. Returns the entry's id."""
    begin(by)
    at = moment(observed_at)
    opened(opening, at)
    payload: dict[str, Any] = {"opening": str(opening), "people": people}
    payload |= {k: v for k, v in {"households": households, "outside": outside}.items() if v is not None}
    entry = record(kind="headcount.reported", payload=payload, occurred_at=at, by=by)
    audit(by=by, act="shelters.head_count", subject=f"opening:{opening}", people=people)
    return entry.uuid
