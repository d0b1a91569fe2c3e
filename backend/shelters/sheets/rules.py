"""What becomes of a line of a photographed list: plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

RESULTS = {"typed": "入力した", "unreadable": "読めない", "passed": "消されている・人ではない"}
MOST_LINES = 500  # of one sheet; more is a mistyped number


def missing(done: Iterable[int]) -> list[int]:
    """Lines before the last one that nobody dealt with."""
    have = set(done)
    return [line for line in range(1, max(have, default=0)) if line not in have]


def to_type(done: Iterable[int], count: int) -> list[int]:
    """The next lines to deal with: those that were passed over, then on from the last one."""
    have = set(done)
    left = missing(have)[:count]
    first = max(have, default=0) + 1
    return left + list(range(first, first + count - len(left)))


def twice(done: Iterable[int]) -> list[int]:
    """Lines that two people typed, each on a device of their own."""
    return sorted(line for line, times in Counter(done).items() if times > 1)
