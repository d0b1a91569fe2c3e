"""What every act of this room begins with: the right and the lock, the time, an open shelter, and how entries name people.

Part of the room's services: the caller holds the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.templatetags.tasuki import tokyo_short
from backend.facilities import queries as facilities
from backend.journal.services import Draft, lock, record_many
from backend.ledger.households import queries as households
from backend.ledger.models import Person

from . import rules
from .models import Evacuee
from .people import evacuee_of, hidden, merged_away

SLACK = timedelta(minutes=5)  # a clock on the desk that is a little ahead
DETAILS = tuple(rules.DETAILS)


def begin(by: Staff | None, right: str = "shelters.write") -> None:
    if by is not None:
        require(by, right)
    lock()


def moment(at: datetime | None) -> datetime:
    """When it was so: now, unless said otherwise; nothing is recorded ahead of its time."""
    if at is not None and at > now() + SLACK:
        raise Refused("日時が未来です。", fields={"occurred_at": "いまより前の日時を入力してください。"})
    return at or now()


def opened(opening: UUID, at: datetime | None = None) -> facilities.Shelter:
    """The shelter, which must be open (at that time); else `NotFound` or `Refused`."""
    shelter = facilities.opening(opening)
    if shelter is None:
        raise NotFound("その避難所の開設の記録がありません。")
    if not shelter.is_open:
        raise Refused(f"「{shelter.name}」は閉鎖されています。開設してから記録してください。")
    if at is not None and at < shelter.opened_at:
        raise Refused(
            f"「{shelter.name}」の開設（{tokyo_short(shelter.opened_at)}）より前の日時です。",
            fields={"occurred_at": "開設より後の日時にしてください。"},
        )
    return shelter


def unseen_people(persons: Sequence[Person], by: Staff | None) -> set[UUID]:
    """Those of these people of the ledger whom this person may not see, whether shelters have met them or not."""
    if by is None:
        return set()
    return households.unseen_people(by, [p.pk for p in persons]) | hidden([evacuee_of(p) for p in persons], by)


def introduce(by: Staff | None, persons: list[Person], at: datetime) -> None:
    """People of the ledger without 宛名番号 are told to the journal once, so that other devices know their names."""
    known = set(Evacuee.objects.filter(pk__in=[p.pk for p in persons]).values_list("pk", flat=True))
    drafts = [
        Draft(
            "evacuee.registered", {"evacuee": str(p.pk), **written_details({f: getattr(p, f, "") for f in DETAILS})}, at
        )
        for p in persons
        if p.pk not in known
    ]
    if drafts:
        record_many(drafts=drafts, by=by)


def written_details(details: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in details.items() if value and (key != "sex" or value in rules.SEXES)}


def references(evacuees: Sequence[UUID], by: Staff | None) -> dict[UUID, dict[str, str]]:
    """How entries name these people; `NotFound` for one who is unknown, or whom the asker may not see."""
    numbers = dict(Evacuee.objects.filter(pk__in=evacuees).values_list("pk", "atena_no"))
    if len(numbers) != len(set(evacuees)) or (by is not None and hidden(evacuees, by)):
        raise NotFound("その避難者は見つかりません。")
    if merged_away(evacuees):
        raise Conflict("この記録は、別の記録と一つにされています。もう一方の記録を使ってください。")
    return {pk: {"atena_no": n} if (n := numbers[pk]) else {"evacuee": str(pk)} for pk in evacuees}
