"""What a call or a visit brought is recorded: that it was made, and what it told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import NotFound
from backend.ledger.models import Person
from backend.ledger.queries import visible_persons

from ..acts import begin, introduce, moment
from ..people import known_as
from ..telling.services import RIGHT, understood, write


@transaction.atomic
def say(
    *,
    by: Staff | None,
    persons: Sequence[UUID],
    occurred_at: datetime | None = None,
    **said: Any,
) -> tuple[int, int]:
    """A call or visit for these people (of one household), and what was told of where they are (`said`: `Told`'s fields).

    Returns of how many people, and how many left a shelter by it.
    """
    begin(by, RIGHT)
    told, at = understood(said), moment(occurred_at)
    found = list(visible_persons(by).filter(pk__in=persons))
    if not found or len(found) != len(set(persons)):
        raise NotFound("選んだ人が見つかりません。画面を開き直してください。")
    introduce(by, [person for person in found if not person.atena_no], at)
    left = write(by, known_as(found), told, at)
    audit(by=by, act="shelters.say", subject=_subject(found), people=len(found), status=told.status)
    return len(found), left


def _subject(people: Sequence[Person]) -> str:
    homes = {person.household_id for person in people}
    return f"household:{homes.pop()}" if len(homes) == 1 and None not in homes else f"person:{people[0].pk}"
