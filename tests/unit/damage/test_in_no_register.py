"""Who lived there and is in no register: from their own word to the 罹災証明書."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backend.core.errors import Conflict
from backend.damage.applications import services
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import risai
from backend.damage.models import Application
from backend.ledger import words
from backend.ledger.models import Household

from .conftest import DAY


def text(answer):
    return answer.content.decode()


@pytest.fixture
def applied(event, two):
    words.rebuild(event)

    def make(**said):
        told = {
            "channel": "counter", "applicant": "resident", "name": "遠野 三郎", "kana": "トオノ サブロウ", "birth": "1980-03-04",
            "cause": "earthquake", "applied_on": DAY, "identity": "licence", "head_address": "大浜市西町5番地",
            "places": [Place("大浜市西町5番地")], **said,
        }  # fmt: skip
        return services.record(by=two[0], disaster=event, said=Said(**told))

    return make


def typed(answer, **said):
    form, members = answer.context["form"], answer.context["members"]
    fields = [*form, *members.management_form, *(field for member in members for field in member)]
    return {field.html_name: "" if field.value() is None else field.value() for field in fields} | said


def test_from_their_own_word_to_the_certificate(applied, event, two, house, judge, sign_in):
    row, desk, one = applied(), sign_in(two[0]), house("大浜市西町5番地")
    match = text(desk.get(reverse("applications:match_household", args=[row.pk])))
    url = reverse("applications:open_household", args=[row.pk])
    assert "該当する方はいません" in match
    assert url in match
    shown = desk.get(url)
    assert desk.post(url, typed(shown) | {"member-0-name": ""}).status_code == 422
    assert not Household.objects.exists()
    done = desk.post(url, typed(shown), follow=True)
    home = Household.objects.get()
    assert home.disaster_number in text(done)
    assert (home.kind, home.address) == ("outside", "大浜市西町5番地")
    person = home.members.get()
    assert (person.name, person.kana, person.birth, person.is_head) == (
        "遠野 三郎",
        "トオノ サブロウ",
        "1980-03-04",
        True,
    )
    desk.post(reverse("applications:match_house", args=[row.houses.get().pk]), {"house": str(one.pk)})
    linked = desk.post(
        reverse("houses:link_by_hand", args=[one.pk]),
        {"number": home.disaster_number, "role": "lives", "yes": ""},
        follow=True,
    )
    assert home.disaster_number in text(linked)
    judge(one, "half")
    states = {found.pk: found.state for found in services.queries.with_state(Application.objects.all(), two[0])}
    assert states == {row.pk: "decided"}
    issued = risai.issue_risai(
        by=two[0],
        household_id=home.pk,
        house_id=one.pk,
        application=row.pk,
        purpose="保険金の請求",
        id_checked="licence",
    )
    assert (issued.content["head"]["name"], issued.content["damage"]) == ("遠野 三郎", "半壊")


def test_an_owner_from_elsewhere_and_the_head_for_whom_an_heir_applies(applied, two, sign_in):
    desk = sign_in(two[0])
    owner = applied(applicant="owner", name="北川 五郎", head_address="山手町1番地")
    url = reverse("applications:open_household", args=[owner.pk])
    desk.post(url, typed(desk.get(url)))
    heir = applied(
        channel="phone",
        identity="",
        applicant="heir",
        name="南野 花",
        relation="長女",
        head_name="南野 太郎",
        birth="1990-00-00",
    )
    url = reverse("applications:open_household", args=[heir.pk])
    desk.post(url, typed(desk.get(url)))
    for row in (owner, heir):
        row.refresh_from_db()
    assert (owner.household.kind, owner.household.members.get().name) == ("outside", "北川 五郎")
    assert (heir.household.kind, heir.household.members.get().name) == ("unknown", "南野 太郎")


def test_two_clerks_open_one_household(applied, two, sign_in):
    row, people = applied(), [{"name": "遠野 三郎"}]
    services.open_household(by=two[0], application=row.pk, people=people, kind="unknown")
    with pytest.raises(Conflict, match="先に世帯と照合"):
        services.open_household(by=two[1], application=row.pk, people=people, kind="unknown")
    assert Household.objects.count() == 1
    page = text(sign_in(two[0]).get(reverse("applications:match_household", args=[row.pk])))
    assert reverse("applications:open_household", args=[row.pk]) not in page
