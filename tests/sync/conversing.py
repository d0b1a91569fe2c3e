"""Conversations between laptop and headquarters as they once were: recorded, and held against today's client.

    python -m tests.sync.conversing record tests/sync/conversations/v1     only for a new version, see CONTRIBUTING.md
    python -m tests.sync.conversing replay                                 every recorded one, against today's laptop

What was recorded is never recorded again: it is what laptops and servers out there still say. All people are invented.
"""

from __future__ import annotations

import base64
import json
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
os.environ.setdefault("TASUKI_SHELTER_HOME", tempfile.mkdtemp())
import django

django.setup()

from django.conf import settings
from django.test import Client

from backend.accounts.models import Staff
from backend.core import clock
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.journal import bodies, sticks, terminals
from backend.journal.apply import take
from backend.journal.content import read
from backend.journal.models import Device, Entry
from backend.journal.receiving import entry_of
from backend.journal.services import append, keep_head, lock, own_device, record
from backend.shelters import queries as shelters
from backend.shelters.models import StayEvent
from offline_client import bundle, joining, sync
from offline_client.line import Http, TurnedAway
from offline_client.models import SealedPart, State
from tests.sync.pen import SECRET
from tests.sync.world import START, Node
from tests.template import empty

FOLDER = Path(__file__).with_name("conversations")
NOT_ANSWERS = ("is", "what", "v", "lines")


class Times:
    """All that a `Node` asks of its world."""

    time = START
    laptops: ClassVar[list[Node]] = []


# Recording ----------------------------------------------------------------------------------------------------------------


class Recorder(Http):
    """Asks the server's own addresses, and writes down what is said."""

    def __init__(self, server: Node, said: list[dict[str, Any]], authorization: str) -> None:
        super().__init__("https://example.lg.jp", authorization)
        self.server, self.said = server, said

    def _once(self, what: str, body: bytes) -> tuple[int, bytes, str]:
        with self.server.here():
            answer = Client().post(
                f"/api/v1/journal/{what}/",
                body,
                bodies.MEDIA,
                headers={"Authorization": self.authorization, "Host": "localhost"},
            )
        pair = {"asked": as_text(bodies.unpack(body, what))}
        if answer.status_code == 200:
            pair["answered"] = as_text(bodies.unpack(answer.content, f"{what}.answer"))
        self.said.append({"what": what, **pair})
        return answer.status_code, answer.content, answer["Content-Type"]


def as_text(body: bodies.Body) -> dict[str, Any]:
    head = {key: value for key, value in body.head.items() if key not in ("is", "what", "lines")}
    return {"head": head, "lines": [line.decode() for line in body.lines]}


def record_one(folder: Path) -> None:
    """Joined, opened, a household came in, headquarters added somebody, a stick went there and back."""
    said: list[dict[str, Any]] = []
    server, laptop = Node(Times, "server"), Node(Times, "laptop")  # type: ignore[arg-type]
    server.put(empty())
    laptop.put(empty())
    with server.here():
        place = Facility.objects.create(name="西町小学校", kana="ニシマチショウガッコウ")
        Staff.objects.create_user(username="desk", password=None, division="shelter", display_name="西 職員")
        terminal, token = terminals.make_ready(by=None, facility=place.pk)
        terminals.release(by=None)
    joining.Http = lambda url, authorization: Recorder(server, said, authorization)  # type: ignore[assignment,misc]
    joining.call_command = lambda *names, **options: None  # type: ignore[assignment]
    joining.secrets.token_urlsafe = lambda size: SECRET  # type: ignore[assignment]
    opening, evacuee = str(uuid7()), str(uuid7())
    with laptop.here():
        kept = joining.join("https://example.lg.jp", token)
        line = Recorder(server, said, f"Terminal {kept.terminal}.{SECRET}")
        write("facility.opened", {"opening": opening, "facility": str(place.pk)})
        write("evacuee.registered", {"evacuee": evacuee, "name": "西 花子", "kana": "ニシ ハナコ"})
        write("stay.arrived", {"opening": opening, "person": {"evacuee": evacuee}, "how": "inside"})
        write("stay.arrived", {"opening": opening, "person": {"atena_no": "800000101"}})
        write("headcount.reported", {"opening": opening, "people": 2})
        sync.sync(line)
    with server.here():
        new = str(uuid7())
        write("evacuee.registered", {"evacuee": new, "name": "本部 次郎"})
        write("stay.arrived", {"opening": opening, "person": {"evacuee": new}})
    with laptop.here():
        sync.sync(line)
        write("stay.left", {"opening": opening, "person": {"evacuee": evacuee}, "destination": "home"})
        there, back = folder / "there.tasuki", folder / "back.tasuki"
        bundle.write(there)
        own = [bytes(raw).decode() for raw in sync.own_entries().values_list("raw", flat=True)]
    with server.here():
        back.write_bytes(sticks.take_stick(by=None, data=there.read_bytes()).answer)
    found = {
        "about": "Recorded once with the laptop and the server of one version; all people are invented.",
        "version": sync.VERSION,
        "municipality": settings.MUNICIPALITY_CODE,
        "facility": str(place.pk),
        "opening": opening,
        "terminal": str(terminal.pk),
        "token": token,
        "own": own,
        "exchanges": said,
    }
    (folder / "conversation.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for path in (there, back):
        path.with_suffix(".base64").write_text(base64.encodebytes(path.read_bytes()).decode())
        path.unlink()


def write(kind: str, payload: dict[str, Any]) -> Entry:
    Times.time += sync.timedelta(seconds=5)
    return record(kind=kind, payload=payload, occurred_at=clock.now(), by=None)


# Replaying ----------------------------------------------------------------------------------------------------------------


def recorded() -> list[Path]:
    return sorted(path.parent for path in FOLDER.glob("*/conversation.json"))


def conversation(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "conversation.json").read_text(encoding="utf-8")))


