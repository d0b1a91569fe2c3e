"""Connections outlive a request, since to open the encrypted file takes longer than to check somebody in; none outlives the key.

Each belongs to the thread that opened it. Between two requests of that thread it rests, and whoever locks the laptop
closes it; one that is at work then is closed at the end of its request.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import connections

from offline_client import keyring

_one = threading.Lock()
_resting: set[Any] = set()


def work(**_: Any) -> None:
    """A request begins in this thread."""
    with _one:
        _resting.difference_update(connections.all(initialized_only=True))


def rest(**_: Any) -> None:
    """A request has ended in this thread."""
    for connection in connections.all(initialized_only=True):
        if connection.connection is None or connection.in_atomic_block:
            continue
        with _one:
            if connection.generation == keyring.generation():
                _resting.add(connection)
                continue
        connection.close()


def close() -> None:
    """The laptop was locked: what rests holds the key, and nobody would close it until somebody works again."""
    with _one:
        for connection in _resting:
            # Not its own `close`, which refuses another thread; its own can't begin a request meanwhile.
            opened, connection.connection = connection.connection, None
            if opened is not None:
                opened.close()
        _resting.clear()


keyring.when_locked(close)
