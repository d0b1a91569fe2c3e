"""Teams of a day, calls and appointments, sheets on paper, an area at once, the map by state and class."""

from __future__ import annotations

import json
from datetime import date, time

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.errors import Conflict, Refused
from backend.damage.judgements import areas
from backend.damage.judgements import services as judging
from backend.damage.models import Judgement, Survey, SurveyArea, Visit
from backend.damage.surveys import mapping, services, team_queries, teams
from backend.ledger.houses import outlines
from backend.ledger.models import House, Protection
from tests.house_rows import collection, feature, square

TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def team(event, clerk):
    said = {
        "name": "第1班",
        "lead": "班長 一郎",
        "members": ["班員 二郎"],
        "district": "西町",
        "telephone": "090-0000-0000",
    }
    return lambda **more: teams.make_team(by=clerk, disaster=event, **{"day": TODAY, **said, **more})


@pytest.fixture
def asked(event, clerk, house):
    def make(*lots):
        return [services.ask(by=clerk, disaster=event, house=house(lot).pk) for lot in lots]

    return make


def test_two_or_three_and_one_name_a_day(team):
    team()
    with pytest.raises(Conflict, match="同じ名前"):
        team()
    team(day=TOMORROW)
    for members, people in (([], 1), (["甲", "乙", "丙"], 4)):
        with pytest.raises(Refused, match=f"いま{people}人"):
            team(name="第2班", members=members)
    with pytest.raises(Refused, match="班長"):
        team(name="第2班", lead="")


def test_a_house_is_planned_once_and_what_came_of_it_stays(team, asked, clerk, event, sheet):
    one, other = team(), team(name="第2班")
    rows = asked("大浜市西町5番地", "大浜市西町6番地", "大浜市本町1番地")
    assert teams.plan(by=clerk, team=one.pk, requests=[rows[1].pk, rows[0].pk]) == (2, 0)
    assert teams.plan(by=clerk, team=other.pk, requests=[row.pk for row in rows]) == (1, 2)
    calls = team_queries.calls(one)
    assert [call.where for call in calls] == ["大浜市西町6番地", "大浜市西町5番地"]
    absent = teams.close(
        by=clerk, visit=calls[0].row.pk, result="absent", appointment_on=TOMORROW, appointment_at=time(14, 30)
    )
    with pytest.raises(Conflict, match="不在票を残した"):
        teams.close(by=clerk, visit=absent.pk, result="surveyed")
    assert [visit for visit, _ in team_queries.appointments(event)] == [absent]
    later = team(day=TOMORROW)
    assert teams.plan(by=clerk, team=later.pk, requests=[rows[1].pk]) == (1, 0)
    assert team_queries.appointments(event) == []
    services.record(by=clerk, disaster=event, house=rows[0].house_id, sheet=sheet())
    assert team_queries.calls(one)[1].surveyed
    assert [row.absent for row in team_queries.teams(event, TODAY)] == [1, 0]


def test_calls_that_do_not_fit(team, asked, clerk):
    row = asked("大浜市西町5番地")[0]
    late, today = team(day=TOMORROW), team()
    with pytest.raises(Refused, match="過ぎた日"):
        teams.plan(by=clerk, team=team(day=date(2026, 11, 24)).pk, requests=[row.pk])
    teams.plan(by=clerk, team=late.pk, requests=[row.pk])
    visit = Visit.objects.get()
    with pytest.raises(Refused, match="まだ来ていない日"):
        teams.close(by=clerk, visit=visit.pk, result="surveyed")
    teams.close(by=clerk, visit=visit.pk, result="cancelled")
    teams.plan(by=clerk, team=today.pk, requests=[row.pk])
    visit = Visit.objects.get(result="")
    with pytest.raises(Refused, match="今日より前"):
        teams.close(by=clerk, visit=visit.pk, result="absent", appointment_on=date(2026, 11, 24))
    with pytest.raises(Refused, match="日も"):
        teams.close(by=clerk, visit=visit.pk, result="absent", appointment_at=time(9))


