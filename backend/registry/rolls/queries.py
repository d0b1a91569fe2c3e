"""What pages and the ledger ask of the tax rolls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q, QuerySet

from backend.core import bulk
from backend.core.errors import NotFound

from .models import HouseRow, IncomeRow, RollFile, RollSetAside

# What the ledger takes of a house, in this order. What it is taxed on stays with the roll.
HOUSE_COLUMNS = (
    "property_no", "year", "lot", "address", "house_no", "roll", "owner_no", "owner_name", "present_owner", "shared",
    "sectional", "annex", "kind", "use", "structure", "floors", "area", "built", "latitude", "longitude",
)  # fmt: skip


def listed_files() -> QuerySet[RollFile]:
    """Files, newest first, each with `waiting`: set-aside rows that nobody has corrected yet."""
    waiting = Count("set_aside_rows", filter=Q(set_aside_rows__corrected_by=None))
    files = RollFile.objects.select_related("received_by", "corrects").annotate(waiting=waiting)
    return files.order_by("-received_at", "-pk")


def file(pk: int) -> RollFile:
    """One file; raises `NotFound`."""
    found = listed_files().filter(pk=pk).first()
    if found is None:
        raise NotFound("このファイルはありません。")
    return found


def waiting_rows(of: RollFile) -> QuerySet[RollSetAside]:
    """Rows of a file that were set aside and not corrected yet, in the order of the file."""
    return RollSetAside.objects.filter(file=of, corrected_by=None).order_by("line_no")


def years() -> list[dict[str, Any]]:
    """What there is by year, newest first: {"kind", "year", "count"} (houses, people with an income)."""
    found = []
    for kind, model, key in (("house", HouseRow, "property_no"), ("income", IncomeRow, "atena_no")):
        rows = model.objects.order_by().values("year").annotate(n=Count(key, distinct=True))  # type: ignore[attr-defined]
        label = RollFile.Kind(kind).label
        found += [{"kind": kind, "label": label, "year": row["year"], "count": row["n"]} for row in rows]
    return sorted(found, key=lambda row: (row["kind"], -row["year"]))


def current_houses() -> Iterator[tuple]:
    """Of every house its newest row (the latest year, and of that the last one taken), as text in `HOUSE_COLUMNS`."""
    columns = ", ".join(f"r.{name}" for name in HOUSE_COLUMNS)
    table = HouseRow._meta.db_table
    sql = (
        f"SELECT {columns} FROM {table} r JOIN"  # noqa: S608 - names are the program's own
        f" (SELECT property_no, year, MAX(id) AS id FROM {table} GROUP BY property_no, year) n ON n.id = r.id"
        f" WHERE NOT EXISTS (SELECT 1 FROM {table} later"
        " WHERE later.property_no = r.property_no AND later.year > r.year)"
    )
    return bulk.stream(sql, [])
