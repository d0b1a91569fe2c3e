"""A shelter with a laptop, as headquarters sees them; and a laptop made of a chain and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import bodies, exchange, sticks, terminals
from backend.journal.content import sha256
from backend.journal.models import Terminal
from backend.shelters import services as shelters

from .pen import SECRET, Pen
from .processes import Person, Town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A real headquarters and a real laptop that has joined and runs, one for all tests (group `laptop`, so that one
    process has them all). A test leaves them running, joined, with the line whole."""
    made = Town(tmp_path_factory.mktemp("town"))
    made.join()
    made.start(shared=True)
    # The school is opened at the laptop, without a line.
    made.wire.cut()
    door = Person(made.laptop.url).sign_in()
    door.post("/desk/shelters/open/", facility=made.made["facility"])
    made.wire.join()
    made.school = door.openings()["西町小学校"]
    yield made
    made.close()


@pytest.fixture
def place(db: None) -> Facility:
    return Facility.objects.create(name="西町小学校", kana="ニシマチショウガッコウ")


@pytest.fixture
def opening(place: Facility) -> UUID:
    return shelters.open_shelter(by=None, facility=place, occurred_at=now() - timedelta(days=1))


@pytest.fixture
def joined(place: Facility) -> Callable[..., tuple[Terminal, Pen]]:
    """`joined()`: a laptop of that place that has joined, and its chain."""

    def make(where: Facility | None = None) -> tuple[Terminal, Pen]:
        _, token = terminals.make_ready(by=None, facility=(where or place).pk)
        pen = Pen()
        return terminals.join(token=token, secret=SECRET, device=pen.device), pen

    return make


@pytest.fixture
def laptop(joined: Any) -> tuple[Terminal, Pen]:
    return joined()


@pytest.fixture
def push() -> Callable[..., list[str]]:
    """`push(terminal, lines)`: what the server answers to each."""

    def send(terminal: Terminal, lines: list[bytes], **head: Any) -> list[str]:
        said = {"nonce": str(uuid4()), **bodies.whose(), **head}
        body = exchange.push(terminal, bodies.pack("push", said, lines))
        return bodies.unpack(body, "push.answer").head["answers"]

    return send


@pytest.fixture
def pull() -> Callable[..., bodies.Body]:
    """`pull(terminal, cursor)`: the next part of what it is to know."""

    def ask(terminal: Terminal, cursor: str = "", **head: Any) -> bodies.Body:
        body = exchange.pull(terminal, bodies.pack("pull", {"nonce": "1", "cursor": cursor, **head}))
        return bodies.unpack(body, "pull.answer")

    return ask


@pytest.fixture
def stick(laptop: Any, opening: UUID) -> Callable[..., bytes]:
    """`stick(lines)`: a file as that laptop seals it; without lines, one arrival."""
    terminal, pen = laptop

    def make(lines: list[bytes] | None = None, **said: Any) -> bytes:
        if lines is None:
            lines = [pen.arrive(opening)]
        head = {"nonce": "", "device": str(pen.device), "seq": pen.seq, "cursor": "", "clock": "", "version": "0"}
        body = bodies.pack("push", {**bodies.whose(), **head}, lines)
        first = {"what": "there", "terminal": str(terminal.pk), "municipality": settings.MUNICIPALITY_CODE, **said}
        return sticks.seal(sticks.key_of(sha256(SECRET.encode())), first, body)

    return make
