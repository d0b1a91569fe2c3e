"""The clock: aware times, and days in Asia/Tokyo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
_frozen: list[datetime] = []


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def tokyo_date(moment: datetime) -> date:
    """The day that it was in Tokyo at that moment."""
    return moment.astimezone(TOKYO).date()


def today() -> date:
    """Today in Tokyo."""
    return tokyo_date(now())


def end_of_day(day: date) -> datetime:
    """The last microsecond of that day in Tokyo."""
    return datetime.combine(day, time.max, tzinfo=TOKYO)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Let the clock stand still at an aware moment, for tests and pictures."""
    _frozen.append(at)
    try:
        yield
    finally:
        _frozen.pop()
