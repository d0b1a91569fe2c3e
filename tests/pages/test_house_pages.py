"""Pages of houses: the queue with one key each, a house and its households, the houses on the household page."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.ledger.houses import linking
from backend.ledger.houses.filling import fill
from backend.ledger.models import House, HouseLink, Protection
from tests.house_rows import OWNER, told


@pytest.fixture
def town(disaster, household):
    event = disaster()
    one = household(
        event, [{"name": "高橋　一郎", "kana": "タカハシ　イチロウ", "atena_no": OWNER}], address="大浜市西町12番地"
    )
    two = household(event, [{"name": "佐藤　次郎", "atena_no": "2"}], address="大浜市東町1番地")
    rows = [told("H1", "西町12"), told("H2", "西町12"), told("H3", "東町1", owner_no=OWNER, owner_name="高橋　一郎")]
    fill(rows, by=None)
    linking.link(event, by=None)
    return event, one, two


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("tax"))


def text_of(response):
    return response.content.decode()


def act(client, link, what, confidence="unsure"):
    return client.post(reverse("houses:decide", args=[link.pk]), {"act": what, "confidence": confidence}, follow=True)


def test_the_queue_shows_house_and_candidates_with_their_reasons_and_keys(town, clerk):
    page = text_of(clerk.get(reverse("houses:queue")))
    assert "高橋" in page
    assert "この住所に住家がいくつもある" in page
    assert re.findall(r'data-key="(\w)"', page) == ["s", "y", "n"]
    assert "残り <strong" in page
    assert AccessLog.objects.filter(what="list", detail="家屋の候補世帯", hits=1).exists()


def test_a_decision_leads_to_the_next_house_and_can_be_taken_back(town, clerk):
    _, one, _ = town
    first = HouseLink.objects.filter(household=one, role="lives").order_by("house__property_no").first()
    page = text_of(act(clerk, first, "reject"))
    assert "この家屋ではないとしました" in page
    assert 'data-key="u"' in page
    assert HouseLink.objects.filter(household=one, role="lives", until=None).count() == 1
    page = text_of(act(clerk, first, "undo"))
    assert "判断を取り消しました" in page
    assert HouseLink.objects.filter(household=one, role="lives", until=None).count() == 2
    second = HouseLink.objects.filter(household=one, role="lives", until=None).first()
    assert "確認を待つつながりはありません" in text_of(act(clerk, second, "confirm"))


def test_a_decided_link_that_is_decided_again_elsewhere_is_said_over_the_queue(town, clerk):
    _, one, _ = town
    link = HouseLink.objects.filter(household=one, role="lives").first()
    act(clerk, link, "reject")
    answer = act(clerk, link, "confirm")
    assert "たった今ほかの職員か新しい照合により終わりました" in text_of(answer)
    assert "つながりの確認" in text_of(answer)  # the queue goes on
    link.refresh_from_db()
    assert (link.ended, link.confirmed_by) == ("rejected", None)


def test_the_household_page_lists_its_houses_for_whom_they_concern(town, clerk, staff, sign_in):
    _, one, _ = town
    url = reverse("desk:household", args=[one.pk])
    page = text_of(clerk.get(url))
    assert "自動・要確認" in page
    assert "世帯員が所有者" in page  # owns the house in 東町
    assert "自動・要確認" not in text_of(sign_in(staff("shelter")).get(url))


def test_a_house_page_says_what_is_known_and_links_by_number(town, clerk):
    _, one, two = town
    house = House.objects.get(property_no="H3")
    url = reverse("houses:house", args=[house.pk])
    page = text_of(clerk.get(url))
    for said in ("東町1", "98.50平方メートル", "木造", "高橋", two.disaster_number, "物件番号 H3"):
        assert said in page
    link_url = reverse("houses:link_by_hand", args=[house.pk])
    bad = clerk.post(link_url, {"number": "2026-0000001-00"})
    assert bad.status_code == 422
    shown = clerk.post(link_url, {"number": one.disaster_number, "role": "lives"})
    assert "つなぎますか" in text_of(shown)
    assert not HouseLink.objects.filter(by_rule=False).exists()
    clerk.post(link_url, {"number": one.disaster_number, "role": "lives", "yes": "1"})
    assert HouseLink.objects.get(by_rule=False).confirmed_by is not None


def test_a_house_that_no_roll_has_is_entered(clerk, disaster):
    disaster()
    url = reverse("houses:add")
    assert clerk.post(url, {"kind": "居宅"}).status_code == 422
    assert clerk.post(url, {"lot": "西町99", "latitude": "38.1"}).status_code == 422
    page = text_of(
        clerk.post(url, {"lot": "西町99", "latitude": "38.1", "longitude": "140.9", "area": "33.3"}, follow=True)
    )
    assert "台帳にない家屋（職員が登録）" in page
    assert House.objects.get().property_no is None


def test_searching_is_by_post_and_one_hit_opens(town, clerk):
    assert "西町12" in text_of(clerk.post(reverse("houses:index"), {"text": "西町12番地"}))
    answer = clerk.post(reverse("houses:index"), {"text": "東町1"})
    assert answer.url == reverse("houses:house", args=[House.objects.get(property_no="H3").pk])
    assert "台帳にありません" in text_of(clerk.post(reverse("houses:index"), {"text": "北町1"}))


def test_readers_see_houses_and_no_buttons(town, staff, sign_in):
    reader = sign_in(staff("welfare"))
    house = House.objects.get(property_no="H3")
    page = text_of(reader.get(reverse("houses:house", args=[house.pk])))
    assert "ほかの世帯をつなぐ" not in page
    assert 'name="act"' not in page
    assert reader.get(reverse("houses:queue")).status_code == 403
    assert sign_in(staff("shelter")).get(reverse("houses:house", args=[house.pk])).status_code == 403


def test_somebody_hidden_is_nowhere_on_the_pages(town, clerk, staff, sign_in):
    _, one, _ = town
    Protection.objects.create(person=one.members.get(), source="desk")
    links = list(HouseLink.objects.filter(household=one))
    pages = [text_of(clerk.get(reverse("houses:queue")))]
    pages += [text_of(clerk.get(reverse("houses:house", args=[link.house_id]))) for link in links]
    for page in pages:
        assert "高橋" not in page
        assert one.disaster_number not in page
    assert act(clerk, links[0], "confirm").status_code == 404
    number = clerk.post(reverse("houses:link_by_hand", args=[links[0].house_id]), {"number": one.disaster_number})
    assert "この世帯はありません" in text_of(number)
    assert "高橋" in text_of(sign_in(staff("tax", sees_protected=True)).get(reverse("houses:queue")))
