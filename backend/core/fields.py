"""Keys and field classes that every room shares."""

import os
import time
import uuid
from collections.abc import Iterator

from uuid6 import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562): sortable by the time it was made."""
    return uuid.UUID(int=_uuid7().int)


def uuid7_texts(*, hyphens: bool = True) -> Iterator[str]:
    """New UUIDv7 as text without end, for rows by the million: in order, each at a fifth of the cost of `uuid7`.

    The twelve bits behind the time count up within a batch (RFC 9562, 6.2 method 1), sixty are random.
    """
    moment = 0
    gap = "-" if hyphens else ""
    counts = [f"{count:03x}{gap}a" for count in range(4096)]
    while True:
        moment = max(time.time_ns() // 1_000_000, moment + 1)
        head, noise = f"{moment:012x}", os.urandom(8 * 4096).hex()
        start = f"{head[:8]}-{head[8:]}-7" if hyphens else f"{head}7"
        places = range(0, 16 * 4096, 16)
        yield from [
            f"{start}{count}{noise[at : at + 3]}{gap}{noise[at + 3 : at + 15]}"
            for count, at in zip(counts, places, strict=True)
        ]
