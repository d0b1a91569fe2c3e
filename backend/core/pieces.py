"""Many values in pieces of so many, for statements that name them one by one. (`itertools.batched`, once Python 3.12 is asked for.)"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
MANY = 5_000  # SQLite takes so many values in one statement, and not many more


def pieces(values: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """Lists of `size` values, the last one of what is left; none of nothing."""
    iterator = iter(values)
    while piece := list(islice(iterator, size)):
        yield piece
