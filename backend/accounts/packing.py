"""The staff who may sign in on a shelter's laptop: those who work at shelters. Nobody sees protected people there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from .models import Staff
from .permissions import RIGHTS

_FIELDS = ("id", "username", "display_name", "division", "home", "password", "is_active")


def give(*, facility: UUID, area: str) -> Iterable[dict[str, Any]]:
    divisions = RIGHTS["shelters.write"][1]
    rows = Staff.objects.filter(division__in=divisions, is_active=True, temporary_until=None).order_by("pk")
    return [{**row, "id": str(row["id"])} for row in rows.values(*_FIELDS)]


def take(rows: list[dict[str, Any]]) -> None:
    """As headquarters has them now; whoever is not in it any more can't sign in, and stays as the author of entries."""
    people = [Staff(**{name: row[name] for name in _FIELDS}) for row in rows]
    Staff.objects.exclude(pk__in=[person.pk for person in people]).update(is_active=False)
    Staff.objects.bulk_create(
        people,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[name for name in _FIELDS if name != "id"],
        batch_size=200,
    )
