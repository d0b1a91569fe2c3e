"""Not everybody at once: at most two pushes at work, the others are told to come again soon.

So that headquarters' pages stay quick when the line comes back for a hundred shelters in the same minute.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

SLOTS = 2
AGAIN_SECONDS = 0.15
_KEY = 0x7A5C1  # advisory locks of ours on PostgreSQL
_here = threading.BoundedSemaphore(SLOTS)


@contextmanager
def slot() -> Iterator[bool]:
    """True inside, when there is room; the room is given back at the end."""
    if connection.vendor != "postgresql":
        # One file has one writer, and is served by one process.
        free = _here.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                _here.release()
        return
    taken = _take()
    try:
        yield taken is not None
    finally:
        if taken is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_KEY, taken])


def _take() -> int | None:
    with connection.cursor() as cursor:
        for number in range(SLOTS):
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_KEY, number])
            if cursor.fetchone()[0]:
                return number
    return None
