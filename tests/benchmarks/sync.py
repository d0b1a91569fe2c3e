"""Entries taken from laptops: in batches, one by one from four writers, and six copies at once."""

from __future__ import annotations

from .place import Place
from .report import Limit, Report, Table

# Their figures for the same work on the same kind of machine: ODK Central 243 a second one by one from four writers,
# pretix 45; neither takes batches of check-ins, Pouch's bulk push took 2,059 documents a second.
BATCHED, SINGLE = 2400, 250


def run(place: Place) -> Report:
    url = place.postgresql("sync")
    said = place.python(url, "tests.benchmarks.sync_run", "--entries", 20_000, "--single", 2_000).result
    rush = place.python(place.postgresql("rush"), "tests.benchmarks.sync_rush").result
    hundreds = place.python(place.postgresql("hundreds"), "tests.benchmarks.sync_rush", "--batch", 100).result
    said |= {f"rush_{key}": value for key, value in rush.items()}
    said |= {f"hundreds_{key}": value for key, value in hundreds.items()}
    rows = [
        ["check-ins in batches of 500, one laptop", said["batched"], said["batch_ms"]],
        ["check-ins of people typed by hand (two entries each), batches of 500", said["typed"], said["typed_ms"]],
        ["one check-in a push, four laptops, over HTTP", said["single"], said["single_p99_ms"]],
        ["100 laptops push 500 each at once, over HTTP", rush["accepted"] / rush["seconds"], rush["push_p99_ms"]],
        ["the same in pushes of 100", hundreds["accepted"] / hundreds["seconds"], hundreds["push_p99_ms"]],
    ]
    return Report(
        name="sync",
        title="Entries taken from laptops",
        about=(
            "A push as a laptop sends it (gzip, chain of SHA-256), answered entry by entry after commit with fsync on:"
            " journal, topics, stays and conflicts in one transaction. Batches go through the exchange in one process;"
            " single ones over HTTP from four processes through gunicorn with two workers of six threads on the same two cores; a rush from a"
            " hundred threads of one process, while somebody turns the pages of headquarters."
        ),
        figures=said,
        table=Table(["what", "entries/s", "ms a push (batches: mean; single: p99)"], rows),
        limits=[
            Limit("check-ins in batches", said["batched"], BATCHED, " a second", at_least=True),
            Limit("check-ins one by one from four writers", said["single"], SINGLE, " a second", at_least=True),
            Limit("entries from six parallel copies of 40", said["copies"], 40, "", at_least=True),
            Limit("100 shelters push 500 each at once: accepted", rush["accepted"], 50_000, "", at_least=True),
            Limit("100 shelters push 500 each at once", rush["seconds"], 30, " s"),
            Limit("those sent away meanwhile, p99", rush["sent_away_p99_ms"], 200, " ms"),
            Limit("pages of headquarters meanwhile, p95", rush["page_p95_ms"], 500, " ms"),
            Limit("an admitted push of 100 entries, p99", hundreds["push_p99_ms"], 1000, " ms"),
        ],
    )
