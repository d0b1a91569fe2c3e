"""What a laptop meets that is not as it should be: servers of another version or municipality, broken files, a full disk.

python -m tests.sync.strange        with the recorded conversations before it
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
os.environ.setdefault("TASUKI_SHELTER_HOME", tempfile.mkdtemp())
import django

django.setup()

import pytest

from backend.core import clock
from backend.core.errors import Refused
from backend.core.fields import uuid7
from backend.journal import bodies, kinds, queries, terminals
from backend.journal.content import FIRST_PREV, as_bytes, iso, sha256
from backend.journal.models import Entry, Terminal, Topic
from backend.journal.services import record, take_up
from backend.shelters.models import StayEvent
from offline_client import bundle, joining, running, sync
from offline_client.models import Refusal
from tests.sync.conversing import conversation, laptop_of, recorded, replay, write, write_again
from tests.sync.world import World


class Given:
    """A server whose answers are made up here."""

    def __init__(self, told: dict[str, Any], lines: list[bytes], answers: str = "accepted") -> None:
        self.told, self.lines, self.answers, self.got = told, lines, answers, []

    def close(self) -> None:
        """As a line is closed."""

    def ask(self, what: str, body: bytes) -> bytes:
        asked = bodies.unpack(body, what)
        head: dict[str, Any] = {**self.told, "to": asked.head["nonce"], "tomorrow": [1]}
        lines: list[bytes] = []
        if what == "hello":
            head |= {"now": clock.now().isoformat(), "revoked": False, "device": asked.head["device"], "seq": 0}
            head |= {"sha256": FIRST_PREV, "known": None, "cursor_ok": True}
        elif what == "push":
            self.got += asked.lines
            head["answers"] = [self.answers] * len(asked.lines)
        elif what == "pull":
            lines = self.lines
            head |= {"cursor": "5.x.y", "more": False, "devices": {}, "receipts": [sha256(b"r")[:32]] * len(lines)}
        return bodies.pack(f"{what}.answer", head, lines)


def entries_of(*contents: dict[str, Any]) -> list[bytes]:
    device, prev, lines = str(uuid7()), FIRST_PREV, []
    for seq, content in enumerate(contents, 1):
        moment = iso(clock.now())
        whole = {"id": str(uuid7()), "device": device, "seq": seq, "v": 1, "occurred_at": moment, "recorded_at": moment}
        lines.append(as_bytes({**whole, "actor": "command", "prev": prev, **content}))
        prev = sha256(lines[-1])
    return lines


TOLD: dict[str, Any] = {"own": [], "terminal": str(uuid7()), "facility": str(uuid7()), "municipality": "000000"}
OPENING = str(uuid7())


def a_newer_servers_kinds_are_kept_and_taken_up_later() -> None:
    """What this version does not know waits in its place; the version after it puts it down, also what refers to it."""
    who = {"person": {"atena_no": "0001"}}
    lines = entries_of(
        {"kind": "facility.opened", "payload": {"opening": OPENING, "facility": str(uuid7())}},
        {"kind": "thing.of.tomorrow", "payload": {"any": [1]}},
        {"kind": "stay.arrived", "payload": {"opening": OPENING, **who, "of_tomorrow": "x"}},
        {"kind": "note.added", "payload": {"text": "覚え", **who}},
    )
    known = kinds.all_kinds
    with laptop_of(TOLD):
        without = {key: kind for key, kind in known().items() if key[0] != "note.added"}
        kinds.all_kinds = lambda: without  # type: ignore[assignment]
        try:
            assert sync.sync(Given(TOLD, lines)).received == 4
        finally:
            kinds.all_kinds = known
        assert StayEvent.objects.count() == 1
        note = Entry.objects.get(kind="note.added")
        assert not Topic.objects.filter(received_no=note.received_no).exists()
        assert (take_up(), take_up()) == (1, 0)
        assert Topic.objects.filter(received_no=note.received_no).exists()
        assert [bytes(raw) for raw in Entry.objects.order_by("received_no").values_list("raw", flat=True)] == lines


def what_can_not_be_read_here_is_said_and_nothing_is_taken() -> None:
    """Sent it has by then; the work goes on, and the same again after the update takes all of it."""
    lines = entries_of({"kind": "note.added", "payload": {"text": "x"}, "of_tomorrow": 1})
    with laptop_of(TOLD):
        write("headcount.reported", {"opening": OPENING, "people": 2})
        with pytest.raises(sync.Stopped, match="端末の Tasuki を新しくしてください"):
            sync.sync(Given(TOLD, lines))
        assert (sync.unsent(), sync.state().cursor) == (0, "")
        assert Entry.objects.count() == 1


def an_older_server_refuses_and_nothing_is_lost() -> None:
    with laptop_of(TOLD):
        write("headcount.reported", {"opening": OPENING, "people": 2})
        server = Given(TOLD, [], answers="refused:unreadable")
        assert sync.sync(server).refused == 1
        assert sync.unsent() == 0
        assert Refusal.objects.get().reason == "unreadable"
        assert server.got == [bytes(Entry.objects.get().raw)]


def another_municipalitys_server_is_noticed_before_anything_is_sent() -> None:
    with laptop_of(TOLD):
        write("headcount.reported", {"opening": OPENING, "people": 2})
        server = Given({**TOLD, "municipality": "999999"}, [])
        with pytest.raises(sync.Stopped, match="ほかの市区町村のサーバーです"):
            sync.sync(server)
        assert server.got == []
        with pytest.raises(sync.Stopped, match="ほかの市区町村の名簿の写し"):
            sync._take_pack(server)


def a_laptop_with_records_joins_no_other_municipality() -> None:
    """Neither is anything of the other one taken, nor is what it was to its own forgotten."""
    joining.call_command = lambda *names, **options: None  # type: ignore[assignment]
    head = {"municipality": "999999", "municipality_name": "港町", "terminal": str(uuid7()), "name": "x"}
    joining.Http = lambda *said: Given(head | {"facility": str(uuid7())}, [])  # type: ignore[assignment,misc]
    with laptop_of(TOLD):
        write("headcount.reported", {"opening": OPENING, "people": 2})
        with pytest.raises(Refused, match="ほかの市区町村の記録があります。別のフォルダー"):
            joining.join("https://example.lg.jp", "token")
        assert (sync.state().municipality, str(sync.state().terminal)) == (TOLD["municipality"], TOLD["terminal"])


def a_full_disk_is_named_in_an_exchange_and_the_next_one_brings_all() -> None:
    opened = {"kind": "facility.opened", "payload": {"opening": OPENING, "facility": str(uuid7())}}
    counted = {"kind": "headcount.reported", "payload": {"opening": OPENING, "people": 2}}
    lines = entries_of(opened, *[counted] * 300)
    running.line_of = lambda kept: Given(TOLD, lines)  # type: ignore[assignment]
    with laptop_of(TOLD) as node:
        with node.full():
            assert running.exchange().problem.startswith("端末のディスクがいっぱいで")
        done = running.exchange()
        assert (done.problem, done.received) == ("", len(lines))


def a_revoked_laptops_entries_come_again_to_a_server_that_was_set_back() -> None:
    world = World()

    def waiting() -> int:
        with world.server.here():
            return queries.waiting_refused().count()

    try:
        laptop = world.laptops[1]
        with world.server.here():
            terminals.revoke(by=None, terminal=Terminal.objects.get(pk=laptop.terminal))
        copy = world.server.copy()
        with laptop.here():
            for people in (31, 32):
                counted = {"opening": str(world.openings[0]), "people": people}
                record(kind="headcount.reported", payload=counted, occurred_at=clock.now(), by=None)
        for _ in range(2):
            assert (laptop.sync(), waiting()) == ("Stopped", 2)
        world.server.put(copy)
        assert waiting() == 0
        for _ in range(2):
            assert (laptop.sync(), waiting()) == ("Stopped", 2)
    finally:
        world.close()


def broken_and_foreign_files_change_nothing(folder: Path) -> None:
    """At the laptop; the whole one is taken afterwards, and again."""
    told = conversation(folder)
    whole = base64.decodebytes((folder / "back.base64").read_bytes())
    there = base64.decodebytes((folder / "there.base64").read_bytes())
    other = told["municipality"].encode()
    cases = {
        "書き換えられています": [whole[:-9], whole[:200], whole[:-30] + bytes([whole[-30] ^ 1]) + whole[-29:]],
        "Tasuki の書出しファイルではありません": [b"", whole[:40], b"PK" + bytes(90)],
        "逆向きのファイルです": [there],
        "ほかの市区町村のファイルです": [whole.replace(b'"municipality": "' + other, b'"municipality": "999999', 1)],
        "ほかの端末へのファイルです": [whole.replace(told["terminal"].encode(), TOLD["terminal"].encode(), 1)],
    }
    with laptop_of(told), tempfile.TemporaryDirectory() as place:
        write_again(told["own"])
        path = Path(place) / "back.tasuki"
        for said, files in cases.items():
            for data in files:
                path.write_bytes(data)
                with pytest.raises(Refused, match=said):
                    bundle.read(path)
        with pytest.raises(Refused, match="読めません"):
            bundle.read(Path(place) / "nothing")
        assert Entry.objects.count() == len(told["own"])
        for _ in range(2):
            path.write_bytes(whole)
            bundle.read(path)


TRIED = [
    a_newer_servers_kinds_are_kept_and_taken_up_later,
    what_can_not_be_read_here_is_said_and_nothing_is_taken,
    an_older_server_refuses_and_nothing_is_lost,
    another_municipalitys_server_is_noticed_before_anything_is_sent,
    a_laptop_with_records_joins_no_other_municipality,
    a_full_disk_is_named_in_an_exchange_and_the_next_one_brings_all,
    a_revoked_laptops_entries_come_again_to_a_server_that_was_set_back,
]


def main() -> None:
    conversations = replay()
    for tried in TRIED:
        tried()
    for folder in recorded():
        broken_and_foreign_files_change_nothing(folder)
    print(json.dumps({"status": "done", "conversations": conversations, "tried": len(TRIED)}))


if __name__ == "__main__":
    main()
