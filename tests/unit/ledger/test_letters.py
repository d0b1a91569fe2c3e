"""Where letters go and why, what is missing, mail that came back; and that an address is told to nobody who may not know it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.check_digits import format_disaster_number
from backend.core.errors import Conflict, Forbidden, Refused
from backend.damage.certificates.services import issue_hisai
from backend.ledger.fact_services import put_fact
from backend.ledger.households.services import decide
from backend.ledger.letters import queries, rules, services
from backend.ledger.models import Fact, Protection, ReturnedMail

SAID = {"source": "本人の申し出"}
NEW = "〒000-0009　遠市中町3"


@pytest.fixture(autouse=True)
def two_weeks_later():
    with clock.frozen("2026-12-02T10:00:00+09:00"):
        yield


@pytest.fixture
def home(disaster, household):
    members = [{"name": "高橋 一郎"}, {"name": "高橋 花子", "relationship": "妻"}]
    return household(disaster(), members, building="大浜荘")


@pytest.fixture
def clerk(staff):
    return staff("welfare")


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def goes(home, staff):
    return queries.where_letters_go([home.pk], staff=staff)[home.pk].choice


def write(home, by, kind="mailing_address", text=NEW, **values):
    return services.write_contact(by=by, household=home, kind=kind, text=text, **{**SAID, **values})


# The rule -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "address", "word"),
    [
        ({}, "", "住所が分かりません"),
        ({"registered": "甲"}, "甲", "発災日の住民票"),
        ({"registered": "甲", "register_today": "乙"}, "乙", "現在の住所"),
        ({"registered": "甲", "register_today": "乙", "residence": "丙"}, "丙", "居所"),
        ({"residence": "丙", "mailing": "丁"}, "丁", "届け出た送付先"),
        ({"mailing": "丁", "protected": True}, "丁", "届け出た送付先"),
        ({"registered": "甲", "residence": "丙", "protected": True}, "", "秘匿"),
        ({"mailing": "丁", "returned": "受取拒否"}, "", "受取拒否"),
        ({"mailing": "丁", "living": 0}, "", "亡くなって"),
        ({"mailing": "丁", "people": 0, "living": 0}, "", "誰もいません"),
    ],
)
def test_the_choice_and_its_reason(known, address, word):
    choice = rules.choose(rules.Known(**{"people": 2, "living": 2, **known}))
    assert choice.address == address
    assert word in choice.ground + "".join(choice.missing)
    assert choice.is_held == (not address)


# With the ledger ----------------------------------------------------------------------------------------------------------


def test_what_is_said_later_takes_the_place_and_the_history_stays(home, clerk):
    assert goes(home, clerk).address == "大浜市西町１番地　大浜荘"
    write(home, clerk, "register_address", "遠市東町9", since=date(2026, 11, 25), source="住民記録")
    assert goes(home, clerk).address == "遠市東町9"
    write(home, clerk)
    assert (goes(home, clerk).address, goes(home, clerk).addressee) == (NEW, "高橋 一郎")
    write(home, clerk, text="")
    assert goes(home, clerk).address == "遠市東町9"
    assert Fact.objects.filter(kind="mailing_address").count() == 2


def test_a_member_with_an_address_of_their_own_is_told_and_moves_with_it(home, clerk):
    wife = home.members.get(name="高橋 花子")
    write(home, clerk, person=wife)
    assert goes(home, clerk).address == "大浜市西町１番地　大浜荘"
    assert "高橋 花子" in "".join(goes(home, clerk).notes)
    made = decide(
        by=clerk, household=home, kind="split", people=[wife.pk], day=clock.today(), ground="別居", evidence="届出"
    )
    new = made.descents.get().household
    assert (goes(new, clerk).address, goes(new, clerk).addressee) == (NEW, "高橋 花子")


def test_after_the_death_of_the_head_letters_name_the_living(home, clerk):
    head = home.members.get(name="高橋 一郎")
    dead = {
        "by": clerk,
        "disaster": home.disaster,
        "kind": "life_status",
        "value": {"status": "dead"},
        "room": "ledger",
    }
    put_fact(**dead, person=head)
    choice = goes(home, clerk)
    assert choice.addressee == "高橋 花子"
    assert "新しい世帯主" in "".join(choice.notes)
    put_fact(**dead, person=home.members.get(name="高橋 花子"))
    assert goes(home, clerk).is_held


def test_returned_mail_holds_until_a_newer_mailing_address(home, clerk, staff):
    write(home, clerk)
    with clock.frozen("2026-12-02T11:00:00+09:00"):
        row = services.record_return(by=clerk, household=home, reason="unknown", returned_on=date(2026, 12, 1))
        assert row.sent_to == NEW
        assert "転居先不明" in goes(home, clerk).missing[0]
        assert [held.row for held in queries.held(home.disaster, clerk)] == [row]
        with pytest.raises(Conflict):
            services.record_return(by=staff("tax"), household=home, reason="absent", returned_on=date(2026, 12, 1))
        with pytest.raises(Forbidden):
            services.record_return(by=staff("shelter"), household=home, reason="absent", returned_on=date(2026, 12, 2))
        for day in (date(2026, 12, 3), date(2026, 11, 17)):
            with pytest.raises(Refused):
                services.record_return(by=clerk, household=home, reason="absent", returned_on=day)
    with clock.frozen("2026-12-02T12:00:00+09:00"):
        write(home, clerk, text="〒000-0010　遠市南町1")
        assert goes(home, clerk).address == "〒000-0010　遠市南町1"
        assert queries.held(home.disaster, clerk) == []
    assert ReturnedMail.objects.get().settled_at is None


def test_letters_go_again_when_somebody_says_so_with_a_reason(home, clerk):
    row = services.record_return(by=clerk, household=home, reason="absent", returned_on=date(2026, 12, 1))
    with pytest.raises(Refused):
        services.settle_return(by=clerk, returned=row, how="again", reason=" ")
    services.settle_return(by=clerk, returned=row, how="again", reason="電話で在宅を確認")
    assert not goes(home, clerk).is_held
    with pytest.raises(Conflict):
        services.settle_return(by=clerk, returned=row, how="mistake", reason="もう一度")
    services.record_return(by=clerk, household=home, reason="absent", returned_on=date(2026, 12, 1))


def test_many_households_cost_as_few_queries_as_one(home, household, clerk, django_assert_max_num_queries):
    homes = [home, *(household(home.disaster, [{"name": f"佐藤 {i}"}]) for i in range(30))]
    with django_assert_max_num_queries(40):
        found = queries.where_letters_go([one.pk for one in homes], staff=clerk)
    assert len(found) == 31


# The pages ----------------------------------------------------------------------------------------------------------------


def test_an_address_is_written_with_its_source_and_shown_with_its_history(home, staff, sign_in):
    client = sign_in(staff("welfare"))
    url = reverse("letters:contacts", args=[home.pk])
    sent = {"kind": "mailing_address", "text": NEW, "since": "R8.11.25", **SAID}
    assert client.post(url, {**sent, "source": ""}).status_code == 422
    assert "きょうまでの日" in text_of(client.post(url, {**sent, "since": "R9.1.1"}))
    client.post(url, sent)
    wife = home.members.get(name="高橋 花子")
    client.post(url, {**sent, "text": "遠市南町1", "whose": wife.pk})
    client.post(url, {**sent, "text": "遠市北町8"})
    page = text_of(client.get(url))
    for word in ("遠市北町8", "遠市南町1", NEW.split("　")[1], "前の内容（1件）", "令和8年11月25日", "本人の申し出"):
        assert word in page
    assert "遠市北町8" in text_of(client.get(reverse("desk:household", args=[home.pk])))


def test_letters_are_scanned_one_after_the_other(home, household, staff, sign_in):
    other = household(home.disaster, [{"name": "佐藤 次郎"}])
    found = issue_hisai(by=staff("tax"), household_id=home.pk, purpose="保険", id_checked="licence")
    client = sign_in(staff("tax"))
    url = reverse("desk:returned")
    sent = {"reason": "refused", "returned_on": "令和8年12月2日"}
    page = client.post(url, {**sent, "code": f"https://x.example/verify/{found.token}"})
    assert page.status_code == 200
    assert 'value="refused"' in page.content.decode()
    assert re.search(r'value="refused"[^>]*checked', page.content.decode())
    assert ReturnedMail.objects.get().issue == found.pk
    assert "すでに記録" in text_of(client.post(url, {**sent, "code": f"https://x.example/verify/{found.token}"}))
    client.post(url, {**sent, "code": other.disaster_number})
    assert ReturnedMail.objects.count() == 2
    listed = text_of(client.get(reverse("letters:held", args=[home.disaster_id])))
    assert home.disaster_number in listed
    assert "受取拒否" in listed
    assert "送付を止めています" in text_of(client.get(reverse("desk:household", args=[home.pk])))
    row = ReturnedMail.objects.get(household=other)
    client.post(reverse("letters:settle", args=[row.pk]), {"how": "mistake", "reason": "別の封筒"})
    assert other.disaster_number not in text_of(client.get(reverse("letters:held", args=[home.disaster_id])))


def test_a_hidden_household_is_answered_like_no_household(home, staff, sign_in):
    for person in home.members.all():
        Protection.objects.create(person=person, source="desk")
    client, chief = sign_in(staff("tax")), staff("tax", sees_protected=True)
    sent = {"reason": "refused", "returned_on": "令和8年12月2日"}
    answers = []
    for number in (home.disaster_number, format_disaster_number("2026", 7_654_321)):
        page = client.post(reverse("desk:returned"), {**sent, "code": number})
        answers.append(text_of(page).replace(number, ""))
        assert page.status_code == 422
    assert answers[0] == answers[1]
    assert queries.where_letters_go([home.pk], staff=staff("tax")) == {}
    assert goes(home, chief).is_held
    write(home, chief)
    assert goes(home, chief).address == NEW
    services.record_return(by=chief, household=home, reason="refused", returned_on=date(2026, 12, 2))
    assert queries.held(home.disaster, staff("tax")) == []
    assert len(queries.held(home.disaster, chief)) == 1
    assert client.get(reverse("letters:contacts", args=[home.pk])).status_code == 404


def test_the_address_that_a_hidden_member_gave_is_told_to_nobody_else(home, staff, sign_in):
    clerk, chief = staff("tax"), staff("tax", sees_protected=True)
    wife = home.members.get(name="高橋 花子")
    write(home, chief)
    write(home, chief, text="遠市南町1", person=wife)
    Protection.objects.create(person=wife, source="desk")
    page = text_of(sign_in(clerk).get(reverse("letters:contacts", args=[home.pk])))
    assert "遠市" not in page
    assert goes(home, clerk).is_held
    assert goes(home, chief).address == NEW
