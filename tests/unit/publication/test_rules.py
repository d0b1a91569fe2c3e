"""Which number is told, and how full a shelter is said to be."""

from datetime import datetime, timedelta

import pytest

from backend.core.clock import TOKYO
from backend.publication import rules
from backend.publication.rules import Count, Seen, count, room

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)
ROSTER = Seen(20, 8, NOON)


def test_a_report_newer_than_the_roster_is_told():
    report = Seen(25, None, NOON + timedelta(minutes=1))
    assert count(ROSTER, report) == Count(25, None, report.at, "報告")


@pytest.mark.parametrize("earlier", [0, 1])
def test_a_report_that_is_not_newer_gives_way_to_the_roster(earlier):
    assert count(ROSTER, Seen(25, 9, NOON - timedelta(minutes=earlier))) == Count(20, 8, NOON, "名簿")


def test_a_shelter_without_roster_tells_what_was_reported():
    assert count(None, Seen(25, 9, NOON)).source == "報告"


def test_nobody_has_counted_is_not_nobody_is_there():
    assert count(None, None) == Count(None, None, None, "")
    assert count(Seen(0, 0, NOON), None).people == 0


@pytest.mark.parametrize(
    ("people", "capacity", "word"),
    [
        (0, 100, "空きあり"),
        (79, 100, "空きあり"),
        (80, 100, "残りわずか"),
        (99, 100, "残りわずか"),
        (100, 100, "満員"),
        (250, 100, "満員"),
        (None, 100, "不明"),
        (5, None, "不明"),
        (5, 0, "不明"),
    ],
)
def test_room_is_told_from_the_planned_capacity(people, capacity, word):
    assert room(people, capacity) == word


def test_a_total_of_what_nobody_counted_is_unknown():
    assert rules.total([]) is None
    assert rules.total([None, None]) is None
    assert rules.total([0, None, 3]) == 3


def test_the_time_is_told_with_its_year_in_japan():
    assert rules.as_of_text(datetime.fromisoformat("2026-11-21T00:05:00+00:00")) == "2026年11月21日 9時05分 現在"
    assert rules.moment(NOON) == "2026-11-21T12:00:00+09:00"
