"""The sheet of paper: its heading and lines by kind of disaster, structure and survey; where the official one is to be attached."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest
from django.urls import reverse

from backend.core.qr import path as qr_path
from backend.damage.surveys import paper, questions, services, teams
from backend.damage.surveys.forms import SheetForm

STAGES = ("first", "second", "again")
KINDS = list(product((*paper.HEADINGS, ""), (*paper.BUILDS, ""), STAGES))
KNOWN = [kind for kind in KINDS if kind[0] and kind[1]]


@pytest.mark.parametrize(("cause", "build", "stage"), KNOWN)
def test_every_kind_has_its_heading_asks_what_is_known_of_it_and_says_what_is_to_be_attached(cause, build, stage):
    made = paper.sheet(cause=cause, build=build, stage=stage)
    assert made.heading.split("　", 1)[1].split("・")[0] == paper.HEADINGS[cause]
    assert paper.BUILDS[build] in made.heading
    labels = [line.label for line in made.lines]
    assert "一見して全壊" in labels
    assert ("外力による損傷" in labels) == ("浸水" in labels) == (cause == "flood")
    assert ("傾斜（1階）" in labels) == (cause == "earthquake")
    assert "正式の調査票" in made.attach
    assert bool(made.parts) == (cause == "earthquake" and build == "wood"), "parts only where their names are known"


@pytest.mark.parametrize(("cause", "build", "stage"), KINDS)
def test_the_screen_has_the_order_of_the_paper_and_the_numbers_of_its_choices(cause, build, stage):
    """Whatever is asked on paper is a field of the screen, the fields stand in the paper's order, and number 3 is number 3."""
    form = SheetForm()
    on_screen = [field.name for group in form.groups for field in group.fields]
    assert on_screen == list(form.fields)
    asked = [(key, line) for line in paper.sheet(cause=cause, build=build, stage=stage).lines for key in line.asks]
    assert [key for key in on_screen if key in dict(asked)] == [key for key, _ in asked]
    for key, line in asked:
        numbered = [label for value, label in getattr(form.fields[key], "choices", []) if value]
        choices = (
            list(line.choices) if line.asks[0] == key else []
        )  # the depth is written behind the choices of the water
        if key == "method":  # a survey has those of its stage
            numbered = [label for label in numbered if label in choices]
        assert numbered == choices, key
        printed = [f"{'①②③④⑤⑥'[int(n) - 1]}{rest}" for n, rest in (one.split(" ", 1) for one in line.choices)]
        assert all(one in line.text or ring in line.text for one, ring in zip(line.choices, printed, strict=True))


@pytest.mark.parametrize(("cause", "build", "stage"), KINDS)
def test_what_only_some_papers_have_is_taken_from_those_alone(cause, build, stage):
    made = paper.sheet(cause=cause, build=build, stage=stage)
    printed = {key for line in made.lines for key in line.asks} & set(questions.MEASURED)
    kind = {"cause": cause, "structure": paper.structure_of(build), "stage": stage}
    refused = questions.problems(dict.fromkeys(questions.MEASURED, 1), **kind)
    assert set(questions.MEASURED) - set(refused) == printed


def test_a_first_survey_looks_from_outside_and_a_second_one_goes_in():
    first, second = (paper.sheet(cause="earthquake", build="wood", stage=stage) for stage in ("first", "second"))
    assert first.parts == ("屋根", "壁（外壁）", "基礎")
    assert {"床", "天井", "設備"} <= set(second.parts)
    depth = paper.sheet(cause="flood", build="wood", stage="first").attach
    assert "浸水深で判定" in depth
    assert "浸水深で判定" not in paper.sheet(cause="flood", build="concrete", stage="first").attach


def test_at_sight_has_one_list_of_choices_on_every_paper():
    texts = {
        line.choices
        for cause, build, stage in KINDS
        for line in paper.sheet(cause=cause, build=build, stage=stage).lines
        if line.label == "一見して全壊"
    }
    assert texts == {("1 住家全部が倒壊", "2 一部の階の全部が倒壊", "3 住家全部が流失・埋没", "4 該当なし")}


def test_a_survey_has_the_methods_of_its_stage_and_the_known_answers_are_marked():
    made = {stage: paper.sheet(cause="flood", build="concrete", stage=stage).lines for stage in STAGES}
    methods = {stage: next(line for line in lines if line.label == "方法") for stage, lines in made.items()}
    assert methods["second"].choices == ("2 内部立入調査", "5 調査票の結果を入力")
    text = {line.label: line.text for line in made["second"]}
    assert (text["災害の種類"], text["構造"]) == ("1 地震　②水害　3 風害　4 その他", "1 木造・プレハブ　②非木造")
    assert text["調査の回"] == "1 第1次調査　②第2次調査　3 再調査"


def test_without_a_kind_or_a_structure_it_is_left_to_be_ticked():
    made = paper.sheet(cause="other", build="", stage="first")
    labels = [line.label for line in made.lines]
    assert labels[labels.index("一見して全壊") :][:4] == ["一見して全壊", "外力による損傷", "浸水", "添えるもの"]
    assert next(line for line in made.lines if line.label == "構造").text == "1 木造・プレハブ　2 非木造"
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


def test_each_printed_sheet_carries_the_code_of_its_own_house(event, two, house, sign_in):
    """Read back, the code is the address of the page of that house, and the sheet beside it names that house."""
    places = ["大浜市西町71番地", "大浜市西町72番地"]
    asked = [services.ask(by=two[0], disaster=event, house=house(place).pk) for place in places]
    team = teams.make_team(by=two[0], disaster=event, day=date(2026, 11, 25), name="第1班", lead="甲", members=["乙"])
    teams.plan(by=two[0], team=team.pk, requests=[row.pk for row in asked])
    desk = sign_in(two[0])
    printed = desk.get(reverse("surveys:team_sheets", args=[team.pk])).content.decode()
    sheets = printed.split('<section class="survey-sheet">')[1:]
    assert len(sheets) == len(asked)
    for text, place, row in zip(sheets, places, asked, strict=True):
        address = f"http://testserver{reverse('damage_houses:house', args=[row.house_id])}"
        side, drawn = qr_path(address)
        assert f'viewBox="0 0 {side} {side}"' in text
        assert re.findall(r'<path d="([^"]+)"', text) == [drawn]
        assert place in text
        opened = desk.post(reverse("surveys:index"), {"scanned": address})
        assert opened.url == reverse("damage_houses:house", args=[row.house_id])
