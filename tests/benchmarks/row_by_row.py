"""`python -m tests.benchmarks.row_by_row FULL ROWS`: the first rows of an export through django-import-export.

The table is a plain one: the same columns, a number as key, an index on 宛名番号.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
import time
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import django

django.setup()

import tablib  # noqa: E402
from django.db import connection, models  # noqa: E402
from import_export import resources  # noqa: E402

from backend.registry import layout  # noqa: E402
from backend.registry.models import RowColumns  # noqa: E402
from backend.registry.services import take_file  # noqa: E402


class Resident(RowColumns):
    atena_no = models.CharField(max_length=15, unique=True)

    class Meta:
        app_label = "registry"
        db_table = "benchmark_resident"


class NewPeople(resources.ModelResource):
    """The standard resource as it comes: rows without an id are new."""

    class Meta:
        model = Resident


class ByNumber(resources.ModelResource):
    """The standard resource, told by which column a row is known."""

    class Meta:
        model = Resident
        import_id_fields = ("atena_no",)


def resource_seconds(resource: resources.ModelResource, dataset: tablib.Dataset) -> float:
    began = time.perf_counter()
    result = resource.import_data(dataset, raise_errors=True)
    seconds = time.perf_counter() - began
    if result.totals["new"] != len(dataset):
        raise RuntimeError(f"{result.totals} of {len(dataset)} rows")
    return seconds


def main() -> None:
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    with path.open(encoding="utf-8", newline="") as source:
        header, *records = islice(csv.reader(source), count + 200)
    columns = [layout.COLUMNS[name] for name in header]
    seen: dict[str, list[str]] = {}
    for record in records:
        if record[0].isdigit() and record[1].isdigit() and record[2].strip() and len(seen) < count:
            seen.setdefault(record[0], record)
    dataset = tablib.Dataset(*seen.values(), headers=columns)
    said: dict[str, Any] = {"rows": len(dataset)}
    for name, resource in (("new_seconds", NewPeople()), ("by_number_seconds", ByNumber())):
        with connection.schema_editor() as editor:
            editor.create_model(Resident)
        said[name] = resource_seconds(resource, dataset)
        with connection.schema_editor() as editor:
            editor.delete_model(Resident)
    with tempfile.TemporaryDirectory() as folder:
        few = Path(folder) / "few.csv"
        with few.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([header, *seen.values()])
        began = time.perf_counter()
        take_file(path=few, kind="full", by=None, as_of=date(2026, 11, 7))
        said["ours_seconds"] = time.perf_counter() - began
    print(json.dumps(said))


if __name__ == "__main__":
    main()
