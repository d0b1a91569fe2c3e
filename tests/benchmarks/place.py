"""Where a benchmark runs: an invented town, a throw-away server that keeps what it confirms, and commands in processes
of their own, whose time and memory are taken from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests import postgres

ROOT = Path(__file__).resolve().parents[2]
EXPORT_DAY, OCCURRED_AT, CODE = "2026-11-07", "2026-11-18T05:46:00+09:00", "2026"
SEED, DAYS = 1, 20
TIMED = "tests.benchmarks.timed_command"
OWN = "TASUKI_BENCH_"  # says where the yardsticks are
LOOK = 0.02  # seconds between two looks at a process's memory


def as_installed() -> None:
    """Take all settings of Tasuki out of this process's environment, and so out of those it starts: what is measured is
    the product as a town has it, not as a shell or the test suite sets it (which keeps no connection to the database)."""
    for name in [name for name in os.environ if name.startswith("TASUKI_") and not name.startswith(OWN)]:
        del os.environ[name]


@dataclass
class Run:
    """One process: wall seconds from start to end, peak of its resident memory in MB, and the JSON that it printed."""

    seconds: float
    peak_mb: float
    result: dict[str, Any]


@dataclass
class Ours:
    """The whole way with the commands of the product, in seconds. `start`: what a process takes before its work."""

    url: str
    full: Run
    changes: Run
    opening: Run
    as_of: float

    @property
    def start(self) -> float:
        return self.opening.seconds - self.opening.result["seconds"]

    @property
    def to_as_of(self) -> float:
        return self.full.seconds + self.changes.seconds + self.start + self.as_of

    @property
    def to_ledger(self) -> float:
        return self.full.seconds + self.changes.seconds + self.opening.seconds

    @property
    def peak_mb(self) -> float:
        return max(run.peak_mb for run in (self.full, self.changes, self.opening))

    @property
    def bar_off(self) -> float:
        """How far the bars of import and opening were from the truth at most, in percent of the whole time."""
        return 100 * max(run.result["bar_off"] for run in (self.full, self.opening))


class Place:
    """Made as it is asked for, and shared by the benchmarks of one run; `stop()` leaves nothing behind."""

    def __init__(self, people: int, days: int = DAYS) -> None:
        self.people, self.days = people, days
        self.folder = Path(tempfile.mkdtemp(prefix="tasuki-bench-"))
        self._started: list[postgres.Server] = []

    @cached_property
    def town(self) -> Path:
        """The folder with the full export and the files of change."""
        folder = self.folder / "town"
        arguments = ["--people", str(self.people), "--seed", str(SEED), "--days", str(self.days), "-o", str(folder)]
        subprocess.run([sys.executable, "-m", "fixtures.town", *arguments], check=True, cwd=ROOT, capture_output=True)
        return folder

    @property
    def full_file(self) -> Path:
        return self.town / f"register-full-{EXPORT_DAY.replace('-', '')}.csv"

    @property
    def change_files(self) -> list[Path]:
        return sorted(path for path in self.town.glob("register-change-*.csv") if "set-aside" not in path.name)

    @cached_property
    def server(self) -> postgres.Server:
        """PostgreSQL as it comes, with fsync on: what is measured would survive a power cut."""
        server = postgres.start(durable=True)
        self._started.append(server)
        return server

    def postgresql(self, name: str, *, migrated: bool = True) -> str:
        """The address of a new database of the server, with the product's tables in it."""
        self.sql(f"CREATE DATABASE {name}")
        url = self.server.url.replace("@/tasuki?", f"@/{name}?")
        if migrated:
            self.tasuki(url, "migrate", "--verbosity", "0")
        return url

    def copy_of(self, url: str, name: str) -> str:
        """The address of a copy of one of these databases, for a benchmark that changes what others measure."""
        source = url.split("@/")[1].split("?")[0]
        self.sql(f"CREATE DATABASE {name} TEMPLATE {source}")
        return url.replace(f"@/{source}?", f"@/{name}?")

    def sqlite(self, name: str) -> str:
        url = f"sqlite:///{self.folder / name}.sqlite3"
        self.tasuki(url, "migrate", "--verbosity", "0")
        return url

    def sql(self, statement: str, database: str = "tasuki") -> str:
        host = self.server.folder
        psql = [self.server.bin / "psql", "-h", host, "-U", "tasuki", "-d", database, "-qAtc", statement]
        return subprocess.run(psql, check=True, capture_output=True, text=True).stdout.strip()

    def tasuki(self, url: str, *arguments: Any) -> Run:
        """A command of the product, as a city would type it."""
        return self.python(url, "backend", *arguments)

    def python(self, url: str, module: str, *arguments: Any) -> Run:
        """A module in a process of its own. Raises RuntimeError if it fails ("some rows were set aside" is no failure)."""
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "TASUKI_ROLE": "demo",
            "TASUKI_DATA_DIR": str(self.folder / "data"),
            "DJANGO_SETTINGS_MODULE": "backend.settings",
        }
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        memory = _Memory(process.pid)
        out, errors = process.communicate()
        seconds = time.perf_counter() - began
        memory.stop()
        lines = out.strip().splitlines()
        result = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
        if process.returncode and result.get("status") != "set_aside":
            raise RuntimeError(f"{module} {arguments[0] if arguments else ''} failed: {out[-500:]} {errors[-2000:]}")
        return Run(seconds, memory.peak_mb, result)

    @cached_property
    def ours(self) -> Ours:
        """The product's way on PostgreSQL, once a run: the database that later benchmarks search in."""
        return self.product_way(self.postgresql("ours"))

    @cached_property
    def ours_on_sqlite(self) -> Ours:
        return self.product_way(self.sqlite("ours"))

    def product_way(self, url: str) -> Ours:
        took = ("import_register", self.full_file, "--kind", "full", "--as-of", EXPORT_DAY, "--json")
        full = self.python(url, TIMED, *took)
        changes = self.tasuki(url, "import_register", *self.change_files, "--kind", "change", "--json")
        opening = self.python(
            url,
            TIMED,
            *("open_disaster", CODE, "--name", "大浜沖地震", "--occurred-at", OCCURRED_AT, "--json"),
        )
        return Ours(url, full, changes, opening, opening.result["as_of_seconds"])

    def stop(self) -> None:
        for server in self._started:
            server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class _Memory(threading.Thread):
    """Looks at the high-water mark of a process's resident memory until it ends.

    The kernel's own mark (VmHWM), which psutil does not give: nothing between two looks is missed, and unlike
    `ru_maxrss` it does not begin with the memory of the process that started it.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.status = Path(f"/proc/{pid}/status")
        self.peak_mb = 0.0
        self.ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.ended.wait(LOOK):
            try:
                mark = next(line for line in self.status.read_text().splitlines() if line.startswith("VmHWM"))
            except (OSError, StopIteration):
                continue
            self.peak_mb = max(self.peak_mb, int(mark.split()[1]) / 1024)

    def stop(self) -> None:
        self.ended.set()
        self.join()
