"""An empty database with the tables of server and laptop: made once, and again when a migration has changed.

To make the tables migration by migration takes longer than most folders of the suite; whoever needs an empty database
takes a copy. `migrate` itself is run by whoever makes the template.

    python -m tests.template PATH
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".pytest_cache" / "empty"


def empty() -> bytes:
    """The bytes of such a database; from a file beside pytest's own cache when nothing has changed since."""
    place = FOLDER / f"{_fingerprint()}.sqlite3"
    if not place.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with (FOLDER / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the other processes of the run wait for it
            if not place.exists():
                fresh = place.with_suffix(f".{os.getpid()}")
                subprocess.run([sys.executable, "-m", "tests.template", str(fresh)], cwd=ROOT, env=_env(), check=True)
                fresh.replace(place)
    return place.read_bytes()


def fill(connection: sqlite3.Connection) -> None:
    """Put it into an open database, also one in memory that several connections share."""
    with closing(sqlite3.connect(":memory:")) as source:
        source.deserialize(empty())
        source.backup(connection)


def _env() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.sync.settings", "PYTHONPATH": str(ROOT)}


def _fingerprint() -> str:
    """Over the packages, every migration, and the modules of ours that migrations take triggers and rows from."""
    found = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    paths = {path for room in ("backend", "offline_client") for path in (ROOT / room).glob("**/migrations/*.py")}
    for path in list(paths):
        for module in re.findall(r"^(?:from|import) (backend\.[\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            place = ROOT / module.replace(".", "/")
            paths |= set(place.glob("*.py")) if place.is_dir() else {place.with_suffix(".py")}
    for path in sorted(paths):
        found.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:20]


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    memory: sqlite3.Connection = connection.connection
    Path(sys.argv[1]).write_bytes(memory.serialize())


if __name__ == "__main__":
    main()
