from datetime import UTC, date, datetime

import pytest

from backend.core import clock


def test_the_day_is_the_day_in_japan():
    with clock.frozen("2011-03-10T15:00:00+00:00"):
        assert clock.today() == date(2011, 3, 11)
        assert clock.now() == datetime(2011, 3, 10, 15, tzinfo=UTC)


def test_freezing_nests_and_ends():
    with clock.frozen("2011-03-11T14:46:00+09:00"):
        with clock.frozen("2011-03-12T00:00:00+09:00"):
            assert clock.today() == date(2011, 3, 12)
        assert clock.today() == date(2011, 3, 11)
    assert abs(clock.now() - datetime.now(UTC)).total_seconds() < 5


def test_a_day_ends_just_before_the_next_in_japan():
    end = clock.end_of_day(date(2011, 3, 11))
    assert end.isoformat() == "2011-03-11T23:59:59.999999+09:00"
    assert clock.tokyo_date(end) == date(2011, 3, 11)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="時差"):
        clock.tokyo_date(datetime(2011, 3, 11))  # noqa: DTZ001
    with pytest.raises(ValueError, match="時差"), clock.frozen("2011-03-11T14:46:00"):
        pass
