"""In a process of its own: a hundred shelters push at the same moment, while somebody works at headquarters."""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections, transaction

from backend.accounts import reasons
from backend.accounts.models import Staff
from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import bodies, terminals
from backend.journal.models import Entry
from backend.shelters import services as shelters
from tests.benchmarks.sync_run import gunicorn
from tests.sync.pen import SECRET, Pen

PAGES = ["/desk/shelters/", "/desk/journal/", "/desk/", "/desk/centre/"]


def nth(values: list[float], part: float) -> float:
    """A percentile, in milliseconds."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


class Shelter:
    """A laptop with what it has to send, compressed already."""

    def __init__(self, number: int, entries: int, batch: int) -> None:
        place = Facility.objects.create(name=f"避難所{number}")
        opening = shelters.open_shelter(by=None, facility=place, occurred_at=now() - timedelta(days=1))
        _, token = terminals.make_ready(by=None, facility=place.pk)
        pen = Pen()
        self.terminal = terminals.join(token=token, secret=SECRET, device=pen.device)
        for one in range(entries):
            pen.arrive(opening, f"{number:05}{one:05}")
        parts = [pen.lines[start : start + batch] for start in range(0, entries, batch)]
        self.bodies = [bodies.pack("push", {"nonce": "1", **bodies.whose()}, part) for part in parts]
        self.batch = batch
        self.admitted: list[float] = []
        self.sent_away: list[float] = []
        self.problem = ""

    def push(self, port: int, start: threading.Event) -> None:
        from offline_client.line import _again

        headers = {"Authorization": f"Terminal {self.terminal.pk}.{SECRET}", "Content-Type": "application/gzip"}
        start.wait()
        for body in self.bodies:
            while True:
                began = time.perf_counter()
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                line.request("POST", "/api/v1/journal/push/", body, headers)
                answer = line.getresponse()
                data = answer.read()
                took = time.perf_counter() - began
                line.close()
                if answer.status == 200:
                    said = bodies.unpack(data, "push.answer").head["answers"]
                    if set(said) != {"accepted"}:
                        self.problem = str(set(said))
                    self.admitted.append(took)
                    break
                if answer.status != 503:
                    self.problem = str(answer.status)
                    return
                self.sent_away.append(took)
                time.sleep(_again(data))


def session() -> str:
    """Somebody at headquarters, signed in."""
    staff = Staff.objects.filter(username="bench").first() or Staff.objects.create_user(
        username="bench", password="long-enough-words", division="shelter", display_name="bench"
    )
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(staff.pk), settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    reasons.keep(store, "shelter")
    store.save()
    return str(store.session_key)


def work(port: int, cookie: str, pages: list[str], stop: threading.Event, took: list[float], seen: set[int]) -> None:
    while not stop.is_set():
        for page in pages:
            began = time.perf_counter()
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            line.request("GET", page, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"})
            answer = line.getresponse()
            answer.read()
            line.close()
            took.append(time.perf_counter() - began)
            seen.add(answer.status)
            time.sleep(0.1)


def rush(port: int, shelters_: int, entries: int, batch: int) -> dict[str, Any]:
    with transaction.atomic():
        all_of_them = [Shelter(number, entries, batch) for number in range(shelters_)]
        cookie = session()
    before = Entry.objects.count()
    connections.close_all()
    start, stop, pages, seen = threading.Event(), threading.Event(), [], set[int]()
    target: Callable[..., None] = work
    desk = threading.Thread(target=target, args=(port, cookie, PAGES, stop, pages, seen))
    desk.start()
    time.sleep(1)
    threads = [threading.Thread(target=one.push, args=(port, start)) for one in all_of_them]
    for thread in threads:
        thread.start()
    pages.clear()
    began = time.perf_counter()
    start.set()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    stop.set()
    desk.join()
    problems = {one.problem for one in all_of_them if one.problem}
    assert not problems, problems
    assert seen == {200}, seen
    admitted = [took for one in all_of_them for took in one.admitted]
    sent_away = [took for one in all_of_them for took in one.sent_away]
    return {
        "accepted": Entry.objects.count() - before,
        "seconds": seconds,
        "push_p99_ms": nth(admitted, 0.99),
        "sent_away": len(sent_away),
        "sent_away_p99_ms": nth(sent_away, 0.99),
        "pages": len(pages),
        "page_p95_ms": nth(pages, 0.95),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--shelters", type=int, default=100)
    parser.add_argument("--entries", type=int, default=500)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    server, port = gunicorn(asked.workers)
    try:
        print(json.dumps(rush(port, asked.shelters, asked.entries, asked.batch)))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
