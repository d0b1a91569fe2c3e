"""The file of rows that were set aside: corrected there and taken again, it finds its places by itself."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from . import layout


def write_set_aside_rows(file: Any, rows: Iterable[Any], fingerprint: str) -> None:
    """Write the columns as received, then 行番号, 理由 and the fingerprint of the file that the rows came from.

    `rows` have `values`, `line_no` and `reasons`: those of `reading.SetAside` and of the model `SetAsideRow` alike.
    """
    rows = list(rows)
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    names.sort(key=lambda name: list(layout.COLUMNS).index(name) if name in layout.COLUMNS else len(layout.COLUMNS))
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([*names, *layout.SET_ASIDE_COLUMNS])
    for row in rows:
        values = [row.values.get(name, "") for name in names]
        writer.writerow([*values, row.line_no, "／".join(row.reasons), fingerprint])
