"""Several presses side by side: jobs go in, answers come out, whoever is free takes the next."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings


class PressFailed(RuntimeError):
    """A press could not make a file, or died."""


class Presses:
    """`with Presses(2) as presses`: `take(key, job)` waits while all are busy; `done()` gives what is ready."""

    def __init__(self, count: int) -> None:
        self.jobs: queue.Queue[tuple[Any, dict[str, Any]] | None] = queue.Queue(maxsize=1)
        self.answers: queue.Queue[tuple[Any, dict[str, Any]]] = queue.Queue()
        self.waiting = 0
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "backend", "press"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                cwd=settings.BASE_DIR,
            )
            for _ in range(count)
        ]
        self.threads = [threading.Thread(target=self._feed, args=(one,), daemon=True) for one in self.processes]
        for thread in self.threads:
            thread.start()

    def __enter__(self) -> Presses:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            for _thread in self.threads:
                self.jobs.put(None)
            for thread in self.threads:
                thread.join()
        for process in self.processes:
            if kind is not None:
                process.kill()  # what it was making stays a `.part`, and is made again
            process.wait()

    def take(self, key: Any, job: dict[str, Any]) -> None:
        """Give a job to whoever is free next."""
        while True:
            try:
                self.jobs.put((key, job), timeout=1)
            except queue.Full:
                self._require_alive()
                continue
            self.waiting += 1
            return

    def done(self, *, wait: bool = False) -> Iterator[tuple[Any, dict[str, Any]]]:
        """What is ready; with `wait` all that was asked for, as it gets ready. Raises `PressFailed`."""
        while self.waiting:
            try:
                key, answer = self.answers.get(timeout=1) if wait else self.answers.get_nowait()
            except queue.Empty:
                if not wait:
                    return
                self._require_alive()
                continue
            self.waiting -= 1
            if "error" in answer:
                raise PressFailed(answer["error"])
            yield key, answer

    def _require_alive(self) -> None:
        if not any(thread.is_alive() for thread in self.threads) and self.answers.empty():
            raise PressFailed("ended")

    def _feed(self, process: Any) -> None:
        while (taken := self.jobs.get()) is not None:
            key, job = taken
            try:
                process.stdin.write(json.dumps(job | {"font_dirs": list(settings.FONT_DIRS)}) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
                answer = json.loads(line) if line else {"error": "ended"}
            except (OSError, ValueError):
                answer = {"error": "ended"}
            self.answers.put((key, answer))
        process.stdin.close()
