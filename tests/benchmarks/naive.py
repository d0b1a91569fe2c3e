"""The whole way against what a Django developer would write first: csv loop, bulk_create, the rule in Python."""

from __future__ import annotations

from .place import CODE, EXPORT_DAY, OCCURRED_AT, Place
from .report import Limit, Report, Table


def run(place: Place) -> Report:
    ours = place.ours
    url = place.postgresql("naive")
    naive = place.python(
        url,
        "tests.benchmarks.naive_way",
        *(place.full_file, EXPORT_DAY, CODE, OCCURRED_AT, *place.change_files),
    )
    said = naive.result
    opened = ours.opening.result
    same = (said["persons"], said["households"]) == (opened["persons"], opened["households"])
    opening = said["as_of_seconds"] + said["ledger_seconds"]
    rows = [
        [
            "import of the full export",
            ours.full.seconds,
            said["full_seconds"],
            said["full_seconds"] / ours.full.seconds,
        ],
        [
            "files of change",
            ours.changes.seconds,
            said["changes_seconds"],
            said["changes_seconds"] / ours.changes.seconds,
        ],
        ["register of the day and ledger", ours.opening.seconds, opening, opening / ours.opening.seconds],
        ["all of it", ours.to_ledger, naive.seconds, naive.seconds / ours.to_ledger],
        ["peak MB", ours.peak_mb, naive.peak_mb, naive.peak_mb / ours.peak_mb],
    ]
    return Report(
        name="naive",
        title="The whole way, and the way a Django developer would write first",
        about=(
            "The same files, the same tables and indexes, the same server, one after the other. The other way"
            " (`tests/benchmarks/naive_way.py`) reads with `csv.DictReader`, writes with `bulk_create` in batches of"
            " 5,000, holds everybody in memory and applies the same rules in Python. It writes the same search columns,"
            " but neither the rebuilt register nor flags, facts of death, nor the dictionary of search words; it checks"
            " less and looks at each different date once. Its steps run in one process, ours in three."
        ),
        figures={
            "ours_seconds": ours.to_ledger,
            "naive_seconds": naive.seconds,
            "naive_steps": said,
            "naive_peak_mb": naive.peak_mb,
            "ours_peak_mb": ours.peak_mb,
            "same_persons_and_households": same,
        },
        table=Table(["step, seconds", "ours", "the other way", "ratio"], rows),
        limits=[
            Limit("all of it, the other way to ours", naive.seconds / ours.to_ledger, 2, " ×", at_least=True),
            Limit("both ledgers hold as many people and households", float(same), 1, at_least=True),
        ],
    )
