"""A QR code as one path of an SVG: sharp on paper at any size, and no inline style."""

from __future__ import annotations

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M


@lru_cache(maxsize=4096)
def path(text: str) -> tuple[int, str]:
    """How many modules a side has, the quiet zone included, and the path of the dark ones."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    rows = code.get_matrix()
    drawn = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            drawn.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
    return len(rows), "".join(drawn)
