"""Changes found by comparing exports that follow each other, where the vendor gives none for the days between.

What is found hangs on nothing but which files are there: an export that comes between two others ends what was found
between those two, and a vendor's change of those days ends it as well. So any order of arrival gives the same, and
what was known at a moment stays known as of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from backend.core.clock import end_of_day, tokyo_date

from . import comparing_rules as rules
from . import exports, layout, queries
from .models import ChangeRow, Comparison, FullDifference, RegisterFile, SetAsideRow

NAMES = (*layout.PERSON_COLUMNS, "flags", "changed_on", "changed_by")
CHUNK = 1000


def settle(file: RegisterFile) -> None:
    """After a file was taken: compare what can be compared now, end what it has made wrong."""
    subject = file.corrects or file
    if subject.kind == RegisterFile.Kind.CHANGE:
        _give_way(file, subject)
        return
    day = subject.as_of
    # An emergency register with numbers of our own and the town's own exports say nothing about each other.
    own = queries.has_own_numbers(subject)
    alike = [full for full in RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL)]
    alike = [full for full in alike if queries.has_own_numbers(full) == own]
    _end(Comparison.objects.filter(earlier__in=alike, earlier__as_of__lt=day, later__as_of__gt=day), file)
    _end(Comparison.objects.filter(earlier=subject) | Comparison.objects.filter(later=subject), file)
    fulls = RegisterFile.objects.filter(pk__in=[full.pk for full in alike])
    before = fulls.filter(as_of__lt=day).order_by("-as_of").first()
    after = fulls.filter(as_of__gt=day).order_by("as_of").first()
    for earlier, later in ((before, subject), (subject, after)):
        if earlier is not None and later is not None:
            _compare(earlier, later, file)


def _end(comparisons: Any, by: RegisterFile) -> None:
    comparisons.filter(ended_by=None).update(ended_by=by)


def _give_way(file: RegisterFile, subject: RegisterFile) -> None:
    """The vendor's own changes came after all: what was found by comparing for those days ends."""
    span = ChangeRow.objects.filter(file=subject).aggregate(first=Min("processed_at"), last=Max("processed_at"))
    if span["first"] is None:
        return
    alive = Comparison.objects.filter(
        ended_by=None, earlier__as_of__lte=tokyo_date(span["last"]), later__as_of__gte=tokyo_date(span["first"])
    )
    for comparison in alive.select_related("earlier", "later"):
        if _vendor_changes(comparison.earlier, comparison.later):
            comparison.ended_by = file
            comparison.save(update_fields=["ended_by"])


def _vendor_changes(earlier: RegisterFile, later: RegisterFile) -> bool:
    return ChangeRow.objects.filter(
        comparison=None,
        processed_at__gt=end_of_day(earlier.as_of),  # type: ignore[arg-type]
        processed_at__lte=end_of_day(later.as_of),  # type: ignore[arg-type]
    ).exists()


def _compare(earlier: RegisterFile, later: RegisterFile, by: RegisterFile) -> None:
    if _vendor_changes(earlier, later):
        return
    rows = list(_differences(earlier, later))
    gone = sum(new is None for _, new in rows)
    torn = rules.is_torn(earlier.accepted, gone)
    comparison = Comparison.objects.create(
        earlier=earlier, later=later, made_by=by, rows=0 if torn else len(rows), missing=gone, torn=torn
    )
    if not torn:
        found = (_row(comparison, by, old, new) for old, new in rows)
        made = [row for row in found if row is not None]
        ChangeRow.objects.bulk_create(made, batch_size=CHUNK)
        comparison.rows = len(made)
        comparison.save(update_fields=["rows"])


def _differences(earlier: RegisterFile, later: RegisterFile) -> Iterator[tuple[dict | None, dict | None]]:
    """(row of the earlier export, row of the later one) of everybody who is not the same in both."""
    among = _among(earlier, later)
    old_sql, old_params = exports.content(earlier, NAMES, among)
    new_sql, new_params = exports.content(later, NAMES, among)
    o, n = (", ".join(f"{t}.{name}" for name in NAMES) for t in "on")
    nothing = ", ".join(["NULL"] * len(NAMES))
    unlike = " OR ".join(f"o.{name} <> n.{name}" for name in rules.COMPARED)
    cte = f"WITH o AS ({old_sql}), n AS ({new_sql})"
    unread, unread_before = _set_aside(later), _set_aside(earlier)
    for select in (
        f"SELECT {o}, {n} FROM o JOIN n ON n.atena_no = o.atena_no WHERE {unlike}",
        f"SELECT {o}, {nothing} FROM o WHERE NOT EXISTS (SELECT 1 FROM n WHERE n.atena_no = o.atena_no)",
        f"SELECT {nothing}, {n} FROM n WHERE NOT EXISTS (SELECT 1 FROM o WHERE o.atena_no = n.atena_no)",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"{cte} {select}", [*old_params, *new_params])
            found = cursor.fetchall()
        for record in found:
            old, new = _as_row(record[: len(NAMES)]), _as_row(record[len(NAMES) :])
            number = (old or new or {})["atena_no"]
            if new is None and (number in unread or (old or {})["name"] in unread):
                continue  # not gone: their row could not be read
            if old is None and number in unread_before:
                old = _before(earlier, number)
                if old is not None and not rules.differing(old, new or {}):
                    continue
            yield old, new


def _among(earlier: RegisterFile, later: RegisterFile) -> str:
    """Whom two exports can differ in, where both are kept as differences from one third, or one from the other."""
    one, other = earlier.anchor_id or earlier.pk, later.anchor_id or later.pk
    if one != other:
        return ""
    return f"SELECT atena_no FROM {FullDifference._meta.db_table} WHERE file_id IN ({earlier.pk:d}, {later.pk:d})"


def _as_row(record: tuple) -> dict[str, Any] | None:
    return None if record[0] is None else dict(zip(NAMES, record, strict=True))


def _set_aside(file: RegisterFile) -> set[str]:
    """Whose rows could not be taken: their numbers, and the names of those without one that can be read."""
    found = set()
    waiting = SetAsideRow.objects.filter(file=file, corrected_by=None)
    for values, read in waiting.values_list("values", "read"):
        said = read or values
        number = str(said.get("宛名番号", "")).strip()
        found.add(number if number.isdecimal() else str(said.get("氏名", "")))
    return found


def _before(export: RegisterFile, number: str) -> dict[str, Any] | None:
    """How somebody stood in the last export before this one in which their row could be read."""
    fulls = RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL, as_of__lt=export.as_of).order_by("-as_of")
    for file in fulls[:62]:
        sql, params = exports.content(file, NAMES)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({sql}) c WHERE atena_no = %s", [*params, number])
            record = cursor.fetchone()
        if record:
            return _as_row(record)
        if number not in _set_aside(file):
            return None
    return None


def _row(comparison: Comparison, by: RegisterFile, old: dict | None, new: dict | None) -> ChangeRow | None:
    days: tuple[date, date] = comparison.earlier.as_of, comparison.later.as_of  # type: ignore[assignment]
    if new is None:
        found: rules.Found | None = rules.missing(days[1])
    elif old is None:
        found = rules.entered(new, (new["changed_by"], new["changed_on"]), *days)
    else:
        found = rules.changed(old, new, (new["changed_by"], new["changed_on"]), *days)
    if found is None:
        return None
    row = new or old
    assert row is not None  # noqa: S101 - one of the two is there
    flag = layout.NOT_IN_EXPORT if new is None else layout.DAY_BY_COMPARING if found.day_unknown else 0
    key = f"compared {comparison.pk} {row['atena_no']}"
    return ChangeRow(
        file=by,
        comparison=comparison,
        line_no=0,
        flags=row["flags"] | flag,
        reason=found.reason,
        effective=found.effective,
        processed_at=end_of_day(days[1]),
        digest=hashlib.sha256(key.encode()).hexdigest(),
        **{column: row[column] for column in layout.PERSON_COLUMNS},
    )
