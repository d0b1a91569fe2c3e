"""Pages: who waits, the sheet, a house with its judgement, equal cases confirmed together."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from backend.damage.judgements import services as judging
from backend.damage.models import Judgement, Survey
from backend.damage.surveys import services

SHEET = {
    "sheet_no": "A-12",
    "surveyed_on": "R8.11.20",
    "surveyors": "第1班",
    "stage": "first",
    "cause": "flood",
    "structure": "wood",
    "detached": "yes",
    "floors": "2",
    "method": "flood_depth",
    "external_force": "no",
    "water": "above_floor",
    "depth": "190",
}


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def desk(clerk, sign_in):
    return sign_in(clerk)


def page(client, name, *args, **said):
    return client.get(reverse(name, args=args), said)


def test_empty_and_without_a_disaster(desk):
    assert "災害がまだ開設されていません" in page(desk, "surveys:index").content.decode()
    assert page(desk, "judgements:index").status_code == 200


def test_a_scanned_sheet_leads_to_its_house_and_a_stranger_is_said_so(desk, event, house):
    one = house()
    url = reverse("surveys:index")
    answer = desk.post(url, {"scanned": f"https://tasuki.example/desk/damage/houses/{one.pk}/"})
    assert answer.url == reverse("damage_houses:house", args=[one.pk])
    assert desk.post(url, {"scanned": one.property_no}).status_code == 302
    wrong = desk.post(url, {"scanned": str(uuid4())})
    assert wrong.status_code == 422
    assert "この家屋はありません" in wrong.content.decode()
    assert page(desk, "damage_houses:house", uuid4()).status_code == 404


def test_a_house_is_found_by_its_place(desk, event, house):
    one = house("大浜市西町5番地")
    url = reverse("surveys:index")
    assert desk.post(url, {"scanned": "西町5"}).url == reverse("damage_houses:house", args=[one.pk])
    house("大浜市西町6番地")
    both = desk.post(url, {"scanned": "西町"}).content.decode()
    assert "大浜市西町5番地" in both
    assert "大浜市西町6番地" in both
    assert desk.post(url, {"scanned": "東町9"}).status_code == 422


def test_from_the_request_to_the_typed_sheet(desk, event, clerk, house):
    one = house("大浜市西町5番地")
    house_url = reverse("damage_houses:house", args=[one.pk])
    assert desk.post(house_url + "ask/", {"stage": "first"}).status_code == 302
    listed = page(desk, "surveys:index", district="西町").content.decode()
    assert "大浜市西町5番地" in listed
    assert "大浜市西町5番地" not in page(desk, "surveys:index", stage="again").content.decode()
    sheet_url = reverse("surveys:sheet", args=[one.pk])
    form = desk.get(sheet_url).content.decode()
    order = [
        form.index(f'name="{name}"')
        for name in ("sheet_no", *list(SHEET)[1:6], "floors", "method", "water", "ratio", "found")
    ]
    assert order == sorted(order)
    assert ">1 木造・プレハブ<" in form
    future = desk.post(sheet_url, {**SHEET, "surveyed_on": "R8.12.1"})
    assert future.status_code == 422
    assert "今日より後" in future.content.decode()
    unsaid = desk.post(sheet_url, {**SHEET, "external_force": ""})
    assert "外力" in unsaid.content.decode()
    assert desk.post(sheet_url, SHEET).status_code == 302
    assert Survey.objects.get().damage_class == "large"
    shown = desk.get(house_url).content.decode()
    assert "大規模半壊" in shown
    assert "令和7年7月の運用指針での浸水深の表は未確認" in shown
    assert "この条件で調査を待つ家屋はありません" in page(desk, "surveys:index").content.decode()


def test_typed_again_and_typed_twice(desk, event, house, sheet, staff, sign_in, clerk):
    one = house()
    row = services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet(sheet_no="B-1"))
    twice = reverse("surveys:second_typing", args=[row.pk])
    assert "別の職員" in desk.get(twice).content.decode()
    other = sign_in(staff("tax"))
    empty = other.get(twice).content.decode()
    assert "B-1" not in empty
    said = {
        "surveyed_on": "R8.11.20",
        "surveyors": "第1班",
        "stage": "first",
        "cause": "earthquake",
        "structure": "wood",
    }
    other.post(twice, {**said, "method": "exterior", "ratio": "28", "found": "half", "sheet_no": "B-1"})
    assert "違う" in other.get(twice).content.decode()
    again = f"{reverse('surveys:sheet', args=[one.pk])}?again={row.pk}"
    assert 'value="B-1"' in desk.get(again).content.decode()
    desk.post(again, {**said, "method": "exterior", "ratio": "28", "found": "half"})
    assert Survey.objects.get(replaces=row).ratio == 28
    assert "打ち直された入力" in page(desk, "damage_houses:house", one.pk).content.decode()


def test_made_by_one_and_confirmed_by_another(desk, event, clerk, staff, sign_in, house, household, sheet):
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("大浜市西町5番地", home, by=clerk)
    row = services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())
    assert desk.post(reverse("judgements:make", args=[row.pk]), {"reason": ""}).status_code == 302
    made = Judgement.objects.get()
    own = desk.post(reverse("judgements:confirm", args=[made.pk]))
    assert own.status_code == 422
    assert "自分で起案した判定" in own.content.decode()
    other = sign_in(staff("tax"))
    assert other.post(reverse("judgements:confirm", args=[made.pk])).status_code == 302
    shown = other.get(reverse("damage_houses:house", args=[one.pk])).content.decode()
    assert "現在の判定" in shown
    household_page = other.get(reverse("desk:household", args=[home.pk])).content.decode()
    assert "被害の程度　大浜市西町5番地" in household_page
    assert "被害の判定：半壊" in household_page
    shelter = sign_in(staff("shelter")).get(reverse("desk:household", args=[home.pk])).content.decode()
    assert "半壊" not in shelter


def test_equal_cases_are_listed_and_confirmed_and_what_changed_is_named(
    desk, event, clerk, staff, sign_in, house, sheet
):
    rows = [
        services.record(by=clerk, disaster=event, house=house(f"大浜市西町{n}番地").pk, sheet=sheet())
        for n in (5, 6, 7)
    ]
    made = [judging.make(by=clerk, survey=row.pk) for row in rows]
    other = sign_in(staff("tax"))
    listed = other.get(reverse("judgements:index"))
    assert "外観による調査" in listed.content.decode()
    key = {"method": "exterior", "class": "half", "edition": "r07-07"}
    batch = other.get(reverse("judgements:batch"), key).content.decode()
    assert all(f"大浜市西町{n}番地" in batch for n in (5, 6, 7))
    assert "大浜市西町" not in desk.get(reverse("judgements:batch"), key).content.decode()
    judging.reject(by=clerk, judgement=made[1].pk, reason="写真の取り違え")
    answer = other.post(reverse("judgements:batch"), {**key, "judgement": [str(one.pk) for one in made]}, follow=True)
    said = answer.content.decode()
    assert "2件を確認しました" in said
    assert "大浜市西町6番地：この判定は、差し戻されています" in said
    assert Judgement.objects.exclude(confirmed_at=None).count() == 2
    assert other.get(reverse("judgements:batch"), {"method": "x"}).status_code == 404


def test_sent_back_with_a_reason(desk, event, clerk, staff, sign_in, house, sheet):
    row = services.record(by=clerk, disaster=event, house=house().pk, sheet=sheet())
    made = judging.make(by=clerk, survey=row.pk)
    other = sign_in(staff("tax"))
    url = reverse("judgements:reject", args=[made.pk])
    assert other.get(url).status_code == 200
    assert other.post(url, {"reason": ""}).status_code == 422
    assert other.post(url, {"reason": "写真と違う"}).status_code == 302
    assert "写真と違う" in page(other, "damage_houses:house", row.house_id).content.decode()


def test_welfare_reads_and_writes_nothing(event, staff, sign_in, house):
    one = house()
    welfare = sign_in(staff("welfare"))
    shown = page(welfare, "damage_houses:house", one.pk).content.decode()
    assert "調査票を入力する" not in shown
    assert "調査を依頼する" not in shown
    assert page(welfare, "surveys:sheet", one.pk).status_code == 403
    assert sign_in(staff("shelter")).get(reverse("surveys:index")).status_code == 403


def test_who_is_hidden_is_on_no_page_of_their_house(event, clerk, desk, house, household):
    from backend.ledger.models import Protection

    home = household(event, [{"name": "秘野 匿子"}])
    Protection.objects.create(person=home.members.get(), source="desk", asked_by=clerk)
    one = house("大浜市西町9番地", home, by=clerk, owner_name="秘野 匿子")
    shown = page(desk, "damage_houses:house", one.pk).content.decode()
    assert "秘野" not in shown
    assert home.disaster_number not in shown
