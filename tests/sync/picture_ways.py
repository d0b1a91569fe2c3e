"""Photographs of lists between a laptop and headquarters: after the entries, in pieces, and nothing of whoever is hidden.

    python -m tests.sync.picture_ways

Each `way_…` is one way that a picture goes, in a world of its own; run by test_pictures.py in a process with the tables of both.
"""

from __future__ import annotations

import os
import struct
import tempfile
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
import django

django.setup()

from backend.journal import files, sticks
from backend.journal.models import Attachment
from backend.ledger.models import Protection
from backend.shelters import queries as shelters
from backend.shelters.models import Sheet
from backend.shelters.sheets import services as sheets
from offline_client import bundle, pictures
from tests.sync.world import World, go

SIZE = 500 * 1024


def photograph(size: int = SIZE) -> bytes:
    """A PNG of noise: as large as it says."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", os.urandom(size)) + chunk(b"IEND", b"")


def attach(node: Any, opening: Any) -> str:
    with node.here():
        sheets.attach(by=None, opening=opening, data=photograph())
        return Sheet.objects.latest("received_no").sha256


def content(node: Any, sha: str) -> bytes | None:
    with node.here():
        return files.content(sha)


def unsent(node: Any) -> int:
    with node.here():
        return pictures.unsent()


def pass_time(world: World) -> None:
    world.time += timedelta(minutes=5)


def way_a_picture_follows_its_entry_goes_on_where_it_was_cut_and_reaches_the_other_laptop(world: World) -> None:
    pass_time(world)
    here, there, elsewhere = world.laptops
    sha = attach(here, world.openings[0])
    whole = content(here, sha)
    assert whole
    assert unsent(here) == 1
    here.faults = ["", "", "", "", "", "down"]  # hello, push, pull, ask, one piece; then the line goes
    here.sync()
    with world.server.here():
        assert Sheet.objects.filter(sha256=sha).exists()
        begun = len(bytes(Attachment.objects.get(pk=sha).data))
    assert 0 < begun < len(whole)
    assert unsent(here) == 1  # a part of it is not a picture
    here.faults = ["", "", "", "", "half"]
    here.sync()
    assert here.sync() == "done"
    assert content(world.server, sha) == whole
    assert unsent(here) == 0
    assert there.sync() == elsewhere.sync() == "done"
    assert content(there, sha) == whole
    assert unsent(there) == 0  # it came from headquarters
    assert content(elsewhere, sha) is None


def way_an_altered_piece_is_thrown_away_and_the_picture_comes_whole_later(world: World) -> None:
    pass_time(world)
    here = world.laptops[0]
    sha = attach(here, world.openings[0])
    here.faults = ["", "", "", "", "down"]
    here.sync()
    with world.server.here():
        Attachment.objects.filter(pk=sha).delete()
        Attachment.objects.create(sha256=sha, size=len(content_of(here, sha)), data=b"x" * 1000)
    here.sync()
    assert content(world.server, sha) is None
    here.sync()
    assert content(world.server, sha) == content_of(here, sha)


def content_of(node: Any, sha: str) -> bytes:
    found = content(node, sha)
    assert found
    return found


def way_a_restored_headquarters_gets_the_picture_again(world: World) -> None:
    pass_time(world)
    here = world.laptops[0]
    before = world.server.copy()
    sha = attach(here, world.openings[0])
    assert here.sync() == "done"
    world.server.put(before)
    assert here.sync() == "done"
    assert content(world.server, sha) == content_of(here, sha)


def way_by_stick_there_and_back(world: World) -> None:
    pass_time(world)
    folder = tempfile.TemporaryDirectory()
    tmp_path = Path(folder.name)
    here, there, _ = world.laptops
    sha = attach(here, world.openings[0])
    first, back = tmp_path / "there", tmp_path / "back"
    with here.here():
        bundle.write(first)
    with world.server.here():
        back.write_bytes(sticks.take_stick(by=None, data=first.read_bytes()).answer)
    assert content(world.server, sha) == content_of(here, sha)
    with here.here():
        bundle.read(back)
        bundle.write(first)
    assert first.stat().st_size < SIZE / 4  # what headquarters has answered for is not carried again
    for _ in range(2):  # the first brings the entry, the next one asks for its picture
        with there.here():
            bundle.write(first)
        with world.server.here():
            back.write_bytes(sticks.take_stick(by=None, data=first.read_bytes()).answer)
        with there.here():
            bundle.read(back)
    assert content(there, sha) == content_of(here, sha)


def way_a_picture_with_somebody_hidden_on_it_goes_to_no_other_laptop(world: World) -> None:
    pass_time(world)
    here, there, _ = world.laptops
    sha = attach(here, world.openings[0])
    with here.here():
        sheet = Sheet.objects.get(sha256=sha).entry
        line = sheets.Line(1, details={"name": "北原 ハル"})
        sheets.type_lines(by=None, opening=world.openings[0], sheet=sheet, lines=[line])
        hidden = shelters.staying(opening=world.openings[0]).get().evacuee
    here.sync()
    with world.server.here():
        Protection.objects.create(evacuee=hidden, source="desk")
    assert there.sync() == "done"
    assert content(there, sha) is None
    assert content(world.server, sha) is not None


if __name__ == "__main__":
    go(globals())
