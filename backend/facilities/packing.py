"""The places that a shelter's laptop carries: all of them, so that moves and openings can name any."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from .models import Facility

_FIELDS = [field.attname for field in Facility._meta.concrete_fields]


def give(*, facility: UUID, area: str) -> Iterable[dict[str, Any]]:
    return [
        {
            name: None if value is None else value if isinstance(value, (bool, int)) else str(value)
            for name, value in row.items()
        }
        for row in Facility.objects.order_by("pk").values(*_FIELDS)
    ]


def take(rows: list[dict[str, Any]]) -> None:
    """Newer rows follow older ones; places that headquarters does not know any more stay, since entries name them."""
    Facility.objects.bulk_create(
        [Facility(**{name: row[name] for name in _FIELDS if name in row}) for row in rows],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[name for name in _FIELDS if name != "id"],
        batch_size=200,
    )
