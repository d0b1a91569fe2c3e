"""Not everybody at once: at most two pushes at work, the others are told to come again soon.

So that headquarters' pages stay quick when the line comes back for a hundred shelters in the same minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from backend.core import sql

SLOTS = 2
AGAIN_SECONDS = 0.15  # at least; the more were sent away, the later each may come again
COMING = 40  # of those whom one process sent away may come again in one second
FORGET_SECONDS = 5.0
_KEY = 0x7A5C1  # advisory locks of ours on PostgreSQL
_TRY = f"SELECT CASE {'WHEN pg_try_advisory_lock(%s, %s) THEN %s ' * SLOTS} END"
_sent_away: dict[UUID, float] = {}
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
            sql.fetch("SELECT pg_advisory_unlock(%s, %s)", _KEY, taken)


def again_in(terminal: UUID) -> float:
    """When somebody who was sent away should come again: all of them together must not keep us busy with saying no."""
    now = time.monotonic()
    _sent_away[terminal] = now
    if len(_sent_away) > COMING * AGAIN_SECONDS:
        for pk, at in list(_sent_away.items()):
            if at < now - FORGET_SECONDS:
                _sent_away.pop(pk, None)
    return max(AGAIN_SECONDS, len(_sent_away) / COMING)


def _take() -> int | None:
    return sql.fetch(_TRY, *[part for number in range(SLOTS) for part in (_KEY, number, number)])[0][0]
