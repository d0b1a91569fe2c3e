"""TLS before the server: listens at the one address that was chosen, and nowhere else; follows it when it changes.

Inside the laptop it hands on to a server of its own at 127.0.0.1, whose every request counts as a device's: so a
request cannot say of itself that it came from the laptop's own screen.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connections

from offline_client import keyring

from . import certificate
from .addresses import choice

LOOK_EVERY = 3.0  # seconds
HANDSHAKE = 10.0
IDLE = 90.0
MOST = 100  # connections at once
THREADS = 6
CHUNK = 64 * 1024
SHARED = "tasuki.shared"  # in a request's environ: the address of the device


class Front:
    """One a process; `None` in `running` means that the laptop is not shared."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.sha256 = ""
        self.address = ""  # where it listens now
        self.problem = ""
        self.peers: dict[str, str] = {}
        self.open: set[asyncio.Task[Any]] = set()
        self.stopping = threading.Event()
        self.inner: Any = None

    @property
    def url(self) -> str:
        return f"https://{self.address}:{self.port}/" if self.address else ""

    def start(self) -> None:
        from waitress.server import create_server

        self.inner = create_server(
            self._application(WSGIHandler()), host="127.0.0.1", port=0, threads=THREADS, ident=None, url_scheme="https"
        )
        threading.Thread(target=self.inner.run, name="shared pages", daemon=True).start()
        threading.Thread(target=lambda: asyncio.run(self._run()), name="TLS", daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        if self.inner is not None:
            self.inner.close()

    def _application(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        def marked(environ: dict[str, Any], start_response: Any) -> Any:
            environ[SHARED] = self.peers.get(str(environ.get("REMOTE_PORT", "")), "127.0.0.1")
            return handler(environ, start_response)

        return marked

    async def _run(self) -> None:
        context: ssl.SSLContext | None = None
        server: asyncio.Server | None = None
        while not self.stopping.is_set():
            if context is None:
                context = await asyncio.to_thread(self._context)
            wanted = await asyncio.to_thread(choice.look)
            if context is not None and (server is None or wanted != self.address):
                if server is not None:
                    server.close()
                    server = None
                self.address = ""
                if wanted:
                    server = await self._listening(wanted, context)
            await asyncio.sleep(0.2 if context is None else LOOK_EVERY)
        if server is not None:
            server.close()

    def _context(self) -> ssl.SSLContext | None:
        """Once the laptop is unlocked: the certificate's key is in its database."""
        if not keyring.is_unlocked():
            return None
        try:
            kept = certificate.current()
        except (DatabaseError, keyring.Locked):  # its tables are just being made
            return None
        finally:
            connections.close_all()
        self.sha256 = kept.sha256
        return certificate.context(kept)

    async def _listening(self, address: str, context: ssl.SSLContext) -> asyncio.Server | None:
        try:
            server = await asyncio.start_server(
                self._carry, address, self.port, ssl=context, ssl_handshake_timeout=HANDSHAKE, limit=CHUNK
            )
        except OSError as error:
            self.problem = f"{address} のポート {self.port} を開けません（{type(error).__name__}）。"
            return None
        settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", address]
        self.address, self.problem = address, ""
        return server

    async def _carry(self, device: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if len(self.open) >= MOST:
            back.close()
            return
        own = asyncio.current_task()
        if own is not None:
            self.open.add(own)
        number = ""
        try:
            here, there = await asyncio.open_connection("127.0.0.1", self.inner.socket.getsockname()[1])
            number = str(there.get_extra_info("sockname")[1])
            self.peers[number] = str(back.get_extra_info("peername")[0])
            ways = [asyncio.ensure_future(_pour(device, there)), asyncio.ensure_future(_pour(here, back))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            # What the server still has to say after the device has stopped asking may come to its end.
            if not ways[1].done() and not ways[0].exception():
                await asyncio.wait(ways[1:], timeout=IDLE)
            for way in ways:
                way.cancel()
            there.close()
        except OSError:
            pass
        finally:
            self.peers.pop(number, None)
            if own is not None:
                self.open.discard(own)
            back.close()


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(OSError, TimeoutError, asyncio.TimeoutError, ssl.SSLError):
        while data := await asyncio.wait_for(source.read(CHUNK), IDLE):
            into.write(data)
            await asyncio.wait_for(into.drain(), IDLE)
    with suppress(OSError, NotImplementedError):
        if into.can_write_eof():
            into.write_eof()


running: Front | None = None


def begin(port: int) -> Front:
    """Share from now on; the laptop may still be locked."""
    global running
    running = Front(port)
    running.start()
    return running
