"""The long runs of conservation, in pieces: `python -m tests.sync.drill [--histories N] [--kills N] [--server-kills N]`.

Kills go one by one beside the histories: most of their time is waiting. Stopped and started again it goes on where it was (in .pytest_cache/drill.json; `--anew` forgets that). The first piece
that fails ends it with its output, and what came before it counts no more: it ran on code with a fault. What was done is put
into docs/measured/conservation.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".pytest_cache" / "drill.json"
COUNTED = KEPT.with_name("drill-kills.jsonl")  # where kills fell, a line a piece
MEASURED = ROOT / "docs" / "measured" / "conservation.json"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.sync.settings", "PYTHONPATH": str(ROOT)}
# What is done, how many of it at once, and how: so many are put in place of {n}.
WAYS: dict[str, tuple[int, list[str], dict[str, str]]] = {
    "histories": (250, ["-m", "tests.sync.histories", "--count", "{n}", "--steps", "{steps}"], SETTINGS),
    "kills": (50, ["-m", "pytest", "-n0", "tests/sync/test_killed.py", "-k", "battery"], {"TASUKI_KILLS": "{n}"}),
    "server_kills": (
        25,
        ["-m", "pytest", "-n0", "tests/sync/test_killed.py", "-k", "headquarters_killed"],
        {"TASUKI_SERVER_KILLS": "{n}"},
    ),
}
WORDS = {
    "histories": "histories since the last fault was mended",
    "kills": "kills of a laptop under load",
    "server_kills": "kills of headquarters during a push",
}
FELL = {
    "with_line": "of the laptop's kills with the line up",
    "in_exchange": "of these while it exchanged",
    "server_kills": "kills of headquarters in all",
    "during_a_push": "of these inside a push, before it was answered",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sync.drill", description=__doc__)
    parser.add_argument("--histories", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--server-kills", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20, help="of one history")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="pieces at once; kills go one by one")
    parser.add_argument("--anew", action="store_true", help="begin from nothing")
    wanted = vars(parser.parse_args())
    workers, steps = wanted.pop("workers"), wanted.pop("steps")
    load = os.getloadavg()[0]
    done = {} if wanted.pop("anew") or not KEPT.exists() else json.loads(KEPT.read_text())
    if not done:
        COUNTED.unlink(missing_ok=True)
    one = ThreadPoolExecutor(1)
    pools = {"histories": ThreadPoolExecutor(workers), "kills": one, "server_kills": one}
    pieces = {}
    for name, (piece, _, _) in WAYS.items():
        left = max(0, wanted[name] - done.setdefault(name, {"count": 0, "seconds": 0.0})["count"])
        for begun in range(0, left, piece):
            pieces[pools[name].submit(run, name, min(piece, left - begun), steps)] = name
    for ended in as_completed(pieces):
        name, (count, seconds, said) = pieces[ended], ended.result()
        so_far = done[name]
        if said:
            for pool in pools.values():
                pool.shutdown(wait=False, cancel_futures=True)
            print(said)
            print(f"{WORDS[name]}: failed after {so_far['count']}", file=sys.stderr)
            done[name] = {"count": 0, "seconds": 0.0}
            keep(done)
            return 1
        so_far["count"] += count
        so_far["seconds"] = round(so_far["seconds"] + seconds, 1)
        if name == "histories":
            lengths = so_far.setdefault("steps", {})
            lengths[str(steps)] = lengths.get(str(steps), 0) + count
        keep(done)
        print(f"{so_far['count']:,} of {wanted[name]:,} {WORDS[name]}", flush=True)
    write(done, load)
    KEPT.unlink(missing_ok=True)
    COUNTED.unlink(missing_ok=True)
    return 0


def keep(done: dict[str, Any]) -> None:
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(done))


def run(name: str, count: int, steps: int) -> tuple[int, float, str]:
    """One piece: how many were done, the seconds of its process, and what it said if it failed."""
    _, arguments, env = WAYS[name]
    began = time.monotonic()
    command = [sys.executable, *(part.format(n=count, steps=steps) for part in arguments)]
    filled = {key: value.format(n=count) for key, value in env.items()} | {"TASUKI_KILLS_COUNTED": str(COUNTED)}
    ended = subprocess.run(command, cwd=ROOT, env=os.environ | filled, capture_output=True, text=True)
    said = ended.stdout + ended.stderr if ended.returncode else ""
    return count, time.monotonic() - began, said


def fallen() -> dict[str, int]:
    """Where the kills fell, of all pieces that passed."""
    found: dict[str, int] = {}
    for line in COUNTED.read_text().splitlines() if COUNTED.exists() else []:
        for name, number in json.loads(line).items():
            found[name] = found.get(name, 0) + number
    return found


def write(done: dict[str, Any], load: float) -> None:
    """As the benchmarks do, so that the page of all figures shows it; `load` is that before the run that ended it."""
    where = fallen()
    limits = {"histories": 20_000, "kills": 300, "server_kills": 100}
    found = {
        "name": "conservation",
        "title": "Nothing that a screen confirmed is lost",
        "about": "Histories of three laptops and a server against a plain list of what was confirmed: lines that drop, answers lost,"
        " cut, old or somebody else's, sticks, clocks that jump, full disks, databases set back; and real processes killed at"
        " random instants. Every confirmed entry was found at headquarters afterwards: in the state, the history or a named queue.",
        "full": {
            "day": datetime.now(UTC).date().isoformat(),
            "people": 4,
            "passed": True,
            "limits": [
                {
                    "what": WORDS[name],
                    "value": done[name]["count"],
                    "at_least": bound,
                    "unit": "",
                    "holds": done[name]["count"] >= bound,
                }
                for name, bound in limits.items()
            ],
            "figures": done | {"where_kills_fell": where},
            "table": {
                "columns": ["what", "how many", "seconds"],
                "rows": [
                    *([WORDS[name], row["count"], row["seconds"]] for name, row in done.items()),
                    *([f"of the histories those of {n} steps", k, ""] for n, k in done["histories"]["steps"].items()),
                    *([words, where[name], ""] for name, words in FELL.items() if name in where),
                ],
            },
            "machine": {
                "cores": os.cpu_count(),
                "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
                "python": platform.python_version(),
                "django": django.get_version(),
                "postgresql": "not used",
                "postgresql_settings": "SQLite only",
                "sqlite": sqlite3.sqlite_version,
                "load_before": [round(load, 1)],
                "load_after": [round(os.getloadavg()[0], 1)],
            },
        },
    }
    MEASURED.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
