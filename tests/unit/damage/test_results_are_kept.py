"""What was found and what was judged of it stays, with its reason: the database refuses anything else, whoever asks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.urls import reverse

from backend.core.clock import now
from backend.damage.judgements import rules
from backend.damage.judgements import services as judging
from backend.damage.models import Judgement, SecondTyping, Survey
from backend.damage.surveys import services


def later():
    """The clock of these tests stands still."""
    return now() + timedelta(hours=1)


@pytest.fixture
def surveyed(event, two, house, sheet):
    return services.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())


@pytest.fixture
def waiting(surveyed, two):
    return judging.make(by=two[0], survey=surveyed.pk, reason="写真で確認")


def refused(act):
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        act()


def raw(sql):
    def act():
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return act


@pytest.mark.parametrize(
    "change",
    [
        {"damage_class": "total"},
        {"answers": {}},
        {"ratio": 50},
        {"surveyed_on": date(2026, 11, 21)},
        {"surveyors": "別の班"},
        {"note": "後から"},
        {"at": later},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_survey_is_never_changed(surveyed, change):
    change = {name: value() if callable(value) else value for name, value in change.items()}
    before = Survey.objects.values().get()
    refused(lambda: Survey.objects.filter(pk=surveyed.pk).update(**change))
    assert Survey.objects.values().get() == before


@pytest.mark.parametrize("column", ["damage_class", "reason", "effective_on", "made_by", "made_at", "survey"])
def test_what_was_judged_why_and_by_whom_is_never_changed(waiting, two, column):
    other = {
        "damage_class": "total",
        "reason": "",
        "effective_on": date(2026, 11, 24),
        "made_by": two[1],
        "made_at": later(),
        "survey": F("house"),
    }
    refused(lambda: Judgement.objects.filter(pk=waiting.pk).update(**{column: other[column]}))
    judging.confirm(by=two[1], judgement=waiting.pk)
    refused(lambda: Judgement.objects.filter(pk=waiting.pk).update(**{column: other[column]}))


def test_who_confirmed_or_sent_back_is_filled_in_once(waiting, two, staff, surveyed):
    judging.reject(by=two[1], judgement=waiting.pk, reason="写真と違う")
    again = judging.make(by=two[0], survey=surveyed.pk)
    judging.confirm(by=two[1], judgement=again.pk)
    third, rows = staff("tax"), Judgement.objects
    for change in ({"rejected_reason": "別の理由"}, {"rejected_by": third, "rejected_at": later()}):
        refused(lambda change=change: rows.filter(pk=waiting.pk).update(**change))
    for change in ({"confirmed_by": third}, {"confirmed_by": None, "confirmed_at": None}, {"confirmed_at": later()}):
        refused(lambda change=change: rows.filter(pk=again.pk).update(**change))
    assert rows.get(pk=again.pk).state == "holds"


@pytest.mark.parametrize("table", ["damage_survey", "damage_judgement", "damage_secondtyping"])
def test_none_of_them_can_be_deleted(waiting, surveyed, staff, sheet, table):
    services.type_again(by=staff("tax"), survey=surveyed.pk, sheet=sheet(ratio=28))
    refused(raw(f"DELETE FROM {table}"))
    if connection.vendor == "postgresql":
        connection.check_constraints()  # or the keys not yet checked would be what refuses
        refused(raw(f"TRUNCATE {table} CASCADE"))
    else:
        refused(raw(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def test_of_a_second_typing_only_that_somebody_looked_is_added(surveyed, staff, two, sheet):
    services.type_again(by=staff("tax"), survey=surveyed.pk, sheet=sheet(ratio=28))
    refused(lambda: SecondTyping.objects.update(differs=[]))
    services.keep_first(by=two[0], survey=surveyed.pk)
    refused(lambda: SecondTyping.objects.update(settled_by=two[1]))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_tests_that_commit_begin_without_any(event, two, house, sheet, run):
    """Twice, so that the second one finds what the first one's end has left: `flush` lifts the triggers and puts them back."""
    assert Survey.objects.count() == 0
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    judging.make(by=two[0], survey=row.pk)
    refused(raw("DELETE FROM damage_judgement"))


# The reason ------------------------------------------------------------------------------------------------------------

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            {"stage": "first", "method": "exterior", "ratio": 22},
            "第1次調査（令和8年11月20日、外観による調査）による。損害割合22%。",
        ),
        (
            {"stage": "second", "method": "interior", "ratio": 0},
            "第2次調査（令和8年11月20日、内部立入調査）による。損害割合0%。",
        ),
        (
            {"stage": "again", "method": "typed", "answers": {"whole_loss": "collapsed"}},
            "再調査（令和8年11月20日、調査票の結果を入力）による。一見して全壊（住家全部が倒壊）。",
        ),
        (
            {"method": "flood_depth", "answers": {"water": "above_floor", "depth": "190.5", "external_force": False}},
            "第1次調査（令和8年11月20日、浸水深による判定）による。床上190.5cm、外力による損傷なし。",
        ),
        (
            {"method": "flood_depth", "answers": {"water": "below_floor", "external_force": True}},
            "第1次調査（令和8年11月20日、浸水深による判定）による。床下浸水、外力による損傷あり。",
        ),
        (
            {"method": "photo_self", "answers": {"consent_on": "2026-11-19"}},
            "第1次調査（令和8年11月20日、写真による自己判定）による。申請者の同意 令和8年11月19日。",
        ),
        ({"method": "area", "answers": {}}, "第1次調査（令和8年11月20日、区域の一括判定）による。"),
    ],
)
def test_the_survey_in_words(said, reason):
    told = {"stage": "first", "ratio": None, "answers": {}, **said}
    assert rules.reason_of(surveyed_on=DAY, **told) == reason


def test_a_judgement_without_a_reason_has_the_survey_as_its_reason_and_pages_show_it(
    event, two, house, household, sheet, sign_in
):
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("", home, by=two[0])
    row = services.record(by=two[0], disaster=event, house=one.pk, sheet=sheet())
    desk = sign_in(two[0])
    url = reverse("judgements:make", args=[row.pk])
    assert "空なら、調査の回・日・方法" in desk.get(url).content.decode()
    assert desk.post(url, {"reason": "　"}).status_code == 302
    made = Judgement.objects.get()
    assert made.reason == "第1次調査（令和8年11月20日、外観による調査）による。損害割合22%。"
    judging.confirm(by=two[1], judgement=made.pk)
    assert made.reason in desk.get(reverse("damage_houses:house", args=[one.pk])).content.decode()
    assert made.reason in desk.get(reverse("desk:household", args=[home.pk])).content.decode()


def test_a_reason_that_was_written_stays_as_it_was_written(waiting):
    assert waiting.reason == "写真で確認"
