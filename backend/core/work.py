"""Long work behind a page: it goes on after the request, says how far it is, can be stopped, and is known when dead.

The state of one piece of work is one small file in the data folder, and no row of a table: on SQLite the database
belongs to the work's own transaction until it ends, and what was rolled back must still be told. Nothing personal
stands in it. The work itself is one transaction of a service, so a killed process leaves nothing half done.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.progress import Progress

log = logging.getLogger(__name__)

Task = Callable[[Progress], dict[str, Any]]
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}\Z")
BEAT = 1.0  # seconds between two signs of life
DEAD_AFTER = 20.0  # seconds without one
KEPT = 2 * 24 * 3600.0  # seconds that a finished state can still be read


class Stopped(Exception):
    """Somebody asked for the work to stop; its transaction is rolled back."""


@dataclass
class Work:
    """`state`: running, done, refused, stopped, failed, or interrupted (its process is gone)."""

    token: str
    kind: str
    label: str
    by_name: str
    began_at: str
    about: dict[str, Any] = field(default_factory=dict)
    state: str = "running"
    done: int = 0
    total: int = 0
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.state == "running"


def new_token() -> str:
    return secrets.token_urlsafe(24)


def begin(
    *,
    token: str,
    kind: str,
    label: str,
    by_name: str,
    task: Task,
    about: dict[str, Any] | None = None,
    at_once: bool = False,
) -> None:
    """Start `task` in a thread of its own, or run it now (`at_once`), unless it runs or is done under this token.

    `task` gets a function to tell its progress to and returns what `Work.result` shall be.
    """
    clean_up()
    work = Work(token, kind, label, by_name, now().isoformat(), about or {})
    if not _claim(work):
        return
    runner = _Runner(work, task)
    if at_once:
        runner.run()
    else:
        threading.Thread(target=runner.run_alone, name=f"work-{kind}", daemon=True).start()


def find(token: str) -> Work | None:
    """The work under this token, if there is or was one lately."""
    path = _path(token)
    try:
        work = Work(**json.loads(path.read_text(encoding="utf-8")))
        silent = time.time() - path.stat().st_mtime
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if work.is_running and silent > DEAD_AFTER:
        work.state = "interrupted"
    return work


def running(kind: str) -> list[Work]:
    """Work of this kind that goes on now, whoever began it."""
    found = [find(path.stem) for path in sorted(_folder().glob("*.json"))]
    return [work for work in found if work and work.kind == kind and work.is_running]


def ask_to_stop(token: str) -> None:
    """Stop at the next progress; what was done so far is rolled back. Nothing happens to finished work."""
    work = find(token)
    if work and work.is_running:
        _stop_mark(token).touch(mode=0o600)


def is_asked_to_stop(token: str) -> bool:
    return _stop_mark(token).exists()


def clean_up() -> None:
    """Remove states that nobody will ask for any more."""
    for path in _folder().iterdir():
        _remove_if_older(path, KEPT)


def _remove_if_older(path: Path, seconds: float) -> None:
    try:
        if time.time() - path.stat().st_mtime > seconds:
            path.unlink()
    except FileNotFoundError:
        pass


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "work"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path(token: str) -> Path:
    if not TOKEN.match(token):
        return _folder() / "none.json"
    return _folder() / f"{token}.json"


def _stop_mark(token: str) -> Path:
    return _path(token).with_suffix(".stop")


def _write(path: Path, work: Work) -> Path:
    """The state beside its place, complete, ready to be put there in one step."""
    beside = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
    beside.touch(mode=0o600)
    beside.write_text(json.dumps(asdict(work), ensure_ascii=False), encoding="utf-8")
    return beside


def _claim(work: Work) -> bool:
    """Whether this call may do the work: of two clicks only one gets the place. What ended without success may run again."""
    path = _path(work.token)
    before = find(work.token)
    if before:
        if before.state in {"running", "done"}:
            return False
        try:
            path.rename(path.with_name(f"{path.stem}.{secrets.token_hex(4)}.old"))
        except FileNotFoundError:
            return False
    _stop_mark(work.token).unlink(missing_ok=True)
    beside = _write(path, work)
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    return True


class _Runner:
    def __init__(self, work: Work, task: Task) -> None:
        self.work, self.task = work, task
        self.path = _path(work.token)
        self.written = time.monotonic()
        self.over = threading.Event()

    def run_alone(self) -> None:
        try:
            self.run()
        finally:
            connections.close_all()

    def run(self) -> None:
        work = self.work
        beating = threading.Thread(target=self.beat, daemon=True)
        beating.start()
        try:
            work.result = self.task(self.progress)
            work.state = "done"
        except Refused as refusal:
            work.state, work.message = "refused", refusal.message
        except Exception as error:
            # A driver may wrap what the task raised while it was being read from, so the mark is asked, not the type.
            work.state = "stopped" if is_asked_to_stop(work.token) else "failed"
            if work.state == "failed":
                # Without the message of the error: a database puts values of rows into it.
                place = "".join(traceback.format_tb(error.__traceback__))
                log.error("work %s failed: %s\n%s", work.kind, type(error).__name__, place)
        finally:
            self.over.set()
            beating.join()
            if work.state != "running":
                self.save()
            _stop_mark(work.token).unlink(missing_ok=True)

    def beat(self) -> None:
        while not self.over.wait(BEAT):
            try:
                os.utime(self.path)
            except FileNotFoundError:
                return

    def progress(self, done: int, total: int) -> None:
        if is_asked_to_stop(self.work.token):
            raise Stopped
        self.work.done, self.work.total = done, max(total, done)
        if time.monotonic() - self.written > 0.5:
            self.save()

    def save(self) -> None:
        _write(self.path, self.work).replace(self.path)
        self.written = time.monotonic()
