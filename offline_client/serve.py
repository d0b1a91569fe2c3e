"""The server on this machine: pages at 127.0.0.1, those for devices when shared, and exchanges in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection, connections

from . import home, keyring, running
from .share import front as shared_front

THREADS = 4
FOLD_EVERY, FOLD_FROM = 2.0, 2**20  # seconds, bytes


def serve(port: int, share: int | None = None, listening: Callable[[], None] | None = None) -> None:
    """Serve until stopped; `share` is the port for phones and tablets, `listening` is called once pages can be asked for."""
    from waitress.server import create_server

    stop = threading.Event()
    worker = threading.Thread(target=running.in_background, args=(stop,), name="exchange", daemon=True)
    if keyring.is_unlocked():
        running.opened()
    server = create_server(WSGIHandler(), host="127.0.0.1", port=port, threads=THREADS, ident=None)
    worker.start()
    threading.Thread(target=_fold, args=(stop,), name="fold", daemon=True).start()
    front = shared_front.begin(share) if share is not None else None
    if listening is not None:
        # Whoever asks now waits in the queue of the socket; a browser that does not come back holds nobody up.
        threading.Thread(target=listening, name="browser", daemon=True).start()
    try:
        server.run()
    finally:
        if front is not None:
            front.stop()
        stop.set()
        running.wake()
        server.close()
        worker.join(timeout=10)


def _fold(stop: threading.Event) -> None:
    """Fold the log of what was committed into the database, away from whoever is being checked in."""
    log = home.database().with_name(home.database().name + "-wal")
    while not stop.wait(FOLD_EVERY):
        try:
            if keyring.is_unlocked() and log.stat().st_size > FOLD_FROM:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except (DatabaseError, keyring.Locked, OSError):
            pass  # the next time
        finally:
            connections.close_all()
