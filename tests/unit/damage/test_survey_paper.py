"""The sheet of paper: its heading and lines by kind of disaster, structure and survey; where the official one is to be attached."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from django.urls import reverse

from backend.damage.surveys import paper, services, teams


@pytest.mark.parametrize(
    ("cause", "build", "stage"), list(product(paper.HEADINGS, paper.BUILDS, ("first", "second", "again")))
)
def test_every_kind_has_its_heading_begins_at_sight_and_says_what_is_to_be_attached(cause, build, stage):
    made = paper.sheet(cause=cause, build=build, stage=stage)
    assert made.heading.split("　", 1)[1].split("・")[0] == paper.HEADINGS[cause]
    assert paper.BUILDS[build] in made.heading
    assert made.lines[0].label == "一見して全壊"
    labels = [line.label for line in made.lines]
    assert ("外力による損傷" in labels) == ("浸水" in labels) == (cause == "flood")
    assert ("傾斜（1階）" in labels) == (cause == "earthquake")
    assert "正式の調査票" in made.attach
    assert bool(made.parts) == (cause == "earthquake" and build == "wood"), "parts only where their names are known"


def test_a_first_survey_looks_from_outside_and_a_second_one_goes_in():
    first, second = (paper.sheet(cause="earthquake", build="wood", stage=stage) for stage in ("first", "second"))
    assert first.parts == ("屋根", "壁（外壁）", "基礎")
    assert {"床", "天井", "設備"} <= set(second.parts)
    depth = paper.sheet(cause="flood", build="wood", stage="first").attach
    assert "浸水深で判定" in depth
    assert "浸水深で判定" not in paper.sheet(cause="flood", build="concrete", stage="first").attach


def test_the_numbers_of_the_paper_are_those_of_the_screen():
    from backend.damage.surveys.forms import SheetForm

    screen = {label for _, label in SheetForm().fields["method"].choices}
    assert set(paper.methods("first")) | set(paper.methods("second")) == screen - {"0 記入なし"}
    assert paper.methods("second") == ["2 内部立入調査", "5 調査票の結果を入力"]


def test_without_a_kind_or_a_structure_it_is_left_to_be_ticked():
    made = paper.sheet(cause="other", build="", stage="first")
    assert [line.label for line in made.lines] == ["一見して全壊", "外力による損傷", "浸水"]
    assert "構造" in made.heading


@pytest.mark.parametrize(
    ("structure", "build"),
    [
        ("木造", "wood"),
        ("軽量鉄骨プレハブ", "wood"),
        ("鉄骨造", "steel"),
        ("鉄骨鉄筋コンクリート造", "concrete"),
        ("ＲＣ造", "concrete"),
        ("非木造", ""),
        ("", ""),
    ],
)
def test_the_structure_of_the_roll(structure, build):
    assert paper.build_of(structure) == build


def test_the_printed_sheets_go_by_the_chosen_kind_and_the_roll(event, two, house, sign_in, sheet):
    asked = [
        services.ask(by=two[0], disaster=event, house=house(structure=kind).pk)
        for kind in ("木造", "鉄筋コンクリート造")
    ]
    services.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())  # so far all surveys are of the shaking
    team = teams.make_team(by=two[0], disaster=event, day=date(2026, 11, 25), name="第1班", lead="甲", members=["乙"])
    teams.plan(by=two[0], team=team.pk, requests=[row.pk for row in asked])
    desk, url = sign_in(two[0]), reverse("surveys:team_sheets", args=[team.pk])
    shaken = desk.get(url).content.decode()
    assert "調査票　地震・木造・プレハブ・第1次調査" in shaken
    assert "調査票　地震・鉄筋コンクリート造・第1次調査" in shaken
    assert shaken.count("壁（外壁）") == 1
    assert "令和7年7月の版" in shaken
    wet = desk.get(url, {"cause": "flood"}).content.decode()
    assert wet.count("調査票　水害・") == wet.count("外力による損傷") == 2
    assert "傾斜（1階）" not in wet
    assert "正式の調査票" in desk.get(url, {"cause": "nothing"}).content.decode()