class OldServer:
    """Answers as the server of then did, in its order for each question; whoever asks with another nonce gets that one."""

    def __init__(self, exchanges: list[dict[str, Any]]) -> None:
        self.answers: dict[str, list[dict[str, Any]]] = {}
        for one in exchanges:
            self.answers.setdefault(one["what"], []).append(one)

    def ask(self, what: str, body: bytes) -> bytes:
        asked = bodies.unpack(body, what)
        if not self.answers.get(what):
            raise TurnedAway(f"this server was never asked {what} so often")
        one = self.answers[what].pop(0)
        if what == "push":
            assert [line.decode() for line in asked.lines] == one["asked"]["lines"]
        head = {key: value for key, value in one["answered"]["head"].items() if key not in NOT_ANSWERS}
        return bodies.pack(
            f"{what}.answer", head | {"to": asked.head["nonce"]}, [line.encode() for line in one["answered"]["lines"]]
        )


@contextmanager
def laptop_of(told: dict[str, Any]) -> Any:
    """A laptop of today that has just joined, as that of then had."""
    node = Node(Times, "laptop")  # type: ignore[arg-type]
    node.put(empty())
    with node.here():
        first = read(told["own"][0].encode()) if told["own"] else None
        Device.objects.create(pk=first.device if first else uuid7(), name="西町小学校 1号", is_own=True)
        State.objects.create(
            url="https://example.lg.jp",
            secret=SECRET,
            terminal=UUID(told["terminal"]),
            municipality=told["municipality"],
            facility=UUID(told["facility"]),
        )
        yield node
    node.database.connection.close()


def write_again(lines: list[str]) -> None:
    """The very bytes that the laptop of then wrote."""
    with sync.transaction.atomic():
        head, own = lock(), own_device()
        rows = []
        for line in lines:
            got = read(line.encode())
            rows.append((entry_of(got, own), got.topics))
            own.last_seq, own.last_sha256, own.last_uuid = got.seq, got.sha256, got.uuid
        keep_head(own)
        append(head, rows, clock.now())
        take([row for row, _ in rows])


def todays_laptop_with(folder: Path) -> None:
    """Both exchanges and the stick come to their end, and everybody is where they were."""
    told = conversation(folder)
    pushed = len(next(one for one in told["exchanges"] if one["what"] == "push")["asked"]["lines"])
    with laptop_of(told):
        server = OldServer([one for one in told["exchanges"] if one["what"] != "join"])
        write_again(told["own"][:pushed])
        assert sync.sync(server).sent == pushed
        assert sync.unsent() == 0
        assert Facility.objects.filter(name="西町小学校").exists()
        assert Staff.objects.filter(display_name="西 職員").exists()
        assert not SealedPart.objects.filter(opened_at=None).exists()
        assert sync.sync(server).received >= 2
        write_again(told["own"][pushed:])
        with tempfile.TemporaryDirectory() as place:
            back = Path(place) / "back.tasuki"
            back.write_bytes(base64.decodebytes((folder / "back.base64").read_bytes()))
            bundle.read(back)
        assert sync.unsent() == 0
        assert sync.state().contacted_at is not None
        everybody = list(StayEvent.objects.values_list("evacuee", flat=True).distinct())
        places = shelters.places_of(everybody, clock.now() + sync.timedelta(days=4000))
        assert len(everybody) == 3
        assert list(places.values()) == [UUID(told["opening"])] * 2  # one of the three has left


def replay() -> int:
    """Every recorded conversation; how many there are."""
    for folder in recorded():
        todays_laptop_with(folder)
    return len(recorded())


def main() -> None:
    if sys.argv[1] == "record":
        folder = Path(sys.argv[2])
        if (folder / "conversation.json").exists():
            raise SystemExit("what was recorded is not recorded again")
        folder.mkdir(parents=True, exist_ok=True)
        record_one(folder)
        return
    print(json.dumps({"status": "done", "conversations": replay()}))


if __name__ == "__main__":
    main()
