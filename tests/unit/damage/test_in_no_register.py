"""Who lived there and is in no register: from their own word to the 罹災証明書."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backend.core.errors import Conflict
from backend.damage.applications import services
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import risai
from backend.damage.models import Application
from backend.documents.models import Issue
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


# Who did not live there ----------------------------------------------------------------------------------------------


def test_an_owner_from_elsewhere_is_told_of_the_paper_that_they_can_get_and_gets_it(
    applied, event, two, house, judge, sign_in
):
    row, desk = applied(applicant="owner", name="北川 五郎", head_address="山手町1番地"), sign_in(two[0])
    one = house("大浜市西町5番地")
    services.match_house(by=two[0], line=row.houses.get().pk, house=one.pk)
    judge(one, "half")
    url, match = (reverse(f"applications:{name}", args=[row.pk]) for name in ("page", "match_household"))
    for page in (text(desk.get(url)), text(desk.get(match))):
        assert "この申請者（所有者）が受け取れる証明書" in page
        assert "だれも住んでいなかった家屋なら、被災証明書を交付できます" in page
        assert f'<a href="{match}">所有者の世帯と照合する' in page
    home = services.open_household(
        by=two[0], application=row.pk, people=[{"name": "北川 五郎"}], kind="outside", address="山手町1番地"
    ).household
    number = {"number": home.disaster_number, "role": "owns", "yes": ""}
    desk.post(reverse("houses:link_by_hand", args=[one.pk]), number)
    instead = reverse("damage:issue", args=[home.pk])
    assert f'<a href="{instead}">所有者の世帯に被災証明書を交付する' in text(desk.get(url))
    risai_page = text(desk.get(reverse("damage:risai_house", args=[home.pk, one.pk])))
    assert "住家ではないため）、罹災証明書は交付できません。被災証明書は交付できます" in risai_page
    assert instead in risai_page
    typed = {"purpose": "保険金の請求", "receiver": "member", "id_checked": "licence", "place": "大浜市西町5番地"}
    assert desk.post(instead, typed).status_code == 302
    paper = Issue.objects.get()
    assert (paper.kind_id, paper.content["head"]["name"]) == ("hisai", "北川 五郎")
    assert paper.content["place"] == "大浜市西町5番地"


def test_a_corporation_is_told_that_it_gets_no_risai_and_gets_the_paper_of_what_it_declared(applied, two, sign_in):
    row, desk = (
        applied(applicant="corporation", name="大浜水産合同会社", relation="総務 入江", head_address=""),
        sign_in(two[0]),
    )
    line = row.houses.get()
    url, change = (reverse(f"applications:{name}", args=[row.pk]) for name in ("page", "change"))
    page = text(desk.get(url))
    assert "法人は世帯ではないので、罹災証明書と被災証明書は交付できません" in page
    assert "届出証明書を交付できます" in page
    assert f'<a href="{change}">法人の建物なら、種類を「住家以外の建物」に訂正する' in page
    assert "届出証明書の対象ではありません" in text(desk.get(reverse("damage:declared", args=[line.pk])))
    opening = desk.get(reverse("applications:open_household", args=[row.pk]))
    assert not opening.context["members"][0]["name"].value()  # it is nobody of a household
    assert services.queries.application(row.pk, two[0]).state == "unmatched"
    words_of = {
        name: getattr(row, name)
        for name in ("channel", "applicant", "name", "relation", "cause", "applied_on", "identity")
    }
    said = Said(places=[Place("大浜市西町5番地", "building")], **words_of)
    new = services.change(by=two[0], application=row.pk, said=said, why="法人の倉庫")
    declared = reverse("damage:declared", args=[new.houses.get().pk])
    page = text(desk.get(reverse("applications:page", args=[new.pk])))
    assert f'<a href="{declared}">届出の証明書を交付する' in page
    assert "に訂正する" not in page
    typed = {"said": "倉庫の屋根が飛んだ", "purpose": "保険金の請求", "id_checked": "licence", "copies": "1"}
    assert desk.post(declared, typed).status_code == 302
    paper = Issue.objects.get()
    assert (paper.kind_id, paper.content["head"]["name"]) == ("todokede", "大浜水産合同会社")
    assert services.queries.application(new.pk, two[0]).state == "decided"  # nobody waits for a household


def test_who_lived_there_is_told_nothing_of_other_papers(applied, two, sign_in):
    row = applied()
    assert "受け取れる証明書" not in text(sign_in(two[0]).get(reverse("applications:page", args=[row.pk])))
