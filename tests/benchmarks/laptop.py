"""A shelter's laptop: how soon it is ready, how soon a check-in is confirmed, and what bad lines do to an exchange."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import Any

from tests.sync.processes import ROOT, Person, Town
from tests.sync.slow import SlowWire

from .place import Place
from .report import Limit, Report, Table

RESIDENTS, PEOPLE, CHECK_INS = 10_000, 3_000, 400
QUEUED, MANY = 1_000, 10_000


def run(place: Place) -> Report:
    town = Town(Path(tempfile.mkdtemp(dir=place.folder)), place.postgresql("laptop"))
    try:
        town.join()
        said = _measure(town)
    finally:
        town.close()
    return _report(said)


def in_laptop(town: Town, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.laptop_run", *arguments],
        env=os.environ | town.laptop_env,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure(town: Town) -> dict[str, Any]:
    began = time.perf_counter()
    town.start()
    said: dict[str, Any] = {"ready_s": time.perf_counter() - began}
    door = Person(town.laptop.url).sign_in()
    town.wire.cut()
    door.post("/desk/shelters/open/", facility=town.made["facility"])
    in_laptop(town, "--residents", str(RESIDENTS), "--people", str(PEOPLE))
    school = door.openings()["西町小学校"]
    confirmed, shown = _check_ins(town, door, school)
    said |= {"confirmed_p50_ms": confirmed[len(confirmed) // 2], "confirmed_p99_ms": _p99(confirmed)}
    said |= {"shown_p99_ms": _p99(shown), "memory_mb": _memory(town.laptop.running.pid)}
    town.laptop.stop()
    town.wire.join()
    in_laptop(town, "--exchange", town.server.url)
    in_laptop(town, "--people", str(QUEUED), "--first", "100000")
    far = SlowWire(town.port, round_trip=0.6)
    found = in_laptop(town, "--exchange", f"http://127.0.0.1:{far.port}")
    assert found["sent"] == QUEUED, found
    said["queued_s"] = found["seconds"]
    in_laptop(town, "--people", str(MANY), "--first", "200000")
    bad = SlowWire(town.port, bits=1e6, round_trip=0.3, loss=0.02)
    found = in_laptop(town, "--exchange", f"http://127.0.0.1:{bad.port}")
    assert found["sent"] == MANY, found
    said |= {"slow_s": found["seconds"], "bytes_an_entry": bad.carried / MANY}
    return said | _meanwhile(town, school)


def _meanwhile(town: Town, school: str) -> dict[str, Any]:
    """The laptop with all of that in it, started again: check-ins while as much once more goes over the bad line."""
    bad = SlowWire(town.port, bits=1e6, round_trip=0.3, loss=0.02)
    in_laptop(town, "--people", str(MANY), "--first", "300000", "--address", f"http://127.0.0.1:{bad.port}")
    began = time.perf_counter()
    town.start()
    ready = time.perf_counter() - began
    door = Person(town.laptop.url).sign_in()
    while bad.carried == 0:  # it begins by itself
        time.sleep(0.05)
    confirmed, _ = _check_ins(town, door, school, PEOPLE + CHECK_INS + 20)
    carried = bad.carried
    end = time.monotonic() + 20
    while bad.carried == carried and time.monotonic() < end:
        time.sleep(0.05)
    assert bad.carried > carried, "the exchange was over before the check-ins were"
    while True:  # until nothing more is carried
        carried = bad.carried
        time.sleep(5)
        if bad.carried == carried:
            break
    return {
        "ready_full_s": ready,
        "meanwhile_p99_ms": _p99(confirmed),
        "memory_full_mb": _memory(town.laptop.running.pid),
    }


def _check_ins(town: Town, door: Person, school: str, first: int = PEOPLE) -> tuple[list[float], list[float]]:
    """Milliseconds until a check-in of somebody from the excerpt is answered, and until the page after it is there."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in door.jar)
    token = re.search(r"csrf[a-z_]*=([^;]+)", cookies)
    path = f"/desk/shelters/{school}/find/"
    line = http.client.HTTPConnection("127.0.0.1", town.laptop.port)
    confirmed, shown = [], []
    for number in range(first, first + CHECK_INS + 20):
        values = {"csrfmiddlewaretoken": token[1] if token else "", "q": "", "arrive": "1", "person": f"7{number:07}"}
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        line.request("POST", path, urllib.parse.urlencode(values), headers)
        answer = line.getresponse()
        answer.read()
        between = time.perf_counter()
        assert answer.status == 302, answer.status
        line.request("GET", answer.headers["Location"], headers={"Cookie": cookies})
        line.getresponse().read()
        confirmed.append((between - began) * 1000)
        shown.append((time.perf_counter() - began) * 1000)
    return sorted(confirmed[20:]), sorted(shown[20:])


def _p99(ordered: list[float]) -> float:
    return ordered[int(len(ordered) * 0.99)]


def _memory(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def _report(said: dict[str, Any]) -> Report:
    rows = [
        ["from the start of the program until it answers, s", said["ready_s"], 3.0],
        ["a check-in until it is confirmed (on the disk), p99 ms", said["confirmed_p99_ms"], 50.0],
        ["… and until the page after it is there, p99 ms", said["shown_p99_ms"], None],
        ["memory of the process at most, MB", said["memory_mb"], 120.0],
        [f"{QUEUED:,} check-ins that waited, over round trips of 600 ms, s", said["queued_s"], 10.0],
        [f"{MANY:,} over 1 Mbit/s, 300 ms, 2 % loss, s", said["slow_s"], 60.0],
        ["bytes an entry on that line, both ways", said["bytes_an_entry"], 200.0],
        [f"started again with {PEOPLE + QUEUED + MANY + MANY:,} people in it, s", said["ready_full_s"], 3.0],
        [f"a check-in while {MANY:,} go over that line, confirmed, p99 ms", said["meanwhile_p99_ms"], None],
        ["memory of that process at most, MB", said["memory_full_mb"], None],
    ]
    return Report(
        name="laptop",
        title="A shelter's laptop",
        about=(
            f"The laptop's own process on an encrypted file with synchronous=FULL, {RESIDENTS:,} residents in its excerpt"
            f" and {PEOPLE:,} people in the shelter; {CHECK_INS:,} check-ins one after the other through its web server."
            " Headquarters is a server process on PostgreSQL with fsync on (waitress, four threads). Bad lines are made by"
            " a proxy in between: so many bits, half a round trip each way, and for every lost packet a pause that makes 2 % of loss"
            " as slow as Mathis' formula says of TCP. Bytes on the wire are both ways, with the packets' headers and what"
            " was sent again, without TLS."
        ),
        figures=said,
        table=Table(["what", "measured", "at most"], rows),
        limits=[
            Limit("ready", said["ready_s"], 3.0, " s"),
            Limit("check-in confirmed, p99", said["confirmed_p99_ms"], 50.0, " ms"),
            Limit("memory", said["memory_mb"], 120.0, " MB"),
            Limit("1,000 queued over 600 ms", said["queued_s"], 10.0, " s"),
            Limit("10,000 over a bad line", said["slow_s"], 60.0, " s"),
            Limit("bytes an entry", said["bytes_an_entry"], 200.0, ""),
            Limit("ready with all of that in it", said["ready_full_s"], 3.0, " s"),
        ],
    )
