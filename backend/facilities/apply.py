"""What entries of the journal do to this room's tables. The only writers of them; set-based, any order, safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Q

from .models import Facility, FacilityState, HeadCount, Opening

TABLES = (Opening, FacilityState, HeadCount)


class Entry(Protocol):
    """As much of an entry as is asked here."""

    uuid: UUID
    payload: dict[str, Any]
    occurred_at: datetime
    received_at: datetime
    received_no: int


def _times(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.uuid,
        "occurred_at": entry.occurred_at,
        "received_at": entry.received_at,
        "received_no": entry.received_no,
    }


def opened(entries: Sequence[Entry]) -> None:
    Opening.objects.bulk_create(
        [
            Opening(
                **_times(e),
                opening=e.payload["opening"],
                facility=e.payload["facility"],
                name=e.payload.get("name", ""),
            )
            for e in entries
        ],
        ignore_conflicts=True,
    )
    _change_state(entries, is_open=True)


def closed(entries: Sequence[Entry]) -> None:
    _change_state(entries, is_open=False)


def _change_state(entries: Sequence[Entry], *, is_open: bool) -> None:
    FacilityState.objects.bulk_create(
        [FacilityState(**_times(e), opening=e.payload["opening"], is_open=is_open) for e in entries],
        ignore_conflicts=True,
    )


def head_counted(entries: Sequence[Entry]) -> None:
    HeadCount.objects.bulk_create(
        [
            HeadCount(
                **_times(e),
                opening=e.payload["opening"],
                people=e.payload["people"],
                households=e.payload.get("households"),
                outside=e.payload.get("outside"),
                told_by=e.payload.get("told_by", ""),
            )
            for e in entries
        ],
        ignore_conflicts=True,
    )


def void(targets: Sequence[Entry], at: datetime) -> None:
    """Take back what these entries did, as known from `at` on; the first to take back counts."""
    ids = [e.uuid for e in targets]
    for table in TABLES:
        rows = table.objects.filter(entry__in=ids)
        rows.filter(Q(voided_at__isnull=True) | Q(voided_at__gt=at)).update(voided_at=at)


def retimed(times: Mapping[UUID, datetime]) -> None:
    """What these entries left behind was so at another time: the clock by which they were written was wrong."""
    retime(TABLES, times)


def retime(tables: Sequence[Any], times: Mapping[UUID, datetime]) -> None:
    """The same for the projections of any room."""
    entries = list(times)
    for start in range(0, len(entries), 500):
        for table in tables:
            rows = list(table.objects.filter(entry__in=entries[start : start + 500]))
            for row in rows:
                row.occurred_at = times[row.entry]
            table.objects.bulk_update(rows, ["occurred_at"], batch_size=200)


def drop() -> None:
    """Empty the tables, to be rebuilt from the journal."""
    for table in TABLES:
        table.objects.all().delete()


def check_opened(entries: Sequence[Entry]) -> list[tuple[UUID, str, str]]:
    """Contradictions: an unknown place."""
    asked = {e.payload["facility"] for e in entries}
    known = {str(pk) for pk in Facility.objects.filter(pk__in=asked).values_list("pk", flat=True)}
    return [(e.uuid, "facility_unknown", "登録のない施設です") for e in entries if e.payload["facility"] not in known]


def check_closed(entries: Sequence[Entry]) -> list[tuple[UUID, str, str]]:
    """Contradictions: an opening that nobody has opened."""
    asked = {e.payload["opening"] for e in entries}
    known = {str(pk) for pk in Opening.objects.filter(opening__in=asked).values_list("opening", flat=True)}
    return [
        (e.uuid, "opening_unknown", "開設の記録がない避難所です") for e in entries if e.payload["opening"] not in known
    ]


def about_all(payload: dict[str, Any]) -> list[tuple[str, UUID | None]]:
    """Which shelters are open, and how many people are there, everybody is told."""
    return [("place", UUID(payload["opening"])), ("all", None)]