def test_what_was_left_over_of_yesterday_is_planned_anew(team, asked, clerk, event):
    row = asked("大浜市西町5番地")[0]
    with clock.frozen("2026-11-24T09:00:00+09:00"):
        teams.plan(by=clerk, team=team(day=date(2026, 11, 24)).pk, requests=[row.pk])
        assert team_queries.offered(event) == []
    assert [one.row for one in team_queries.offered(event)] == [row]
    assert teams.plan(by=clerk, team=team().pk, requests=[row.pk]) == (1, 0)
    assert [visit.result for visit in Visit.objects.order_by("team__day")] == ["cancelled", ""]


def test_the_pages_of_a_team_and_its_sheets(sign_in, clerk, event, asked):
    desk, rows = sign_in(clerk), asked("大浜市西町5番地", "大浜市西町6番地")
    url = reverse("surveys:teams")
    said = {
        "day": "R8.11.25",
        "name": "第1班",
        "lead": "班長 一郎",
        "members": "班員 二郎、班員 三郎",
        "district": "西町",
    }
    assert desk.post(url, {**said, "members": "甲、乙、丙"}).status_code == 422
    made = desk.post(url, said)
    page = desk.get(made.url).content.decode()
    assert "大浜市西町5番地" in page
    desk.post(made.url, {"request": [str(row.pk) for row in rows]})
    printed = desk.get(f"{made.url}sheets/").content.decode()
    assert printed.count("survey-sheet__qr") == 2
    assert "高橋" not in printed
    visit = Visit.objects.order_by("place").first()
    close = reverse("surveys:close_visit", args=[visit.pk])
    wrong = desk.post(close, {"result": "absent", "appointment_on": "R8.11.26", "appointment_at": "25:99"})
    assert "時刻として読めません" in wrong.content.decode()
    desk.post(close, {"result": "absent", "appointment_on": "R8.11.26", "appointment_at": "14時30分"})
    shown = desk.get(url).content.decode()
    assert "R8.11.26 14:30" in shown
    assert "班員 三郎" in shown


def test_slips_to_be_left_at_the_houses(sign_in, clerk, staff, team, asked, settings):
    settings.SURVEY_TELEPHONE = "0120-000-000"
    one, desk = team(), sign_in(clerk)
    page = desk.get(reverse("surveys:team", args=[one.pk])).content.decode()
    assert "電話 090-0000-0000" in page
    url = {kind: reverse("surveys:team_slips", args=[one.pk, kind]) for kind in ("surveyed", "absent")}
    assert [kind for kind in url if url[kind] in page] == ["surveyed", "absent"]
    empty = desk.get(url["absent"]).content.decode()
    assert empty.count('class="slip"') == 4
    rows = asked(*(f"大浜市西町{n}番地" for n in range(5, 10)))
    teams.plan(by=clerk, team=one.pk, requests=[row.pk for row in rows])
    for kind, says in (("surveyed", "もう一度の調査を申し込めます"), ("absent", "お留守でした")):
        printed = desk.get(url[kind]).content.decode()
        assert (printed.count('class="slips"'), printed.count('class="slip"')) == (2, 8)
        assert [printed.count(f"<dd>大浜市西町{n}番地</dd>") for n in range(5, 10)] == [1] * 5
        assert printed.count("（電話 090-0000-0000）") == 8
        assert printed.count("電話 0120-000-000") == 8
        assert printed.count("令和8年11月25日") >= 8
        assert says in printed
        assert "班長 一郎" not in printed
    assert desk.get(f"{url['absent']}x/").status_code == 404
    assert sign_in(staff("welfare")).get(url["absent"]).status_code == 403


