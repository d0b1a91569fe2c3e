"""Two disasters at once: whose ledger a page shows is always said, and earlier damage is there for whoever comes later."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.damage.certificates.services import issue_hisai
from backend.facilities.models import Facility
from backend.ledger import words
from backend.ledger.fact_services import put_fact
from backend.ledger.households.elsewhere import in_other_disasters
from backend.ledger.models import Disaster, OpeningOfDisaster, Protection
from backend.shelters import disasters, rules, services
from backend.shelters import household as stays

FLOOD = datetime(2027, 6, 20, 3, 0, tzinfo=TOKYO)
PAGE, SEARCH = "desk:household", "desk:search"


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.fixture(autouse=True)
def after_the_flood():
    with clock.frozen(datetime(2027, 6, 22, 9, 0, tzinfo=TOKYO)):
        yield


@pytest.fixture
def quake(disaster):
    return disaster()


@pytest.fixture
def flood(disaster):
    return disaster("2027", name="大浜川水害", occurred_at=FLOOD)


@pytest.fixture
def homes(quake, flood, household):
    """The same two people as each disaster found them, with 宛名番号 of their own."""
    members = [{"name": "高橋 一郎", "atena_no": "801"}, {"name": "高橋 花子", "atena_no": "802"}]
    made = [household(event, [dict(member) for member in members]) for event in (quake, flood)]
    for event in (quake, flood):
        words.rebuild(event)
    return made


def test_earlier_damage_is_shown_to_whoever_comes_later(homes, staff, sign_in):
    before, now = homes
    tax = staff("tax")
    paper = issue_hisai(by=tax, household_id=before.pk, purpose="保険", id_checked="licence")
    put_fact(
        by=tax,
        disaster=before.disaster,
        kind="note",
        value={"text": "屋根の瓦が落ちた"},
        room="ledger",
        household=before,
    )
    page = text_of(sign_in(tax).get(reverse(PAGE, args=[now.pk])))
    for word in ("ほかの災害での", "大浜沖地震", before.disaster_number, paper.number_text, "屋根の瓦が落ちた"):
        assert word in page
    # Papers are seen by those who may see papers; each disaster gives its own.
    assert paper.number_text not in text_of(sign_in(staff("housing")).get(reverse(PAGE, args=[now.pk])))
    assert issue_hisai(by=tax, household_id=now.pk, purpose="保険", id_checked="licence").is_valid


def test_nobody_hidden_is_found_by_way_of_another_disaster(homes, staff, sign_in):
    before, now = homes
    clerk, chief = staff("tax"), staff("tax", sees_protected=True)
    put_fact(
        by=clerk,
        disaster=before.disaster,
        kind="note",
        value={"text": "花子さんは実家"},
        room="ledger",
        household=before,
    )
    Protection.objects.create(person=before.members.get(atena_no="802"), source="desk")
    page = text_of(sign_in(clerk).get(reverse(PAGE, args=[now.pk])))
    assert "花子" not in page
    assert "ほか1名（秘匿）" in page
    assert before.disaster_number in page
    Protection.objects.create(atena_no="801", source="register")
    for home in homes:
        assert sign_in(clerk).get(reverse(PAGE, args=[home.pk])).status_code == 404
        for typed in (home.disaster_number, "高橋", "801"):
            found = sign_in(clerk).post(reverse(SEARCH), {"text": typed, "disaster": home.disaster_id})
            assert found.status_code == 200
            assert "一郎" not in found.content.decode()
    people = list(now.members.all())
    assert in_other_disasters(now, people, clerk) == []
    assert len(in_other_disasters(now, people, chief)) == 1


def test_a_drill_is_no_earlier_damage(homes, quake, staff):
    Disaster.objects.filter(pk=quake.pk).update(drill=True)
    assert in_other_disasters(homes[1], list(homes[1].members.all()), staff("tax")) == []


def test_the_disaster_is_said_chosen_and_a_number_opens_in_its_own(homes, quake, flood, staff, sign_in):
    before, now = homes
    client = sign_in(staff("tax"))
    found = text_of(client.post(reverse(SEARCH), {"text": "高橋"}))
    assert "大浜川水害 （2027）の台帳を探しました" in found
    assert now.disaster_number in found
    assert before.disaster_number not in found
    found = text_of(client.post(reverse(SEARCH), {"text": "高橋", "disaster": quake.pk}))
    assert before.disaster_number in found
    assert now.disaster_number not in found
    page = client.post(reverse("desk:choose_disaster"), {"disaster": flood.pk}, follow=True)
    assert "大浜川水害" in text_of(page)
    answer = client.post(reverse(SEARCH), {"q": before.disaster_number})
    assert answer.url == reverse(PAGE, args=[before.pk])
    assert "いま選んでいる災害は 大浜川水害" in text_of(client.get(answer.url))
    for wrong in ("x", "", "01990000-0000-7000-8000-000000000000"):
        assert client.post(reverse("desk:choose_disaster"), {"disaster": wrong}).status_code == 404


def test_with_one_disaster_there_is_nothing_to_choose(quake, household, staff, sign_in):
    household(quake, [{"name": "高橋 一郎"}])
    words.rebuild(quake)
    page = text_of(sign_in(staff("tax")).post(reverse(SEARCH), {"text": "高橋"}))
    assert "災害を選ぶ" not in page
    assert "台帳を探しました" not in page


# Stays --------------------------------------------------------------------------------------------------------------------


def opened(name, when):
    place = Facility.objects.create(name=name, kana="ニシマチ")
    with clock.frozen(when):
        return services.open_shelter(by=None, facility=place)


def test_a_stay_is_told_in_one_disaster_and_headquarters_may_say_which(homes, quake, flood, staff, sign_in):
    before, now = homes
    clerk = staff("shelter")
    first = opened("西町小学校", datetime(2026, 11, 18, 8, 0, tzinfo=TOKYO))
    second = opened("北町公民館", datetime(2027, 6, 19, 18, 0, tzinfo=TOKYO))
    for opening, when in (
        (first, datetime(2026, 11, 18, 9, 0, tzinfo=TOKYO)),
        (second, datetime(2027, 6, 20, 4, 0, tzinfo=TOKYO)),
    ):
        with clock.frozen(when):
            people = [person.pk for person in before.members.all()]
            services.check_in_household(by=clerk, opening=opening, household=before.pk, persons=people)
    # It opened on the evening before the flood: by time it is the earthquake's.
    assert disasters.disasters_of([first, second]) == {first: quake.pk, second: quake.pk}
    assert stays.timeline(now.pk, clerk) == []
    client = sign_in(clerk)
    url = reverse("shelters:say_disaster", args=[second])
    assert "どの災害の避難所か" in text_of(client.get(reverse("shelters:shelter", args=[second])))
    client.post(url, {"disaster": flood.pk})
    client.post(url, {"disaster": flood.pk})
    assert OpeningOfDisaster.objects.count() == 1
    assert [row["text"].split("　")[0] for row in stays.timeline(before.pk, clerk)] == ["西町小学校"]
    assert [row["text"].split("　")[0] for row in stays.timeline(now.pk, clerk)] == ["西町小学校 → 北町公民館"]
    assert client.post(url, {"disaster": "x"}).status_code == 404
    assert sign_in(staff("tax")).post(url, {"disaster": quake.pk}).status_code == 403


@pytest.mark.parametrize(
    ("opened_at", "which"),
    [("2026-11-18", "quake"), ("2026-11-12", "quake"), ("2026-11-09", None), ("2027-06-21", "flood"), (None, None)],
)
def test_the_disaster_of_an_opening_by_time(opened_at, which):
    days = [(datetime(2027, 6, 20, tzinfo=TOKYO), "flood"), (datetime(2026, 11, 18, tzinfo=TOKYO), "quake")]
    moment = datetime.fromisoformat(f"{opened_at}T00:00:00+09:00") if opened_at else None
    assert rules.disaster_of(moment, days) == which
