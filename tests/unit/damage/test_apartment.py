"""An apartment house: one survey and one judgement of one building, and for every household its own certificate."""

from __future__ import annotations

import csv

import pytest
from django.urls import reverse

from backend.core.clock import now
from backend.damage.certificates import risai
from backend.damage.certificates.bulk import services as bulk
from backend.damage.models import RisaiCertificate, SurveyRequest
from backend.damage.progress import reporting
from backend.damage.surveys import queries as surveys
from backend.documents.models import Issue
from backend.ledger.houses import services as linking
from backend.ledger.models import Fact, HouseLink, Protection

ROOMS = ("コーポ大浜　１０号", "コーポ大浜　２号", "コーポ大浜　３号", "コーポ大浜　４号")
HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


@pytest.fixture
def homes(event, household):
    return [
        household(event, [{"name": f"部屋{number} 一郎"}], building=room, postal_code="9990001")
        for number, room in enumerate(ROOMS)
    ]


@pytest.fixture
def building(homes, house, two):
    """Three whose living there is confirmed, and one of whom only the machine thinks so."""
    made = house("大浜市西町１番地", *homes[:3], by=two[0], kind="共同住宅")
    HouseLink.objects.create(house=made, household=homes[3], role="lives", confidence="certain")
    return made


def classes(homes):
    rows = Fact.objects.filter(kind="damage_class", household__in=homes, replaced_by=None)
    return {row.household_id: row.value["class"] for row in rows}


def test_one_survey_many_households_each_with_its_own_certificate(
    event, two, homes, building, ask_for, judge, sign_in, tmp_path
):
    by = two[0]
    for home in homes:
        ask_for(home, building)
    assert SurveyRequest.objects.filter(until=None).count() == 1
    assert surveys.counts(event)["waiting"] == 1
    held = judge(building, "half")
    assert not SurveyRequest.objects.filter(until=None).exists()
    assert surveys.counts(event) == {"waiting": 0, "surveyed": 0, "to_confirm": 0, "judged": 1}
    assert classes(homes) == {home.pk: "half" for home in homes[:3]}
    counted = reporting.report(event, by, now()).total("dwelling")
    assert (counted.buildings, counted.households) == (1, 3)
    with pytest.raises(risai.Unlinked):
        risai.issue_risai(by=by, household_id=homes[3].pk, house_id=building.pk, **HOW)
    linking.confirm(by=by, link=HouseLink.objects.get(household=homes[3]))
    assert set(classes(homes).values()) == {"half"}
    assert len(classes(homes)) == 4
    counted = reporting.report(event, by, now()).total("dwelling")
    assert (counted.buildings, counted.households) == (1, 4)

    paper = risai.issue_risai(by=by, household_id=homes[3].pk, house_id=building.pk, **HOW)
    assert paper.content["place"] == "大浜市西町１番地　コーポ大浜　４号"
    done = bulk.issue_all(by=by, disaster=event, folder=tmp_path, kind="risai", workers=1)
    assert (done.certificates, dict(done.held)) == (3, {})
    rows = RisaiCertificate.objects.select_related("issue")
    assert {row.judgement for row in rows} == {held}
    assert {row.issue.content["place"].rpartition("　")[2] for row in rows} == {"１０号", "２号", "３号", "４号"}
    with (tmp_path / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        order = [row["り災番号"] for row in csv.DictReader(file)]
    assert order == [homes[place].disaster_number for place in (1, 2, 0)]  # rooms 2, 3, 10

    judge(building, "total", stage="second", day=22)
    assert {one.superseded_at is None for one in Issue.objects.all()} == {False}
    assert set(classes(homes).values()) == {"total"}
    assert surveys.counts(event)["judged"] == 1


def test_the_households_of_a_building_room_by_room(event, two, homes, building, ask_for, judge, sign_in, staff):
    ask_for(homes[1], building)
    ask_for(homes[2], building)
    judge(building, "half")
    paper = risai.issue_risai(by=two[0], household_id=homes[2].pk, house_id=building.pk, **HOW)
    at = reverse("damage:risai_homes", args=[building.pk])
    client = sign_in(two[0])
    assert at in client.get(reverse("damage_houses:house", args=[building.pk])).content.decode()
    page = client.get(at).content.decode()
    places = [page.index(home.disaster_number) for home in homes]
    assert sorted(range(4), key=places.__getitem__) == [1, 2, 3, 0]
    assert "半壊" in page
    assert paper.number_text in page
    assert reverse("damage:risai_house", args=[homes[1].pk, building.pk]) in page
    assert reverse("damage:risai_house", args=[homes[0].pk, building.pk]) not in page
    Protection.objects.create(person=homes[1].members.get(), source="desk")
    hidden = client.get(at).content.decode()
    assert homes[1].disaster_number not in hidden
    assert "部屋1" not in hidden
    seen = sign_in(staff("tax", sees_protected=True)).get(at).content.decode()
    assert homes[1].disaster_number in seen
    assert sign_in(staff("supplies")).get(at).status_code == 403