def corners(event, clerk, house, wet, depth=190):
    made = [house(f"大浜市港町{n}番地") for n in range(1, 5)]
    return [services.record(by=clerk, disaster=event, house=one.pk, sheet=wet(depth)).pk for one in made]


def test_an_area_by_its_four_corners(event, clerk, staff, house, wet, sheet):
    samples = corners(event, clerk, house, wet)
    inside = [house(f"大浜市港町{n}番地") for n in (5, 6)]
    concrete, high = house("大浜市港町7番地", structure="鉄筋コンクリート造"), house("大浜市港町8番地", floors="3")
    known = house("大浜市港町9番地")
    services.record(by=clerk, disaster=event, house=known.pk, sheet=sheet())
    houses = [one.pk for one in (*inside, concrete, high, known)]
    asked = services.ask(by=clerk, disaster=event, house=inside[0].pk)
    done = areas.judge(by=clerk, disaster=event, name="港町", external_force=True, samples=samples, houses=houses)
    assert {row.house_id for row in done.made} == {one.pk for one in inside}
    assert {row.damage_class for row in done.made} == {"total"}
    why = dict(done.left_out)
    assert "鉄筋コンクリート造" in why[concrete.pk]
    assert "3階" in why[high.pk]
    assert "すでに" in why[known.pk]
    asked.refresh_from_db()
    assert asked.ended == "answered"
    assert Judgement.objects.exclude(confirmed_at=None).count() == 0
    batch = judging.confirm_equal(
        by=staff("tax"), judgements=[row.pk for row in done.made], method="area", damage_class="total", edition="r07-07"
    )
    assert len(batch.confirmed) == 2


def test_an_area_without_enough_of_a_ground(event, clerk, house, wet):
    samples = corners(event, clerk, house, wet, depth=179)
    one = house("大浜市港町5番地")
    with pytest.raises(Refused, match=r"1\.8m以上"):
        areas.judge(by=clerk, disaster=event, name="港町", external_force=True, samples=samples, houses=[one.pk])
    with pytest.raises(Refused, match="いま3棟"):
        areas.judge(by=clerk, disaster=event, name="港町", external_force=True, samples=samples[:3], houses=[one.pk])
    services.record(
        by=clerk, disaster=event, house=Survey.objects.get(pk=samples[0]).house_id, sheet=wet(200), replaces=samples[0]
    )
    with pytest.raises(Refused, match="変わっています"):
        areas.judge(by=clerk, disaster=event, name="港町", external_force=True, samples=samples, houses=[one.pk])
    assert not SurveyArea.objects.exists()


def test_external_force_is_asked_of_the_houses_of_an_area_and_never_taken_from_its_corners(event, clerk, house, wet):
    samples = corners(event, clerk, house, wet)
    same, other = house("大浜市港町5番地"), house("大浜市港町6番地")
    said = {"by": clerk, "disaster": event, "name": "港町", "samples": samples, "houses": [same.pk, other.pk]}
    for force in (None, False):
        with pytest.raises(Refused) as refusal:
            areas.judge(**said, external_force=force)
        assert list(refusal.value.fields) == ["external_force"]
    assert not SurveyArea.objects.exists()
    done = areas.judge(**said, external_force=True, otherwise=[other.pk])
    assert [(row.house_id, row.survey.external_force) for row in done.made] == [(same.pk, True)]
    assert [(pk, "外力" in why) for pk, why in done.left_out] == [(other.pk, True)]
    assert not Survey.objects.filter(house=other.pk).exists()


