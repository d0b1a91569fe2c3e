"""The key of the database while the laptop is unlocked: in this process's memory, and nowhere else."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable

from . import home

IDLE_SECONDS = float(os.environ.get("TASUKI_SHELTER_IDLE_MINUTES", "30")) * 60


class Locked(Exception):
    """The passphrase is needed first."""


class _Ring:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.key: bytes | None = None
        self.generation = 0
        self.used = 0.0


_ring = _Ring()


def stretched(passphrase: str) -> bytes:
    """The key that follows from a passphrase on this laptop: slow on purpose, once an unlocking."""
    return hashlib.scrypt(passphrase.encode(), salt=home.salt(), n=2**15, r=8, p=1, maxmem=128 * 2**20, dklen=32)


def unlock(passphrase: str) -> bool:
    """Try a passphrase; True when it opens the database (or there is none yet)."""
    key = stretched(passphrase)
    if home.database().exists() and not _opens(key):
        return False
    with _ring.lock:
        _ring.key, _ring.generation, _ring.used = key, _ring.generation + 1, time.monotonic()
    return True


def _opens(key: bytes) -> bool:
    from sqlcipher3 import dbapi2

    connection = dbapi2.connect(str(home.database()), timeout=20)
    try:
        connection.execute(pragma(key))
        connection.execute("SELECT count(*) FROM sqlite_master")
    except dbapi2.DatabaseError:
        return False
    finally:
        connection.close()
    return True


def pragma(key: bytes) -> str:
    return f"PRAGMA key = \"x'{key.hex()}'\""


def key() -> bytes:
    if _ring.key is None:
        raise Locked("端末は鍵がかかっています。")
    return _ring.key


def is_unlocked() -> bool:
    return _ring.key is not None


def generation() -> int:
    """Counts lockings and unlockings: a connection of an older one must be closed."""
    return _ring.generation


def lock() -> None:
    """Forget the key, also where connections hold it."""
    with _ring.lock:
        _ring.key, _ring.generation = None, _ring.generation + 1
    for tell in _when_locked:
        tell()


def when_locked(tell: Callable[[], None]) -> None:
    """Whoever else holds the key lets go of it then."""
    _when_locked.append(tell)


_when_locked: list[Callable[[], None]] = []


def touch() -> None:
    """Somebody is working."""
    _ring.used = time.monotonic()


def lock_when_idle(seconds: float = IDLE_SECONDS) -> bool:
    if is_unlocked() and time.monotonic() - _ring.used > seconds:
        lock()
        return True
    return False
