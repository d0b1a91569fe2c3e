"""In a process of its own: make laptops, send, and print what came of it."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from multiprocessing import get_context
from typing import Any
from urllib.request import urlopen

import django

django.setup()

from django.db import connections

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.journal import bodies, exchange, terminals
from backend.journal.models import Entry
from backend.shelters import services as shelters
from tests.sync.pen import SECRET, Pen

BATCH = 500


def laptop() -> tuple[Any, Pen, str]:
    place = Facility.objects.create(name="西町小学校")
    opening = shelters.open_shelter(by=None, facility=place, occurred_at=now() - timedelta(days=1))
    _, token = terminals.make_ready(by=None, facility=place.pk)
    pen = Pen()
    return terminals.join(token=token, secret=SECRET, device=pen.device), pen, str(opening)


def send(terminal: Any, lines: list[bytes]) -> list[str]:
    body = exchange.push(terminal, bodies.pack("push", {"nonce": "1", **bodies.whose()}, lines))
    return bodies.unpack(body, "push.answer").head["answers"]


def batches(terminal: Any, lines: list[bytes]) -> tuple[float, float]:
    """Entries a second, milliseconds a push."""
    parts = [lines[start : start + BATCH] for start in range(0, len(lines), BATCH)]
    send(terminal, parts[0])
    began = time.perf_counter()
    for part in parts[1:]:
        assert set(send(terminal, part)) == {"accepted"}
    seconds = time.perf_counter() - began
    return (len(lines) - len(parts[0])) / seconds, seconds / (len(parts) - 1) * 1000


def batched(entries: int) -> tuple[float, float]:
    terminal, pen, opening = laptop()
    for number in range(entries):
        pen.arrive(opening, f"{number:07}", at=now() - timedelta(seconds=entries - number))
    return batches(terminal, pen.lines)


def typed(entries: int) -> tuple[float, float]:
    terminal, pen, opening = laptop()
    for number in range(entries // 2):
        evacuee = str(uuid7())
        pen.write("evacuee.registered", {"evacuee": evacuee, "name": f"港 {number}郎", "kana": "ミナト タロウ"})
        pen.write("stay.arrived", {"opening": opening, "person": {"evacuee": evacuee}})
    return batches(terminal, pen.lines)


def one_by_one(arguments: tuple[str, str, int, list[bytes]]) -> list[float]:
    """One laptop that pushes its entries one by one over HTTP; seconds of each."""
    from offline_client.line import Http

    url, authorization, _, lines = arguments
    line, took = Http(url, authorization), []
    for entry in lines:
        began = time.perf_counter()
        body = line.ask("push", bodies.pack("push", {"nonce": "1", **bodies.whose()}, [entry]))
        took.append(time.perf_counter() - began)
        assert bodies.unpack(body, "push.answer").head["answers"] == ["accepted"]
    return took


def gunicorn(workers: int) -> tuple[subprocess.Popen[bytes], int]:
    """The web server as docs/operating.md starts it, answering."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    run = [sys.executable, "-m", "gunicorn", "--preload", "--bind", f"127.0.0.1:{port}"]
    run += ["--workers", str(workers), "--threads", "6"]
    server = subprocess.Popen([*run, "--log-level", "error", "backend.wsgi:application"])
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
            break
        time.sleep(0.1)
    time.sleep(2)  # until the other workers are there too
    return server, port


def single(entries: int, writers: int = 4) -> tuple[float, float]:
    server, port = gunicorn(2)
    try:
        work = []
        for writer in range(writers):
            terminal, pen, opening = laptop()
            for number in range(entries // writers):
                pen.arrive(opening, f"{writer}{number:06}")
            work.append((f"http://127.0.0.1:{port}", f"Terminal {terminal.pk}.{SECRET}", writer, pen.lines))
        connections.close_all()
        with get_context("spawn").Pool(writers) as pool:
            pool.map(_warm, range(writers))
            began = time.perf_counter()
            took = sorted(second for found in pool.map(one_by_one, work, chunksize=1) for second in found)
            seconds = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()
    return len(took) / seconds, took[int(len(took) * 0.99)] * 1000


def _warm(number: int) -> int:
    time.sleep(0.2)
    return number


def copies() -> int:
    terminal, pen, opening = laptop()
    for number in range(40):
        pen.arrive(opening, f"9{number:06}")

    def again(_: int) -> None:
        try:
            send(terminal, pen.lines)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(again, range(6)))
    return Entry.objects.filter(device=pen.device).count()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--single", type=int, default=2_000)
    asked = parser.parse_args()
    found: dict[str, Any] = {"entries": asked.entries}
    found["batched"], found["batch_ms"] = batched(asked.entries)
    found["typed"], found["typed_ms"] = typed(asked.entries)
    found["copies"] = copies()
    found["single"], found["single_p99_ms"] = single(asked.single)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
