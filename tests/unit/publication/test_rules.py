"""Which number is told, and how full a shelter is said to be."""

from datetime import datetime

import pytest

from backend.core.clock import TOKYO
from backend.publication import rules
from backend.publication.rules import room

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=TOKYO)


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


def test_the_time_is_told_with_its_year_in_japan():
    assert rules.as_of_text(datetime.fromisoformat("2026-11-21T00:05:00+00:00")) == "2026年11月21日 9時05分 現在"
    assert rules.moment(NOON) == "2026-11-21T12:00:00+09:00"
