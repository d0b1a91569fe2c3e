"""`python -m tests.benchmarks.matching_run CODE RECORDS FOLDER`: types the records, matches them, says what was right.

FOLDER gets residents.csv, records.csv and truth.csv for whatever else is to be given the same data.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402

from backend.core.names import split_name  # noqa: E402
from backend.core.pieces import pieces  # noqa: E402
from backend.ledger.matching import records, running  # noqa: E402
from backend.ledger.models import Disaster, Person, SameAs, TypedRecord  # noqa: E402
from tests.benchmarks.matching_cases import Case, cases  # noqa: E402

COLUMNS = ["unique_id", "surname", "first_name", "surname_kana", "first_name_kana", "dob", "sex", "town", "address"]
FIRST = 3


def main() -> None:
    code, wanted, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    disaster = Disaster.objects.get(code=code)
    typed = cases(disaster, wanted)
    TypedRecord.objects.all().delete()
    SameAs.objects.all().delete()
    began = time.perf_counter()
    rows = ({"id": case.id, **case.values} for case in typed)
    ids = records.put_records(room="shelters", rows=rows, disaster=disaster)
    put = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TypedRecord._meta.db_table}")
    matched = running.match_records(ids)
    ended = time.perf_counter()
    result = {
        "records": len(typed),
        "put_seconds": put - began,
        "match_seconds": ended - put,
        "ms_a_record": (ended - began) * 1000 / len(typed),
        "matched": vars(matched),
        "kinds": judged(disaster, typed),
    }
    hand_over(disaster, typed, folder)
    print(json.dumps(result, ensure_ascii=False))


def judged(disaster: Disaster, typed: list[Case]) -> dict[str, dict[str, int]]:
    """Kind -> records, linked, linked right, queued, queued with the person among the first three."""
    links = dict(SameAs.objects.filter(until=None).values_list("record", "into"))
    waiting = set(TypedRecord.objects.filter(outcome="likely").values_list("pk", flat=True))
    first: dict[Any, list[Any]] = {}
    for piece in pieces(sorted(waiting), records.PIECE):
        outcomes = running.outcomes_of(disaster, piece)
        first |= {pk: [c.id for c in outcome.candidates[:FIRST]] for pk, outcome in outcomes.items()}
    found: dict[str, Counter[str]] = {}
    for case in typed:
        row = found.setdefault(case.kind, Counter())
        row["records"] += 1
        if case.id in links:
            row["linked"] += 1
            row["linked_right"] += links[case.id] == case.truth
        elif case.id in waiting:
            row["queued"] += 1
            row["queued_right"] += case.truth in first[case.id]
    return {kind: dict(row) for kind, row in found.items()}


def hand_over(disaster: Disaster, typed: list[Case], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    people = Person.objects.filter(disaster=disaster).exclude(atena_no=None)
    columns = ("id", "name", "kana", "birth", "sex", "town_key", "address")
    with (folder / "residents.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for pk, *values in people.values_list(*columns).iterator(chunk_size=20_000):
            writer.writerow(_row(pk, *values))
    towns = dict(TypedRecord.objects.values_list("pk", "town_key"))
    with (folder / "records.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for case in typed:
            v = case.values
            writer.writerow(_row(case.id, v["name"], v["kana"], v["birth"], v["sex"], towns[case.id], v["address"]))
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["record", "kind", "person"])
        writer.writerows([case.id, case.kind, case.truth or ""] for case in typed)


def _row(pk: Any, name: str, kana: str, birth: str, sex: str, town: str, address: str) -> list[Any]:
    return [pk, *split_name(name), *split_name(kana), "" if "-00" in birth else birth, sex, town, address]


if __name__ == "__main__":
    main()
