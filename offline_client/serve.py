"""The server on this machine: pages at 127.0.0.1, and exchanges in the background."""

from __future__ import annotations

import threading

from django.core.handlers.wsgi import WSGIHandler

from . import keyring, running

THREADS = 4


def serve(port: int) -> None:
    """Serve until stopped."""
    from waitress.server import create_server

    stop = threading.Event()
    worker = threading.Thread(target=running.in_background, args=(stop,), name="exchange", daemon=True)
    if keyring.is_unlocked():
        running.opened()
    server = create_server(WSGIHandler(), host="127.0.0.1", port=port, threads=THREADS, ident=None)
    worker.start()
    try:
        server.run()
    finally:
        stop.set()
        running.wake()
        server.close()
        worker.join(timeout=10)
