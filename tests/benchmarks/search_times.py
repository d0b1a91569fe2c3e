"""`python -m tests.benchmarks.search_times CODE ASKED [EXPLAIN_MS]`: asks the ledger, kind by kind.

ASKED is a file: made here where there is none, so that both databases are asked the same. With EXPLAIN_MS the
slowest statement of every kind that takes longer is explained on standard error.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.db.backends.utils import CursorWrapper  # noqa: E402

from backend.accounts.models import Division, Staff  # noqa: E402
from backend.ledger.models import Disaster  # noqa: E402
from backend.ledger.queries import Asked, search  # noqa: E402
from tests.benchmarks.search_cases import cases  # noqa: E402

BUDGET = 12.0  # seconds a kind: what is asked after them is left out, and fewer queries than asked miss the limit


class Watch:
    """Time inside the database: executing statements, and fetching their rows (which no wrapper of Django's sees)."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.slowest: tuple[float, str, Any] = (0.0, "", None)

    def execute(self, execute: Callable, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds = time.perf_counter() - began
            self.spent += seconds
            self.slowest = max(self.slowest, (seconds, sql, params), key=lambda one: one[0])

    def fetching(self, name: str) -> Callable:
        def fetch(cursor: CursorWrapper, *args: Any) -> Any:
            began = time.perf_counter()
            try:
                return getattr(cursor.cursor, name)(*args)
            finally:
                self.spent += time.perf_counter() - began

        return fetch

    def __enter__(self) -> Watch:
        self.stack = ExitStack()
        self.stack.enter_context(connection.execute_wrapper(self.execute))
        for name in ("fetchone", "fetchmany", "fetchall"):
            setattr(CursorWrapper, name, self.fetching(name))
        return self

    def __exit__(self, *exc: object) -> None:
        self.stack.close()
        for name in ("fetchone", "fetchmany", "fetchall"):
            delattr(CursorWrapper, name)


def spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(second * 1000 for second in seconds)
    at = {"p50": 0.5, "p95": 0.95}
    found = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in at.items()}
    return {**found, "max": ordered[-1]}


def explain(kind: str, slowest: tuple[float, str, Any]) -> None:
    seconds, sql, params = slowest
    print(f"\n== {kind}: {seconds * 1000:.0f} ms\n{sql[:3000]}", file=sys.stderr)
    plan = "EXPLAIN (ANALYZE, BUFFERS) " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN "
    if sql.lstrip().upper().startswith("SELECT"):
        with connection.cursor() as cursor:
            cursor.execute(plan + sql, params)
            print("\n".join(" ".join(map(str, row)) for row in cursor.fetchall()), file=sys.stderr)


def main() -> None:
    code, path = sys.argv[1], Path(sys.argv[2])
    threshold = float(sys.argv[3]) / 1000 if len(sys.argv) > 3 else None
    disaster = Disaster.objects.get(code=code)
    if not path.exists():
        path.write_text(json.dumps(cases(disaster), ensure_ascii=False), encoding="utf-8")
    asked = [(kind, boxes) for kind, list_ in json.loads(path.read_text(encoding="utf-8")).items() for boxes in list_]
    order = {kind: None for kind, _ in asked}
    Random("order").shuffle(asked)
    staff = Staff(username="clerk", division=Division.SHELTER)
    database: dict[str, list[float]] = defaultdict(list)
    whole: dict[str, list[float]] = defaultdict(list)
    found: dict[str, int] = defaultdict(int)
    slowest: dict[str, tuple[float, str, Any]] = {}
    for kind, boxes in asked:
        if sum(whole[kind]) > BUDGET:
            continue
        with Watch() as watch:
            began = time.perf_counter()
            answer = search(Asked(**boxes), disaster=disaster, staff=staff)
            whole[kind].append(time.perf_counter() - began)
        database[kind].append(watch.spent)
        found[kind] += bool(answer.people or answer.did_you_mean)
        if kind not in slowest or watch.slowest[0] > slowest[kind][0]:
            slowest[kind] = watch.slowest
    kinds = {
        kind: {
            "queries": len(database[kind]),
            "found": found[kind],
            "database": spread(database[kind]),
            "whole": spread(whole[kind]),
        }
        for kind in order
    }
    kinds["all kinds"] = {
        "queries": len(asked),
        "found": sum(found.values()),
        "database": spread([second for list_ in database.values() for second in list_]),
        "whole": spread([second for list_ in whole.values() for second in list_]),
    }
    if threshold is not None:
        for kind, slow in slowest.items():
            if slow[0] > threshold:
                explain(kind, slow)
    print(json.dumps({"kinds": kinds}, ensure_ascii=False))


if __name__ == "__main__":
    main()
