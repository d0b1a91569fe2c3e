"""A town in one process: a server and laptops, each with a database and a clock of its own, and a line that fails.

Nothing here knows how the exchange works; it only carries bytes, cuts, copies databases back, and looks at what is there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from backend.core import clock
from backend.core.errors import Refused
from backend.facilities.models import Facility
from backend.journal import bodies, exchange, files, packs, terminals
from backend.journal.services import own_device
from backend.shelters import services as shelters
from offline_client import sync
from offline_client.line import Http, NoLine, TurnedAway
from offline_client.models import State
from tests.template import empty

# The key of the envelope is stretched slowly on purpose; here that would be most of the time.
packs._SCRYPT["n"] = 2
START = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)
# Openings, terminals, the databases of all machines after their first exchange, and how far each laptop stood then.
_begun: list[Any] = []


class Cut(Exception):
    """Here the process died, or the battery."""


def wrapper() -> DatabaseWrapper:
    config = connections.configure_settings({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    return DatabaseWrapper(config["default"] | {"OPTIONS": {"transaction_mode": "IMMEDIATE"}}, "default")


class Node:
    """A machine: its database, its clock's error, and what it has learnt of it."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name
        self.skew = self.correction = timedelta(0)
        self.database = wrapper()

    @contextmanager
    def here(self) -> Iterator[None]:
        """Everything inside happens on this machine."""
        before = connections["default"], clock._correction[-1]
        connections["default"] = self.database
        clock.correct_by(self.correction)
        try:
            with clock.frozen(self.world.time + self.skew):
                yield
        finally:
            self.correction = clock._correction[-1]
            connections["default"], _ = before
            clock.correct_by(before[1])

    def copy(self) -> bytes:
        self.database.ensure_connection()
        return bytes(self.database.connection.serialize())

    def put(self, data: bytes) -> None:
        """The database as it was: whatever was written since is gone."""
        self.database.close()
        self.database.connection = None
        self.database.connect()
        self.database.connection.deserialize(data)
        for laptop in self.world.laptops:
            laptop.stood = None

    @contextmanager
    def full(self, pages: int = 0) -> Iterator[None]:
        """The disk is full, but for so many pages; afterwards somebody has made room."""
        raw: sqlite3.Connection = self.database.connection
        used = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {used + pages}")
        try:
            yield
        finally:
            raw.execute("PRAGMA max_page_count = 1073741823")

    def writes(self) -> tuple[Any, ...]:
        """How far the history here has come; another one when the database was set back."""
        self.database.ensure_connection()
        raw: sqlite3.Connection = self.database.connection
        return tuple(raw.execute("SELECT received_no, history FROM journal_head").fetchone() or ())

    def facts(self) -> set[str]:
        """The ids of all entries whose bytes are somewhere in this database, read without asking any of our code."""
        found = set()
        self.database.ensure_connection()
        raw: sqlite3.Connection = self.database.connection
        for table in ("journal_entry", "laptop_putaside"):
            for (line,) in sqlite3.Cursor(raw).execute(f"SELECT raw FROM {table}"):
                found.add(json.loads(line)["id"])
        return found


class Laptop(Node):
    """A shelter's laptop, joined."""

    secret: str
    terminal: UUID

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.faults: list[str] = []
        self.anew = False  # whether the last exchange put another history in place of what was here
        self.cut_at: int | None = None
        self.secret = name * 40
        self.stood: tuple[Any, Any] | None = None  # how far both ends were after an exchange that came to its end

    def join(self, facility: UUID) -> None:
        with self.world.server.here():
            terminal, token = terminals.make_ready(by=None, facility=facility, name=self.name)
        self.terminal = terminal.pk
        with self.here():
            own = own_device()
            with self.world.server.here():
                terminals.join(token=token, secret=self.secret, device=own.pk)
            State.objects.create(
                url="https://example.lg.jp",
                secret=self.secret,
                terminal=self.terminal,
                name=self.name,
                facility=facility,
                municipality=self.world.municipality,
            )

    def sync(self) -> str:
        """One exchange over the line as it is; how it ended."""
        steps = iter(range(10_000))

        def between() -> None:
            if self.cut_at is not None and next(steps) >= self.cut_at:
                raise Cut

        self.anew, self.stood = False, None
        with self.here():
            try:
                self.anew = sync.sync(_Line(self), between).anew
                self.stood = (self.world.server.writes(), self.writes())
            except (NoLine, TurnedAway, sync.Stopped, Cut, DatabaseError) as end:
                return type(end).__name__
            finally:
                self.database.rollback() if self.database.in_atomic_block else None
        return "done"


