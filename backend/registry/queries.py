"""What others ask of the register: files, the register as of a day, who was ever protected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from backend.core import bulk

from .latecomers import without_ended
from .layout import PERSON_COLUMNS
from .models import (
    AsOfDifference,
    AsOfRevision,
    ChangeRow,
    Comparison,
    FullDifference,
    FullRow,
    RegisterFile,
    SetAsideRow,
)

# One row of the register as of a day, in this order; the last four are not columns of a register file.
AS_OF_COLUMNS = (*PERSON_COLUMNS, "changed_on", "changed_by", "removed_on", "removed_by")


def files() -> QuerySet[RegisterFile]:
    return RegisterFile.objects.select_related("received_by", "corrects")


def base_export(day: Any, known_at: datetime) -> tuple[RegisterFile, bool] | None:
    """The export that a register as of `day` starts from, and whether it is of that day or later."""
    exports = RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL, received_at__lte=known_at)
    emergency = [export.pk for export in exports if has_own_numbers(export)]
    if emergency:  # counts only as long as there is nothing better
        exports = exports.exclude(pk__in=emergency) if len(emergency) < exports.count() else exports
    before = exports.filter(as_of__lt=day).order_by("-as_of").first()
    if before:
        return before, False
    after = exports.order_by("as_of").first()
    return (after, True) if after else None


FIRST_OWN = "900000000000000"


def has_own_numbers(export: RegisterFile) -> bool:
    """Whether it is an emergency register: people without a 宛名番号 of the town, who were given one of our own."""
    own = Q(file=export, atena_no__gte=FIRST_OWN, atena_no__regex=r"^9[0-9]{14}$")
    if FullRow.objects.filter(own).exists() or FullDifference.objects.filter(own).exists():
        return True
    return export.anchor is not None and has_own_numbers(export.anchor)


def received_by(known_at: datetime) -> Q:
    """Rows that this database had taken at that moment: by their file, or by the file that corrected them."""
    return Q(corrected_by=None, file__received_at__lte=known_at) | Q(corrected_by__received_at__lte=known_at)


def base_rows(export: RegisterFile, known_at: datetime) -> QuerySet[FullRow]:
    return FullRow.objects.filter(file=export).filter(Q(corrected_by=None) | Q(corrected_by__received_at__lte=known_at))


def change_rows(known_at: datetime) -> QuerySet[ChangeRow]:
    rows = ChangeRow.objects.filter(received_by(known_at)).order_by("atena_no")
    return without_ended(rows, Comparison.objects.filter(ended_by__received_at__lte=known_at))


def as_of_sql(revision: AsOfRevision) -> tuple[str, list[Any]]:
    """The persons of a revision: those of the export, but for the ones that have a row of their own."""
    columns = ", ".join(f"b.{c}" for c in PERSON_COLUMNS)
    own = ", ".join(f"d.{c}" for c in PERSON_COLUMNS)
    full, difference = (m._meta.db_table for m in (FullRow, AsOfDifference))
    alive = "d.revisions = %s AND d.from_revision <= %s AND (d.until_revision IS NULL OR d.until_revision > %s)"
    here = [revision.code, revision.number, revision.number]
    late = RegisterFile.objects.filter(corrects=revision.base, received_at__gt=revision.known_at)
    without = "".join(f" AND b.corrected_by_id IS DISTINCT FROM {pk:d}" for pk in late.values_list("pk", flat=True))
    if connection.vendor == "sqlite":
        without = without.replace("IS DISTINCT FROM", "IS NOT")
    sql = (
        f"SELECT {columns}, b.changed_on, b.changed_by, '' AS removed_on, '' AS removed_by FROM {full} b"
        f" WHERE b.file_id = %s{without}"
        f" AND NOT EXISTS (SELECT 1 FROM {difference} d WHERE d.atena_no = b.atena_no AND {alive})"
        f" UNION ALL SELECT {own}, d.changed_on, d.changed_by, d.removed_on, d.removed_by"
        f" FROM {difference} d WHERE d.registered AND {alive}"
    )
    return sql, [revision.base_id, *here, *here]


_BY_NUMBER = "CAST(atena_no AS bigint), atena_no"
_ORDERS = {
    "person": _BY_NUMBER,
    # The number leads the sort: comparing numbers is what the database does quickest.
    "household": (
        "CAST(NULLIF(household_no, '') AS bigint) NULLS LAST, household_no,"
        f" CASE WHEN relationship = '世帯主' THEN 0 ELSE 1 END, {_BY_NUMBER}"
    ),
}


def as_of_rows(revision: AsOfRevision, *, order: str) -> Iterator[Sequence[str]]:
    """Stream the persons registered as of the day: the texts of `AS_OF_COLUMNS`, '' for none.

    `order`: "person" by 宛名番号 as a number, "household" by 世帯番号 (those without one last), head first.
    """
    return bulk.stream(*_ordered(revision, order, AS_OF_COLUMNS))


def as_of_lines(revision: AsOfRevision, *, order: str, columns: Sequence[str]) -> Iterator[str]:
    """The same as lines of `core.copy_text`, of `columns` alone: for whoever takes a million of them."""
    return bulk.stream_lines(*_ordered(revision, order, columns))


def _ordered(revision: AsOfRevision, order: str, columns: Sequence[str]) -> tuple[str, list[Any]]:
    sql, params = as_of_sql(revision)
    chosen = ", ".join(f"COALESCE({column}, '')" for column in columns)
    return f"SELECT {chosen} FROM ({sql}) r ORDER BY {_ORDERS[order]}", params


def count_as_of(revision: AsOfRevision) -> int:
    sql, params = as_of_sql(revision)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) r", params)
        return int(cursor.fetchone()[0])


def households_without_one_head(revision: AsOfRevision) -> list[tuple[str, int]]:
    """(世帯番号, number of 世帯主) of every household of the revision that has none, or more than one."""
    sql, params = as_of_sql(revision)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT household_no, SUM(CASE WHEN relationship = '世帯主' THEN 1 ELSE 0 END) FROM"
            f" ({sql}) r WHERE COALESCE(household_no, '') <> '' GROUP BY household_no"
            " HAVING SUM(CASE WHEN relationship = '世帯主' THEN 1 ELSE 0 END) <> 1 ORDER BY household_no",
            params,
        )
        return [(number, int(heads)) for number, heads in cursor.fetchall()]


def ever_protected(file_id: int | None = None, *, known_at: datetime | None = None) -> dict[str, str]:
    """宛名番号 -> the latest expiry stated ('' if none) of everybody whom a row of any file (or of one) protects."""
    result: dict[str, str] = {}
    for model in (FullRow, FullDifference, ChangeRow):
        # Over the small index of protected rows; which file they are of is asked afterwards.
        rows = model.objects.filter(protection="1")
        if file_id is not None:
            rows = rows.filter(Q(file=file_id) | Q(corrected_by=file_id))
        if known_at is not None:
            rows = rows.filter(received_by(known_at))
        for atena_no, until in rows.values_list("atena_no", "protection_until"):
            result[atena_no] = max(result.get(atena_no, ""), until or "")
    # A row that could not be taken still says whom it protects.
    said = Q(read__isnull=True) & ~Q(values__支援措置=None) & ~Q(values__支援措置="")
    mapped = Q(read__isnull=False) & ~Q(read__支援措置=None) & ~Q(read__支援措置="")
    aside = SetAsideRow.objects.filter(corrected_by=None).filter(said | mapped)
    if file_id is not None:
        aside = aside.filter(file=file_id)
    if known_at is not None:
        aside = aside.filter(file__received_at__lte=known_at)
    for values, read in aside.values_list("values", "read"):
        values = read or values
        atena_no = str(values.get("宛名番号", "")).strip()
        if atena_no.isdecimal() and str(values["支援措置"]).strip() not in ("", "0"):
            result.setdefault(atena_no, "")
    return result
