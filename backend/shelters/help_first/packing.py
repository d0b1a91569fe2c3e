"""The list on a shelter's laptop, sealed as the excerpt of the register is: those of its area, nobody under protection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.core.clock import now

from ..models import HelpFile, HelpPerson, HelpPlan, HelpPlanFile
from ..people import pieces, protected
from . import queries
from .register import namesakes_of_protected

FIELDS = [
    field.attname for field in HelpPerson._meta.concrete_fields if field.attname not in {"id", "file_id", "evacuee"}
]

PLAN = [
    field.attname
    for field in HelpPlan._meta.concrete_fields
    if field.attname not in {"id", "file_id", "evacuee", "line"}
]


def give(*, facility: UUID, area: str) -> Iterable[dict[str, Any]]:
    file = queries.newest()
    if file is None:
        return
    towns = area.split()
    rows = [p for p in file.people.order_by("line") if not towns or any(town in p.address for town in towns)]
    unseen = namesakes_of_protected(file.people.all())
    for piece in pieces([row.evacuee for row in rows]):
        unseen |= protected(piece)
    plans = queries.plans_of([row.evacuee for row in rows if row.evacuee not in unseen])
    for row in rows:
        if row.evacuee not in unseen:
            said = {name: getattr(row, name) for name in FIELDS}
            plan = plans.get(row.evacuee)
            more = {"plan_whole": {name: getattr(plan, name) for name in PLAN}} if plan else {}
            yield {**said, "id": str(row.pk), "evacuee": str(row.evacuee), **more}


@transaction.atomic
def take(rows: list[dict[str, Any]]) -> None:
    """The list as it came, in place of the one before."""
    HelpFile.objects.all().delete()
    HelpPlanFile.objects.all().delete()
    if not rows:
        return
    file = HelpFile.objects.create(name="本部から", fingerprint="", rows=len(rows), taken_at=now())
    people = [
        HelpPerson(file=file, id=row["id"], evacuee=row["evacuee"], **{name: row.get(name, "") for name in FIELDS})
        for row in rows
    ]
    HelpPerson.objects.bulk_create(people, batch_size=500)
    whole = [row for row in rows if row.get("plan_whole")]
    if whole:
        plans = HelpPlanFile.objects.create(name="本部から", fingerprint="", rows=len(whole), taken_at=now())
        HelpPlan.objects.bulk_create(
            [
                # A newer server may send items that this laptop does not know yet.
                HelpPlan(
                    file=plans,
                    line=number,
                    evacuee=row["evacuee"],
                    **{name: value for name, value in row["plan_whole"].items() if name in PLAN},
                )
                for number, row in enumerate(whole, 1)
            ],
            batch_size=500,
        )
