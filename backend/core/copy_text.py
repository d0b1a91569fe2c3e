"""The text in which PostgreSQL's COPY takes and gives rows: a line a row, tabs between the fields, `\\N` for NULL.

Also on its way into SQLite a line is the quickest form in which a program can carry a row that it hardly looks into.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

PIECE = 100  # rows that become text together: few enough to stay in the processor's cache

# Half of a surrogate pair: no text that was read from a file holds one, so no value can be taken for it.
_NULL = "\udcfe"
_ESCAPED = re.compile(r"\\(.)")
_PLAIN = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def escaped(text: str) -> str:
    """One field as it stands in a line."""
    # One search a character: many times quicker than `translate` where there is nothing to be found.
    text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text.replace(_NULL, "\\N")


def unescaped(value: str) -> str | None:
    """What a field of a line says."""
    if value == "\\N":
        return None
    return _ESCAPED.sub(lambda found: _PLAIN.get(found[1], found[1]), value) if "\\" in value else value


def values_of(line: str) -> list[str | None]:
    """The fields of one line (without its end)."""
    values: list[str | None] = list(line.split("\t"))
    return list(map(unescaped, line.split("\t"))) if "\\" in line else values


def line_of(values: Sequence[str]) -> str:
    """Texts as one line (without its end); none of them None."""
    line = "\t".join(values)
    plain = line.count("\t") == len(values) - 1 and "\\" not in line and "\n" not in line and "\r" not in line
    return line if plain else "\t".join(map(escaped, values))


def text_of_rows(rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows of one width as lines.

    Nearly always nothing in them needs an escape, which is seen by counting over all of them at once.
    """
    if not rows:
        return b""
    try:
        text = "\n".join(["\t".join(row) for row in rows])
    except TypeError:  # not only text
        rows = [[_NULL if v is None else v if v.__class__ is str else str(v) for v in row] for row in rows]
        text = "\n".join(["\t".join(row) for row in rows])
    plain = text.count("\t") == len(rows) * (len(rows[0]) - 1) and text.count("\n") == len(rows) - 1
    if not plain or "\\" in text or "\r" in text:
        text = "\n".join(["\t".join([escaped(v) for v in row]) for row in rows])
    elif _NULL in text:
        text = text.replace(_NULL, "\\N")
    return (text + "\n").encode()


def text_of_columns(columns: Sequence[Sequence[Any]]) -> bytes:
    """The same of columns of one length: whether one needs escapes is seen by looking at it once."""
    return text_of_lines(["\t".join(row) for row in zip(*map(_texts, columns), strict=True)])


def _texts(column: Sequence[Any]) -> list[str]:
    texts = [value if value.__class__ is str else _NULL if value is None else str(value) for value in column]
    said = "".join(texts)
    if "\\" in said or "\t" in said or "\n" in said or "\r" in said or _NULL in said:
        return list(map(escaped, texts))
    return texts


def text_of_lines(lines: Sequence[str]) -> bytes:
    """Lines, each with its end."""
    return ("\n".join(lines) + "\n").encode() if lines else b""


class Source(io.RawIOBase):
    """What COPY reads from: a file whose text is made piece by piece while the server takes it."""

    def __init__(self, rows: Iterable[Any], text_of: Callable[[list[Any]], bytes]) -> None:
        self.rows: Iterator[Any] = iter(rows)
        self.text_of = text_of
        self.count = 0
        self.rest = b""
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return self.piece(size)
        except BaseException as error:
            # Kept for whoever loads: also a signal that comes while a piece is put together.
            self.error = error
            raise

    def piece(self, size: int) -> bytes:
        if not self.rest:
            chunk = list(islice(self.rows, PIECE))
            if not chunk:
                return b""
            self.count += len(chunk)
            self.rest = self.text_of(chunk)
        if size < 0:
            size = len(self.rest)
        piece, self.rest = self.rest[:size], self.rest[size:]
        return piece
