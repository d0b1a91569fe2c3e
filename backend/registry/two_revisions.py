"""Two revisions of a register as of a day, one beside the other: who differs, and what each says of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from backend.core.pieces import pieces

from . import queries
from .layout import PERSON_COLUMNS
from .models import AsOfDifference, AsOfRevision, FullRow, RegisterFile

Row = dict[str, str]


def changed_between(one: AsOfRevision, other: AsOfRevision) -> set[str]:
    """宛名番号 of everybody of whom the two may say something else. `other` is the newer one of the same disaster."""
    if one.base_id != other.base_id:
        return _different(one, other)
    span = {"gt": one.number, "lte": other.number}
    begun = Q(**{f"from_revision__{key}": value for key, value in span.items()})
    ended = Q(**{f"until_revision__{key}": value for key, value in span.items()})
    rows = AsOfDifference.objects.filter(revisions=other.code).filter(begun | ended)
    found = set(rows.values_list("atena_no", flat=True))
    late = RegisterFile.objects.filter(corrects=other.base, received_at__lte=other.known_at)
    new = [pk for pk in late.values_list("pk", flat=True) if one.files is None or pk not in one.files]
    if new:
        put_in = FullRow.objects.filter(file=other.base, corrected_by__in=new)
        found |= set(put_in.values_list("atena_no", flat=True))
    return found


def _different(one: AsOfRevision, other: AsOfRevision) -> set[str]:
    """By the database, over everybody: the two started from different exports."""
    said = ", ".join(
        f"COALESCE({column}, '')" if column != "atena_no" else column
        for column in (*PERSON_COLUMNS, "changed_on", "changed_by", "removed_on", "removed_by")
        if not column.startswith("protection")
    )
    (first, these), (second, those) = queries.as_of_sql(one), queries.as_of_sql(other)
    first, second = f"SELECT {said} FROM ({first}) r", f"SELECT {said} FROM ({second}) r"
    sql = (
        f"SELECT DISTINCT atena_no FROM (SELECT * FROM ({first} EXCEPT {second}) x"
        f" UNION ALL SELECT * FROM ({second} EXCEPT {first}) y) z"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*these, *those, *those, *these])
        return {number for (number,) in cursor.fetchall()}


def rows(revision: AsOfRevision, numbers: Iterable[str]) -> tuple[dict[str, Row], dict[str, str]]:
    """What a revision says of these: the rows of those registered that day, by 宛名番号; and of those who were not, why."""
    there: dict[str, Row] = {}
    gone: dict[str, str] = {}
    alive = Q(until_revision=None) | Q(until_revision__gt=revision.number)
    own = AsOfDifference.objects.filter(alive, revisions=revision.code, from_revision__lte=revision.number)
    exported = queries.base_rows(revision.base, revision.known_at)
    columns = queries.AS_OF_COLUMNS
    base_columns = columns[:-2]  # an export doesn't have who is gone
    for piece in pieces(sorted(set(numbers))):
        for registered, *said in own.filter(atena_no__in=piece).values_list("registered", *columns):
            row = {column: value or "" for column, value in zip(columns, said, strict=True)}
            if registered:
                there[row["atena_no"]] = row
            else:
                gone[row["atena_no"]] = f"{row['changed_by']} {row['changed_on']}".strip()
        for values in exported.filter(atena_no__in=piece).values_list(*base_columns):
            row = {column: value or "" for column, value in zip(base_columns, values, strict=True)}
            if row["atena_no"] not in there and row["atena_no"] not in gone:
                there[row["atena_no"]] = {**row, "removed_on": "", "removed_by": ""}
    return there, gone


def unread_files(revision: AsOfRevision) -> int:
    """How many files came in that this revision doesn't know."""
    files = RegisterFile.objects.all()
    if revision.files is None:
        return files.filter(received_at__gt=revision.known_at).count()
    return files.exclude(pk__in=revision.files).count()
