"""The one clock of the house: aware times, days in Japan, and a way to hold it still.

Every room asks here for the time, so that tests and the demo town can set it. Times are aware and in UTC, days are
days in Asia/Tokyo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")

# A plain list and no context variable: threads of a test server or of the demo must see the frozen time as well.
_frozen: list[datetime] = []


# A laptop's clock may be wrong by hours or years: at every contact it learns from the server by how much.
_correction = [timedelta(0)]


def now() -> datetime:
    """The present moment, aware, in UTC; on a laptop as last corrected by the server's clock."""
    return device_now() + _correction[-1]


def device_now() -> datetime:
    """What this machine's own clock says, right or wrong."""
    return _frozen[-1] if _frozen else datetime.now(UTC)


def correct_by(difference: timedelta) -> None:
    """From now on `now()` is this machine's clock plus the difference."""
    _correction[-1] = difference


def today() -> date:
    """The present day in Asia/Tokyo."""
    return tokyo_date(now())


def tokyo_date(moment: datetime) -> date:
    """The day in Asia/Tokyo on which an aware moment lies; ValueError for a time without a zone."""
    _require_zone(moment)
    return moment.astimezone(TOKYO).date()


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Asia/Tokyo, aware."""
    return datetime.combine(day, time.max, tzinfo=TOKYO)


@contextmanager
def frozen(at: datetime | str) -> Iterator[datetime]:
    """Holds the clock of the whole process at an aware moment (or ISO 8601 with offset); may be nested."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    _require_zone(moment)
    moment = moment.astimezone(UTC)
    _frozen.append(moment)
    try:
        yield moment
    finally:
        _frozen.pop()


def _require_zone(moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise ValueError("時差のない時刻は使えません。")
