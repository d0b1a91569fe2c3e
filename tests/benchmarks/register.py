"""From the files to an opened ledger, against what the database alone takes to load and index the same file."""

from __future__ import annotations

from . import yardstick
from .place import Place
from .report import Limit, Report, Table

TIMES = 3


def run(place: Place) -> Report:
    # In turns, and of each the best: what else the machine does meanwhile hits both alike.
    runs, rounds = yardstick.measure(place, 1), [place.ours]
    while len(rounds) < TIMES:
        runs += yardstick.measure(place, 1)
        rounds.append(place.product_way(place.postgresql("again")))
        place.sql("DROP DATABASE again")
    unit = yardstick.best(runs)
    ours = min(rounds, key=lambda one: one.to_ledger)
    to_as_of = min(one.to_as_of for one in rounds)
    peak_mb = max(one.peak_mb for one in rounds)
    opened = ours.opening.result
    steps = [
        ("import of the full export", ours.full.seconds, ours.full.peak_mb),
        (f"{len(place.change_files)} files of change", ours.changes.seconds, ours.changes.peak_mb),
        ("rebuild of the register inside the opening", ours.as_of, "-"),
        ("opening of the ledger", ours.opening.seconds, ours.opening.peak_mb),
        ("together up to the register of the day", to_as_of, "-"),
        ("together up to the opened ledger", ours.to_ledger, peak_mb),
    ]
    rows = [
        ["yardstick, best of three", unit, 1.0, "-"],
        *([what, seconds, seconds / unit, memory] for what, seconds, memory in steps),
    ]
    return Report(
        name="register",
        title="From the register's files to an opened ledger, PostgreSQL",
        about=(
            "Yardstick: `COPY` of the same full CSV file into an empty logged table of text columns, then its six"
            " indexes, on the same server. Ours: the commands `import_register` and `open_disaster`,"
            " each a process of its own from start to end. The register of the day is the rebuild inside the opening"
            " and one more start of a process. Both three times in turns, of each the best."
        ),
        figures={
            "yardstick": runs,
            "yardstick_seconds": unit,
            "file_bytes": place.full_file.stat().st_size,
            "full_seconds": ours.full.seconds,
            "changes_seconds": ours.changes.seconds,
            "change_rows": ours.changes.result["rows"],
            "as_of_seconds": ours.as_of,
            "opening_seconds": ours.opening.seconds,
            "to_as_of_seconds": to_as_of,
            "to_ledger_seconds": ours.to_ledger,
            "rounds": [{"to_as_of": one.to_as_of, "to_ledger": one.to_ledger} for one in rounds],
            "start_of_a_process_seconds": ours.start,
            "peak_mb": {"full": ours.full.peak_mb, "changes": ours.changes.peak_mb, "opening": ours.opening.peak_mb},
            "households": opened["households"],
            "persons": opened["persons"],
            "flagged": opened["flagged"],
            "database_bytes": int(place.sql("SELECT pg_database_size('ours')")),
        },
        table=Table(["step", "seconds", "× yardstick", "peak MB"], rows),
        limits=[
            Limit("import, changes and register of the day", to_as_of / unit, 4, " × yardstick"),
            Limit("with the ledger opened", ours.to_ledger / unit, 8, " × yardstick"),
            Limit("memory of the process", peak_mb, 600, " MB"),
        ],
    )