def test_the_page_of_an_area(sign_in, clerk, event, house, wet):
    samples = corners(event, clerk, house, wet)
    inside = house("大浜市港町5番地")
    desk, url = sign_in(clerk), reverse("judgements:areas") + "?place=港町"
    shown = desk.get(url).content.decode()
    assert shown.count('name="sample"') == 4
    assert shown.count('name="house"') == shown.count('name="otherwise"') == 1
    sent = {"name": "港町", "house": [str(inside.pk)], "external_force": "yes"}
    assert "いま0棟" in desk.post(url, sent).content.decode()
    sent["sample"] = [str(pk) for pk in samples]
    unasked = desk.post(url, {**sent, "external_force": ""})
    assert unasked.status_code == 422
    assert "一棟ずつ確かめて" in unasked.content.decode()
    assert "外力「あり」です" in desk.post(url, {**sent, "external_force": "no"}).content.decode()
    assert "一棟ずつ調査します" in desk.post(url, {**sent, "otherwise": [str(inside.pk)]}).content.decode()
    assert not Survey.objects.filter(house=inside).exists()
    done = desk.post(url, sent)
    assert "1棟の判定を起案しました" in done.content.decode()


def small(west):
    return [[round(x, 7), round(y, 7)] for x, y in square(west, side=0.00005)]


@pytest.mark.parametrize("drawn", ["houses", "outlines"])
def test_the_map_says_how_far_each_house_is_and_hides_whom_it_must(
    event, clerk, staff, sign_in, house, household, sheet, drawn, settings, tmp_path
):
    """From points, and from outlines where these are known; a house with an outline is not drawn a second time."""
    at = {"latitude": 38.0, "longitude": 143.5}
    lots = {name: house("", **at) for name in ("plain", "waiting", "surveyed", "to_confirm", "half", "below")}
    services.ask(by=clerk, disaster=event, house=lots["waiting"].pk)
    rows = {
        name: services.record(by=clerk, disaster=event, house=lots[name].pk, sheet=sheet(**said))
        for name, said in (
            ("surveyed", {}),
            ("to_confirm", {}),
            ("half", {}),
            ("below", {"ratio": 5, "found": "below"}),
        )
    }
    judging.make(by=clerk, survey=rows["to_confirm"].pk)
    for name in ("half", "below"):
        judging.confirm(by=staff("tax"), judgement=judging.make(by=clerk, survey=rows[name].pk).pk)
    home = household(event, [{"name": "秘野 匿子"}])
    Protection.objects.create(person=home.members.get(), source="desk", asked_by=clerk)
    hidden = house("", home, by=clerk, **at)
    services.record(by=clerk, disaster=event, house=hidden.pk, sheet=sheet())
    squares = {one.pk: small(143.5 + n / 10_000) for n, one in enumerate([*lots.values(), hidden])}
    if drawn == "outlines":
        settings.DATA_DIR = tmp_path
        numbers = dict(House.objects.values_list("pk", "property_no"))
        shapes = [feature(ring, 物件番号=numbers[pk]) for pk, ring in squares.items()]
        (tmp_path / "o.geojson").write_text(json.dumps(collection(*shapes, feature(small(143.5008)))))
        outlines.take_outlines(path=tmp_path / "o.geojson", by=None)
    answer = sign_in(clerk).get(reverse("surveys:map_features"), {"bbox": "143.499,37.999,143.501,38.001"}).json()
    assert {one["house"]: one["state"] for one in answer[drawn] if one["house"]} == {
        str(one.pk): name for name, one in lots.items()
    }
    bare = [one for one in answer[drawn] if not one["house"]]
    if drawn == "outlines":
        assert answer["houses"] == []
        shape = {one["house"]: one["rings"][0] for one in answer["outlines"]}
        assert shape[str(lots["half"].pk)] == squares[lots["half"].pk]
        # The house of somebody hidden is drawn like the building of which nobody knows anything.
        assert [(one["state"], one["label"]) for one in bare] == [("bare", "")] * 2
        assert squares[hidden.pk] in [one["rings"][0] for one in bare]
    else:
        assert (answer["outlines"], bare) == ([], [])
    assert str(hidden.pk) not in json.dumps(answer)
    assert answer["states"] == mapping.STATES
    page = sign_in(clerk).get(reverse("surveys:map")).content.decode()
    assert "判定の確認待ち" in page
