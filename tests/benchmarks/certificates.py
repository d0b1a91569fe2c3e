"""被災証明書 for everybody: pages per second, memory and size of print files and of single files, beside WeasyPrint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from .place import CODE, OCCURRED_AT, ROOT, Place
from .report import Limit, Report, Table

OTHER_PYTHON = "TASUKI_BENCH_WEASYPRINT_PYTHON"  # the Python of an environment with WeasyPrint
PROCESSES = 2
COUNTER, MOST_MS = 40, 700
SMALL_PEOPLE, FULL_PEOPLE = 2_500, 150_000  # about 1,000 and 60,000 households
SPLIT, THEIR_PRINT, THEIR_SPLIT = 200, 200, 50  # of a small run; a full one takes ten times as many
TIMES_PRINT, TIMES_SPLIT, MOST_MB, MOST_KB_SPLIT, MOST_KB_PAGE = 10, 5, 1_500, 60, 8


def run(place: Place) -> Report:
    more = 10 if place.people >= FULL_PEOPLE else 1
    town = Place(FULL_PEOPLE if more > 1 else min(place.people, SMALL_PEOPLE), days=0)
    try:
        return _run(town, more)
    finally:
        town.stop()


def _run(place: Place, more: int) -> Report:
    url = place.postgresql("certificates")
    place.tasuki(url, "import_register", place.full_file, "--kind", "full", "--as-of", "2026-11-07", "--json")
    opening = ("open_disaster", CODE, "--name", "大浜沖地震", "--occurred-at", OCCURRED_AT, "--json")
    place.tasuki(url, *opening)
    counter = place.python(url, "tests.benchmarks.certificates_counter", COUNTER).result
    out = place.folder / "certificates"
    line = ("issue_hisai", "--disaster", CODE, "--all", "-o", out, "--workers", PROCESSES, "--post", "none", "--json")
    whole = place.python(url, "tests.benchmarks.whole_memory", *line)
    again = place.tasuki(url, *line)
    folder = place.folder / "presses"
    ours = place.python(url, "tests.benchmarks.certificates_run", folder, PROCESSES, SPLIT * more).result
    theirs = _weasyprint(folder, min(whole.result["certificates"], THEIR_PRINT * more), THEIR_SPLIT * more)
    rows = [_row("print files", ours, theirs, "print"), _row("one file a paper", ours, theirs, "split")]
    seconds = whole.result["seconds"]
    rows.append(
        ["the whole command", whole.result["certificates"], whole.result["certificates"] / seconds, "", "", "", ""]
    )
    limits = [
        Limit("被災証明書 at the counter, from the click to the PDF, p95", counter["p95_ms"], MOST_MS, " ms"),
        Limit("罹災証明書 at the counter, from the click to the PDF, p95", counter["risai"]["p95_ms"], MOST_MS, " ms"),
        Limit("memory of the command and its presses", whole.result["peak_mb"], MOST_MB, " MB"),
        Limit("a certificate in a file of its own", ours["split"]["bytes"] / 1000, MOST_KB_SPLIT, " kB"),
        Limit("the largest of these", ours["split"]["largest"] / 1000, MOST_KB_SPLIT, " kB"),
        Limit("a page of a print file", ours["print"]["bytes"] / 1000, MOST_KB_PAGE, " kB"),
        Limit("certificates that a second run issues", again.result["certificates"], 0),
    ]
    if theirs:
        limits[:0] = [
            Limit(
                "print files: pages a second beside WeasyPrint's",
                _times(ours, theirs, "print"),
                TIMES_PRINT,
                " times",
                True,
            ),
            Limit("one file a paper: beside WeasyPrint's", _times(ours, theirs, "split"), TIMES_SPLIT, " times", True),
        ]
    return Report(
        name="certificates",
        title="Certificates for everybody",
        about=_about(theirs),
        figures={
            "counter": counter,
            "whole": whole.result,
            "again": again.result,
            "ours": ours,
            "weasyprint": theirs or "not compared",
        },
        table=Table(
            [
                *("what", "pages", "pages a second", "kB a page"),
                *("WeasyPrint: pages", "pages a second", "kB a page"),
            ],
            rows,
        ),
        limits=limits,
    )


def _rate(said: dict[str, Any]) -> float:
    return said["pages"] / said["seconds"]


def _times(ours: dict[str, Any], theirs: dict[str, Any], what: str) -> float:
    return _rate(ours[what]) / _rate(theirs[what])


def _row(label: str, ours: dict[str, Any], theirs: dict[str, Any] | None, what: str) -> list[Any]:
    mine = ours[what]
    row = [label, mine["pages"], _rate(mine), mine["bytes"] / 1000]
    if not theirs:
        return [*row, "-", "-", "-"]
    other = theirs[what]
    return [*row, other["pages"], _rate(other), other["bytes"] / 1000]


def _weasyprint(folder: Any, count: int, split: int) -> dict[str, Any] | None:
    """What WeasyPrint makes of the same papers; None where there is no Python that has it."""
    python = os.environ.get(OTHER_PYTHON)
    if not python:
        return None
    script = ROOT / "tests" / "benchmarks" / "certificates_weasyprint.py"
    call = [python, script, folder, str(PROCESSES), str(count), str(split)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"WeasyPrint could not run: {done.stderr[-500:]}", file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _about(theirs: dict[str, Any] | None) -> str:
    compared = (
        f"WeasyPrint {theirs['version']} got the same texts, the same picture of the code and the same font files, with as"
        f" many processes in the same run (`tests/benchmarks/certificates_weasyprint.py`); it printed"
        f" {theirs['print']['pages']} pages into as many files as processes, and {theirs['split']['pages']} one by one."
        if theirs
        else f"The comparison with WeasyPrint could not run: {OTHER_PYTHON} names no Python that has it."
    )
    return (
        f"被災証明書 of a town of its own (a small run: about 1,000 households; a full one: 60,000), with signed QR code,"
        f" printed by {PROCESSES} processes from what was frozen when they were issued; the whole command beside it also"
        " looks at every household, numbers it and writes rows and files. Before that some of both kinds were issued at the"
        " counter, one by one, through the pages (without a network). Memory is that of the command and its presses together. "
        + compared
    )
