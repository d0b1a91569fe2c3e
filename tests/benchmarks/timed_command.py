"""A command of the product in this process, with its bar and the rebuild of the register inside it timed.

The JSON that the command prints gains `as_of_seconds` (of an opening) and `bar`: a list of [seconds, share done] for each
bar, from the start of its work. Nothing else differs from `python -m backend COMMAND`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from typing import Any

from backend.__main__ import main


class Bar:
    """What stands in for the bar of a terminal: when it said what."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.n = 0
        self.began = time.perf_counter()
        self.told: list[tuple[float, float]] = []
        self.seconds = 0.0

    def update(self, more: int) -> None:
        self.n += more
        self.told.append((time.perf_counter() - self.began, self.n / (self.total or 1)))

    def close(self) -> None:
        self.seconds = time.perf_counter() - self.began


def farthest_off(bar: Bar, first: float = 0.2, last: float = 0.9) -> float:
    """How far the bar was from the truth at most while it stood between `first` and `last`, in parts of the whole time.

    Looked at when it moves, and just before it moves on: a bar that stands still gets more wrong.
    """
    shown = 0.0
    worst = 0.0
    for second, share in [*bar.told, (bar.seconds, 1.0)]:
        truth = second / bar.seconds
        worst = max(worst, *(abs(value - truth) for value in (shown, share) if first <= value <= last), 0.0)
        shown = share
    return worst


def run() -> None:
    import django

    django.setup()
    from backend.core.commands import BatchCommand
    from backend.registry import as_of

    spent: list[float] = []
    bars: list[Bar] = []
    rebuild = as_of.rebuild

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return rebuild(*args, **kwargs)
        finally:
            spent.append(time.perf_counter() - began)

    def share_of_work(self: BatchCommand, description: str = "") -> Bar:
        bars.append(Bar())
        return bars[-1]

    as_of.rebuild = timed
    BatchCommand.share_of_work = share_of_work  # type: ignore[assignment]
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            main()
    finally:
        result = json.loads(said.getvalue() or "{}")
        result["bar"] = [[round(second, 2), round(share, 3)] for bar in bars for second, share in bar.told][-2000:]
        result["bar_off"] = max((farthest_off(bar) for bar in bars), default=0.0)
        if len(spent) == 1:
            result["as_of_seconds"] = spent[0]
        print(json.dumps(result, ensure_ascii=False))
        sys.stdout.flush()


if __name__ == "__main__":
    run()
