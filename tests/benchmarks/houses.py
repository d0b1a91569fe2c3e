"""How right the links between houses and households are, against the generator's truth, and how long they take.

`python -m tests.benchmarks.houses PEOPLE` prints the table, in a database of its own; a test runs it on a small town.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

KINDS = ("certain", "likely", "unsure")


def truth_of(folder: Path) -> dict[str, str]:
    """世帯番号 → 物件番号 of the house it lives in; '' for a house that is in no roll."""
    with (folder / "house-truth.csv").open(encoding="utf-8", newline="") as file:
        return {row["世帯番号"]: row["物件番号"] for row in csv.DictReader(file)}


def measure(folder: Path, disaster: Any) -> dict[str, Any]:
    """Precision by confidence, and how many of the true pairs were found, surely or as one of the candidates."""
    from backend.ledger.models import HouseLink

    truth = truth_of(folder)
    links = HouseLink.objects.filter(until=None, role="lives", household__disaster=disaster)
    said: dict[str, list[bool]] = defaultdict(list)
    by_home: dict[str, set[str]] = defaultdict(set)
    sure: dict[str, set[str]] = defaultdict(set)
    for home, house, confidence in links.values_list("household__household_no", "house__property_no", "confidence"):
        said[confidence].append(truth.get(home) == house)
        by_home[home].add(house)
        if confidence != "unsure":
            sure[home].add(house)
    known = {home: house for home, house in truth.items() if house}
    return {
        "households": len(truth),
        "in_a_roll": len(known),
        **{f"{kind}_links": len(said[kind]) for kind in KINDS},
        **{f"{kind}_right": _share(sum(said[kind]), len(said[kind])) for kind in KINDS},
        "found": _share(sum(house in by_home[home] for home, house in known.items()), len(known)),
        "found_surely": _share(sum(house in sure[home] for home, house in known.items()), len(known)),
    }


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 1.0


def table(result: dict[str, Any]) -> str:
    lines = [f"{result['households']:,} households, {result['in_a_roll']:,} of them in a house of the roll"]
    for kind in KINDS:
        lines.append(f"  {kind:<8}{result[f'{kind}_links']:>8,} links, right {result[f'{kind}_right']:.2%}")
    lines.append(f"  true pairs linked: {result['found']:.2%}, certain or likely: {result['found_surely']:.2%}")
    return "\n".join(lines)


def run(folder: Path, people: int, seed: int = 1) -> tuple[dict[str, Any], dict[str, float]]:
    """A town from files to links, in the database that is configured; the result and the seconds of each step."""
    from django.core.management import call_command

    from backend.ledger.houses import services
    from backend.ledger.models import Disaster
    from fixtures import town

    manifest = town.generate(folder, people=people, seed=seed, days=1)
    town.write_rolls(folder, seed=seed)
    took: dict[str, float] = {}

    def step(label: str, /, *arguments: Any, **options: Any) -> None:
        began = time.perf_counter()
        try:
            call_command(*map(str, arguments), **options)
        except SystemExit as end:
            if end.code != 1:
                raise
        took[label] = round(time.perf_counter() - began, 2)

    export = next(folder.glob("register-full-*.csv"))
    step("register", "import_register", export, kind="full", as_of=manifest["export_day"])
    when = f"{manifest['disaster_day']}T05:46:00+09:00"
    step("ledger", "open_disaster", "2026", name="大浜沖地震", occurred_at=when)
    step("table", "import_address_table", folder / "address-table.csv")
    step("roll and links", "import_house_roll", next(folder.glob("house-roll-*.csv")))
    disaster = Disaster.objects.get(code="2026")
    began = time.perf_counter()
    services.link_houses(disaster=disaster, by=None)
    took["links again"] = round(time.perf_counter() - began, 2)
    return measure(folder, disaster), took


def main() -> None:
    """In a throw-away SQLite database, so that it can be run anywhere."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/houses.sqlite3"
        os.environ["TASUKI_DATA_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        result, took = run(Path(folder) / "town", people)
    print(table(result))
    print("  seconds: " + ", ".join(f"{name} {seconds}" for name, seconds in took.items()))


if __name__ == "__main__":
    main()
