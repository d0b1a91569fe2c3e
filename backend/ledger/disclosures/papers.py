"""The file that is handed over: CSV in UTF-8 or Shift_JIS, and the hash that seals its content."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence

from backend.core.text_files import cp932_losses

LOST = "〓"  # what stands where Shift_JIS has no character; the list of them goes with the file


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe before it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠") else cell


def seal(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """SHA-256 of the file in UTF-8 without a byte order mark."""
    return hashlib.sha256(as_csv(columns, rows).encode()).hexdigest()


def utf8(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return ("\ufeff" + as_csv(columns, rows)).encode()


def shift_jis(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """What can't be carried is replaced by 〓 (a character and its variation selector by one)."""
    text = as_csv(columns, rows)
    for lost in sorted(cp932_losses(text), key=len, reverse=True):
        text = text.replace(lost, LOST)
    return text.encode("cp932")


def losses(rows: Iterable[Sequence[str]]) -> list[tuple[int, list[str]]]:
    """The line of the file (the heading is line 1) and the characters of it that Shift_JIS can't carry."""
    return [(number, lost) for number, row in enumerate(rows, 2) if (lost := cp932_losses("".join(row)))]
