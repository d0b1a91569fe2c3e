"""Cells of a CSV that somebody opens in a spreadsheet: none of them may begin like a formula.

A cell that begins so gets an apostrophe in front; where the file comes back, `as_was` takes exactly that one away again.
Files that only programs read (the register as of a day) are written as they are, byte for byte.
"""

from __future__ import annotations

import re

# What spreadsheets calculate: also full-width signs (which some make plain first), and behind a tab or a line end.
_RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_MARKED = re.compile(r"'+[=+\-@＝＋－＠\t\r\n]")


def harmless(cell: str) -> str:
    """The cell, marked as text if a spreadsheet would calculate it."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def as_was(cell: str) -> str:
    """What `harmless` was given."""
    return cell[1:] if _MARKED.match(cell) else cell
