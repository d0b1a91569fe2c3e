"""Acts on what the opening left to a person: settling flags, and giving people of no certain household (世帯未定) one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now
from backend.core.errors import Conflict, Refused
from backend.ledger.models import Disaster, Household, OpeningFlag, Person

UNDECIDED = "household_undecided"


@transaction.atomic
def settle_flag(*, by: Staff, flag: OpeningFlag) -> OpeningFlag:
    """Say that somebody has looked at a flag. Doing it twice changes nothing."""
    require(by, "disaster.open")
    row = OpeningFlag.objects.select_for_update().get(pk=flag.pk)
    if row.settled_at is None:
        row.settled_at, row.settled_by = now(), by
        row.save(update_fields=["settled_at", "settled_by"])
        audit(by=by, act="ledger.settle_flag", subject=f"disaster:{row.disaster_id}", flag=row.pk, code=row.code)
    return row


@transaction.atomic
def reopen_flag(*, by: Staff, flag: OpeningFlag) -> OpeningFlag:
    """Take back that a flag was looked at."""
    require(by, "disaster.open")
    row = OpeningFlag.objects.select_for_update().get(pk=flag.pk)
    if row.settled_at is not None:
        row.settled_at = row.settled_by = None
        row.save(update_fields=["settled_at", "settled_by"])
        audit(by=by, act="ledger.reopen_flag", subject=f"disaster:{row.disaster_id}", flag=row.pk, code=row.code)
    return row


@transaction.atomic
def place_into(*, by: Staff, person: Person, household: Household) -> Person:
    """Put somebody of no certain household into one of the same ledger, behind its last member.

    Raises `Conflict` when they have a household already (somebody else was faster).
    """
    require(by, "disaster.open")
    row = _undecided(person)
    if household.disaster_id != row.disaster_id:
        raise Refused("ほかの災害の世帯には入れられません。")
    last = household.members.aggregate(last=Max("position"))["last"] or 0
    _move(row, household, position=last + 1, by=by)
    audit(by=by, act="ledger.place_into", subject=f"person:{row.pk}", household=str(household.pk))
    return row


@transaction.atomic
def place_alone(*, by: Staff, person: Person) -> Household:
    """Make somebody of no certain household one of their own, with the next り災番号.

    Its kind is `unknown` (未確認): the register names no household of that day for them.
    """
    require(by, "disaster.open")
    disaster = Disaster.objects.select_for_update().get(pk=person.disaster_id)
    row = _undecided(person)
    disaster.last_number += 1
    disaster.save(update_fields=["last_number"])
    household = Household.objects.create(
        disaster=disaster,
        number=disaster.last_number,
        disaster_number=format_disaster_number(disaster.code, disaster.last_number),
        kind=Household.Kind.UNKNOWN,
        address=row.address,
        building=row.building,
    )
    row.is_head = True
    _move(row, household, position=1, by=by)
    audit(by=by, act="ledger.place_alone", subject=f"person:{row.pk}", household=str(household.pk))
    return household


def _undecided(person: Person) -> Person:
    row = Person.objects.select_for_update().get(pk=person.pk)
    if row.household_id is not None:
        raise Conflict("この方の世帯は、すでに決まっています。一覧を開き直してください。")
    return row


def _move(row: Person, household: Household, *, position: int, by: Staff) -> None:
    row.household, row.position = household, position
    row.save(update_fields=["household", "position", "is_head"])
    flags = OpeningFlag.objects.filter(disaster=row.disaster_id, code=UNDECIDED, settled_at=None)
    if row.atena_no:
        flags.filter(atena_no=row.atena_no).update(settled_at=now(), settled_by=by)
