"""Work that waits in the database until a worker takes it, and is gone on with when its worker was killed.

The queue is django-tasks with its tables in our own database (decision 0022): what a transaction queued goes with it
when it is rolled back. It neither sees that a worker is gone nor tries again, so each worker also looks after the others'
work (`reap`). Whatever is queued must be such that another process can go on with it. Servers only: a laptop has no queue.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.db import Error, connections, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks.base import Task
from django_tasks_db.management.commands.db_worker import Worker as DatabaseWorker
from django_tasks_db.models import DBTaskResult

from . import work

log = logging.getLogger(__name__)

TRIES = 3  # of one piece of work; what kills its worker each time is left to a person
BEAT = 5.0  # seconds between two signs of life of a worker, and two looks at the others' work
PRUNE = 24 * 3600.0  # seconds between two times that rows of old work are removed
_leaving = threading.Event()


def put(
    job: Task[Any, Any], *, token: str, kind: str, label: str, by_name: str, about: dict[str, Any], **given: str
) -> None:
    """Queue `job(token=…, **given)`, a task that calls `carry_out`, unless it waits, runs or is done under this token.

    `given` are names and keys: nothing personal stands in the queue.
    """
    if not work.wait(token=token, kind=kind, label=label, by_name=by_name, about=about):
        return
    try:
        job.enqueue(token=token, **given)
    except Exception:
        work.give_up(token)
        raise


def carry_out(job: Task[Any, Any], token: str, task: work.Task, **given: str) -> str:
    """What a job does with its work; queued once more if this worker had to end before it was done."""
    state = ""
    try:
        state = work.carry_out(token, task, leave=_leaving.is_set)
    finally:
        # Also after a second signal, which breaks it off.
        if state == "waiting" or (not state and _leaving.is_set()):
            work.wait_again(token)
            job.enqueue(token=token, **given)
    return state


def length() -> int:
    """How much waits in the queue."""
    return DBTaskResult.objects.filter(status=TaskResultStatus.READY).count()


def reap() -> int:
    """Queue the work of workers that are gone once more, and return how much of it there was."""
    found = 0
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    for row in running.only("pk", "args_kwargs", "started_at", "worker_ids"):
        state = _state_of(row)
        if state in {"running", "waiting"}:
            continue
        again = state == "interrupted" and len(row.worker_ids) < TRIES
        status = TaskResultStatus.READY if again else TaskResultStatus.FAILED
        with transaction.atomic():
            # Of two workers that look at it at once only one finds it running.
            mine = running.filter(pk=row.pk).update(status=status, finished_at=None if again else timezone.now())
            token = row.args_kwargs["kwargs"]["token"]
            if mine and again:
                work.wait_again(token)
                found += 1
            elif mine and state == "interrupted":
                work.give_up(token)
    return found


def _state_of(row: DBTaskResult[Any, Any]) -> str:
    """Of the work behind a row; "interrupted" also when its worker went before it said that it had begun."""
    found = work.find(row.args_kwargs["kwargs"]["token"])
    if found is None:
        return "forgotten"
    # One that hands its work back has just written that it waits, and ends its row in a moment.
    long_ago = row.started_at is None or timezone.now() - row.started_at > timedelta(seconds=work.DEAD_AFTER)
    gone = found.state == "waiting" and long_ago and work.silence(found.token) > work.DEAD_AFTER
    return "interrupted" if gone else found.state


class Worker(DatabaseWorker):
    """One worker process: takes what waits, gives signs of life, and looks after what others left."""

    def __init__(self, *, worker_id: str, interval: float = 1.0, batch: bool = False) -> None:
        super().__init__(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=worker_id,
        )
        self.over = threading.Event()

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        """A polite end: what runs is left at its next progress and queued again."""
        _leaving.set()
        super().shutdown(signum, frame)

    def run(self) -> None:
        alive = work.sign_of_life(self.worker_id)
        self.look_after(alive, 0.0)
        beating = threading.Thread(target=self.beat, args=[alive], daemon=True)
        beating.start()
        try:
            super().run()
        finally:
            self.over.set()
            beating.join()
            alive.unlink(missing_ok=True)

    def beat(self, alive: Path) -> None:
        pruned = time.monotonic()
        try:
            while not self.over.wait(BEAT):
                pruned = self.look_after(alive, pruned)
        finally:
            connections.close_all()

    def look_after(self, alive: Path, pruned: float) -> float:
        """One sign of life and one look; returns when old rows were last removed (0.0: never)."""
        alive.touch(mode=0o600)
        try:
            if reap():
                log.warning("work of a worker that is gone was queued again")
            if not pruned or time.monotonic() - pruned > PRUNE:
                call_command("prune_db_task_results", verbosity=0)
                pruned = time.monotonic()
        except Error:
            # The database is locked or away for a moment; the next look is soon, and the signs of life go on.
            connections.close_all()
        return pruned
