"""What the pages ask of the files that were taken: the list, what waits to be corrected, gaps in the daily changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet
from django.db.models.functions import TruncDate

from backend.core.clock import TOKYO, end_of_day, now, tokyo_date
from backend.core.errors import NotFound

from . import queries
from .models import ChangeRow, RegisterFile, SetAsideRow

SATURDAY = 5
FARTHEST = timedelta(days=62)


def listed_files() -> QuerySet[RegisterFile]:
    """Files, newest first, each with `waiting`: set-aside rows that nobody has corrected yet."""
    waiting = Count("set_aside_rows", filter=Q(set_aside_rows__corrected_by=None))
    return queries.files().annotate(waiting=waiting).order_by("-received_at", "-pk")


def file(pk: int) -> RegisterFile:
    """One file; raises `NotFound`."""
    found = listed_files().filter(pk=pk).first()
    if found is None:
        raise NotFound("このファイルはありません。")
    return found


def waiting_rows(of: RegisterFile) -> QuerySet[SetAsideRow]:
    """Rows of a file that were set aside and not corrected yet, in the order of the file."""
    return SetAsideRow.objects.filter(file=of, corrected_by=None).order_by("line_no")


@dataclass(frozen=True)
class Changes:
    """The daily changes since an export: how many files, processed until when, working days without any.

    `empty`: how many of the files hold no row; a day without changes is told by such a file.
    """

    files: int
    first_day: date | None
    last_day: date | None
    missing: list[date]
    empty: int = 0


def changes_since(day: date | None) -> Changes:
    """The changes processed after the end of `day` (all of them if None); of empty files those received after it."""
    rows = ChangeRow.objects.filter(comparison=None)
    rows = rows.filter(processed_at__gt=end_of_day(day)) if day else rows
    span = rows.aggregate(first=Min("processed_at"), last=Max("processed_at"), files=Count("file", distinct=True))
    nothing = RegisterFile.objects.filter(kind=RegisterFile.Kind.CHANGE, corrects=None, rows=0)
    empty = (nothing.filter(received_at__gt=end_of_day(day)) if day else nothing).count()
    if span["last"] is None:
        return Changes(empty, None, None, [], empty)
    first, last = tokyo_date(span["first"]), tokyo_date(span["last"])
    begin = max(day + timedelta(days=1) if day else first, last - FARTHEST)
    days = rows.filter(processed_at__gt=end_of_day(begin - timedelta(days=1)))
    there = set(
        days.annotate(on=TruncDate("processed_at", tzinfo=TOKYO)).order_by().values_list("on", flat=True).distinct()
    )
    missing = [d for n in range((last - begin).days) if (d := begin + timedelta(days=n)) not in there]
    return Changes(span["files"] + empty, first, last, [d for d in missing if d.weekday() < SATURDAY], empty)


def latest_export() -> RegisterFile | None:
    return RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL).order_by("-as_of").first()


@dataclass(frozen=True)
class Basis:
    """What a register as of a day would be rebuilt from."""

    export: RegisterFile | None
    export_is_later: bool
    changes: Changes
    reaches_the_day: bool


def basis(day: date) -> Basis:
    """The export and the changes that a rebuild as of `day` would start from now."""
    found = queries.base_export(day, now())
    if found is None:
        return Basis(None, False, changes_since(None), False)
    export, later = found
    changes = changes_since(None if later else export.as_of)
    return Basis(export, later, changes, changes.last_day is not None and changes.last_day >= day)


def companions(atena_no: str) -> set[str]:
    """宛名番号 of everybody who, by rows of change, was ever in the household that this person's last row names."""
    last = ChangeRow.objects.filter(atena_no=atena_no).order_by("-processed_at", "-sequence", "-line_no").first()
    if last is None or not last.household_no:
        return set()
    rows = ChangeRow.objects.filter(household_no=last.household_no).exclude(atena_no=atena_no)
    return set(rows.order_by().values_list("atena_no", flat=True).distinct())
