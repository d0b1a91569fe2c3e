"""Matching of typed records to the register: how many links are right, how many people are found, and how long it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .place import CODE, ROOT, Place
from .report import Limit, Report, Table

NONE, STRANGER = "as registered", "not in the register"
RECORDS = 20  # one record to so many residents: 50,000 to 1,000,000
MOST_MS, LEAST_RIGHT, LEAST_FOUND = 5, 99.9, 95
OTHER_PYTHON = "TASUKI_BENCH_SPLINK_PYTHON"  # the Python of an environment with splink
SPLINK_FROM = "0.99"
Kinds = dict[str, dict[str, Any]]


def run(place: Place) -> Report:
    folder = place.folder / "matching"
    ours = place.python(place.ours.url, "tests.benchmarks.matching_run", CODE, place.people // RECORDS, folder).result
    other = _splink(folder)
    theirs: Kinds = other["kinds"] if other else {}
    rows = [_row(kind, ours["kinds"], theirs) for kind in _order(ours["kinds"])]
    known, damaged = ours["kinds"].keys() - {STRANGER}, ours["kinds"].keys() - {STRANGER, NONE}
    rows.append(_row("all damaged", _some(ours["kinds"], damaged), _some(theirs, damaged)))
    rows.append(_row("all", ours["kinds"], theirs, whole=True))
    everybody, true_ones = _sum(ours["kinds"], ours["kinds"].keys()), _sum(ours["kinds"], known)
    right, found = _right(everybody), _found(true_ones)
    limits = [
        Limit("automatic links that are right", right, LEAST_RIGHT, " %", at_least=True),
        Limit("true ones linked or in the first three of the queue", found, LEAST_FOUND, " %", at_least=True),
        Limit("a record, typed and matched", ours["ms_a_record"], MOST_MS, " ms"),
    ]
    if other:
        all_theirs, true_theirs = _sum(theirs, theirs.keys()), _sum(theirs, known)
        limits += [
            Limit("right links beyond splink's", right - _their_right(all_theirs), 0, " points", at_least=True),
            Limit("true ones beyond splink's", found - _their_found(true_theirs), 0, " points", at_least=True),
        ]
    return Report(
        name="matching",
        title="Typed records and the register",
        about=_about(other),
        figures={"ours": ours, "splink": other or "not compared"},
        table=Table(
            [
                *("what was done to them", "records", "linked", "right, %", "first three of the queue", "found, %"),
                *("by splink: linked", "right, %", "found, %"),
            ],
            rows,
        ),
        limits=limits,
    )


def _about(other: dict[str, Any] | None) -> str:
    compared = (
        f"splink {other['version']} got the same residents and records in the same run, with the settings of its own"
        " example of two tables of persons (`tests/benchmarks/matching_splink.py` says what had to be changed, and adds"
        f" the readings); a record counts as linked from a probability of {SPLINK_FROM} on, found when the person is"
        f" among its first three. It took {sum(other['seconds'].values()):.0f} seconds."
        if other
        else f"The comparison with splink could not run: {OTHER_PYTHON} names no Python that has it."
    )
    return (
        "One typed record to twenty residents, drawn with a fixed seed: a tenth of them damaged on purpose, a twentieth"
        " of people who are not in the register but have names and birth dates as in the town. *Linked*: by itself, as a"
        " reading aid; *right*: of these, the person meant; *found*: of the true ones, linked to the person or with the"
        " person among the first three that a clerk is shown. Milliseconds are those of putting the records down,"
        " matching, and writing links and queue, in one process, divided by the records. " + compared
    )


def _splink(folder: Path) -> dict[str, Any] | None:
    """What splink makes of the same data; None where there is no Python that has it."""
    python = os.environ.get(OTHER_PYTHON)
    if not python:
        return None
    script = ROOT / "tests" / "benchmarks" / "matching_splink.py"
    done = subprocess.run([python, script, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"splink could not run: {done.stderr[-500:]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


# Sums and shares ---------------------------------------------------------------------------------------------------


def _order(kinds: Kinds) -> list[str]:
    return [NONE, *sorted(kinds.keys() - {NONE, STRANGER}), STRANGER]


def _some(kinds: Kinds, names: Any) -> Kinds:
    return {"sum": _sum(kinds, names)} if kinds else {}


def _sum(kinds: Kinds, names: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        for key, number in kinds[name].items():
            found[key] = found.get(key, 0) + number
    return found


def _share(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 100.0


def _right(row: dict[str, int]) -> float:
    return _share(row.get("linked_right", 0), row.get("linked", 0))


def _found(row: dict[str, int]) -> float:
    return _share(row.get("linked_right", 0) + row.get("queued_right", 0), row["records"])


def _their_right(row: dict[str, int]) -> float:
    return _share(row[f"right_{SPLINK_FROM}"], row[f"linked_{SPLINK_FROM}"])


def _their_found(row: dict[str, int]) -> float:
    return _share(row["first_three"], row["records"])


def _row(name: str, mine: Kinds, other: Kinds, *, whole: bool = False) -> list[Any]:
    """`whole`: found is said of those who are in the register only."""
    if whole:
        row, true_row = _sum(mine, mine.keys()), _sum(mine, mine.keys() - {STRANGER})
        there = _sum(other, other.keys()) if other else None
        true_there = _sum(other, other.keys() - {STRANGER}) if other else None
    else:
        row = true_row = mine.get(name) or mine["sum"]
        there = true_there = (other.get(name) or other.get("sum")) if other else None
    nobody = name == STRANGER
    cells: list[Any] = [name, row["records"], row.get("linked", 0), _said(_right(row), row.get("linked", 0))]
    cells += [row.get("queued_right", 0), "-" if nobody else _said(_found(true_row), 1)]
    if there is None or true_there is None:
        return [*cells, "-", "-", "-"]
    linked = there[f"linked_{SPLINK_FROM}"]
    return [*cells, linked, _said(_their_right(there), linked), "-" if nobody else _said(_their_found(true_there), 1)]


def _said(share: float, of: int) -> str:
    return f"{share:.2f}" if of else "-"
