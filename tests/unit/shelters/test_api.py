"""REST: the same acts and the same answers as the pages."""

import pytest
from django.test import override_settings
from django.urls import include, path

from backend.ledger.models import Protection
from backend.shelters import queries, services

urlpatterns = [path("api/v1/shelters/", include("backend.shelters.api"))]


@pytest.fixture
def api(sign_in, clerk):
    with override_settings(ROOT_URLCONF=__name__):
        yield sign_in(clerk)


@pytest.fixture
def opening(shelter):
    return shelter()


def post(client, url, data):
    return client.post(f"/api/v1/shelters/{url}", data, content_type="application/json")


def check_in(client, opening, family):
    people = [str(p.pk) for p in family.members.all()]
    return post(client, f"{opening}/check-in/", {"household": str(family.pk), "persons": people})


def test_check_in_twice_adds_nothing(api, opening, family):
    assert len(check_in(api, opening, family).json()["arrived"]) == 3
    assert len(check_in(api, opening, family).json()["already"]) == 3
    assert queries.head_count(opening).people == 3


def test_shelters_with_counts_as_of_a_time(api, opening, family):
    check_in(api, opening, family)
    services.report_head_count(by=None, opening=opening, people=9)
    found = api.get("/api/v1/shelters/").json()["shelters"][0]
    assert (found["roster"]["people"], found["reported"]["people"]) == (3, 9)
    assert api.get("/api/v1/shelters/?as_of=2020-01-01T00:00:00Z").json()["shelters"] == []
    wrong = api.get("/api/v1/shelters/?as_of=yesterday")
    assert (wrong.status_code, list(wrong.json()["error"]["fields"])) == (400, ["as_of"])


def test_a_roster_names_nobody_under_protection(api, opening, family):
    check_in(api, opening, family)
    Protection.objects.create(atena_no=family.members.get(position=1).atena_no, source="register")
    answer = api.get(f"/api/v1/shelters/{opening}/roster/").json()
    assert (len(answer["people"]), answer["hidden"], answer["count"]["people"]) == (2, 1, 3)
    assert "太郎" not in str(answer)


def test_somebody_new_arrives_and_leaves(api, opening):
    evacuee = post(api, f"{opening}/check-in-new/", {"name": "北原 ハル"}).json()["arrived"][0]
    refused = post(api, f"{opening}/leave/", {"evacuees": [evacuee], "destination": "moon"})
    assert refused.status_code == 400
    assert post(api, f"{opening}/leave/", {"evacuees": [evacuee], "destination": "home"}).json() == {"left": 1}
    again = post(api, f"{opening}/leave/", {"evacuees": [evacuee], "destination": "home"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "conflict")


def test_other_divisions_are_told_who_may(api, opening, staff, sign_in):
    other = sign_in(staff("tax"))
    assert other.get(f"/api/v1/shelters/{opening}/roster/").status_code == 403
    assert "避難所班" in post(other, f"{opening}/leave/", {}).json()["error"]["message"]
