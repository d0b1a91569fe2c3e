"""避難所日報: filled from what is known, superseded but never lost, seen by headquarters, on paper and as CSV."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.facilities.models import Facility
from backend.journal.services import rebuild
from backend.ledger.models import Protection
from backend.shelters import services
from backend.shelters.daysheet import queries, rules
from backend.shelters.daysheet import services as sheets
from backend.shelters.frontdesk import services as desk_lists
from backend.shelters.needs import services as needs

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=TOKYO)
DAY = NOON.date()


@pytest.fixture
def opening(db):
    with clock.frozen(NOON - timedelta(days=1)):
        made = services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校", phone="0123-45-6789"))
        come(made, "北原 ハル", birth="1940-01-02")
        come(made, "西村 アキ", [("allergy", "卵・乳"), ("infant", "")])
        come(made, "東山 フユ", [("allergy", "卵")])
    return made


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


def come(opening, name, said=(), **details):
    evacuee, _ = services.check_in_new(by=None, opening=opening, details={"name": name, **details})
    needs.state(by=None, evacuee=evacuee, needs=said)
    return evacuee


def page(desk, opening, **asked):
    with clock.frozen(NOON):
        return desk.get(reverse("shelters:day_sheet", args=[opening]), asked)


def write(desk, opening, seen="", **answers):
    with clock.frozen(NOON):
        return desk.post(reverse("shelters:day_sheet", args=[opening]), {"seen": seen, **answers})


def test_a_sheet_begins_with_the_roster_and_with_what_stays_true(desk, opening):
    with clock.frozen(NOON - timedelta(days=1)):
        yesterday = {"people": 90, "fever": 4, "power": "no", "toilets": 6, "breakfast": 90}
        sheets.report(by=None, opening=opening, day=DAY - timedelta(days=1), answers=yesterday)
    began = page(desk, opening).context["form"].initial
    assert (began["people"], began["old"], began["infant"], began["allergy"]) == (3, 1, 1, 2)
    assert began["allergens"] == "卵 2、乳 1"
    assert (began["power"], began["toilets"]) == ("no", 6)
    assert not {"fever", "breakfast"} & began.keys()


def test_whoever_is_hidden_is_a_head_and_nothing_else(desk, opening):
    with clock.frozen(NOON - timedelta(hours=1)):
        secret = come(opening, "南野 ナツ", [("care", ""), ("pet", "犬のタロ")], birth="1930-01-01")
        Protection.objects.create(evacuee=secret, source="desk")
    began = page(desk, opening).context["form"].initial
    assert (began["people"], began["old"]) == (4, 1)
    assert not {"care", "pets"} & began.keys()


def test_whoever_sleeps_elsewhere_is_told_beside_the_count(desk, opening):
    with clock.frozen(NOON - timedelta(hours=1)):
        gone = come(opening, "南野 ナツ")
        desk_lists.go_away(by=None, opening=opening, evacuees=[gone])
    began = page(desk, opening).context["form"].initial
    assert (began["people"], began["away"]) == (4, 1)


def test_a_later_report_of_the_day_holds_and_the_earlier_one_stays(desk, opening):
    write(desk, opening, people="120", drinking="short")
    first = queries.reports(opening, DAY)[0].sheet.entry
    write(desk, opening, seen=str(first), people="118", drinking="enough")
    found = queries.reports(opening, DAY)
    assert [(r.sheet.answers["people"], r.holds) for r in found] == [(118, True), (120, False)]
    shown = page(desk, opening).content.decode()
    assert "前の報告" in shown
    assert "120人" in shown


def test_who_did_not_see_the_other_report_is_asked_once(desk, opening):
    write(desk, opening, people="120")
    answer = write(desk, opening, people="99")
    assert answer.status_code == 422
    assert "入力している間に" in answer.content.decode()
    assert len(queries.reports(opening, DAY)) == 1
    write(desk, opening, seen=answer.context["form"].data["seen"], people="99")
    assert [r.sheet.answers["people"] for r in queries.reports(opening, DAY)] == [99, 120]


def test_a_report_is_taken_back_and_the_one_before_holds_again(desk, opening):
    write(desk, opening, people="120")
    first = queries.reports(opening, DAY)[0].sheet.entry
    write(desk, opening, seen=str(first), people="1")
    wrong = queries.reports(opening, DAY)[0].sheet.entry
    undo = reverse("shelters:day_sheet_undo", args=[opening, wrong])
    with clock.frozen(NOON):
        desk.post(undo)
        assert [r.sheet.answers["people"] for r in queries.reports(opening, DAY)] == [120]
        again = desk.post(undo)
    assert again.status_code == 409


def test_wrong_answers_are_told_at_their_field_and_nothing_is_written(desk, opening):
    assert write(desk, opening, people="-1", power="maybe").status_code == 422
    assert "一つ以上" in write(desk, opening).content.decode()
    assert not queries.reports(opening, DAY)
    assert page(desk, opening, day="2999-01-01").context["day"] == DAY
    assert page(desk, opening, day="yesterday").context["day"] == DAY


def test_headquarters_sees_who_has_not_reported_first(opening, sign_in, staff):
    with clock.frozen(NOON - timedelta(hours=2)):
        services.open_shelter(by=None, facility=Facility.objects.create(name="港公民館", phone="0123-98-7654"))
        answers = {"people": 80, "fever": 2, "drinking": "short", "requests": "毛布\n40枚"}
        sheets.report(by=None, opening=opening, day=DAY, answers=answers)
    nurse = sign_in(staff("welfare"))
    with clock.frozen(NOON):
        found = nurse.get(reverse("centre:day_sheets"))
        paper = nurse.get(reverse("centre:day_sheets_print")).content.decode()
        table = nurse.get(reverse("centre:day_sheets_csv")).content.decode("utf-8-sig")
    text = found.content.decode()
    assert text.index("港公民館") < text.index("西町小学校")
    for told in ("0123-98-7654", "発熱 2", "飲み水 足りない", "毛布"):
        assert told in text
    assert "未報告 1か所" in paper
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(r["避難所"], r["発熱（人）"], r["飲み水"]) for r in rows] == [
        ("港公民館", "", ""),
        ("西町小学校", "2", "足りない"),
    ]


def test_the_sheet_on_paper_has_every_question_also_before_it_is_answered(desk, opening):
    with clock.frozen(NOON):
        paper = desk.get(reverse("shelters:day_sheet_print", args=[opening])).content.decode()
    assert "手で書くための用紙" in paper
    assert all(item.label in paper for item in rules.ITEMS.values())


def test_nurses_read_and_only_the_shelter_desk_writes(opening, sign_in, staff):
    nurse = sign_in(staff("welfare"))
    assert page(nurse, opening).context["form"] is None
    assert write(nurse, opening, people="3").status_code == 403
    assert page(sign_in(staff("tax")), opening).status_code == 403


def test_the_tables_come_back_from_the_journal(desk, opening):
    write(desk, opening, people="120", problems="寒い")
    before = queries.reports(opening, DAY)
    rebuild(["daysheet."])
    assert [r.sheet.answers for r in queries.reports(opening, DAY)] == [r.sheet.answers for r in before]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-13-40", "x"])
def test_a_day_that_is_none_is_today(desk, opening, day):
    for address in (reverse("centre:day_sheets"), reverse("shelters:day_sheet", args=[opening])):
        assert desk.get(address, {"day": day}).status_code == 200
