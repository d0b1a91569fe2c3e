"""Everybody typed by hand, or told of by others, for the matching."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from . import people
from .exchange import queries as exchange


def typed_records() -> Iterator[dict[str, Any]]:
    yield from people.typed_records()
    yield from exchange.typed_records()
