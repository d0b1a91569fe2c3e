"""The pages of the shelter desk, as a clerk meets them."""

import csv
import io

import pytest
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.core.clock import TOKYO
from backend.core.spreadsheets import harmless
from backend.facilities.models import Facility
from backend.ledger.models import Protection
from backend.shelters import queries, services


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def opening(shelter, family):
    made = shelter()
    people = [p.pk for p in family.members.filter(position__in=(1, 2))]
    services.check_in_household(by=None, opening=made, household=family.pk, persons=people)
    return made


def text(answer):
    return answer.content.decode()


def rows(opening, staff=None):
    return queries.roster(opening, staff=staff).rows


def test_a_place_is_opened_from_the_list_of_places(desk, db):
    place = Facility.objects.create(name="港公民館")
    desk.post(reverse("shelters:open"), {"facility": str(place.pk)})
    assert "港公民館" in text(desk.get(reverse("shelters:index")))
    assert str(place.pk) not in text(desk.get(reverse("shelters:open")))


def test_everybody_sees_counts_but_not_names(opening, staff, sign_in):
    page = text(sign_in(staff("publicity")).get(reverse("shelters:index")))
    assert "西町小学校" in page
    assert reverse("shelters:shelter", args=[opening]) not in page
    assert sign_in(staff("publicity")).get(reverse("shelters:shelter", args=[opening])).status_code == 403


def test_a_household_is_ticked_and_checked_in(opening, family, desk):
    url = reverse("shelters:check_in", args=[family.pk])
    desk.get(reverse("shelters:shelter", args=[opening]))
    page = desk.get(url)
    assert "いま 西町小学校" in text(page)
    assert page.context["form"].initial["opening"] == str(opening)
    everybody = [str(p.pk) for p in family.members.all()]
    answer = desk.post(url, {"persons": everybody, "opening": str(opening), "how": "inside"}, follow=True)
    assert "1名を受け付けました" in text(answer)
    assert "2名はすでにこの避難所で受付済みです" in text(answer)
    assert len(rows(opening)) == 3


def test_somebody_unknown_is_checked_in_with_consents_item_by_item(opening, desk):
    form = {"name": "北原 ハル", "birth": "3 25 1 2", "how": "inside", "consents": ["safety"]}
    desk.post(reverse("shelters:check_in_new", args=[opening]), form)
    row = next(r for r in rows(opening) if r.face.name == "北原 ハル")
    assert (row.face.birth, row.consents) == ("1950-01-02", {"safety"})


def test_leaving_asks_where_to_before_it_is_written(opening, desk):
    chosen = [str(r.face.id) for r in rows(opening)]
    url = reverse("shelters:depart", args=[opening])
    assert "行き先" in text(desk.post(url, {"act": "leave", "evacuee": chosen}))
    assert len(rows(opening)) == 2
    desk.post(url, {"act": "leave", "evacuee": chosen, "asked": "1", "destination": "home"})
    assert rows(opening) == []
    page = text(desk.get(reverse("shelters:shelter", args=[opening])))
    assert "この24時間に退所した人" in page
    desk.post(reverse("shelters:return", args=[opening, chosen[0]]))
    assert len(rows(opening)) == 1


def test_moving_a_person_and_taking_it_back(opening, desk, shelter):
    hall = shelter("港公民館")
    person = rows(opening)[0].face.id
    form = {"act": "move", "evacuee": str(person), "asked": "1", "to": str(hall)}
    desk.post(reverse("shelters:depart", args=[opening]), form)
    entry = rows(hall)[0].entry
    assert "取り消しますか" in text(desk.get(reverse("shelters:void", args=[hall, entry])))
    desk.post(reverse("shelters:void", args=[hall, entry]), {"reason": "人違い"})
    assert rows(hall) == []
    assert "取消・訂正済み" in text(desk.get(reverse("shelters:person", args=[opening, person])))


def test_correcting_a_time(opening, desk):
    row = rows(opening)[0]
    url = reverse("shelters:correct", args=[opening, row.entry])
    late = desk.post(url, {"occurred_at": "2199-01-01T00:00"})
    assert "未来" in text(late)
    moment = row.since.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    desk.post(url, {"occurred_at": moment})
    assert rows(opening)[0].entry != row.entry


def test_consent_is_written_as_answered(opening, desk):
    person = rows(opening)[0].face.id
    desk.post(reverse("shelters:consent", args=[opening, person]), {"safety": "yes", "publication": "no"})
    assert rows(opening)[0].consents == {"safety"}


