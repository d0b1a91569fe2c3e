"""Processes killed at random instants: the laptop under load, with a line and without; headquarters during a push."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress

import pytest
from sqlcipher3 import dbapi2

from .processes import PASSPHRASE, ROOT, Person

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("laptop")]
KILLS = int(os.environ.get("TASUKI_KILLS", "2"))
SERVER_KILLS = int(os.environ.get("TASUKI_SERVER_KILLS", "2"))
PUSHED = 500  # entries, when headquarters is killed: as many as go in one push
COUNTED = os.environ.get("TASUKI_KILLS_COUNTED")  # a file for how many kills fell where


def count(**numbers: int) -> None:
    """For whoever reads the output, and for the drill."""
    print(json.dumps(numbers))
    if COUNTED:
        with open(COUNTED, "a", encoding="utf-8") as file:
            file.write(json.dumps(numbers) + "\n")


def assert_sound(town, folder) -> None:
    """The database file as the killed process left it, through the cipher: each page by its own seal, and as a whole.

    A copy is looked at, so that it is the laptop itself that has to take up the log.
    """
    salt = base64.b64decode(json.loads((town.home / "laptop.json").read_text())["salt"])
    key = hashlib.scrypt(PASSPHRASE.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=128 * 2**20, dklen=32)
    for part in ("", "-wal"):
        with suppress(FileNotFoundError):
            shutil.copy(town.home / f"shelter.sqlite3{part}", folder / f"copy.sqlite3{part}")
    with closing(dbapi2.connect(str(folder / "copy.sqlite3"))) as file:
        file.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert file.execute("PRAGMA cipher_integrity_check").fetchall() == []
    for path in folder.glob("copy.sqlite3*"):
        path.unlink()


def test_what_the_screen_confirmed_is_there_after_the_battery_died(town, tmp_path):
    """People are checked in at two screens; in every other round the line is up, and somebody exchanges all the time."""
    door = Person(town.laptop.url).sign_in()
    door.post("/desk/laptop/sync/now/")
    school = door.openings()["西町小学校"]
    confirmed: list[str] = []
    with_line = in_exchange = 0
    for round_ in range(KILLS):
        stop, asking = threading.Event(), threading.Event()

        def work(part: int, stop=stop, round_=round_) -> None:
            person = Person(town.laptop.url).sign_in()
            for number in range(10_000):
                name = f"避難 {round_}の{part}の{number}"
                try:
                    person.post(f"/desk/shelters/{school}/new/", name=name, how="inside")
                except OSError:
                    return
                if person.at != f"/desk/shelters/{school}/find/":
                    return
                confirmed.append(name)
                if stop.is_set():
                    return

        def exchange(stop=stop, asking=asking) -> None:
            person = Person(town.laptop.url).sign_in()
            while not stop.is_set():
                asking.set()
                try:
                    person.post("/desk/laptop/sync/now/")
                except OSError:
                    return
                asking.clear()

        threads = [threading.Thread(target=work, args=(part,)) for part in range(2)]
        if round_ % 2:
            town.wire.join()
            threads.append(threading.Thread(target=exchange))
        else:
            town.wire.cut()
        for thread in threads:
            thread.start()
        wanted = len(confirmed) + 4
        end = time.monotonic() + 60
        while time.monotonic() < end and (len(confirmed) < wanted or (round_ % 2 and not asking.is_set())):
            time.sleep(0.01)
        time.sleep(random.random() * 0.3)
        if round_ % 2:
            asking.wait(10)  # between two exchanges nothing would be cut
            time.sleep(random.random() * 0.05)
        with_line += round_ % 2
        in_exchange += round_ % 2 and asking.is_set()
        town.laptop.kill()
        stop.set()
        for thread in threads:
            thread.join()
        assert_sound(town, tmp_path)
        town.laptop.start()
    town.wire.join()
    door = Person(town.laptop.url).sign_in()
    door.post("/desk/laptop/sync/now/")
    assert len(confirmed) >= KILLS * 4
    assert set(confirmed) <= door.roster(school)
    assert set(confirmed) <= Person(town.server.url).sign_in().roster(school)
    asked = [sys.executable, "-m", "tests.sync.soundness"]
    told = subprocess.run(asked, env=os.environ | town.laptop_env, cwd=ROOT, check=True, capture_output=True, text=True)
    here = json.loads(told.stdout.splitlines()[-1])
    assert (here["problem"], here["unsent"]) == (None, 0)
    assert here["entries"] == len(here["written"]) >= len(confirmed)
    assert set(here["written"]) <= accepted(town)
    assert in_exchange * 2 >= with_line
    count(laptop_kills=KILLS, with_line=with_line, in_exchange=in_exchange)


def test_headquarters_killed_while_it_takes_what_a_laptop_sends(town):
    """At random instants of a push; what it had confirmed it has, nothing is there twice, and the rest comes."""
    door = Person(town.laptop.url).sign_in()
    door.post("/desk/laptop/sync/now/")
    fill(town, 900_000)
    took = pushes(town, door, lambda: wait_while(town.wire.pushing.is_set))
    before = len(accepted(town))
    kills = during = 0
    # A push may be over before its hour has come: until as many fell inside one as are wanted, and they are most of all.
    while during < SERVER_KILLS and kills < 2 * SERVER_KILLS + 2:
        fill(town, kills * 1000)

        def kill() -> None:
            nonlocal during
            wait_while(town.wire.pushing.is_set, at_most=random.random() * 0.8 * took)
            during += town.wire.pushing.is_set()
            town.server.kill()

        pushes(town, door, kill)
        kills += 1
        confirmed = town.folder.joinpath("laptop", "status.json")
        unsent = json.loads(confirmed.read_text())["unsent"]
        assert len(accepted(town)) - before >= kills * PUSHED - unsent
        town.server.start()
    door.post("/desk/laptop/sync/now/")
    assert town.shelter("status")["unsent"] == 0
    assert len(accepted(town)) - before == kills * PUSHED
    town._run(["-m", "backend", "verify_journal"])
    assert during == SERVER_KILLS, f"{during} of {kills} kills fell inside a push"
    count(server_kills=kills, during_a_push=during)


def fill(town, first: int) -> None:
    """As many entries as one push takes, written on the laptop."""
    command = ["-m", "tests.benchmarks.laptop_run", "--people", str(PUSHED), "--first", str(first)]
    subprocess.run([sys.executable, *command], env=os.environ | town.laptop_env, check=True, capture_output=True)


def pushes(town, door: Person, then) -> float:
    """Press the button, wait until the server is at the push, do `then`; the seconds from the push to its end."""
    town.wire.pushing.clear()
    pressed = threading.Thread(target=door.post, args=("/desk/laptop/sync/now/",))
    pressed.start()
    assert town.wire.pushing.wait(60)
    began = time.monotonic()
    then()
    took = time.monotonic() - began
    pressed.join()
    return took


def wait_while(lasts, at_most: float = 60) -> None:
    end = time.monotonic() + at_most
    while lasts() and time.monotonic() < end:
        time.sleep(0.002)


def accepted(town) -> set[str]:
    """The hashes of all entries that headquarters has accepted, each once; its file is sound."""
    with closing(sqlite3.connect(town.folder / "server.sqlite3")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = file.execute("SELECT uuid, sha256 FROM journal_entry WHERE verdict = 'accepted'").fetchall()
    assert len({uuid for uuid, _ in rows}) == len({sha for _, sha in rows}) == len(rows)
    return {sha for _, sha in rows}
