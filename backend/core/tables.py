"""The rows of a table as HTML (for components/table.html), made here: a list of a thousand cells is asked for often.

The template language takes about ten times as long for the same text, most of it to look for what a cell has not got.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Show = Callable[[Any], Any]


def rows_html(
    rows: Iterable[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]], *, plain: Show, moment: Show
) -> SafeString:
    """`rows` as the component takes them; `plain` shows a text or number, `moment` a time."""
    alike: dict[tuple[Any, ...], str] = {}  # the same badge stands in many rows

    def shown(cell: Any) -> str:
        if isinstance(cell, datetime):
            return str(moment(cell))
        if not isinstance(cell, Mapping):
            return str(conditional_escape(plain(cell)))
        # With the type: the same text may be HTML in one cell and somebody's words in another.
        key = tuple(sorted((name, type(value).__name__, str(value)) for name, value in cell.items()))
        if key not in alike:
            alike[key] = render_to_string("components/table_cell.html", {"cell": cell}).strip()
        return alike[key]

    labels = [conditional_escape(column.get("label", "")) for column in columns]
    heads = [
        f'<td role="cell" data-label="{label}"' + (' class="table__number">' if column.get("number") else ">")
        for label, column in zip(labels, columns, strict=True)
    ]
    made = []
    for row in rows:
        made.append('<tr role="row" class="is-muted">' if row.get("muted") else '<tr role="row">')
        for place, (cell, head) in enumerate(zip(row["cells"], heads, strict=False)):
            if place:
                made.append(f"{head}{shown(cell)}</td>")
            else:
                made.append(f'<th scope="row" role="rowheader" data-label="{labels[0]}">{shown(cell)}</th>')
        made.append("</tr>\n")
    return mark_safe("".join(made))
