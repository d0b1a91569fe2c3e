"""One version back: what laptops out there still say, said to today's server, and today's laptop with a server of then."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import bodies, sticks, terminals
from backend.journal.content import sha256
from backend.journal.models import Entry, Terminal
from backend.journal.services import record
from backend.shelters.models import StayEvent

from .processes import ROOT

RECORDED = sorted(path.parent for path in Path(__file__).with_name("conversations").glob("*/conversation.json"))


@pytest.fixture
def told(request, db, settings):
    """A recorded conversation, and a server on which its laptop was made ready with the same token."""
    found = json.loads((request.param / "conversation.json").read_text(encoding="utf-8"))
    settings.MUNICIPALITY_CODE = found["municipality"]
    place = Facility.objects.create(pk=UUID(found["facility"]), name="西町小学校")
    terminal, _ = terminals.make_ready(by=None, facility=place.pk)
    Terminal.objects.filter(pk=terminal.pk).delete()
    terminal.pk, terminal.enrolment_sha256 = UUID(found["terminal"]), sha256(found["token"].encode())
    terminal.save(force_insert=True)
    terminals.release(by=None)
    return found | {"folder": request.param}


def ask(client, what: str, asked: dict, authorization: str) -> bodies.Body:
    body = bodies.pack(what, asked["head"], [line.encode() for line in asked["lines"]])
    answer = client.post(
        f"/api/v1/journal/{what}/", body, bodies.MEDIA, headers={"Authorization": authorization, "Host": "localhost"}
    )
    assert answer.status_code == 200, (what, answer.content)
    return bodies.unpack(answer.content, f"{what}.answer")


@pytest.mark.parametrize("told", RECORDED, indirect=True, ids=lambda path: path.name)
def test_todays_server_understands_a_laptop_of_then(told, client):
    cursor = ""
    for one in told["exchanges"]:
        what, asked, before = one["what"], one["asked"], one["answered"]
        if asked["head"].get("cursor"):
            asked["head"]["cursor"] = cursor  # a place in the history of today's server
            if what == "hello":  # the second contact: meanwhile headquarters has written of somebody new
                payload = {"evacuee": "01990000-0000-7000-8000-000000000009", "name": "本部 次郎"}
                record(kind="evacuee.registered", payload=payload, occurred_at=now(), by=None)
                arrived = {"opening": told["opening"], "person": {"evacuee": payload["evacuee"]}}
                record(kind="stay.arrived", payload=arrived, occurred_at=now(), by=None)
        secret = asked["head"].get("secret") or "s" * 40
        word = f"Enrolment {told['token']}" if what == "join" else f"Terminal {told['terminal']}.{secret}"
        got = ask(client, what, asked, word)
        # A laptop of then finds every key that it looks for, and what is in them is of the same kind.
        for key, value in before["head"].items():
            assert key in got.head, (what, key)
            assert value is None or isinstance(got.head[key], type(value)), (what, key)
        for key in ("answers", "revoked", "cursor_ok", "more", "seq", "terminal", "facility"):
            assert got.head.get(key) == before["head"].get(key), (what, key)
        if what == "pull":
            cursor = got.head["cursor"]
            assert kinds(got.lines) == kinds(before["lines"])
        if what == "pack":
            # Parts that are new are passed over by a laptop that does not know them.
            assert {json.loads(line)["part"] for line in before["lines"]} <= {
                json.loads(line)["part"] for line in got.lines
            }
    pushed = [line.encode() for line in told["own"][:-1]]
    assert set(pushed) <= {bytes(raw) for raw in Entry.objects.values_list("raw", flat=True)}
    brought = sticks.take_stick(by=None, data=base64.decodebytes((told["folder"] / "there.base64").read_bytes()))
    assert (brought.accepted, brought.refused) == (1, 0)
    head = sticks.head_of(brought.answer, "back")
    assert head["municipality"] == settings.MUNICIPALITY_CODE
    assert StayEvent.objects.count() == 4


def kinds(lines) -> list[str]:
    return [json.loads(line)["kind"] for line in lines]


@pytest.mark.once
def test_todays_laptop_understands_a_server_of_then_and_of_tomorrow():
    """In a process of its own, because both sides' tables are in it: `strange` says what is tried."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.strange"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert json.loads(done.stdout.splitlines()[-1])["conversations"] == len(RECORDED) >= 1


def test_a_newer_laptops_additional_keys_are_taken(laptop, opening, push):
    terminal, pen = laptop
    line = pen.write("stay.arrived", {"opening": str(opening), "person": {"atena_no": "0001"}, "of_tomorrow": {"a": 1}})
    assert push(terminal, [line]) == ["accepted"]
    assert StayEvent.objects.count() == 1
    assert bytes(Entry.objects.get(kind="stay.arrived").raw) == line
