"""Checking in residents by 宛名番号, where there is no ledger but an excerpt of the register: on a shelter's laptop.

Part of the room's services: one act in the journal, under the same lock and right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.core.errors import NotFound, Refused
from backend.ledger import lookup

from . import rules
from .acts import begin, moment
from .people import hidden
from .services import CheckedIn, check_in_people


@transaction.atomic
def check_in_residents(
    *, by: Staff | None, opening: UUID, numbers: Sequence[str], occurred_at: datetime | None = None, how: str = "inside"
) -> CheckedIn:
    """Check in residents of one household of the excerpt. Doing it twice adds nothing."""
    begin(by)
    if not numbers:
        raise Refused("到着した人を選んでください。", fields={"persons": "一人以上選んでください。"})
    people, party = resident_people(by, numbers)
    return check_in_people(by, opening, people, moment(occurred_at), how, party)


def resident_people(by: Staff | None, numbers: Sequence[str]) -> tuple[dict[UUID, dict[str, str]], UUID | None]:
    """How entries name these residents, and their party where they are of one household. `NotFound` for one who is not in
    the excerpt, or hidden."""
    found = lookup.by_numbers(numbers)
    people = {rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": n}): {"atena_no": n} for n in found}
    if len(found) != len(set(numbers)) or (by is not None and hidden(people, by)):
        raise NotFound("選んだ人が名簿の写しに見つかりません。画面を開き直してください。")
    homes = {person.household_no for person in found.values()}
    if len(homes) == 1 and (home := homes.pop()):
        return people, rules.household_party(settings.MUNICIPALITY_CODE, home, UUID(int=0))
    return people, None
