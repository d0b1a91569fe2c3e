"""A revision of an open ledger after 2,000 late changes, against the time of the first build."""

from __future__ import annotations

from . import late_changes
from .place import CODE, Place
from .report import Limit, Report, Table

ROWS = 2_000


def run(place: Place) -> Report:
    ours = place.ours
    url = place.copy_of(ours.url, "revision")
    late = late_changes.write(place.full_file, place.folder / "late.csv", ROWS)
    taken = place.tasuki(url, "import_register", late, "--kind", "change", "--json")
    report = place.tasuki(url, "revise_ledger", CODE, "--json")
    accepted = place.tasuki(url, "revise_ledger", CODE, "--accept", "--json")
    build = ours.to_ledger
    steps = [
        ("first build: import, changes, opening", build, ours.peak_mb),
        ("import of the late changes", taken.seconds, taken.peak_mb),
        ("revision and report, with the start of a process", report.seconds, report.peak_mb),
        ("of it the revision and report alone", report.result["report_seconds"], "-"),
        ("acceptance of everything", accepted.seconds, accepted.peak_mb),
    ]
    return Report(
        name="revision",
        title="A revision of an open ledger after 2,000 late changes, PostgreSQL",
        about=(
            f"A copy of the database with the opened ledger takes one more file with {ROWS:,} changes about as many"
            " people, entered after the opening, six of eight about the time before the disaster (moves, removals,"
            " births, splits, new names, corrections). Then `revise_ledger` makes the next revision of the register and"
            " the report household by household, and `revise_ledger --accept` takes all of it into the ledger. The"
            " first build is the import of the full export, of the daily changes, and `open_disaster`, in the same run."
        ),
        figures={
            "build_seconds": build,
            "import_seconds": taken.seconds,
            "report_seconds": report.seconds,
            "report_without_start_seconds": report.result["report_seconds"],
            "accept_seconds": accepted.seconds,
            "lines": report.result["lines"],
            "kinds": report.result["kinds"],
            "persons": report.result["persons"],
            "accepted": accepted.result["accepted"],
            "held": accepted.result["held"],
            "peak_mb": max(report.peak_mb, accepted.peak_mb),
        },
        table=Table(
            ["step", "seconds", "% of the first build", "peak MB"],
            [[what, seconds, 100 * seconds / build, memory] for what, seconds, memory in steps],
        ),
        limits=[
            Limit("revision and report, of the first build", 100 * report.seconds / build, 5, " %"),
            Limit("lines that could not be accepted", float(accepted.result["held"]), 0),
        ],
    )
