"""Many rows into one table at once: COPY on PostgreSQL, prepared inserts on SQLite.

For tables with their own fast path only; constraints of the database hold as ever, model code does not run.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connections

CHUNK = 20_000


def load(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, using: str = "default") -> int:
    """Insert `rows` (sequences in the order of `columns`) into `table`; return how many. None is NULL.

    On PostgreSQL the values must be text, numbers or None (no bytes, no lists): they travel as COPY text.
    Must run inside a transaction of the caller's.
    """
    connection = connections[using]
    names = ", ".join(connection.ops.quote_name(c) for c in columns)
    quoted = connection.ops.quote_name(table)
    count = 0
    if connection.vendor == "postgresql":
        source = _CopySource(rows)
        try:
            with connection.cursor() as cursor:
                cursor.cursor.copy_expert(f"COPY {quoted} ({names}) FROM STDIN", source, size=1 << 18)
        except Exception:
            # The driver turns whatever happens while rows are made (also a Ctrl-C) into an error of its own.
            if source.error is not None:
                raise source.error from None
            raise
        return source.count
    marks = ", ".join(["?"] * len(columns))
    statement = f"INSERT INTO {quoted} ({names}) VALUES ({marks})"  # noqa: S608 - names are the program's own
    with connection.cursor() as cursor:
        raw = cursor.cursor
        iterator = iter(rows)
        while chunk := list(islice(iterator, CHUNK)):
            # The driver's own method: Django's would rewrite the placeholders of every chunk.
            super(type(raw), raw).executemany(statement, chunk)
            count += len(chunk)
    return count


# Halves of a surrogate pair: no text that was read from a file holds one, so no value can be taken for a mark.
_NULL, _FIELD = "\udcfe", "\udcff"


def analyze(table: str, *, using: str = "default") -> None:
    """Tell the planner how many rows a table has now, inside the transaction that has just filled it.

    Without it PostgreSQL takes a table of a million new rows for an empty one.
    """
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_line(row: Sequence[Any]) -> str:
    """One row in the text format of COPY."""
    line = _FIELD.join([_NULL if v is None else v if v.__class__ is str else str(v) for v in row])
    if "\\" in line or "\t" in line or "\n" in line or "\r" in line:
        line = line.translate(_ESCAPES)
    return line.replace(_NULL, "\\N").replace(_FIELD, "\t") + "\n"


class _CopySource(io.RawIOBase):
    """What COPY reads from: a file whose text is made row by row while the server takes it."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows: Iterator[Sequence[Any]] = iter(rows)
        self.count = 0
        self.rest = b""
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self.rest:
            try:
                chunk = list(islice(self.rows, 1000))
            except BaseException as error:
                self.error = error
                raise
            if not chunk:
                return b""
            self.count += len(chunk)
            self.rest = "".join(map(copy_line, chunk)).encode("utf-8")
        if size < 0:
            size = len(self.rest)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece
