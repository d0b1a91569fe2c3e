"""Where we stand: each dwelling at one stage, as of any hour, in no count that would show somebody who is hidden."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.damage.applications import services as applying
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import risai
from backend.damage.judgements import services as judging
from backend.damage.progress import queries, rules
from backend.damage.progress.standing import holding_judgements
from backend.damage.surveys import services as surveying
from backend.damage.surveys import teams

MORNING = datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)
RATIO = {"total": 60, "large": 45, "half": 25, "below": 5}


def hour(n: float) -> datetime:
    return MORNING + timedelta(hours=n)


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "表山 一郎"}, {"name": "表山 花子"}])


@pytest.fixture
def apply(event, two):
    def make(home, *houses, places=None, stage="first", **said):
        places = places or [Place("大浜市西町5番地", house=one.pk) for one in houses]
        told = {"channel": "counter", "applicant": "resident", "cause": "earthquake", "identity": "licence"}
        told |= {"name": "表山 一郎", "applied_on": clock.today(), "stage": stage, "reason": "内部の被害", **said}
        asked = Said(places=places, **told)
        return applying.record(by=two[0], disaster=event, said=asked, household=home and home.pk, knowingly=True)

    return make


@pytest.fixture
def survey(event, two, sheet):
    def make(house, found="half", *, day=20, stage="first", replaces=None):
        method = "exterior" if stage == "first" else "interior"
        said = sheet(stage=stage, method=method, found=found, ratio=RATIO[found], surveyed_on=date(2026, 11, day))
        return surveying.record(by=two[0], disaster=event, house=house.pk, sheet=said, replaces=replaces)

    return make


@pytest.fixture
def judge(two, survey):
    def make(house, found="half", **how):
        made = judging.make(by=two[0], survey=survey(house, found, **how).pk)
        return judging.confirm(by=two[1], judgement=made.pk)

    return make


def issue(by, home, house):
    return risai.issue_risai(
        by=by, household_id=home.pk, house_id=house.pk, purpose="保険金の請求", id_checked="licence"
    )


def stages(event, staff, at=None):
    return dict(queries.progress(event, staff, at or clock.now()).stages)


@pytest.mark.parametrize(
    ("asked", "known", "stage"),
    [
        ("first", {"matched": False, "judged": "5"}, "taken"),
        ("first", {}, "first"),
        ("first", {"surveyed": "1"}, "surveyed"),
        ("first", {"surveyed": "1", "to_confirm": "2"}, "to_confirm"),
        ("first", {"judged": "1"}, "paper"),
        ("first", {"judged": "1", "paper": "1"}, "issued"),
        # Whoever applies again waits for something that came later than they did (at 3).
        ("second", {"judged": "1", "paper": "1"}, "second"),
        ("again", {"surveyed": "2", "to_confirm": "2"}, "again"),
        ("second", {"judged": "4", "paper": "1"}, "paper"),
        ("second", {"judged": "4", "paper": "4"}, "issued"),
    ],
)
def test_a_dwelling_stands_at_one_stage(asked, known, stage):
    said = {"matched": True, "paper": "", "judged": "", "to_confirm": "", "surveyed": "", **known}
    assert rules.stage_of(asked, "3", **said) == stage


def test_from_the_counter_to_the_certificate_and_back_to_every_hour(event, two, home, house, apply, survey):
    one = house("", home, by=two[0])
    steps = {}

    def then(n, act):
        with clock.frozen(hour(n)):
            done = act()
        return done

    row = then(0, lambda: apply(None, one, places=[Place("西町5番地の家")]))
    steps["taken"] = hour(0.5)
    then(1, lambda: applying.match_household(by=two[0], application=row.pk, household=home.pk))
    then(1, lambda: applying.match_house(by=two[0], line=row.houses.get().pk, house=one.pk))
    steps["first"] = hour(1.5)
    found = then(2, lambda: survey(one))
    steps["surveyed"] = hour(2.5)
    made = then(3, lambda: judging.make(by=two[0], survey=found.pk))
    steps["to_confirm"] = hour(3.5)
    then(4, lambda: judging.confirm(by=two[1], judgement=made.pk))
    steps["paper"] = hour(4.5)
    then(5, lambda: issue(two[0], home, one))
    steps["issued"] = hour(5.5)
    assert stages(event, two[0], hour(-1)) == {}
    assert {stage: stages(event, two[0], at) for stage, at in steps.items()} == {stage: {stage: 1} for stage in steps}


def test_who_applies_again_waits_again_and_the_first_paper_stays_done(event, two, home, house, apply, judge):
    one = house("", home, by=two[0])
    with clock.frozen(hour(0)):
        apply(home, one)
        judge(one, "half")
        issue(two[0], home, one)
    with clock.frozen(hour(1)):
        apply(home, one, stage="second")
        assert stages(event, two[0]) == {"issued": 1, "second": 1}
    with clock.frozen(hour(2)):
        judge(one, "large", day=24, stage="second")
        assert stages(event, two[0]) == {"issued": 1, "paper": 1}
    with clock.frozen(hour(3)):
        issue(two[0], home, one)
        assert stages(event, two[0]) == {"issued": 2}


def test_days_count_what_came_and_what_is_left(event, two, home, house, apply, judge):
    one, other = house("", home, by=two[0]), house("", home, by=two[0])
    with clock.frozen(hour(0)):
        apply(home, one, other)
        gone = apply(home, house())
        apply(home, places=[Place("庭のへい", "land")])
    with clock.frozen(hour(14.9)):  # 23:54 of the same day
        judge(one)
    with clock.frozen(hour(15.1)):  # 0:06 of the next
        issue(two[0], home, one)
        applying.withdraw(by=two[0], application=gone.pk, reason="申請者の申し出")
    found = queries.progress(event, two[0], hour(40)).days
    first, second = date(2026, 11, 25), date(2026, 11, 26)
    assert found.days == [first, second, date(2026, 11, 27)]
    assert (found.applications[first], found.taken[first], found.others[first]) == (3, 3, 1)
    assert (found.surveyed[first], found.judged[first]) == (1, 1)
    assert (found.withdrawn[second], found.issued[second]) == (1, 1)
    assert found.left == [3, 1, 1]
    assert queries.progress(event, two[0], hour(1)).days.left == [3]


def test_a_changed_application_is_counted_once_and_since_it_was_taken(event, two, home, house, apply):
    with clock.frozen(hour(0)):
        row = apply(home, house())
    with clock.frozen(hour(30)):
        said = Said("counter", "resident", "表山 一郎", "earthquake", date(2026, 11, 25), [Place("東町"), Place("西町")],
                    identity="licence")  # fmt: skip
        applying.change(by=two[0], application=row.pk, said=said, why="所在地の訂正")
    now, before = (queries.progress(event, two[0], hour(n)) for n in (31, 29))
    assert (dict(before.stages), before.days.taken) == ({"first": 1}, {date(2026, 11, 25): 1})
    assert (dict(now.stages), now.days.taken) == ({"taken": 2}, {date(2026, 11, 25): 2})


def test_houses_that_nobody_applied_for_are_counted_apart_by_district(event, two, home, house, apply, judge, survey):
    apply(home, house("大浜市本町1丁目2番地"))
    surveying.ask(by=two[0], disaster=event, house=house("大浜市西町3番地").pk)
    survey(house("大浜市東町4番地"))
    judge(house("大浜市東町5番地"))
    found = queries.progress(event, two[0], clock.now())
    assert found.applied == {"本町1丁目": {"first": 1}}
    assert found.unasked == {"西町": {"first": 1}, "東町": {"surveyed": 1}}


def test_somebody_hidden_is_in_no_count_of_those_who_may_not_see_them(event, two, staff, home, house, apply):
    trusted = staff("welfare", sees_protected=True)
    apply(home, house())
    apply(home, house("大浜市西町3番地"), secret=True)
    assert stages(event, trusted) == {"first": 2}
    found = queries.progress(event, two[0], clock.now())
    assert (dict(found.stages), found.days.taken.total(), found.days.applications.total()) == ({"first": 1}, 1, 1)
    assert len(queries.longest(found)) == 1


def test_the_longest_waiting_come_first_and_can_be_chosen(event, two, home, house, apply, judge):
    done, west, east = house("", home, by=two[0]), house("大浜市西町3番地"), house("大浜市東町4番地")
    for n, one in enumerate((done, west, east)):
        with clock.frozen(hour(24 * n)):
            apply(home, one)
    with clock.frozen(hour(50)):
        judge(done)
        issue(two[0], home, done)
        judge(east, day=26)
        found = queries.progress(event, two[0], clock.now())
    rows = queries.longest(found)
    assert [(row.where, row.stage, row.days, row.district) for row in rows] == [
        ("大浜市西町3番地", "first", 1, "西町"), ("大浜市東町4番地", "paper", 0, "東町"),
    ]  # fmt: skip
    assert [row.where for row in queries.longest(found, stage="paper")] == ["大浜市東町4番地"]
    assert [row.where for row in queries.longest(found, district="西町")] == ["大浜市西町3番地"]
    assert len(queries.longest(found, most=1)) == 1


def test_teams_carry_what_was_planned_and_what_came_of_it_by_the_hour(event, two, house):
    asked = [surveying.ask(by=two[0], disaster=event, house=house().pk).pk for _ in range(4)]
    with clock.frozen(hour(0)):
        team = teams.make_team(by=two[0], disaster=event, day=clock.today(), name="第1班", lead="磯部", members=["沖"])
        teams.plan(by=two[0], team=team.pk, requests=asked)
        visits = list(team.visits.order_by("place"))
    for n, result in enumerate(("surveyed", "absent", "not_found"), 1):
        with clock.frozen(hour(n)):
            teams.close(by=two[0], visit=visits[n - 1].pk, result=result)

    def load(at):
        row = queries.teams(event, at).get()
        return row.planned, row.surveyed, row.absent, row.other, row.open

    assert load(hour(9)) == (4, 1, 1, 1, 1)
    assert load(hour(1.5)) == (4, 1, 0, 0, 3)
    assert not queries.teams(event, hour(-1)).exists()


def test_a_house_judged_twice_counts_once_with_what_held_at_the_hour(event, two, house, judge):
    one = house("大浜市西町3番地")
    with clock.frozen(hour(0)):
        judge(one, "half")
    with clock.frozen(hour(5)):
        judge(one, "below", day=24, stage="second")
    assert queries.found_classes(event, hour(4)) == {"西町": {"half": 1}}
    assert queries.found_classes(event, hour(6)) == {"西町": {"below": 1}}


def test_also_where_a_retyped_survey_let_the_first_one_hold_again(event, two, house, judge, survey):
    """Its row says only that it holds since then; that it held at first has to be found by the rule."""
    one = house()
    with clock.frozen(hour(0)):
        first = judge(one, "half", day=21)
    with clock.frozen(hour(5)):
        second = judge(one, "total", day=24, stage="second")
    with clock.frozen(hour(10)):  # the second sheet was of a day before the first one
        again = survey(one, "large", day=20, stage="second", replaces=second.survey_id)
        judging.confirm(by=two[1], judgement=judging.make(by=two[0], survey=again.pk).pk)
    held = [holding_judgements(event, hour(n)).get() for n in (1, 6, 11)]
    assert held == [first, second, first]


def test_many_cost_as_few_queries_as_one(event, two, household, house, apply, django_assert_max_num_queries):
    for n in range(12):
        apply(household(event, [{"name": f"町 人{n}"}]), house())
    with django_assert_max_num_queries(30):
        found = queries.progress(event, two[0], clock.now())
        queries.longest(found)
        queries.found_classes(event, clock.now())
    assert found.stages["first"] == 12


# Pages ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(two, sign_in):
    return sign_in(two[0])


def rows_of(answer, encoding="utf-8-sig"):
    return list(csv.reader(io.StringIO(answer.content.decode(encoding))))


def test_the_page_shows_every_table_with_its_drawing_and_its_file(desk, event, two, home, house, apply, judge):
    one = house("大浜市西町3番地", home, by=two[0])
    row = apply(home, one)
    judge(one)
    answer = desk.get(reverse("progress:index"))
    text = answer.content.decode()
    assert answer.status_code == 200
    for title in (
        "日ごとの受付と交付",
        "段階と地区ごとの、申請の住家",
        "長く待っている申請",
        "判定された被害の程度（棟）",
    ):
        assert title in text
    assert text.count("<svg class") >= 3
    assert reverse("applications:page", args=[row.pk]) in text
    assert "表山" not in text  # counts and places, nobody's name
    assert desk.get(reverse("progress:print")).status_code == 200


def test_a_clerk_opens_the_files(desk, event, two, home, house, apply, judge):
    apply(home, house("大浜市西町3番地"))
    apply(home, house("大浜市東町4番地"), name="=1+1")
    stages = rows_of(desk.get(reverse("progress:csv", args=["stages"])))
    assert stages[0] == ["地区", *rules.STAGES.values(), "計"]
    assert stages[1:] == [
        ["東町", "0", "1", "0", "0", "0", "0", "0", "0", "1"],
        ["西町", "0", "1", "0", "0", "0", "0", "0", "0", "1"],
        ["計", "0", "2", "0", "0", "0", "0", "0", "0", "2"],
    ]
    answer = desk.get(reverse("progress:csv", args=["longest"]), {"encoding": "shift_jis", "district": "西町"})
    (row,) = rows_of(answer, "cp932")[1:]
    assert row[5] == "大浜市西町3番地"
    for key in ("days", "unasked", "teams", "classes"):
        assert desk.get(reverse("progress:csv", args=[key])).status_code == 200
    assert desk.get(reverse("progress:csv", args=["other"])).status_code == 404


def test_the_page_of_an_hour_says_so_and_its_files_are_of_that_hour(desk, event, home, house, apply):
    with clock.frozen(hour(0)):
        apply(home, house())
    with clock.frozen(hour(9)):
        apply(home, house())
        before = desk.get(reverse("progress:index"), {"at": "2026-11-25T12:00"})
        assert "11月25日" in before.content.decode()
        rows = rows_of(desk.get(reverse("progress:csv", args=["stages"]), {"at": "2026-11-25T12:00"}))
        assert rows[-1][-1] == "1"
        wrong = desk.get(reverse("progress:index"), {"at": "2026-12-25T12:00"})
        assert wrong.status_code == 422
        assert "これから先の日時です" in wrong.content.decode()


def test_nothing_yet_is_said_and_strangers_stay_outside(desk, event, staff, sign_in):
    text = desk.get(reverse("progress:index")).content.decode()
    assert "申請の住家は、まだありません" in text
    assert "確認された判定は、まだありません" in text
    for name, *args in (("index",), ("report",), ("report_csv",), ("csv", "longest")):
        assert sign_in(staff("shelter")).get(reverse(f"progress:{name}", args=args)).status_code == 403


def test_without_a_disaster_the_pages_say_what_is_missing(desk, db):
    for name in ("index", "report"):
        assert "災害がまだ開設されていません" in desk.get(reverse(f"progress:{name}")).content.decode()
    assert desk.get(reverse("progress:csv", args=["days"])).status_code == 200


@pytest.mark.parametrize("page", ["progress:index", "progress:report"])
def test_an_hour_of_a_year_typed_by_half_is_said(desk, event, page):
    answer = desk.get(reverse(page), {"at": "0026-11-18T05:46"})
    assert answer.status_code != 500
    assert "年を確かめてください" in answer.content.decode()
