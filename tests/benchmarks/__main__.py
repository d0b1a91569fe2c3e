"""`python -m tests.benchmarks [--full] [NAME…]` measures, prints, and writes docs/measured/. Exit 1: a limit is missed."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time

from . import (
    certificates,
    city,
    import_export,
    intake,
    laptop,
    matching,
    naive,
    register,
    report,
    revision,
    search,
    sync,
)
from .place import Place, as_installed

BENCHMARKS = {
    "register": register,
    "city": city,
    "naive": naive,
    "import_export": import_export,
    "revision": revision,
    "search": search,
    "matching": matching,
    "sync": sync,
    "laptop": laptop,
    "intake": intake,
    "certificates": certificates,
}
FULL, SMALL = 1_000_000, 50_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(BENCHMARKS)}; all if none")
    parser.add_argument("--full", action="store_true", help=f"{FULL:,} people; a missed limit is then a failure")
    parser.add_argument("--people", type=int, help="another number of people; nothing is written")
    parser.add_argument("--list", action="store_true", help="say what there is")
    options = parser.parse_args()
    if options.list:
        for name, module in BENCHMARKS.items():
            print(f"{name:14} {(module.__doc__ or '').splitlines()[0]}")
        return 0
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped then too
    return measure(options.names or list(BENCHMARKS), options.people or (FULL if options.full else SMALL), options)


def measure(names: list[str], people: int, options: argparse.Namespace) -> int:
    as_installed()
    place = Place(people)
    missed = []
    print(f"{people:,} people; load {', '.join(f'{number:.1f}' for number in os.getloadavg())}", flush=True)
    try:
        for name in names:
            load, began = os.getloadavg(), time.monotonic()
            found = BENCHMARKS[name].run(place)
            print(found.as_text(), flush=True)
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
            missed += [f"{name}: {limit.what}" for limit in found.limits if not limit.holds]
            if not options.people:
                found.write(place, full=options.full, load=load)
    finally:
        place.stop()
    if not options.people:
        report.write_readme()
    if missed:
        print("\nMissed:\n" + "\n".join(f"  {what}" for what in missed))
    return 1 if missed and options.full else 0


if __name__ == "__main__":
    sys.exit(main())