class _Line(Http):
    """The line between a laptop and the server, as it is today: each question meets the next fault."""

    def __init__(self, laptop: Laptop) -> None:
        super().__init__("https://example.lg.jp", "")
        self.laptop, self.last = laptop, b""

    def _once(self, what: str, body: bytes) -> tuple[int, bytes, str]:
        fault = self.laptop.faults.pop(0) if self.laptop.faults else ""
        if fault == "down":
            raise NoLine(fault)
        if fault in IN_BETWEEN:
            return IN_BETWEEN[fault]
        if fault == "413 to all":
            return 413, b"<html>", "text/html"
        if fault == "413" and what == "push" and len(bodies.unpack(body, "push").lines) > 1:
            return 413, b"<html>", "text/html"
        answer = self._answer(what, body)
        if fault == "twice":
            answer = self._answer(what, body)
        if fault == "lost":
            raise NoLine(fault)
        if answer is None:
            return 500, b"<h1>Server Error</h1>", "text/html"
        if isinstance(answer, Refused):
            said = {"error": {"code": answer.code, "message": answer.message}}
            return answer.status, json.dumps(said).encode(), "application/json"
        if fault == "half":
            answer = answer[: len(answer) // 2]
        if fault == "short":  # only its very end is missing: what can be unpacked of it looks whole
            answer = answer[:-12]
        if fault == "old" and self.last:
            answer = self.last
        self.last = answer
        return 200, answer, bodies.MEDIA

    def _answer(self, what: str, body: bytes) -> bytes | Refused | None:
        ask: dict[str, Callable[[Any, bytes], bytes]] = {
            "hello": exchange.hello,
            "push": exchange.push,
            "pull": exchange.pull,
            "pack": packs.answer,
            "file": files.answer,
        }
        with self.laptop.world.server.here():
            terminal = terminals.whose(self.laptop.terminal, self.laptop.secret)
            if terminal is None:
                return Refused("not joined")
            try:
                return ask[what](terminal, body)
            except Refused as problem:
                return problem
            except DatabaseError:  # its disk is full
                return None


# What those who stand in between say, or a server that is in trouble.
_PAGE = "<html><title>Wi-Fi</title>ログインしてください</html>".encode()
IN_BETWEEN = {
    "portal": (200, _PAGE, "text/html"),
    "portal that lies": (200, _PAGE, bodies.MEDIA),
    "302": (302, b"", "text/html"),
    "404": (404, _PAGE, "text/html"),
    "5xx": (502, b"<h1>Bad Gateway</h1>", "text/html"),
    "busy": (503, bodies.pack("busy", {"again": 0}), bodies.MEDIA),
}


class World:
    """One server, two shelters, three laptops, sticks on the way."""

    def __init__(self) -> None:
        self.time = START
        self.municipality = settings.MUNICIPALITY_CODE
        self.server = Node(self, "server")
        self.laptops = [Laptop(self, name) for name in ("a", "b", "c")]
        self.there: list[Path] = []
        self.back: list[tuple[Laptop, Path]] = []
        if not _begun:
            self._begin()
        self.openings, terminals_, copies, stood = _begun
        for node, copy in zip(self.nodes, copies, strict=True):
            node.put(copy)
        for laptop, terminal, at in zip(self.laptops, terminals_, stood, strict=True):
            laptop.terminal, laptop.stood = terminal, at

    def _begin(self) -> None:
        """Two shelters are open, laptops have joined and exchanged once: the same for all histories, made once."""
        for node in self.nodes:
            node.put(empty())
        with self.server.here():
            places = [Facility.objects.create(name=name) for name in ("西町小学校", "港公民館")]
            openings = [shelters.open_shelter(by=None, facility=place) for place in places]
        for laptop, place in zip(self.laptops, (places[0], places[0], places[1]), strict=True):
            laptop.join(place.pk)
            assert laptop.sync() == "done"
        _begun.extend([openings, [laptop.terminal for laptop in self.laptops], [node.copy() for node in self.nodes]])
        _begun.append([laptop.stood for laptop in self.laptops])

    def is_up_to_date(self, laptop: Laptop) -> bool:
        """Whether nothing was written at either end since its last exchange came to its end."""
        return laptop.stood == (self.server.writes(), laptop.writes())

    def may_send(self, laptop: Laptop) -> bool:
        """Whether it may have something that headquarters lacks: written since its last exchange, or set back."""
        return laptop.stood is None or laptop.stood[1] != laptop.writes()

    @property
    def nodes(self) -> list[Node]:
        return [self.server, *self.laptops]

    def close(self) -> None:
        for node in self.nodes:
            node.database.close()
            if node.database.connection is not None:
                node.database.connection.close()


def go(ways: Mapping[str, Any]) -> None:
    """Walk every `way_…` of a module, each in a world of its own."""
    for name, way in ways.items():
        if name.startswith("way_"):
            world = World()
            try:
                way(world)
                print(f"{name}: went")
            finally:
                world.close()
