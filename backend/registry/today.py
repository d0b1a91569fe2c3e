"""Who of the register moved since a day, and where they are registered today; set-based, some thousands at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.db.models import Q, QuerySet

from backend.core.clock import end_of_day, now, today, tokyo_date
from backend.core.pieces import pieces

from . import queries, rules
from .as_of import to_rule_row
from .latecomers import rows_of
from .models import AsOfRevision, ChangeRow, RegisterFile
from .today_rules import Today, today_of

PIECE = 2_000


def moved_since(day: date, *, among: Iterable[str] | None = None) -> Iterator[str]:
    """宛名番号 of those who have a row that may say where they are since `day` (`among`: of these)."""
    rows = queries.change_rows(now()).exclude(reason__in=["出生", "死亡"])
    later = Q(effective__gte=day.isoformat()) | Q(reason__in=[*rules.CANCELLATIONS, rules.CORRECTION])
    rows = rows.filter(later).order_by()
    if among is None:
        yield from rows.values_list("atena_no", flat=True).distinct()
        return
    for piece in pieces(among, PIECE):
        yield from rows.filter(atena_no__in=piece).values_list("atena_no", flat=True).distinct()


def touched_by(file_id: int) -> set[str]:
    """宛名番号 of those whose address of today may be another one by this file.

    By its rows, by rows that hold no more because of it, or because a planned move came into force since the last file.
    """
    file = RegisterFile.objects.get(pk=file_id)
    found = _numbers(rows_of([file_id])) | _numbers(ChangeRow.objects.filter(comparison__ended_by=file_id))
    earlier = RegisterFile.objects.filter(received_at__lt=file.received_at).order_by("-received_at").first()
    if earlier is not None:
        last = tokyo_date(earlier.received_at).isoformat()
        planned = ChangeRow.objects.filter(effective__gt=last, effective__lte=today().isoformat())
        found |= _numbers(planned.filter(processed_at__lte=earlier.received_at))
    return found


def _numbers(rows: QuerySet[ChangeRow]) -> set[str]:
    return set(rows.order_by().values_list("atena_no", flat=True).distinct())


def registered_today(revision: AsOfRevision, numbers: Iterable[str]) -> Iterator[tuple[str, Today]]:
    """How these people are registered at the end of today, from the export that `revision` started from."""
    export, day = revision.base, today()
    assert export.as_of is not None  # noqa: S101 - a constraint of the table
    for piece in pieces(sorted(set(numbers)), PIECE):
        exported = {row.atena_no: row for row in queries.base_rows(export, now()).filter(atena_no__in=piece)}
        rows = queries.change_rows(now()).filter(atena_no__in=piece).order_by("atena_no")
        for number, changes in groupby(rows, key=attrgetter("atena_no")):
            row = exported.get(number)
            values = {column: getattr(row, column) for column in rules.COLUMNS} if row else None
            base = rules.Base(values, export.as_of, end_of_day(export.as_of))
            yield number, today_of(number, base, [to_rule_row(change) for change in changes], day)
