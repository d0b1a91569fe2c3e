"""How times, money and names are written on the pages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from backend.core.templatetags import tasuki

EVENING = datetime(2011, 3, 11, 15, 30, tzinfo=UTC)


def test_times_are_shown_in_tokyo_time() -> None:
    assert tasuki.tokyo(EVENING) == "2011年3月12日 00:30"
    assert tasuki.tokyo_short(EVENING) == "3月12日 00:30"
    assert tasuki.tokyo_iso(EVENING) == "2011-03-12T00:30+09:00"


def test_a_stamp_of_another_year_says_the_year() -> None:
    assert tasuki.as_of(EVENING) == "2011年3月12日（土）0時30分 現在"


@pytest.mark.parametrize(
    ("value", "long", "short"),
    [
        (date(1970, 1, 2), "昭和45年1月2日", "S45.1.2"),
        ("1989-01-08", "平成元年1月8日", "H1.1.8"),
        ("", "", ""),
        (None, "", ""),
        ("届け出なし", "届け出なし", "届け出なし"),
    ],
)
def test_days_are_shown_in_the_japanese_calendar(value: object, long: str, short: str) -> None:
    assert tasuki.era(value) == long
    assert tasuki.era_short(value) == short


def test_a_day_is_that_of_tokyo() -> None:
    assert tasuki.era(EVENING) == "平成23年3月12日"


@pytest.mark.parametrize(
    ("value", "shown"), [(1234567, "1,234,567円"), (0, "0円"), (-500, "-500円"), (None, ""), ("不明", "不明")]
)
def test_money_is_whole_yen_and_nothing_is_not_zero(value: object, shown: str) -> None:
    assert tasuki.yen(value) == shown


@pytest.mark.parametrize(
    ("name", "kana", "pairs"),
    [
        ("髙橋　花子", "タカハシ ハナコ", [("髙橋", "タカハシ", "　"), ("花子", "ハナコ", "")]),
        ("髙橋花子", "タカハシ ハナコ", [("髙橋花子", "タカハシ ハナコ", "")]),
        ("グエン ティ ラン", "", [("グエン ティ ラン", "", "")]),
    ],
)
def test_the_reading_stands_over_its_part_of_the_name(name: str, kana: str, pairs: list) -> None:
    assert tasuki.ruby(name, kana) == pairs
    assert "".join(part + gap for part, _, gap in tasuki.ruby(name, kana)) == name


def test_pages_around_this_one_with_gaps() -> None:
    from django.core.paginator import Paginator

    page = Paginator(range(1000), 10).page(50)
    assert tasuki.page_numbers(page) == [1, None, 48, 49, 50, 51, 52, None, 100]
