"""A town in one process: a server and laptops, each with a database and a clock of its own, and a line that fails.

Nothing here knows how the exchange works; it only carries bytes, cuts, copies databases back, and looks at what is there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from backend.core import clock
from backend.core.errors import Refused

START = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)
_templates: dict[str, bytes] = {}


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
        self.put(_template())

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

    def facts(self) -> set[str]:
        """The ids of all entries whose bytes are somewhere in this database, read without asking any of our code."""
        found = set()
        self.database.ensure_connection()
        raw: sqlite3.Connection = self.database.connection
        for table in ("journal_entry", "laptop_putaside"):
            for (line,) in sqlite3.Cursor(raw).execute(f"SELECT raw FROM {table}"):
                found.add(json.loads(line)["id"])
        return found


def _template() -> bytes:
    """An empty database with all tables, made once."""
    if "empty" not in _templates:
        database = wrapper()
        before = connections["default"]
        connections["default"] = database
        try:
            call_command("migrate", verbosity=0, interactive=False)
            _templates["empty"] = bytes(database.connection.serialize())
        finally:
            connections["default"] = before
    return _templates["empty"]


class Laptop(Node):
    """A shelter's laptop, joined."""

    def __init__(self, world: World, name: str, facility: UUID) -> None:
        super().__init__(world, name)
        self.faults: list[str] = []
        self.cut_at: int | None = None
        with world.server.here():
            from backend.journal import terminals

            terminal, self.token = terminals.make_ready(by=None, facility=facility, name=name)
            self.terminal = terminal.pk
        self.secret = name * 40
        with self.here():
            from backend.journal.services import own_device
            from offline_client.models import State

            own = own_device()
            with world.server.here():
                terminals.join(token=self.token, secret=self.secret, device=own.pk)
            State.objects.create(
                url="https://example.lg.jp",
                secret=self.secret,
                terminal=self.terminal,
                name=name,
                facility=facility,
                municipality=world.municipality,
            )

    def sync(self) -> str:
        """One exchange over the line as it is; how it ended."""
        from offline_client import sync
        from offline_client.line import NoLine, TurnedAway

        steps = iter(range(10_000))

        def between() -> None:
            if self.cut_at is not None and next(steps) >= self.cut_at:
                raise Cut

        with self.here():
            try:
                sync.sync(_Line(self), between)
            except (NoLine, TurnedAway, sync.Stopped, Cut) as end:
                return type(end).__name__
            finally:
                self.database.rollback() if self.database.in_atomic_block else None
        return "done"


class _Line:
    """The line between a laptop and the server, as it is today: each question meets the next fault."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop, self.last = laptop, b""

    def ask(self, what: str, body: bytes) -> bytes:
        from offline_client.line import NoLine, TooMuch

        fault = self.laptop.faults.pop(0) if self.laptop.faults else ""
        if fault in ("down", "5xx", "404"):
            raise NoLine(fault)
        if fault == "portal":
            return b"<html>Wi-Fi</html>"
        if fault == "413" and what == "push" and self._lines(body) > 1:
            raise TooMuch
        answer = self._answer(what, body)
        if fault == "twice":
            answer = self._answer(what, body)
        if fault == "lost":
            raise NoLine(fault)
        if fault == "half":
            return answer[: len(answer) // 2]
        if fault == "old" and self.last:
            return self.last
        self.last = answer
        return answer

    @staticmethod
    def _lines(body: bytes) -> int:
        from backend.journal import exchange

        return len(exchange.unpack(body, "push").lines)

    def _answer(self, what: str, body: bytes) -> bytes:
        from backend.journal import exchange, packs, terminals
        from offline_client.line import NoLine, TurnedAway

        ask: dict[str, Callable[[Any, bytes], bytes]] = {
            "hello": exchange.hello,
            "push": exchange.push,
            "pull": exchange.pull,
            "pack": packs.answer,
        }
        with self.laptop.world.server.here():
            terminal = terminals.whose(self.laptop.terminal, self.laptop.secret)
            if terminal is None:
                raise TurnedAway("not joined")
            try:
                return ask[what](terminal, body)
            except exchange.Unusable as problem:
                raise NoLine(problem.message) from problem
            except Refused as problem:
                raise TurnedAway(problem.message) from problem


class World:
    """One server, two shelters, three laptops, sticks on the way."""

    def __init__(self) -> None:
        from django.conf import settings

        self.time = START
        self.municipality = settings.MUNICIPALITY_CODE
        self.server = Node(self, "server")
        self.openings: list[UUID] = []
        facilities = []
        with self.server.here():
            from backend.facilities.models import Facility
            from backend.shelters import services as shelters

            for name in ("西町小学校", "港公民館"):
                place = Facility.objects.create(name=name)
                facilities.append(place.pk)
                self.openings.append(shelters.open_shelter(by=None, facility=place))
        self.facilities = facilities
        self.laptops = [Laptop(self, name, facilities[where]) for name, where in (("a", 0), ("b", 0), ("c", 1))]
        self.there: list[Path] = []
        self.back: list[tuple[Laptop, Path]] = []

    @property
    def nodes(self) -> list[Node]:
        return [self.server, *self.laptops]

    def close(self) -> None:
        for node in self.nodes:
            node.database.close()
            if node.database.connection is not None:
                node.database.connection.close()
