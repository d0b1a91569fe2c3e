"""What a day's sheet does to its table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from backend.shelters.apply import Topics, write
from backend.shelters.models import DaySheet


def reported(entries: Sequence[Any]) -> None:
    write(DaySheet, entries, lambda p: {key: p[key] for key in ("opening", "day", "answers")})


def about(payload: dict[str, Any]) -> Topics:
    if date.fromisoformat(payload["day"]).isoformat() != payload["day"]:
        raise ValueError("a sheet is of a day")
    return [("place", UUID(payload["opening"]))]
