"""The file of rows that were set aside: corrected there and taken again, it finds its places by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from backend.core.spreadsheets import as_was, harmless
from backend.core.text_files import csv_rows

from . import layout


def write_set_aside_rows(
    file: Any, rows: Iterable[Any], fingerprint: str, order: Sequence[str] = tuple(layout.COLUMNS)
) -> None:
    """Write the columns as received, then 行番号, 理由 and the fingerprint of the file that the rows came from.

    `rows` have `values`, `line_no` and `reasons`: those of `reading.SetAside` and of the model `SetAsideRow` alike.
    It is made for a spreadsheet: what a cell began with there is taken away again by `records`. `order`: the headers of the layout, in the order in which they are written.
    """
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*map(harmless, names), *layout.SET_ASIDE_COLUMNS])
    for row in rows:
        values = [harmless(row.values.get(name, "")) for name in names]
        writer.writerow([*values, row.line_no, harmless("／".join(row.reasons)), fingerprint])


def records(path: Path, encoding: str, *, corrected: bool) -> Iterator[tuple[int, list[str]]]:
    """The records of a file; of one with corrected rows as they were before they went through a spreadsheet."""
    rows = csv_rows(path, encoding)
    return _as_they_were(rows) if corrected else rows


def _as_they_were(rows: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    try:
        for line_no, record in rows:
            yield line_no, [as_was(cell) for cell in record]
    finally:
        rows.close()  # type: ignore[attr-defined]


def write_beside(
    path: Path, rows: Iterable[Any], fingerprint: str, order: Sequence[str] = tuple(layout.COLUMNS)
) -> str | None:
    """The rows that were set aside, beside the file that they came from, ready to be corrected and taken again.

    None where that folder can't be written: the rows are in the database too, and on the page of the file.
    """
    target = path.with_name(f"{path.stem}-set-aside.csv")
    try:
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            target.chmod(0o600)
            write_set_aside_rows(file, rows, fingerprint, order)
    except OSError:
        return None
    return str(target)
