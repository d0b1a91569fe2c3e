"""Many rows into one table at once: COPY on PostgreSQL, prepared inserts on SQLite.

For tables with their own fast path only; constraints of the database hold as ever, model code does not run.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Model

from . import copy_text, sql
from .progress import Progress

CHUNK = 20_000  # rows of one statement on SQLite
BUFFER = 1 << 18  # bytes that go to PostgreSQL, or come from it, at once
FEW = 20  # rows that one INSERT takes as quickly as COPY


def load(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, using: str = "default") -> int:
    """Insert `rows` (sequences in the order of `columns`) into `table`; return how many. None is NULL.

    Rows of text alone are the quickest, whatever the column's type. On PostgreSQL the values must be text, numbers or
    None (no bytes, no lists): they travel as COPY text.
    Must run inside a transaction of the caller's.
    """
    if connections[using].vendor == "postgresql":
        return _copy(table, columns, copy_text.Source(rows, copy_text.text_of_rows), using)
    return _insert(table, columns, rows, using)


def load_lines(table: str, columns: Sequence[str], lines: Iterable[str], *, using: str = "default") -> int:
    """`load` of rows that are lines of COPY text already (see `copy_text`): for those made by the million."""
    if connections[using].vendor == "postgresql":
        return _copy(table, columns, copy_text.Source(lines, copy_text.text_of_lines), using)
    return _insert(table, columns, map(copy_text.values_of, lines), using)


def _copy(table: str, columns: Sequence[str], source: copy_text.Source, using: str) -> int:
    connection = connections[using]
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"{_into(connection, table, columns)} FROM STDIN", source, size=BUFFER)
    except Exception:
        # The driver turns whatever happens while rows are made (also a Ctrl-C) into an error of its own.
        if source.error is not None:
            raise source.error from None
        raise
    return source.count


def _into(connection: Any, table: str, columns: Sequence[str]) -> str:
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    return f"COPY {connection.ops.quote_name(table)} ({names})"


def _insert(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], using: str) -> int:
    connection = connections[using]
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    marks = ", ".join(["?"] * len(columns))
    statement = f"INSERT INTO {connection.ops.quote_name(table)} ({names}) VALUES ({marks})"  # noqa: S608 - our names
    count = 0
    with connection.cursor() as cursor, connection.wrap_database_errors:
        raw = cursor.cursor
        iterator = iter(rows)
        while chunk := list(islice(iterator, CHUNK)):
            # The driver's own method: Django's would rewrite the placeholders of every chunk.
            super(type(raw), raw).executemany(statement, chunk)
            count += len(chunk)
    return count


def put(
    model: type[Model],
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    unless_there: bool = False,
    fills: str = "",
) -> None:
    """Insert rows of Python values, one for each named field, without an object of the model for every row.

    `unless_there` leaves out those that a unique constraint does not let in. `fills` names a column: of a row that is there
    already (by its primary key, `id`) it is set where it is empty. The caller holds the transaction.
    """
    if not rows:
        return
    connection = connections["default"]
    known: dict[str, Any] = {key: f for f in model._meta.concrete_fields for key in (f.name, f.attname)}
    found = [known[name] for name in fields]
    columns, table = [field.column for field in found], model._meta.db_table
    by_column: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for position, write in _writers(connection.vendor, tuple(found)):
        by_column[position] = [None if value is None else write(value) for value in by_column[position]]
    if connection.vendor == "postgresql" and not (unless_there or fills) and len(rows) > FEW:
        source = io.BytesIO(copy_text.text_of_columns(by_column))
        sql.settle()
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"{_into(connection, table, columns)} FROM STDIN", source)
        return
    rows = list(zip(*by_column, strict=True))
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    into = f"INSERT INTO {connection.ops.quote_name(table)} ({names}) "
    end = " ON CONFLICT DO NOTHING" if unless_there else ""
    if fills:
        kept, given = f"{connection.ops.quote_name(table)}.{fills}", f"excluded.{fills}"
        end = f" ON CONFLICT (id) DO UPDATE SET {fills} = {given} WHERE {kept} IS NULL AND {given} IS NOT NULL"
    if len(rows) == 1 or (connection.vendor == "postgresql" and len(rows) <= FEW):
        marks = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
        sql.send(f"{into}VALUES {marks}{end}", list(chain.from_iterable(rows)))
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One value of all rows: the server reads it in a tenth of the time that it takes for a statement of them.
            for position, field in enumerate(found):
                if field.get_internal_type() == "JSONField":
                    by_column[position] = [value and json.loads(value) for value in by_column[position]]
            said = json.dumps([dict(zip(columns, row, strict=True)) for row in zip(*by_column, strict=True)])
            record = f"json_populate_recordset(NULL::{connection.ops.quote_name(table)}, %s)"
            cursor.execute(f"{into} SELECT {names} FROM {record}{end}", [said])  # noqa: S608 - as above
        else:
            raw = cursor.cursor
            with connection.wrap_database_errors:
                super(type(raw), raw).executemany(f"{into}VALUES ({', '.join(['?'] * len(columns))}){end}", rows)


@cache
def _writers(vendor: str, fields: tuple[Any, ...]) -> list[tuple[int, Callable[[Any], Any]]]:
    """How each column's values are written for this database, where they do not go as they are."""
    known = _AS_POSTGRESQL if vendor == "postgresql" else _AS_SQLITE
    kinds = [((field.remote_field and field.target_field) or field).get_internal_type() for field in fields]
    return [(position, known[kind]) for position, kind in enumerate(kinds) if kind in known]


def _utc(moment: datetime | str) -> str:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return str(moment.astimezone(UTC).replace(tzinfo=None))


