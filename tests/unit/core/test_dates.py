from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.dates import (
    ERAS,
    UNKNOWN,
    PartialDate,
    age_on,
    era,
    era_short,
    may_be_same_day,
    parse_date,
    parse_typed_date,
)

DAYS = st.dates(date(1873, 1, 1), date(2100, 12, 31))
BIRTHDAY = PartialDate(1970, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-02",
        "19700102",
        "1970/1/2",
        "S45.1.2",
        "S450102",
        "s45.1.2",
        "昭和45年1月2日",
        "Ｓ４５．１．２",
        "１９７０－０１－０２",
        "昭45.1.2",
        " 1970年1月2日 ",
    ],
)
def test_a_day_is_read_in_every_notation(text):
    assert parse_date(text) == parse_typed_date(text) == BIRTHDAY


@pytest.mark.parametrize(
    "text", ["3 45 1 2", "3450102", "3.45.1.2", "３　４５　１　２", "3-45-1-2", "昭和 45 1 2", "1970 1 2"]
)
def test_a_typed_day_may_name_the_era_by_its_digit(text):
    assert parse_typed_date(text) == BIRTHDAY


@pytest.mark.parametrize(
    ("typed", "day"),
    [("1 45 7 29", "1912-07-29"), ("2.1.7.30", "1912-07-30"), ("4010108", "1989-01-08"), ("5 元 5 1", "2019-05-01")],
)
def test_each_era_has_its_digit(typed, day):
    assert parse_typed_date(typed).iso == day


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1970-00-00", "1970-00-00"),
        ("19700100", "1970-01-00"),
        ("昭和45年00月00日", "1970-00-00"),
        ("S45.00.00", "1970-00-00"),
        ("昭和45年", "1970-00-00"),
        ("昭和45年（月日不詳）", "1970-00-00"),
        ("昭和元年", "1926-00-00"),
        ("", ""),
        ("　", ""),
        ("00000000", ""),
        ("0000-01-02", "0000-01-02"),
    ],
)
def test_unknown_parts_stay_unknown(text, iso):
    assert parse_date(text).iso == iso


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-30",
        "2023-13-01",
        "1970-1-32",
        "S45.2.29",
        "S64.1.8",
        "S65.00.00",
        "S64.2.00",
        "H31.5.1",
        "H1.1.7",
        "T1.7.29",
        "0970-01-02",
        "1970-01/02",
        "45年1月2日",
        "1970-1",
        "高橋",
        "3 45 1 2",
        "1970-00-32",
    ],
)
def test_a_day_that_cannot_be_is_refused_without_being_repeated(text):
    with pytest.raises(ValueError, match=r"。$") as refused:
        parse_date(text)
    assert not any(character.isdigit() for character in str(refused.value))


@pytest.mark.parametrize("text", ["3 64 1 8", "2 30 2", "6 1 1 1", "3451302", "高橋"])
def test_a_typed_day_that_cannot_be_is_refused(text):
    with pytest.raises(ValueError, match=r"。$"):
        parse_typed_date(text)


@pytest.mark.parametrize(("old", "new"), [("M45.7.30", "T1.7.30"), ("T15.12.25", "S1.12.25")])
def test_the_day_of_a_change_was_called_by_both_eras(old, new):
    assert parse_date(old) == parse_date(new)
    assert era_short(parse_date(old)) == new


@given(DAYS)
def test_every_day_comes_back_from_every_notation(day):
    for text in (day.isoformat(), f"{day:%Y%m%d}", era(day), era_short(day), f"{day.year}/{day.month}/{day.day}"):
        assert parse_date(text).date == day


@given(st.integers(1990, 2018), st.none() | st.integers(1, 12))
def test_partial_days_come_back_too(year, month):
    value = PartialDate(year, month, None)
    assert parse_date(value.iso) == parse_date(era(value)) == parse_date(era_short(value)) == value


@given(DAYS)
def test_parts_left_out_widen_the_span(day):
    for value in (PartialDate(day.year), PartialDate(day.year, day.month), PartialDate(day.year, None, day.day)):
        assert value.first_day <= day <= value.last_day
        assert value.date is None
    exact = PartialDate(day.year, day.month, day.day)
    assert exact.first_day == exact.last_day == exact.date == day


def test_nothing_known_has_no_span():
    assert (UNKNOWN.iso, UNKNOWN.date, UNKNOWN.first_day, UNKNOWN.last_day) == ("", None, None, None)


@pytest.mark.parametrize(
    ("value", "long", "short"),
    [
        (BIRTHDAY, "昭和45年1月2日", "S45.1.2"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (PartialDate(1970), "昭和45年（月日不詳）", "S45.00.00"),
        (PartialDate(1970, 1), "昭和45年1月（日不詳）", "S45.1.00"),
        (PartialDate(1989), "昭和64年／平成元年（月日不詳）", "S64/H1.00.00"),
        (PartialDate(1989, 2), "平成元年2月（日不詳）", "H1.2.00"),
        (date(1860, 3, 1), "1860年3月1日", "1860.3.1"),
        (UNKNOWN, "不詳", ""),
    ],
)
def test_days_are_shown_by_era(value, long, short):
    assert era(value) == long
    assert era_short(value) == short


def test_eras_follow_each_other_without_a_gap():
    for before, after in pairwise(ERAS):
        assert after.first_day - before.last_day <= timedelta(days=1)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (BIRTHDAY, date(2011, 1, 1), 40),
        (BIRTHDAY, date(2011, 1, 2), 41),
        (PartialDate(2000, 2, 29), date(2011, 2, 28), 10),
        (PartialDate(2000, 2, 29), date(2011, 3, 1), 11),
        (PartialDate(2000, 2, 29), date(2012, 2, 29), 12),
        (PartialDate(1970), date(2011, 3, 11), None),
        (PartialDate(1970), date(2011, 12, 31), 41),
        (PartialDate(1970, 1), date(2011, 3, 11), 41),
        (PartialDate(2011, 3, 11), date(2011, 3, 11), 0),
        (PartialDate(2011, 3, 12), date(2011, 3, 11), None),
        (UNKNOWN, date(2011, 3, 11), None),
        (PartialDate(None, 1, 2), date(2011, 3, 11), None),
    ],
)
def test_age_on_a_day(birth, day, age):
    assert age_on(birth, day) == age


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ("1970-01-02", "1970-01-02", True),
        ("1970-01-02", "1970-01-03", False),
        ("1970-00-00", "1970-12-31", True),
        ("1970-00-00", "1971-01-01", False),
        ("", "1970-01-02", True),
    ],
)
def test_what_is_not_known_of_a_day_says_nothing(one, other, may):
    assert may_be_same_day(one, other) == may_be_same_day(other, one) == may
