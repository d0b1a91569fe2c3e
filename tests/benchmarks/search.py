"""Search in an opened ledger, kind by kind: what the database takes, and what the whole answer takes."""

from __future__ import annotations

from typing import Any

from .place import CODE, Place
from .report import Limit, Report, Table

EACH = 200
MOST_MS = 50
TIMES_SQLITE, FLOOR_MS = 5, 10


def run(place: Place) -> Report:
    asked = place.folder / "asked.json"
    postgresql = _measure(place, place.ours.url, asked)
    sqlite = _measure(place, place.ours_on_sqlite.url, asked)
    rows, limits = [], []
    for kind, here in postgresql.items():
        there = sqlite[kind]
        database = here["database"]
        times = [database["p50"], database["p95"], database["max"], here["whole"]["p95"]]
        rows.append([kind, here["found"], *times, there["database"]["p95"], there["whole"]["p95"]])
        limits.append(Limit(f"PostgreSQL, {kind}, p95", database["p95"], MOST_MS, " ms"))
        most = max(TIMES_SQLITE * database["p95"], FLOOR_MS)
        limits.append(Limit(f"SQLite, {kind}, p95", there["database"]["p95"], round(most, 1), " ms"))
    for name, kinds in (("PostgreSQL", postgresql), ("SQLite", sqlite)):
        asked_least = min(found["queries"] for found in kinds.values())
        limits.append(Limit(f"{name}, queries of each kind", asked_least, EACH, at_least=True))
    return Report(
        name="search",
        title="Search in an opened ledger",
        about=(
            "Queries drawn from the town with a fixed seed, 200 of each kind, asked in a random order by somebody who"
            " does not see people under protection; first page of each answer, milliseconds. *Database*: statements and"
            " fetching of their rows; *whole*: the call of `ledger.queries.search` with the people as objects. *Found*:"
            " of how many queries somebody was found. SQLite may take five times of what PostgreSQL takes (a p95 below"
            f" {FLOOR_MS} ms is never missed there). Nothing was tuned or warmed up by hand."
        ),
        figures={"postgresql": postgresql, "sqlite": sqlite},
        table=Table(
            ["kind", "found", "p50", "p95 database", "max", "p95 whole", "SQLite p95 database", "SQLite p95 whole"],
            rows,
        ),
        limits=limits,
    )


def _measure(place: Place, url: str, asked: Any) -> dict[str, Any]:
    return place.python(url, "tests.benchmarks.search_times", CODE, asked).result["kinds"]
