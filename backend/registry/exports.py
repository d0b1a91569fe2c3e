"""How full exports are kept: the first of them whole, a later one as what differs from a whole one near it.

Thirty daily exports of a million people are so one million rows and some ten thousand a day. What an export said is
all there still, whatever other files came before or after it; one that a register as of a day starts from is made
whole again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from backend.core import bulk
from backend.core.progress import Progress

from .layout import PERSON_COLUMNS
from .models import FullDifference, FullRow, RegisterFile

SMALL = 1000  # rows; below that a file is kept whole, since nothing is saved
TOO_DIFFERENT = 5  # more than a fifth: keep it whole
INCOMING = "registry_incoming"
FULL, DIFFERENCE = (model._meta.db_table for model in (FullRow, FullDifference))
SAID = (*PERSON_COLUMNS, "extra", "changed_on", "changed_by")
KEPT = ("line_no", "flags", *SAID)


def store(
    file: RegisterFile,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    lines: int,
    progress: Progress | None = None,
) -> int:
    """Keep the rows of a full export; how many they were. `columns`: those of the rows, `lines`: about how many come.

    `progress` is told what is done once the rows are read.
    """
    anchor = _anchor(file) if lines >= SMALL else None
    if anchor is None:
        with bulk.bare(FullRow, progress=progress):
            count = bulk.load(FULL, columns, rows)
        bulk.analyze(FULL)
        return count
    with connection.cursor() as cursor:
        names = ", ".join(columns)
        empty = "WITH NO DATA" if connection.vendor == "postgresql" else "LIMIT 0"
        cursor.execute(f"CREATE TEMP TABLE {INCOMING} AS SELECT {names} FROM {FULL} {empty}")
    count = bulk.load(INCOMING, columns, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {INCOMING}_no ON {INCOMING} (atena_no)")
    bulk.analyze(INCOMING)
    _keep(file, anchor, columns, count)
    # Whatever stops it before takes the table away too: it was made in the same transaction.
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {INCOMING}")
    return count


def _anchor(file: RegisterFile) -> RegisterFile | None:
    """The whole export nearest in time."""
    whole = RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL, whole=True).exclude(pk=file.pk)
    day = file.as_of
    assert day is not None  # noqa: S101 - a constraint of the table
    return min(whole, key=lambda one: abs((one.as_of - day).days), default=None)  # type: ignore[operator]


def _keep(file: RegisterFile, anchor: RegisterFile, columns: Sequence[str], count: int) -> None:
    here = {name: f"i.{name}" if name in columns else "NULL" for name in KEPT}
    same = " AND ".join(_same(f"a.{name}", here[name]) for name in SAID)
    old = f"{FULL} a WHERE a.file_id = %s AND a.corrected_by_id IS NULL"
    unlike = f"{INCOMING} i WHERE NOT EXISTS (SELECT 1 FROM {old} AND a.atena_no = i.atena_no AND {same})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {unlike}", [anchor.pk])
        if cursor.fetchone()[0] * TOO_DIFFERENT > count:
            names = ", ".join(columns)
            cursor.execute(f"INSERT INTO {FULL} ({names}) SELECT {names} FROM {INCOMING}")
            return
        names = ", ".join(KEPT)
        cursor.execute(
            f"INSERT INTO {DIFFERENCE} (file_id, gone, {names}) SELECT %s, %s, {', '.join(here.values())} FROM {unlike}",
            [file.pk, False, anchor.pk],
        )
        cursor.execute(
            f"INSERT INTO {DIFFERENCE} (file_id, gone, atena_no, line_no, flags, changed_on, changed_by)"
            f" SELECT %s, %s, a.atena_no, 0, 0, '', '' FROM {old}"
            f" AND NOT EXISTS (SELECT 1 FROM {INCOMING} i WHERE i.atena_no = a.atena_no)",
            [file.pk, True, anchor.pk],
        )
    bulk.analyze(DIFFERENCE)
    file.anchor, file.whole = anchor, False


def _same(one: str, other: str) -> str:
    if connection.vendor == "sqlite":
        return f"{one} IS {other}"
    if one == "a.extra":
        return f"{one}::text IS NOT DISTINCT FROM {other}::text"
    return f"{one} IS NOT DISTINCT FROM {other}"


def content(file: RegisterFile, names: Sequence[str], among: str = "") -> tuple[str, list[Any]]:
    """A query for what an export says, `names` of each row. `among`: a condition on `atena_no`, of our own making."""
    said, only = ", ".join(names), f" AND atena_no IN ({among})" if among else ""
    if file.whole:
        return f"SELECT {said} FROM {FULL} WHERE file_id = %s{only}", [file.pk]
    return (
        f"SELECT {said} FROM {FULL} a WHERE file_id = %s AND corrected_by_id IS NULL{only}"
        f" AND NOT EXISTS (SELECT 1 FROM {DIFFERENCE} d WHERE d.file_id = %s AND d.atena_no = a.atena_no)"
        f" UNION ALL SELECT {said} FROM {DIFFERENCE} WHERE file_id = %s AND NOT gone{only}",
        [file.anchor_id, file.pk, file.pk],
    )


def people_of(file: RegisterFile, names: Sequence[str], near: Sequence[str] = ()) -> Iterator[tuple[Any, ...]]:
    """What an export says of everybody, by number; `near`: of those in whose address one of these words stands."""
    sql, params = content(file, list(dict.fromkeys([*names, "atena_no", "address"])))
    words = [word.replace("!", "!!").replace("%", "!%").replace("_", "!_") for word in near]
    only = " WHERE " + " OR ".join(["address LIKE %s ESCAPE '!'"] * len(words)) if words else ""
    with connection.cursor() as cursor:
        ask = f"SELECT {', '.join(names)} FROM ({sql}) c{only} ORDER BY atena_no"
        cursor.execute(ask, [*params, *(f"%{word}%" for word in words)])
        while rows := cursor.fetchmany(5000):
            yield from rows


def make_whole(file: RegisterFile) -> None:
    """Keep an export whole that was kept as differences: a register as of a day starts from it."""
    if file.whole:
        return
    names = ["line_no", "flags", *SAID]
    sql, params = content(file, names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FULL} (file_id, {', '.join(names)}) SELECT %s, {', '.join(names)} FROM ({sql}) c",
            [file.pk, *params],
        )
        # Rows that were corrected into it keep saying by which file.
        cursor.execute(
            f"UPDATE {FULL} SET corrected_by_id = (SELECT d.corrected_by_id FROM {DIFFERENCE} d"
            f" WHERE d.file_id = {FULL}.file_id AND d.atena_no = {FULL}.atena_no) WHERE file_id = %s AND atena_no IN"
            f" (SELECT atena_no FROM {DIFFERENCE} WHERE file_id = %s AND corrected_by_id IS NOT NULL)",
            [file.pk, file.pk],
        )
    bulk.analyze(FULL)
    file.whole = True
    file.save(update_fields=["whole"])


def has(file: RegisterFile, atena_no: str) -> bool:
    """Whether a person is in an export."""
    sql, params = content(file, ["atena_no"])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM ({sql}) c WHERE atena_no = %s", [*params, atena_no])
        return cursor.fetchone() is not None


def add(file: RegisterFile, **values: Any) -> None:
    """Put a corrected row into an export, however it is kept."""
    if file.whole:
        FullRow.objects.create(file=file, **values)
    if file.anchor_id:
        FullDifference.objects.update_or_create(
            file=file, atena_no=values["atena_no"], defaults={**values, "gone": False}
        )