def _digits(key: UUID | str) -> str:
    return key if isinstance(key, str) else f"{key.int:032x}"


_AS_POSTGRESQL: dict[str, Callable[[Any], Any]] = {
    "UUIDField": _digits,  # without hyphens: the server takes both, and these are made in half the time
    "DateTimeField": str,
    "JSONField": json.dumps,
    "BinaryField": lambda value: "\\x" + value.hex(),
}
_AS_SQLITE: dict[str, Callable[[Any], Any]] = {
    "UUIDField": lambda value: str(value).replace("-", ""),
    "DateTimeField": _utc,
    "JSONField": json.dumps,
}


def key_text(key: Any, *, using: str = "default") -> str | None:
    """A UUID as the text that this database takes for it; None stays None."""
    if key is None:
        return None
    return UUID(str(key)).hex if connections[using].vendor == "sqlite" else str(key)


@contextmanager
def later(table: str, columns: Sequence[str], *, using: str = "default") -> Iterator[Callable[[str], object]]:
    """Gives `put(line)`: rows of a second table, found while those of the first are streamed into `load_lines`.

    PostgreSQL takes one table at a time, so the lines wait in a file that has no name; SQLite takes them by the chunk.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        waiting: list[str] = []

        def put(line: str) -> None:
            waiting.append(line)
            if len(waiting) >= CHUNK:
                load_lines(table, columns, waiting, using=using)
                waiting.clear()

        yield put
        load_lines(table, columns, waiting, using=using)
        return
    with tempfile.TemporaryFile("w+b") as file, io.TextIOWrapper(file, encoding="utf-8", newline="\n") as text:
        write = text.write
        yield lambda line: write(f"{line}\n")
        text.flush()
        file.seek(0)
        with connection.cursor() as cursor, connection.wrap_database_errors:
            cursor.cursor.copy_expert(f"{_into(connection, table, columns)} FROM STDIN", file, size=BUFFER)


def stream(sql: str, params: Sequence[Any], *, using: str = "default") -> Iterator[Sequence[Any]]:
    """The rows of a query on text columns, without holding them all: None for NULL, everything else text.

    PostgreSQL hands them over as COPY does, at once and into a file that has no name, so that its connection is free
    while they are read.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return _fetched(connection, sql, params)
    return map(copy_text.values_of, _spooled(connection, sql, params))


def stream_lines(sql: str, params: Sequence[Any], *, using: str = "default") -> Iterator[str]:
    """`stream` of columns that are never NULL, each row a line of COPY text (see `copy_text`)."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return map(copy_text.line_of, _fetched(connection, sql, params))
    return _spooled(connection, sql, params)


def _fetched(connection: Any, sql: str, params: Sequence[Any]) -> Iterator[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _spooled(connection: Any, sql: str, params: Sequence[Any]) -> Iterator[str]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever reads it to the end
    with connection.cursor() as cursor:
        query = cursor.cursor.mogrify(sql, params).decode()
        cursor.cursor.copy_expert(f"COPY ({query}) TO STDOUT", file, size=BUFFER)
    file.seek(0)
    return _lines(file)


def _lines(file: Any) -> Iterator[str]:
    with file, io.TextIOWrapper(file, encoding="utf-8", newline="\n") as lines:
        for line in lines:
            yield line[:-1]


@contextmanager
def bare(*models: type[Model], progress: Progress | None = None, using: str = "default") -> Iterator[None]:
    """Fill empty tables without their indexes, unique and foreign keys, which are built and checked at once afterwards.

    Only on PostgreSQL, and only tables that are empty, so that nobody waits for them; a table with rows is filled as it
    is. Must run inside a transaction: what is not built again in it was never taken away. `progress` is told of each
    that is built.
    """
    connection = connections[using]
    again: list[str] = []
    if connection.vendor == "postgresql":
        connection.check_constraints()  # what is still to be checked would hold the tables fast
        with connection.cursor() as cursor:
            # For this transaction: to sort a million rows and to build their indexes in memory.
            cursor.execute("SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '128MB'")
        for model in models:
            if not model._base_manager.using(using).exists():
                with connection.cursor() as cursor:
                    drop, make = _extras(cursor, model._meta.db_table)
                    for statement in drop:
                        cursor.execute(statement)
                again += make
    yield
    if again:
        connection.check_constraints()
    with connection.cursor() as cursor:
        # Indexes of all tables before the first foreign key, which looks into one.
        for done, statement in enumerate(sorted(again, key=lambda text: "FOREIGN KEY" in text), 1):
            cursor.execute(statement)
            if progress:
                progress(done, len(again))


def _extras(cursor: Any, table: str) -> tuple[list[str], list[str]]:
    """Statements that drop, and those that make again, what hangs on a table but its primary key."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'u')",
        [table],
    )
    keys = cursor.fetchall()
    cursor.execute(
        "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = %s::regclass AND NOT indisprimary"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = indexrelid)",
        [table],
    )
    indexes = cursor.fetchall()
    return [drop for drop, _ in keys + indexes], [make for _, make in indexes + keys]


def analyze(table: str, *, using: str = "default") -> None:
    """Tell the planner how many rows a table has now, inside the transaction that has just filled it.

    Without it PostgreSQL takes a table of a million new rows for an empty one.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def settle(table: str, *, using: str = "default") -> None:
    """Once the rows just written are committed, let PostgreSQL note that everybody may see them.

    Until then no index answers without a look at each row. Its own housekeeping gets there too, a minute or more later.
    """
    connection = connections[using]

    def vacuum() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")

    if connection.vendor == "postgresql":
        transaction.on_commit(vacuum, using=using, robust=True)
