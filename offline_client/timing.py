"""The clock of this laptop, which may be wrong by hours or years: what is known of it before a contact, and what a contact
then says of the times of entries.

The clock in a laptop whose little battery is empty begins in some old year whenever it is switched on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from backend.core import clock
from backend.journal.apply import RETIMED
from backend.journal.models import Entry
from backend.journal.services import Draft, record_many
from backend.journal.taking_over import own_entries

from .models import State

SLACK = timedelta(minutes=2)
BY_HAND = {"stay.corrected", RETIMED}  # the time stands in what they say


def set_again() -> None:
    """After a start, and before every try of the line: the difference that was learnt at the last contact, unless by it
    the last contact were still to come, or the clock was plainly set meanwhile."""
    kept = State.objects.get()
    lack = timedelta(seconds=kept.clock_seconds)
    clock.correct_by(lack)
    here, last = clock.device_now(), kept.contacted_at
    if last is None:
        return
    entry = own_entries().last()
    seen = max([last - lack, *([entry.recorded_at] if entry is not None and entry.recorded_at else [])])
    was_set = timedelta(days=2) < lack < here - seen + timedelta(days=1)
    if was_set or (here + lack < last - SLACK and here >= last):
        _guess(timedelta(0))
    elif here + lack < last - SLACK:
        written = Entry.objects.order_by("-received_no").values_list("received_at", flat=True).first()
        _guess(max(last, written or last) - here)


def _guess(lack: timedelta) -> None:
    State.objects.update(clock_seconds=lack.total_seconds(), clock_guessed=True)
    clock.correct_by(lack)


@transaction.atomic
def retime(kept: State, lack: float) -> int:
    """Headquarters' clock was just asked and said what ours lacks: what was written since the last contact by another
    measure is given its time by an entry that follows. How many were."""
    wrong = reversed(_wrong(kept, lack))
    drafts = [Draft(RETIMED, {"entry": str(uuid), "occurred_at": at.isoformat()}, clock.now()) for uuid, at in wrong]
    if drafts:
        record_many(drafts=drafts, by=None)
    return len(drafts)


def _wrong(kept: State, lack: float) -> list[tuple[UUID, datetime]]:
    """Entries that nobody has answered for yet, from the newest back to where the clock was another one: where it would make
    an entry older than the last contact or younger than the next entry, or where it may have jumped ahead."""
    known, used = timedelta(seconds=lack), timedelta(seconds=kept.clock_seconds)
    moved = known - used
    found: list[tuple[UUID, datetime]] = []
    newer = None
    for row in own_entries(kept.answered_seq).reverse():
        written, told = row.recorded_at + known, row.recorded_at + used
        if written > (newer or clock.now()) + SLACK or (kept.contacted_at and written < kept.contacted_at - SLACK):
            break
        if newer is not None and moved < timedelta(0) and newer - written >= -moved:
            break
        newer = written
        # A time that somebody typed is nearer to the true one than to the clock's.
        if row.kind not in BY_HAND and abs(row.occurred_at - told) <= abs(row.occurred_at - written):
            found.append((row.uuid, row.occurred_at + moved))
    return found
