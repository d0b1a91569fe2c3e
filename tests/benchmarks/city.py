"""The whole way at the size of the largest city (Yokohama, 3.7 million people) with thirty days of change."""

from __future__ import annotations

from . import yardstick
from .place import Place
from .report import Limit, Report, Table

TIMES_AS_MANY, DAYS = 3.7, 30


def run(place: Place) -> Report:
    city = Place(int(place.people * TIMES_AS_MANY), days=DAYS)
    try:
        return _measured(city)
    finally:
        city.stop()


def _measured(city: Place) -> Report:
    runs = yardstick.measure(city)
    unit = yardstick.best(runs)
    ours = city.ours
    steps = [
        ("import of the full export", ours.full),
        (f"{len(city.change_files)} files of change", ours.changes),
        ("opening of the ledger", ours.opening),
    ]
    rows = [["yardstick, best of three", unit, 1.0, "-"]]
    rows += [[what, run.seconds, run.seconds / unit, run.peak_mb] for what, run in steps]
    rows += [["together up to the opened ledger", ours.to_ledger, ours.to_ledger / unit, ours.peak_mb]]
    return Report(
        name="city",
        title=f"The whole way with {city.people:,} people, PostgreSQL",
        about=(
            "As with a million people, on a server of its own: the yardstick is taken with this very file. The bar of a"
            " terminal is recorded in the same run; how far it is off is its share done against the share of the time"
            " that had passed, at worst, while it stood between 20 % and 90 %."
        ),
        figures={
            "people": city.people,
            "yardstick": runs,
            "yardstick_seconds": unit,
            "file_bytes": city.full_file.stat().st_size,
            "full_seconds": ours.full.seconds,
            "changes_seconds": ours.changes.seconds,
            "opening_seconds": ours.opening.seconds,
            "to_ledger_seconds": ours.to_ledger,
            "peak_mb": ours.peak_mb,
            "bar_off_percent": {
                "import": 100 * ours.full.result["bar_off"],
                "opening": 100 * ours.opening.result["bar_off"],
            },
        },
        table=Table(["step", "seconds", "× yardstick", "peak MB"], rows),
        limits=[
            Limit("with the ledger opened", ours.to_ledger / unit, 8, " × yardstick"),
            Limit("memory of the process", ours.peak_mb, 800, " MB"),
            Limit("the bar between 20 % and 90 %", ours.bar_off, 15, " % of the time"),
        ],
    )
