"""What goes wrong with sticks, packs and disks: each is said clearly, does no harm, and leaves a way on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from .processes import LAPTOP, ROOT, Person, free_port
from .test_laptop import new

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("laptop")]


@pytest.fixture
def door(town):
    person = Person(town.laptop.url).sign_in()
    person.post("/desk/laptop/sync/now/")
    return person


def at_headquarters(town, file: Path, back: Path) -> tuple[int, dict]:
    """`take_stick --json` as somebody at the town hall runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "backend", "take_stick", str(file), "-o", str(back), "--json"],
        env=os.environ | town.env,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def stick(town, door, tmp_path):
    """A file that the laptop wrote without a line, with one arrival in it."""
    town.wire.cut()
    new(door, town.school, f"運ぶ {tmp_path.name}")
    path = tmp_path / "there.tasuki"
    town.shelter("export", str(path))
    yield path
    town.wire.join()


def altered(path: Path, change) -> Path:
    made = path.with_name("altered.tasuki")
    made.write_bytes(change(path.read_bytes()))
    return made


def test_a_stick_twice_adds_nothing_and_a_torn_one_says_what_to_do(town, stick, tmp_path):
    """At both ends; the whole one is taken afterwards."""
    back = tmp_path / "back.tasuki"
    code, result = at_headquarters(town, altered(stick, lambda data: data[:-20]), back)
    assert (code, back.exists()) == (2, False)
    assert "もう一度書き出して、運び直してください" in result["message"]
    first = at_headquarters(town, stick, back)[1]["accepted"]
    assert first >= 2
    code, result = at_headquarters(town, stick, back)
    assert (code, result["accepted"], result["duplicate"]) == (0, 0, first)
    torn = altered(back, lambda data: data[:-20])
    assert "書き換えられています" in town.shelter("import", str(torn), expect=2)["message"]
    assert "逆向きのファイルです" in town.shelter("import", str(stick), expect=2)["message"]
    town.shelter("import", str(back))
    town.shelter("import", str(back))  # twice
    assert town.shelter("status")["unsent"] == 0


def test_another_municipalitys_stick_is_refused_by_name(town, stick, tmp_path):
    other = altered(stick, lambda data: re.sub(rb'"municipality": "\d+"', b'"municipality": "999999"', data, count=1))
    code, result = at_headquarters(town, other, tmp_path / "back.tasuki")
    assert code == 2
    assert "端末のファイルです。このサーバーでは受け取れません" in result["message"]
    back = tmp_path / "back.tasuki"
    at_headquarters(town, stick, back)
    other = altered(back, lambda data: re.sub(rb'"municipality": "\d+"', b'"municipality": "999999"', data, count=1))
    assert "ほかの市区町村のファイルです" in town.shelter("import", str(other), expect=2)["message"]
    town.shelter("import", str(back))


def test_an_entry_altered_under_the_laptops_own_key_waits_at_headquarters(town, stick, tmp_path):
    """Whoever has the key may seal what they like: the chain tells, and what was really written comes afterwards."""
    script = """
import os, sys, django
django.setup()
from pathlib import Path
from backend.journal import exchange, sticks
from backend.journal.models import Terminal
path = Path(sys.argv[1])
data = path.read_bytes()
head = sticks.head_of(data, "there")
key = sticks.key_of(Terminal.objects.get(pk=head["terminal"]).secret_sha256)
body = exchange.unpack(sticks.opened(key, data), "push")
lines = [body.lines[0].replace("運ぶ".encode(), "盗む".encode()), *body.lines[1:]]
assert lines != body.lines
for name in ("is", "v"):
    head.pop(name)
sealed = exchange.pack("push", {k: v for k, v in body.head.items() if k not in ("is", "what", "v", "lines")}, lines)
path.with_name("forged.tasuki").write_bytes(sticks.seal(key, head, sealed))
"""
    town._run(["-c", script, str(stick)])
    forged, back = stick.with_name("forged.tasuki"), tmp_path / "back.tasuki"
    code, result = at_headquarters(town, forged, back)
    # The first is as good as any other, what follows does not follow it.
    assert code == 0
    assert result["refused"] >= 1
    desk = Person(town.server.url).sign_in()
    page = desk.get("/desk/journal/")
    assert "続き" in page or "受け付けなかった" in page
    # The laptop learns that its chain is another one there, and goes on in a new one: both say the same again.
    town.wire.join()
    door = Person(town.laptop.url).sign_in()
    door.post("/desk/laptop/sync/now/")
    assert town.shelter("status")["unsent"] == 0
    assert door.roster(town.school) == desk.roster(town.school)
    new(door, town.school, f"後の {tmp_path.name}")
    door.post("/desk/laptop/sync/now/")
    assert f"後の {tmp_path.name}" in desk.roster(town.school)


def test_a_stick_that_is_full_leaves_no_half_file(town, door, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    town.wire.cut()
    (folder / "out.tasuki.part").mkdir()  # what can't be written is told in the same way, whatever the reason
    said = town.shelter("export", str(folder / "out.tasuki"), expect=2)["message"]
    town.wire.join()
    assert "空きのある USB メモリーで、もう一度" in said
    assert not (folder / "out.tasuki").exists()


FULL = """
import sys
import urllib.error
from pathlib import Path
from offline_client import keyring
say = keyring.pragma
FLAG = Path({flag!r})
from sqlcipher3 import dbapi2
class Connection(dbapi2.Connection):
    def execute(self, *args):
        done = super().execute(*args)
        if "PRAGMA key" in args[0]:
            pages = super().execute("PRAGMA page_count").fetchone()[0]
            super().execute(f"PRAGMA max_page_count = {{pages if FLAG.exists() else 1073741823}}")
        return done
dbapi2.Connection = Connection
"""


def test_a_full_disk_is_named_nothing_is_confirmed_and_the_work_goes_on(town, door, tmp_path):
    """The very limit of SQLite stands for the disk: the database may not grow while the file `full` is there."""
    flag = tmp_path / "full"
    town.laptop.kill()
    port = free_port()
    code = [LAPTOP[0], FULL.format(flag=str(flag)) + LAPTOP[1]]
    alone = type(town.laptop)([*code, "start", "--port", str(port)], town.laptop_env, port)
    try:
        person = Person(alone.url).sign_in()
        before = person.roster(town.school)
        new(person, town.school, "満 一郎")
        person.get(f"/desk/shelters/{town.school}/new/")
        flag.write_text("")
        page, tried = "", 0
        while "ディスクがいっぱい" not in page and tried < 60:
            tried += 1
            try:
                page = person.post(f"/desk/shelters/{town.school}/new/", name=f"満 {tried}", how="inside")
            except urllib.error.HTTPError as answer:
                page = f"{answer.code} {answer.read().decode()}"
        assert page.startswith("507")
        assert "いまの入力は記録していません" in page
        assert "もう一度押します" in page
        flag.unlink()
        assert f"満 {tried}" not in person.roster(town.school)
        new(person, town.school, "満 二郎")
        assert person.roster(town.school) >= before | {"満 一郎", "満 二郎"}
    finally:
        alone.kill()
        town.laptop.start()
