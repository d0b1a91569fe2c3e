"""Applications: on the applicant's word first, matched once by a person, changed by a row that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.applications import queries, rules, services
from backend.damage.applications.rules import Place, Said
from backend.damage.judgements import services as judging
from backend.damage.models import Application, SurveyRequest
from backend.damage.surveys import services as surveying
from backend.ledger.models import Protection

SAID = Said(
    channel="counter",
    applicant="resident",
    name="表山 一郎",
    kana="オモテヤマ イチロウ",
    birth="1970-01-02",
    cause="earthquake",
    applied_on=date(2026, 11, 22),
    places=[Place("大浜市西町5番地")],
    identity="licence",
)


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "表山 一郎", "kana": "オモテヤマ イチロウ"}])


@pytest.fixture
def take(event, clerk, house):
    """`take(home, a_house)`: an application of the household for that house; without, on the applicant's word."""

    def make(home=None, one=None, *, by=None, knowingly=False, form=None, **said):
        if one is not None:
            said["places"] = [Place("大浜市西町5番地", house=one.pk)]
        return services.record(
            by=by or clerk, disaster=event, said=replace(SAID, **said), household=home and home.pk,
            knowingly=knowingly, form=form,
        )  # fmt: skip

    return make


def state(row, staff):
    return queries.application(row.pk, staff).state


def test_numbers_run_by_fiscal_year_and_a_form_sent_twice_is_one_application(take, clerk):
    sent = uuid4()
    first = take(form=sent)
    assert take(form=sent) == first
    assert take(name="裏川 二郎", kana="").number == first.number + 1
    assert first.number_text.endswith("罹災申請第2026-000001号")
    assert Application.objects.count() == 2


def test_from_the_household_each_dwelling_is_to_be_surveyed(take, clerk, home, house):
    one, other = house(), house()
    places = [Place("西町5", house=one.pk), Place("物置", "building", other.pk), Place("庭のへい", "land")]
    row = take(home, places=places)
    asked = SurveyRequest.objects.get()
    assert (asked.house, asked.source) == (one, "damage:application:2026-1")
    assert list(row.houses.values_list("what", "request")) == [
        ("dwelling", asked.pk),
        ("building", None),
        ("land", None),
    ]
    assert (row.household, row.matched_by, state(row, clerk)) == (home, clerk, "waiting")


def test_on_the_applicants_word_first_and_matched_once_by_a_person(take, clerk, staff, home, house):
    one = house()
    row = take()
    line = row.houses.get()
    assert (row.household, line.house, state(row, clerk)) == (None, None, "unmatched")
    services.match_household(by=clerk, application=row.pk, household=home.pk)
    with pytest.raises(Conflict, match="先に世帯と照合"):
        services.match_household(by=staff("tax"), application=row.pk, household=home.pk)
    assert state(row, clerk) == "unmatched"
    matched = services.match_house(by=clerk, line=line.pk, house=one.pk)
    assert matched.request.stage == "first"
    with pytest.raises(Conflict, match="先に家屋と照合"):
        services.match_house(by=clerk, line=line.pk, house=one.pk)
    assert state(row, clerk) == "waiting"


def test_what_became_of_a_house_up_to_the_judgement(take, clerk, staff, home, house, sheet, event):
    one = house()
    row = take(home, one)
    survey = surveying.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())
    made = judging.make(by=clerk, survey=survey.pk)
    assert state(row, clerk) == "waiting"
    line = queries.application_page(row.pk, clerk).lines[0]
    assert (line.waiting, line.present, line.surveys) == (made, None, [survey])
    judging.confirm(by=staff("tax"), judgement=made.pk)
    assert state(row, clerk) == "decided"
    assert queries.application_page(row.pk, clerk).lines[0].present == made
    again = take(home, one, stage="second", reason="内部も壊れている")
    assert state(again, clerk) == "waiting"
    assert queries.counts(event, clerk) == {"unmatched": 0, "waiting": 1, "decided": 1, "withdrawn": 0}


