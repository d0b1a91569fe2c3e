"""Long work behind a page: it goes on after the request, says how far it is, can be stopped, and is known when dead.

The state of one piece of work is one small file in the data folder, and no row of a table: on SQLite the database
belongs to the work's own transaction until it ends, and what was rolled back must still be told. Nothing personal
stands in it. Work that is one transaction of a service runs in a thread of the process that was asked (`begin`): when
that is killed, nothing is left half done. Work of many transactions, that another process can go on with, waits for a
worker (`wait` here and `core.work_queue`; decision 0022).
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


class HandedBack(Exception):
    """The worker must end: another one shall go on with the work."""


@dataclass
class Work:
    """`state`: waiting (for a worker), running, done, refused, stopped, failed, or interrupted (its process is gone)."""

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
    queued: bool = False  # a worker does it

    @property
    def goes_on(self) -> bool:
        """Whether it runs, or will as soon as a worker is free; what a dead worker left is taken up by another one."""
        return self.state in {"waiting", "running"} or (self.queued and self.state == "interrupted")


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


def wait(*, token: str, kind: str, label: str, by_name: str, about: dict[str, Any] | None = None) -> bool:
    """Put the work down as waiting for a worker; False when it waits, runs or is done under this token already."""
    clean_up()
    return _claim(Work(token, kind, label, by_name, now().isoformat(), about or {}, state="waiting", queued=True))


def wait_again(token: str) -> None:
    """What was interrupted, or handed back, waits for a worker once more."""
    work = find(token)
    if work and work.state != "waiting":
        work.state = "waiting"
        _write(_path(token), work).replace(_path(token))


def give_up(token: str) -> None:
    """No worker will do it: whoever has its page open is told that it failed."""
    work = find(token)
    if work:
        work.state = "failed"
        _write(_path(token), work).replace(_path(token))


def carry_out(token: str, task: Task, leave: Callable[[], bool] = lambda: False) -> str:
    """Do waiting work here and now, and return the state it ended in; nothing is done when it does not wait any more.

    Once `leave()` is true the work is left at its next progress and waits again.
    """
    work = find(token)
    if work is None or work.state != "waiting":
        return work.state if work else ""
    work.state = "running"
    runner = _Runner(work, task, leave)
    runner.save()
    runner.run()
    return runner.work.state


def find(token: str) -> Work | None:
    """The work under this token, if there is or was one lately."""
    path = _path(token)
    try:
        work = Work(**json.loads(path.read_text(encoding="utf-8")))
        silent = silence(token)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if work.state == "running" and silent > DEAD_AFTER:
        work.state = "interrupted"
    return work


def silence(token: str) -> float:
    """Seconds since anything was written of this work, or whoever does it gave a sign of life."""
    try:
        return time.time() - _path(token).stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def running(kind: str) -> list[Work]:
    """Work of this kind that goes on now or waits for a worker, whoever began it."""
    found = [find(path.stem) for path in sorted(_folder().glob("*.json"))]
    return [work for work in found if work and work.kind == kind and work.goes_on]


def ask_to_stop(token: str) -> None:
    """Stop at the next progress, or at once where nobody is at it. Nothing happens to finished work."""
    work = find(token)
    if work and work.goes_on:
        _stop_mark(token).touch(mode=0o600)  # also for a worker that takes it in this very moment
        if work.state != "running":
            work.state = "stopped"
            _write(_path(token), work).replace(_path(token))


def is_asked_to_stop(token: str) -> bool:
    return _stop_mark(token).exists()


def sign_of_life(worker_id: str) -> Path:
    """The file that a worker touches while it lives."""
    folder = _folder() / "workers"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{worker_id}.alive"


def is_looked_after() -> bool:
    """Whether a worker gave a sign of life lately."""
    for path in sign_of_life("any").parent.glob("*.alive"):
        try:
            if time.time() - path.stat().st_mtime < DEAD_AFTER:
                return True
        except FileNotFoundError:
            continue
    return False


def clean_up() -> None:
    """Remove states, and signs of life, that nobody will ask for any more."""
    for path in (*_folder().iterdir(), *sign_of_life("any").parent.iterdir()):
        if path.is_file() and path.suffix != ".lock":  # who waits for one must find the same file
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
    """Whether this call may do the work: of two clicks only one gets the place. What ended without success may run again.

    One claim after the other: what is found to have ended is still what lies there when it is replaced.
    """
    path = _path(work.token)
    with _one_claim():
        before = find(work.token)
        if before and (before.goes_on or before.state == "done"):
            return False
        _stop_mark(work.token).unlink(missing_ok=True)
        _write(path, work).replace(path)
    return True


@contextmanager
def _one_claim() -> Iterator[None]:
    """Nobody else claims work meanwhile, in this process or another one; given back at the end, also when it dies."""
    import fcntl

    with os.fdopen(os.open(_folder() / "claim.lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class _Runner:
    def __init__(self, work: Work, task: Task, leave: Callable[[], bool] = lambda: False) -> None:
        self.work, self.task, self.leave = work, task, leave
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
            # What was broken because the whole group of processes is ending is gone on with like what was left.
            work.state = "stopped" if is_asked_to_stop(work.token) else "waiting" if self.leave() else "failed"
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
        if self.leave():
            raise HandedBack
        self.work.done, self.work.total = done, max(total, done)
        if time.monotonic() - self.written > 0.5:
            self.save()

    def save(self) -> None:
        _write(self.path, self.work).replace(self.path)
        self.written = time.monotonic()
