"""From "this house is to be surveyed" to what was found: refusals with their field, rows that follow each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.models import Survey, SurveyRequest
from backend.damage.surveys import queries, rules, services

DAY = date(2026, 11, 20)


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


def test_a_house_is_asked_for_once_and_its_survey_answers_it(event, clerk, house, sheet):
    one = house()
    asked = services.ask(by=clerk, disaster=event, house=one.pk)
    assert services.ask(by=clerk, disaster=event, house=one.pk) == asked
    assert asked.district == "西町"
    row = services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())
    asked.refresh_from_db()
    assert (asked.ended, asked.ended_by, row.request, row.damage_class) == ("answered", clerk, asked, "half")
    assert services.ask(by=clerk, disaster=event, house=one.pk) is None
    assert services.ask(by=clerk, disaster=event, house=one.pk, stage="second", reason="申請").until is None


def test_a_request_is_withdrawn_once_with_a_reason(event, clerk, house):
    asked = services.ask(by=clerk, disaster=event, house=house().pk)
    with pytest.raises(Refused, match="理由"):
        services.withdraw(by=clerk, request=asked.pk, reason=" ")
    services.withdraw(by=clerk, request=asked.pk, reason="解体済み")
    with pytest.raises(Conflict, match="取下げ"):
        services.withdraw(by=clerk, request=asked.pk, reason="解体済み")
    assert services.ask(by=clerk, disaster=event, house=asked.house_id) != asked


def test_only_the_tax_division_asks_and_types(event, staff, house, sheet):
    with pytest.raises(Forbidden):
        services.ask(by=staff("welfare"), disaster=event, house=house().pk)
    with pytest.raises(Forbidden):
        services.record(by=staff("auditor"), disaster=event, house=house().pk, sheet=sheet())


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"surveyed_on": date(2026, 11, 26)}, "surveyed_on", "今日より後"),
        ({"surveyed_on": date(2026, 11, 17)}, "surveyed_on", "発災の日より前"),
        ({"surveyors": " "}, "surveyors", "調査した人"),
        ({"stage": "third"}, "stage", "調査の回"),
        ({"method": "interior"}, "method", "第1次調査の方法は"),
        ({"ratio": 30}, "found", "30%は中規模半壊"),
        ({"found": "total"}, "found", "20%以上30%未満"),
        ({"ratio": None, "found": ""}, "ratio", "区分は"),
        ({"method": "photo_self", "ratio": None, "found": ""}, "consent_on", "同意"),
        ({"method": "flood_depth"}, "method", "水害"),
        ({"method": "area"}, "method", "区域の画面"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_kept(event, clerk, house, sheet, change, field, why):
    with pytest.raises(Refused, match=why) as refusal:
        services.record(by=clerk, disaster=event, house=house().pk, sheet=replace(sheet(), **change))
    assert field in refusal.value.fields
    assert not Survey.objects.exists()


def test_a_house_that_does_not_exist(event, clerk, sheet):
    with pytest.raises(NotFound, match="QR"):
        services.record(by=clerk, disaster=event, house=uuid4(), sheet=sheet())


def test_external_force_decides_and_a_class_typed_besides_must_agree(event, clerk, house, wet):
    with_force = services.record(by=clerk, disaster=event, house=house().pk, sheet=wet(190))
    without = services.record(by=clerk, disaster=event, house=house().pk, sheet=wet(190, force=False))
    assert (with_force.damage_class, without.damage_class) == ("total", "large")
    assert with_force.answers["depth"] == "190"
    assert without.answers["external_force"] is False
    with pytest.raises(Refused, match="全壊です"):
        services.record(by=clerk, disaster=event, house=house().pk, sheet=wet(190, found="large"))
    with pytest.raises(Refused, match="外力"):
        services.record(by=clerk, disaster=event, house=house().pk, sheet=wet(190, force=None))


def test_a_survey_typed_wrong_is_followed_by_another_one(event, clerk, house, sheet):
    one = house()
    first = services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())
    with pytest.raises(Conflict, match="打ち直して"):
        services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())
    right = sheet(ratio=32, found="medium")
    second = services.record(by=clerk, disaster=event, house=one.pk, sheet=right, replaces=first.pk)
    with pytest.raises(Conflict, match="すでに打ち直されて"):
        services.record(by=clerk, disaster=event, house=one.pk, sheet=right, replaces=first.pk)
    first.refresh_from_db()
    assert (first.damage_class, second.replaces) == ("half", first)
    assert queries.house_view(one.pk, event, clerk).current == [second]


def test_a_sheet_typed_twice_shows_where_it_differs(event, clerk, staff, house, sheet):
    row = services.record(by=clerk, disaster=event, house=house().pk, sheet=sheet(sheet_no="A-1"))
    with pytest.raises(Refused, match="別の職員"):
        services.type_again(by=clerk, survey=row.pk, sheet=sheet())
    other = staff("tax")
    second = services.type_again(by=other, survey=row.pk, sheet=sheet(ratio=28, found="half", sheet_no="A-1"))
    assert second.differs == ["ratio"]
    with pytest.raises(Conflict):
        services.type_again(by=other, survey=row.pk, sheet=sheet())


def test_quick_inspection_is_kept_apart(event, clerk, house):
    one = house()
    services.ask(by=clerk, disaster=event, house=one.pk)
    services.inspect(by=clerk, disaster=event, house=one.pk, colour="red", inspected_on=DAY)
    view = queries.house_view(one.pk, event, clerk)
    assert [row.colour for row in view.inspections] == ["red"]
    assert view.open_requests
    assert view.surveys == view.judgements == []
    with pytest.raises(Refused):
        services.inspect(by=clerk, disaster=event, house=one.pk, colour="blue", inspected_on=DAY)


def test_the_waiting_by_district_and_stage(event, clerk, house):
    for lot in ("大浜市西町5番地", "大浜市西町6番地", "大浜市本町1丁目2番3号"):
        services.ask(by=clerk, disaster=event, house=house(lot).pk)
    services.ask(by=clerk, disaster=event, house=house("大浜市西町7番地").pk, stage="second", reason="申請")
    found = {one.name: (one.counts, one.total) for one in queries.districts(event)}
    assert found == {"西町": ({"first": 2, "second": 1}, 3), "本町1丁目": ({"first": 1}, 1)}
    listed = queries.waiting(event, stage="first", district="西町")
    assert [one.where for one in listed.object_list] == ["大浜市西町5番地", "大浜市西町6番地"]
    assert queries.counts(event) == {"waiting": 4, "surveyed": 0, "to_confirm": 0, "judged": 0}
    assert SurveyRequest.objects.count() == 4


@pytest.mark.parametrize(
    ("address", "town"),
    [
        ("大浜市西町12番地3", "西町"),
        ("西町１２－３", "西町"),
        ("大浜市本町一丁目2-3", "本町一丁目"),
        ("大浜市本町1丁目2番3号", "本町1丁目"),
        ("港町", "港町"),
        ("", ""),
    ],
)
def test_the_district_of_an_address(address, town):
    assert rules.district(address, "大浜市") == town


def test_a_survey_typed_again_can_not_move_onto_the_day_and_stage_of_another(event, clerk, house, sheet):
    one = house()

    def typed(replaces=None, **said):
        return services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet(**said), replaces=replaces)

    early = typed(surveyed_on=date(2026, 11, 19))
    late = typed(surveyed_on=date(2026, 11, 21))
    with pytest.raises(Conflict, match="別に入っています"):
        typed(replaces=late.pk, surveyed_on=date(2026, 11, 19))
    moved = typed(replaces=late.pk, surveyed_on=date(2026, 11, 22))
    with pytest.raises(Conflict, match="打ち直してください"):  # the day that a retyped survey has
        typed(surveyed_on=date(2026, 11, 22))
    with pytest.raises(Conflict, match="別に入っています"):  # the day that another was first typed with
        typed(replaces=early.pk, surveyed_on=date(2026, 11, 21))
    back = typed(replaces=moved.pk, surveyed_on=date(2026, 11, 21))  # its own first day
    assert queries.house_view(one.pk, event, clerk).current == [back, early]