@pytest.mark.parametrize(
    ("change", "where", "why"),
    [
        ({"name": " "}, "name", "氏名"),
        ({"identity": ""}, "identity", "聞き取り"),
        ({"applicant": "agent", "relation": ""}, "relation", "関係"),
        ({"applicant": "heir", "relation": "子"}, "head_name", "世帯主の氏名"),
        ({"applied_on": date(2026, 11, 26)}, "applied_on", "今日より後"),
        ({"applied_on": date(2026, 11, 1)}, "applied_on", "発災の日より前"),
        ({"stage": "again"}, "reason", "理由"),
        ({"copies": 0}, "copies", "1から20"),
        ({"places": []}, "places", "一つ以上"),
        ({"channel": "pigeon"}, "channel", "受付の方法"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_no_number_is_drawn(take, change, where, why):
    with pytest.raises(Refused, match=why) as refusal:
        take(**change)
    assert where in refusal.value.fields
    assert take().number == 1


def test_a_house_or_a_household_that_is_not_there(take, clerk, event):
    with pytest.raises(NotFound, match="家屋"):
        take(places=[Place("西町5", house=uuid4())])
    with pytest.raises(NotFound, match="世帯"):
        services.record(by=clerk, disaster=event, said=SAID, household=uuid4())
    assert not Application.objects.exists()


def test_the_same_household_house_and_stage_is_asked_about(take, home, house):
    one, other = house(), house()
    first = take(home, one)
    with pytest.raises(Conflict, match="すでにあります") as conflict:
        take(home, one, by=None)
    assert "knowingly" in conflict.value.fields
    assert take(home, other).number == first.number + 1
    assert take(home, one, stage="second", reason="不服").stage == "second"
    assert take(home, one, knowingly=True).houses.get().request == first.houses.get().request
    with pytest.raises(Conflict):
        take(places=[Place("大浜市西町５番地")])


def test_a_change_is_a_row_that_follows(take, clerk, home, house):
    one, other = house(), house()
    row = take(home, one)
    asked = row.houses.get().request
    said = replace(SAID, telephone="000-0000", places=[Place("大浜市西町5番地", house=one.pk)])
    new = services.change(by=clerk, application=row.pk, said=said, why="電話の聞き誤り")
    row.refresh_from_db()
    assert (row.telephone, new.telephone, new.number, new.version) == ("", "000-0000", row.number, 2)
    assert (new.household, new.houses.get().request, new.received_at) == (home, asked, row.received_at)
    with pytest.raises(Conflict, match="先に訂正"):
        services.change(by=clerk, application=row.pk, said=said, why="二人目")
    moved = replace(said, places=[Place("大浜市東町1番地", house=other.pk)])
    last = services.change(by=clerk, application=new.pk, said=moved, why="家屋の誤り", detach=True)
    asked.refresh_from_db()
    assert (asked.ended, last.houses.get().request.house, last.household) == ("withdrawn", other, None)
    assert [one.version for one in queries.application_page(last.pk, clerk).earlier] == [2, 1]
    assert queries.applied_houses(row.disaster).count() == 1


def test_a_withdrawal_has_a_reason_and_leaves_what_others_applied_for(take, clerk, event, household, home, house):
    one = house()
    neighbours = household(event, [{"name": "隣田 花子", "birth": "1980-01-01"}])
    row = take(home, one)
    other = take(neighbours, one, name="隣田 花子", kana="", birth="1980-01-01")
    with pytest.raises(Refused, match="理由"):
        services.withdraw(by=clerk, application=row.pk, reason=" ")
    services.withdraw(by=clerk, application=row.pk, reason="取りやめ")
    assert SurveyRequest.objects.get().until is None
    with pytest.raises(Conflict, match="すでに取り下げ"):
        services.withdraw(by=clerk, application=row.pk, reason="取りやめ")
    services.withdraw(by=clerk, application=other.pk, reason="取りやめ")
    assert SurveyRequest.objects.get().ended == "withdrawn"
    assert queries.counts(event, clerk)["withdrawn"] == 2


def test_only_the_tax_division_takes_applications(take, staff, home):
    for division in ("welfare", "auditor", "housing"):
        with pytest.raises(Forbidden):
            take(home, by=staff(division))


# Protection ----------------------------------------------------------------------------------------------------------


def test_a_household_under_protection_is_in_no_list_and_no_count(take, clerk, staff, event, home, house):
    trusted = staff("tax", sees_protected=True)
    row = take(home, house(), by=trusted)
    Protection.objects.create(person=home.members.get(), source="desk")
    assert queries.counts(event, clerk)["waiting"] == 0
    assert queries.by_number(event, "1", clerk) is None
    with pytest.raises(NotFound):
        queries.application_page(row.pk, clerk)
    with pytest.raises(NotFound):
        services.withdraw(by=clerk, application=row.pk, reason="取りやめ")
    assert queries.counts(event, trusted)["waiting"] == 1


@pytest.mark.parametrize("channel", rules.AT_DESK)
def test_words_that_may_be_those_of_somebody_protected_show_to_who_typed_them_only(
    take, clerk, staff, event, home, channel
):
    Protection.objects.create(atena_no=home.members.get().atena_no, source="register")
    row = take(channel=channel)
    assert state(row, clerk) == "unmatched"
    other = staff("tax")
    assert queries.page(event, other).object_list.count() == 0
    assert take(by=other).number == 2  # not told of the first
    trusted = staff("tax", sees_protected=True)
    services.match_household(by=trusted, application=row.pk, household=home.pk)
    page = queries.application_page(row.pk, clerk)
    assert (page.household, page.state) == (None, "unmatched")
    assert queries.application_page(row.pk, trusted).household == home


def test_words_of_somebody_protected_that_came_online_show_to_nobody_who_may_not(take, clerk, staff, event, home):
    Protection.objects.create(atena_no=home.members.get().atena_no, source="register")
    take(channel="online")
    assert queries.counts(event, clerk)["unmatched"] == 0  # who took the file has typed nothing
    assert queries.counts(event, staff("tax", sees_protected=True))["unmatched"] == 1


def test_others_of_the_household_are_seen_and_who_is_hidden_is_not(take, clerk, staff, event, household):
    home = household(event, [{"name": "表山 一郎"}, {"name": "秘山 密子", "birth": "1975-05-05"}])
    Protection.objects.create(person=home.members.get(name="秘山 密子"), source="desk")
    trusted = staff("tax", sees_protected=True)
    take(home, by=trusted, kana="")
    take(home, by=trusted, name="秘山 密子", kana="", birth="1975-05-05", knowingly=True)
    assert [row.name for row in queries.of_household(home.pk, clerk)] == ["表山 一郎"]
    assert len(queries.of_household(home.pk, trusted)) == 2


def test_who_asks_not_to_be_found_is_hidden_at_once(take, clerk, staff, event):
    row = take(secret=True)
    assert not queries.visible(clerk).filter(pk=row.pk).exists()
    assert queries.page(event, staff("tax", sees_protected=True)).object_list.count() == 1
