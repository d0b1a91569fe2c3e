"""The file of rows that were set aside: corrected there and taken again, it finds its places by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from . import layout


def write_set_aside_rows(
    file: Any, rows: Iterable[Any], fingerprint: str, order: Sequence[str] = tuple(layout.COLUMNS)
) -> None:
    """Write the columns as received, then 行番号, 理由 and the fingerprint of the file that the rows came from.

    `rows` have `values`, `line_no` and `reasons`: those of `reading.SetAside` and of the model `SetAsideRow` alike.
    `order`: the headers of the layout, in the order in which they are written.
    """
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    names.sort(key=lambda name: order.index(name) if name in order else len(order))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*names, *layout.SET_ASIDE_COLUMNS])
    for row in rows:
        values = [row.values.get(name, "") for name in names]
        writer.writerow([*values, row.line_no, "／".join(row.reasons), fingerprint])


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
