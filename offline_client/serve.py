"""The server on this machine: pages at 127.0.0.1, those for devices when shared, and exchanges in the background."""

from __future__ import annotations

import threading

from django.core.handlers.wsgi import WSGIHandler

from . import keyring, running
from .share import front as shared_front

THREADS = 4


def serve(port: int, share: int | None = None) -> None:
    """Serve until stopped; `share` is the port for phones and tablets."""
    from waitress.server import create_server

    stop = threading.Event()
    worker = threading.Thread(target=running.in_background, args=(stop,), name="exchange", daemon=True)
    if keyring.is_unlocked():
        running.opened()
    server = create_server(WSGIHandler(), host="127.0.0.1", port=port, threads=THREADS, ident=None)
    worker.start()
    front = shared_front.begin(share) if share is not None else None
    try:
        server.run()
    finally:
        if front is not None:
            front.stop()
        stop.set()
        running.wake()
        server.close()
        worker.join(timeout=10)
