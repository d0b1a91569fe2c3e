"""An installation of its own, with a database that stays: for what only real processes show (kill, two at once)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import postgres, template
from tests.unit.registry.files import person, write

ROOT = Path(__file__).resolve().parents[2]

# Runs a command line, but for a `hook(count)` that is called at every row that is read or person that is made.
DRIVER = """
import os, signal, sys, time
from pathlib import Path
# As in a terminal: what a shell starts in the background would not hear Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["tasuki", *sys.argv[2:]]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
import django
django.setup()
from backend.ledger.opening import loading
from backend.registry import services
{hook}
def counted(make):
    def call(*args, **named):
        for count, one in enumerate(make(*args, **named), 1):
            hook(count)
            yield one
    return call
services.records = counted(services.records)
loading.Loading.people = counted(loading.Loading.people)
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


@dataclass
class Installation:
    folder: Path
    url: str

    def start(self, *arguments: Any, hook: str | None = None) -> subprocess.Popen[str]:
        environment = {**os.environ, "DATABASE_URL": self.url, "TASUKI_ROLE": "demo", "PYTHONPATH": str(ROOT)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        environment.pop("TASUKI_ACCESS_LOG_ALIAS", None)
        call = ["-m", "backend"] if hook is None else ["-c", DRIVER.replace("{hook}", hook), "-"]
        return subprocess.Popen(
            [sys.executable, *call, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )

    def run(self, *arguments: Any, hook: str | None = None) -> tuple[int, dict[str, Any]]:
        """Exit code and JSON (empty if the process didn't live to print it)."""
        return finished(self.start(*arguments, "--json", hook=hook))


def finished(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, _ = process.communicate(timeout=120)
    last = out.strip().splitlines()[-1] if out.strip() else "{}"
    return process.returncode, json.loads(last)


def wait_for(path: Path, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        if time.monotonic() > until:
            raise TimeoutError(path.name)
        time.sleep(0.05)


def install(folder: Path) -> Installation:
    """A migrated database: a file, or one more on the suite's PostgreSQL server."""
    if os.environ.get("TEST_DB", "sqlite") == "postgresql":
        return Installation(folder, postgres.copy_template(os.environ["DATABASE_URL"], f"flow_{uuid.uuid4().hex[:12]}"))
    file = folder / "tasuki.sqlite3"
    file.write_bytes(template.empty())
    return Installation(folder, f"sqlite:///{file}")


def open_town(folder: Path, *, homes: int) -> Installation:
    """A disaster opened over a register of so many households of one person each."""
    (folder / "town").mkdir()
    found = install(folder / "town")
    rows = [
        person(f"7{n:05}", household_no=f"{n:05}", 続柄="世帯主", 住所=f"大浜市西町{n}番地")
        for n in range(1, homes + 1)
    ]
    export = write(folder / "full.csv", rows)
    assert found.run("import_register", export, "--kind", "full", "--as-of", "2026-11-07")[0] == 0
    opening = ["open_disaster", "2026", "--name", "大浜沖地震", "--occurred-at", "2026-11-18T05:46:00+09:00"]
    assert found.run(*opening)[0] == 0
    return found
