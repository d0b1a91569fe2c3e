"""Checking in, and out, whom the box at the door found, by whatever they are known. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import NotFound, Refused
from backend.ledger.models import Person
from backend.shelters.acts import begin, introduce, moment, opened, references, unseen_people
from backend.shelters.models import StayEvent
from backend.shelters.people import known_as
from backend.shelters.queries import staying
from backend.shelters.residents import check_in_residents, resident_people
from backend.shelters.services import (
    CheckedIn,
    check_in_household,
    check_in_people,
    household_people,
    those_present,
    write_departures,
)


@dataclass(frozen=True)
class Chosen:
    """Who was ticked: members of a household of the ledger (or people of it in none), residents by 宛名番号, evacuees."""

    household: UUID | None = None
    members: Sequence[UUID] = field(default_factory=list)
    residents: Sequence[str] = field(default_factory=list)
    evacuees: Sequence[UUID] = field(default_factory=list)


@transaction.atomic
def check_in(
    *, by: Staff | None, opening: UUID, chosen: Chosen, occurred_at: datetime | None = None, how: str = "inside"
) -> CheckedIn:
    """Check in everybody who was ticked. Doing it twice adds nothing."""
    if not (chosen.members or chosen.residents or chosen.evacuees):
        raise Refused("到着した人を選んでください。", fields={"persons": "数字の 1〜9 か Space で選びます。"})
    when = {"by": by, "opening": opening, "occurred_at": occurred_at, "how": how}
    done = CheckedIn()
    if chosen.members and chosen.household is not None:
        _add(done, check_in_household(household=chosen.household, persons=chosen.members, **when))  # type: ignore[arg-type]
    elif chosen.members:
        _add(done, _check_in_alone(persons=chosen.members, **when))  # type: ignore[arg-type]
    if chosen.residents:
        _add(done, check_in_residents(numbers=chosen.residents, **when))  # type: ignore[arg-type]
    if chosen.evacuees:
        _add(done, _check_in_known(evacuees=chosen.evacuees, **when))  # type: ignore[arg-type]
    return done


def _add(done: CheckedIn, more: CheckedIn) -> None:
    done.arrived += more.arrived
    done.moved |= more.moved
    done.already += more.already


def _check_in_alone(
    *, by: Staff | None, opening: UUID, persons: Sequence[UUID], occurred_at: datetime | None, how: str
) -> CheckedIn:
    """People of the ledger whose household is undecided: each counts as one of their own."""
    begin(by)
    at = moment(occurred_at)
    return check_in_people(by, opening, _alone(by, persons, at), at, how, None)


def _alone(by: Staff | None, persons: Sequence[UUID], at: datetime) -> dict[UUID, dict[str, str]]:
    found = list(Person.objects.filter(pk__in=persons))
    if len(found) != len(set(persons)) or unseen_people(found, by):
        raise NotFound("選んだ人が台帳に見つかりません。画面を開き直してください。")
    introduce(by, [person for person in found if not person.atena_no], at)
    return known_as(found)


def _check_in_known(
    *, by: Staff | None, opening: UUID, evacuees: Sequence[UUID], occurred_at: datetime | None, how: str
) -> CheckedIn:
    """People whom shelters know: they belong together with whom they belonged before."""
    begin(by)
    people = references(evacuees, by)
    events = StayEvent.objects.filter(evacuee__in=people, voided_at=None).exclude(kind="left")
    party = dict(events.order_by("occurred_at", "entry").values_list("evacuee", "party"))
    together: dict[UUID | None, dict[UUID, dict[str, str]]] = defaultdict(dict)
    for pk, person in people.items():
        together[party.get(pk)][pk] = person
    done = CheckedIn()
    for belonging, those in together.items():
        _add(done, check_in_people(by, opening, those, moment(occurred_at), how, belonging))
    return done


@transaction.atomic
def leave(
    *,
    by: Staff | None,
    opening: UUID,
    chosen: Chosen,
    destination: str,
    occurred_at: datetime | None = None,
    **said: str,
) -> int:
    """Everybody who was ticked leaves; `said`: note, spot, plate. Returns how many did.

    Somebody of whom no arrival is known here leaves as well: they may stand on another laptop's list or on paper.
    Headquarters sees it among what contradicts.
    """
    begin(by)
    at = moment(occurred_at)
    people = _people(by, chosen, at)
    if not people:
        raise Refused("退所する人を選んでください。", fields={"persons": "数字の 1〜9 か Space で選びます。"})
    opened(opening)
    if here := list(staying(opening=opening, evacuees=list(people)).values_list("evacuee", flat=True)):
        those_present(here, opening, at)
    left = write_departures(by, people, opening, destination, at, **said)
    audit(
        by=by,
        act="shelters.leave",
        subject=f"opening:{opening}",
        people=left,
        unlisted=left - len(here),
        destination=destination,
    )
    return left


def _people(by: Staff | None, chosen: Chosen, at: datetime) -> dict[UUID, dict[str, str]]:
    """How entries name everybody who was ticked."""
    people: dict[UUID, dict[str, str]] = {}
    if chosen.members and chosen.household is not None:
        people |= household_people(by, chosen.household, set(chosen.members), at)[0]
    elif chosen.members:
        people |= _alone(by, chosen.members, at)
    if chosen.residents:
        people |= resident_people(by, chosen.residents)[0]
    return people | references(chosen.evacuees, by)
