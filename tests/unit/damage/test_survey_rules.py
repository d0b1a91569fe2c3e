"""Classes and the rules of surveys: golden cases with their source, and every boundary."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.damage import classes
from backend.damage.surveys import rules

GOLDEN = Path(__file__).parents[3] / "fixtures" / "golden" / "damage"
DAY = date(2024, 1, 15)
WET = rules.Wet("flood", "first", "wood", True, 2, True, "above_floor", Decimal(190))


def golden(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", golden("classes.csv"), ids=lambda c: f"{c['edition']} {c['ratio']}%")
def test_the_class_of_a_ratio(case):
    on = rules.BY_KEY[case["edition"]].valid_from
    assert classes.of_ratio(int(case["ratio"]), on).value == case["class"], case["source"]


@pytest.mark.parametrize(
    "case", golden("depths.csv"), ids=lambda c: f"{c['day']} {c['external_force']} {c['depth_cm']}"
)
def test_the_class_of_a_depth(case):
    depth = Decimal(case["depth_cm"]) if case["depth_cm"] else None
    house = replace(WET, external_force=case["external_force"] == "yes", water=case["water"], depth=depth)
    assert rules.flood(house, date.fromisoformat(case["day"])).value == case["class"], case["source"]


@pytest.mark.parametrize("case", golden("reported.csv"), ids=lambda c: f"{c['class']} {c['water']}")
def test_what_the_national_report_counts(case):
    answer = classes.reported_as(case["class"], case["water"] or None)
    assert (answer.value or "") == case["reported"]
    assert answer.known == bool(case["reported"])


@given(st.integers(0, 100), st.sampled_from(rules.EDITIONS))
def test_every_ratio_has_the_one_class_whose_half_open_span_holds_it(ratio, edition):
    on = edition.valid_from
    bounds = classes.scheme_on(on).bounds
    fitting = [
        code
        for (low, code), above in zip(bounds, [101, *(low for low, _ in bounds)], strict=False)
        if low <= ratio < above
    ]
    assert [classes.of_ratio(ratio, on).value] == fitting


@given(st.decimals("0.1", "1999", places=1), st.booleans())
def test_deeper_water_is_never_a_lighter_class_and_force_never_lightens(depth, force):
    one = rules.flood(replace(WET, depth=depth, external_force=force), DAY).value
    deeper = rules.flood(replace(WET, depth=depth + Decimal("0.1"), external_force=force), DAY).value
    assert not classes.worse(one, deeper)
    without = rules.flood(replace(WET, depth=depth, external_force=False), DAY).value
    assert not classes.worse(without, rules.flood(replace(WET, depth=depth, external_force=True), DAY).value)


@pytest.mark.parametrize(
    ("change", "day", "state", "why"),
    [
        ({"cause": "earthquake"}, DAY, "does_not_apply", "水害"),
        ({"stage": "second"}, DAY, "does_not_apply", "第1次調査"),
        ({"structure": "other"}, DAY, "does_not_apply", "木造"),
        ({"detached": False}, DAY, "does_not_apply", "戸建て"),
        ({"floors": 3}, DAY, "does_not_apply", "2階建て"),
        ({"external_force": False}, date(2023, 5, 30), "does_not_apply", "令和5年5月31日"),
        ({"water": "none"}, DAY, "does_not_apply", "浸水していない"),
        ({"external_force": None}, DAY, "cannot_tell", "外力"),
        ({"floors": None}, DAY, "cannot_tell", "階数"),
        ({"detached": None}, DAY, "cannot_tell", "戸建て"),
        ({"structure": ""}, DAY, "cannot_tell", "構造"),
        ({"water": None}, DAY, "cannot_tell", "床上・床下"),
        ({"depth": None}, DAY, "cannot_tell", "浸水深"),
        ({"depth": Decimal(0)}, DAY, "cannot_tell", "床下浸水"),
        ({"depth": Decimal(2001)}, DAY, "cannot_tell", "2000"),
    ],
)
def test_where_depth_decides_nothing_it_says_why(change, day, state, why):
    answer = rules.flood(replace(WET, **change), day)
    assert (answer.state, answer.value) == (state, None)
    assert why in answer.why


def test_a_table_that_nobody_read_in_the_edition_in_force_is_said_so():
    assert rules.flood(WET, DAY).note == ""
    assert "令和7年7月" in rules.flood(WET, date(2026, 11, 20)).note


def test_half_meant_something_else_before():
    assert classes.of_ratio(35, date(2020, 12, 3)).value == "half"
    assert classes.of_ratio(35, date(2020, 12, 4)).value == "medium"
    assert classes.label("below", date(2013, 6, 1)) == "半壊に至らない（一部損壊）"
    assert classes.label("below", DAY) == "準半壊に至らない（一部損壊）"
    assert classes.span("half", DAY) == "20%以上30%未満"
    assert classes.of_ratio(10, date(2000, 1, 1)).state == "does_not_apply"
    assert classes.of_ratio(None, DAY).state == classes.of_ratio(101, DAY).state == "cannot_tell"


def test_the_residents_own_judgement_is_the_lightest_class_and_needs_a_dated_consent():
    def own(consent_on, photos):
        return rules.photo_self(consent_on=consent_on, surveyed_on=DAY, photos=photos, on=DAY)

    assert own(DAY, 2).value == "below"
    assert "同意" in own(None, 2).why
    assert "後です" in own(date(2024, 1, 16), 2).why
    assert "写真" in own(DAY, 0).why


@pytest.mark.parametrize("case", golden("photo_self.csv"), ids=lambda c: f"{c['day']} {c['consent_on']} {c['photos']}")
def test_the_residents_own_judgement(case):
    day = date.fromisoformat(case["day"])
    consent_on = date.fromisoformat(case["consent_on"]) if case["consent_on"] else None
    answer = rules.photo_self(consent_on=consent_on, surveyed_on=day, photos=int(case["photos"]), on=day)
    assert (answer.value or "") == case["class"], case["source"]
    assert bool(answer.note) == (case["since"] == "unknown"), "before the oldest source somebody has to look"


def test_since_when_a_method_holds_is_a_row_and_where_no_source_says_it_the_row_says_so(monkeypatch):
    assert all(row.source for row in (*rules.PHOTO_SELF, *rules.AREAS))
    assert [row.valid_from for row in rules.PHOTO_SELF] == [None]
    known = replace(rules.PHOTO_SELF[0], valid_from=date(2020, 1, 1))
    monkeypatch.setattr(rules, "PHOTO_SELF", (known,))
    own = {"consent_on": date(2019, 1, 1), "photos": 1}
    before = rules.photo_self(surveyed_on=date(2019, 12, 31), on=date(2019, 12, 31), **own)
    after = rules.photo_self(surveyed_on=date(2020, 1, 1), on=date(2020, 1, 1), **own)
    assert (before.state, after.value, after.note) == ("does_not_apply", "below", "")


@pytest.mark.parametrize(
    "case", golden("area.csv"), ids=lambda c: f"{c['day']} {c['external_force']} {c['corners']} {c['shallowest_cm']}"
)
def test_the_class_of_an_area(case):
    deep = replace(WET, external_force=case["external_force"] == "yes", depth=Decimal(250))
    samples = [deep] * (int(case["corners"]) - 1) + [replace(deep, depth=Decimal(case["shallowest_cm"]))]
    answer = rules.area(samples, date.fromisoformat(case["day"]))
    assert (answer.value or "") == case["class"], case["source"]


def test_an_area_is_judged_at_once_from_the_day_of_its_row(monkeypatch):
    monkeypatch.setattr(rules, "AREAS", (replace(rules.AREAS[0], valid_from=date(2024, 1, 16)),))
    assert "一棟ずつ" in rules.area([WET] * 4, date(2024, 1, 15)).why
    assert rules.area([WET] * 4, date(2024, 1, 16)).value == "total"


def test_a_typed_class_is_held_against_its_ratio():
    assert rules.typed(found="medium", ratio=30, whole_loss=False, on=DAY).value == "medium"
    wrong = rules.typed(found="half", ratio=30, whole_loss=False, on=DAY)
    assert wrong.state == "cannot_tell"
    assert "30%は中規模半壊（30%以上40%未満）" in wrong.why
    assert rules.typed(found="total", ratio=None, whole_loss=True, on=DAY).value == "total"
    assert not rules.typed(found="large", ratio=None, whole_loss=True, on=DAY).known
    assert not rules.typed(found="medium", ratio=35, whole_loss=False, on=date(2020, 3, 1)).known


def test_an_area_is_judged_by_four_deep_corners_alike():
    assert rules.area([WET] * 4, DAY).value == "total"
    assert rules.area([replace(WET, external_force=False)] * 4, DAY).value == "large"
    assert "いま3棟" in rules.area([WET] * 3, DAY).why
    assert rules.area([WET] * 3 + [replace(WET, depth=Decimal(179))], DAY).state == "does_not_apply"
    assert rules.area([WET] * 3 + [replace(WET, external_force=False)], DAY).state == "does_not_apply"
    assert rules.area([WET] * 3 + [replace(WET, external_force=None)], DAY).state == "cannot_tell"


def test_two_typings_differ_in_what_they_say():
    assert rules.differences({"a": "1", "b": "", "c": 3}, {"a": "1", "c": "3", "d": "x"}) == ["d"]
