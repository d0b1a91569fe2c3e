"""At most so many pushes at work at once, whatever processes they are in."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

SLOTS = 2
LOOK_SECONDS = 0.002


@contextmanager
def slot(wait_seconds: float = 0) -> Iterator[bool]:
    """True inside, when there is room, or becomes so in that time; it is given back at the end, also when the process dies."""
    import fcntl

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    while (file := _taken(fcntl)) is None and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    try:
        yield file is not None
    finally:
        if file is not None:
            os.close(file)


def _taken(fcntl: object) -> int | None:
    """The file that is locked from now on, if one is free."""
    for number in range(SLOTS):
        file = os.open(settings.DATA_DIR / f"push-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[attr-defined]
        except OSError:
            os.close(file)
        else:
            return file
    return None