def test_closing_names_who_is_there_and_asks_where_they_go(opening, desk):
    url = reverse("shelters:close", args=[opening])
    assert "山田 太郎" not in text(desk.get(url))  # the reading stands over each part of the name
    assert "太郎" in text(desk.get(url))
    assert "2名がいます" in text(desk.post(url, {}))
    desk.post(url, {"destination": "temporary_housing"})
    assert queries.counts_by_shelter() == []


def test_a_head_count_is_reported(opening, desk):
    desk.post(reverse("shelters:head_count", args=[opening]), {"people": "40", "households": "12"})
    assert queries.counts_by_shelter()[0].shelter.people == 40
    assert "入力を確かめてください" in text(desk.post(reverse("shelters:head_count", args=[opening]), {"people": "-1"}))


def csv_of(client, opening, query=""):
    answer = client.get(reverse("shelters:roster_csv", args=[opening]) + query)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_lists_bear_both_times_and_are_logged(opening, desk, clerk):
    lines = csv_of(desk, opening, "?as_of=2199-01-01T00:00&known_at=2199-01-02T00:00")
    assert {line["氏名"] for line in lines} == {"山田 太郎", "山田 花子"}
    assert (lines[0]["時点"], lines[0]["判明時点"]) == ("2199-01-01T00:00+09:00", "2199-01-02T00:00+09:00")
    page = text(desk.get(reverse("shelters:roster_print", args=[opening]) + "?as_of=2199-01-01T00:00"))
    assert "2199年1月1日" in page
    assert "までに分かった範囲" in page
    desk.get(reverse("shelters:roster", args=[opening]))
    looks = AccessLog.objects.filter(staff=clerk, subject=f"opening:{opening}").order_by("id")
    assert list(looks.values_list("what", "hits")) == [("export", 2), ("export", 2), ("list", 2)]


def test_nobody_was_there_before_they_came(opening, desk):
    assert csv_of(desk, opening, "?as_of=2020-01-01T00:00") == []


@pytest.mark.parametrize("page", ["shelter", "roster", "roster_csv", "roster_print", "close"])
def test_people_under_protection_are_a_number_on_every_page(opening, desk, family, page):
    Protection.objects.create(atena_no=family.members.get(position=1).atena_no, source="register")
    answer = text(desk.get(reverse(f"shelters:{page}", args=[opening])))
    assert "太郎" not in answer
    assert "ほか1名（秘匿）" in answer


def test_the_page_of_a_hidden_person_is_that_of_an_unknown_one(opening, desk, family):
    hidden = next(r for r in rows(opening) if r.face.name == "山田 太郎")
    Protection.objects.create(atena_no=family.members.get(position=1).atena_no, source="register")
    for name, key in (("person", hidden.face.id), ("protect", hidden.face.id), ("void", hidden.entry)):
        assert desk.get(reverse(f"shelters:{name}", args=[opening, key])).status_code == 404


def test_asking_for_protection_takes_one_click_and_a_yes(opening, desk):
    person = rows(opening)[0].face.id
    url = reverse("shelters:protect", args=[opening, person])
    assert "知らせない" in text(desk.get(url))
    desk.post(url)
    assert queries.roster(opening, staff=None).hidden == 1


@pytest.mark.parametrize("cell", ["=1+1", "+81", "-1", "@x", "\tx", "＝1"])
def test_a_spreadsheet_runs_nothing(cell):
    assert harmless(cell) == f"'{cell}"


def test_the_roster_in_shift_jis_says_what_it_cannot_carry(opening, desk):
    address = reverse("shelters:roster_csv", args=[opening]) + "?as_of=2199-01-01T00:00&encoding=shift_jis"
    assert "山田 太郎" in desk.get(address).content.decode("cp932")
    form = {"name": "𠮷原 ハル", "birth": "3 25 1 2", "how": "inside", "consents": []}
    desk.post(reverse("shelters:check_in_new", args=[opening]), form)
    page = text(desk.get(address))
    assert "U+20BB7" in page
    assert "ハル" not in page


def test_a_second_look_at_a_shelter_writes_no_session(opening, desk):
    url = reverse("shelters:shelter", args=[opening])
    desk.get(url)
    assert "sessionid" not in desk.get(url).cookies


def test_a_name_shown_again_with_a_wrong_correction_is_a_look(opening, desk, clerk):
    person = rows(opening)[0].face.id
    before = AccessLog.objects.filter(subject=f"evacuee:{person}").count()
    answer = desk.post(reverse("shelters:details", args=[opening, person]), {"name": "", "birth": "x"})
    assert answer.status_code == 422
    assert AccessLog.objects.filter(subject=f"evacuee:{person}", staff=clerk).count() == before + 1
