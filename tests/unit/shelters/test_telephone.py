"""A shelter without a device, run by telephone and from paper lists."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backend.core.clock import TOKYO, frozen, now
from backend.facilities.models import Facility, HeadCount
from backend.shelters import queries, services
from backend.shelters.curve.queries import heads_at


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def places(shelter):
    with frozen(now() - timedelta(hours=5)):
        return [shelter(name) for name in ("西町小学校", "港公民館", "北町会館")]


def told(opening, **values):
    return {f"{opening}-{name}": value for name, value in values.items()}


def test_counts_of_many_shelters_are_told_on_one_page(desk, places):
    hour_ago = (now() - timedelta(hours=1)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    form = told(places[0], people="120", households="50", told_by="山田さん", called_at=hour_ago)
    form |= told(places[1], people="0")
    page = desk.post(reverse("centre:calls"), form, follow=True).content.decode()
    assert "2か所の人数を記録しました" in page
    rows = {row.opening: row for row in HeadCount.objects.all()}
    assert rows.keys() == set(places[:2])
    assert (rows[places[0]].people, rows[places[0]].households, rows[places[0]].told_by) == (120, 50, "山田さん")
    assert rows[places[0]].occurred_at < rows[places[1]].occurred_at


def test_a_wrong_row_keeps_all_that_was_typed_and_records_nothing(desk, places):
    form = (
        told(places[0], people="120", told_by="山田さん")
        | told(places[1], people="-3")
        | told(places[2], told_by="北さん")
    )
    answer = desk.post(reverse("centre:calls"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "山田さん" in page
    assert "まだ何も記録していません" in page
    assert "避難所内の人数を入れてください" in page
    assert not HeadCount.objects.exists()


def test_a_shelter_that_closed_while_numbers_were_typed_is_named_with_its_number(desk, places):
    form = told(places[0], people="120") | told(places[1], people="40")
    services.close_shelter(by=None, opening=places[1])
    answer = desk.post(reverse("centre:calls"), form)
    assert answer.status_code == 422
    assert "港公民館（40人）" in answer.content.decode()
    assert not HeadCount.objects.exists()
    assert 'value="120"' in answer.content.decode()


def test_households_without_people_are_asked_for_again(desk, db):
    answer = desk.post(reverse("centre:spontaneous"), {"name": "集会所", "households": "12", "told_by": "区長"})
    assert "人数も入れてください" in answer.content.decode()
    assert not Facility.objects.exists()


def test_whoever_is_in_the_roster_already_keeps_the_household_of_the_list_together(desk, places):
    url = reverse("centre:paper", args=[places[0]])
    first = {"name": "北原 ハル", "birth": "3 25 1 2"}
    desk.post(url, lines(first))
    desk.post(url, lines(first, {"name": "北原 ナツ", "together": "on"}))
    assert queries.head_count(places[0]) == queries.HeadCount(people=2, households=1)


@pytest.mark.parametrize("asked", ["²", "9" * 4400, "-1", ""])
def test_any_number_of_lines_in_the_address_gives_a_list(desk, places, asked):
    assert desk.get(reverse("centre:paper", args=[places[0]]), {"lines": asked}).status_code == 200


def test_a_time_before_the_opening_says_since_when_it_is_open_at_its_field(desk, places):
    early = (now() - timedelta(days=2)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    form = {"people": "3", "observed_at": early}
    page = desk.post(reverse("shelters:head_count", args=[places[0]]), form).content.decode()
    assert "より前の日時です" in page
    assert "開設より後の日時にしてください" in page


def test_nothing_told_is_said(desk, places):
    assert "一か所以上" in desk.post(reverse("centre:calls"), {}).content.decode()


def test_a_time_to_come_or_before_the_opening_is_refused(desk, places):
    form = told(places[0], people="1", called_at="2199-01-01T00:00")
    assert "未来" in desk.post(reverse("centre:calls"), form).content.decode()
    form = told(places[0], people="1", called_at="2001-01-01T00:00")
    assert "開設より前" in desk.post(reverse("centre:calls"), form).content.decode()


def test_a_shelter_that_nobody_designated_opens_on_one_screen(desk, db):
    form = {"name": "北原さん宅の車庫", "address": "西町3の角", "people": "14", "told_by": "区長"}
    desk.post(reverse("centre:spontaneous"), form)
    [found] = queries.counts_by_shelter()
    assert (found.shelter.facility.kind, found.shelter.people) == ("spontaneous", 14)
    again = desk.post(reverse("centre:spontaneous"), form).content.decode()
    assert "登録されています" in again
    desk.post(reverse("centre:spontaneous"), {**form, "another": "on"})
    assert Facility.objects.filter(name="北原さん宅の車庫").count() == 2


def lines(*people, **more):
    form = {"lines": "20", **more}
    for i, values in enumerate(people):
        form |= {f"line{i}-{key}": value for key, value in values.items()}
    return form


def test_a_list_on_paper_is_typed_in_and_counts_nobody_twice(desk, places):
    west = places[0]
    services.report_head_count(by=None, opening=west, people=5, observed_at=now() - timedelta(hours=2))
    list_of = (now() - timedelta(hours=3)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    people = [
        {"name": "北原 ハル", "birth": "3 25 1 2", "sex": "2"},
        {"name": "北原 ナツ", "together": "on"},
        {"name": "70代くらいの男性", "how": "car"},
    ]
    url = reverse("centre:paper", args=[west])
    page = desk.post(url, lines(*people, at=list_of), follow=True).content.decode()
    assert "3名を受け付けました" in page
    roster = queries.roster(west, staff=None)
    assert (roster.count.people, roster.count.households, roster.count.outside) == (2, 1, 1)
    assert heads_at(now())[west].people == 5  # the five were counted without names
    again = desk.post(url, lines(people[0], at=list_of), follow=True).content.decode()
    assert "1名は、すでに名簿にあります" in again


def test_names_typed_as_of_now_count_nobody_twice_either(desk, places):
    services.report_head_count(by=None, opening=places[0], people=2, observed_at=now() - timedelta(hours=2))
    url = reverse("centre:paper", args=[places[0]])
    desk.post(url, lines({"name": "北原 ハル"}, {"name": "北原 ナツ"}, {"name": "北原 アキ"}))
    assert heads_at(now())[places[0]].people == 3


def test_a_wrong_line_keeps_the_list_and_records_nobody(desk, places):
    url = reverse("centre:paper", args=[places[0]])
    answer = desk.post(url, lines({"name": "北原 ハル"}, {"name": "北原 ナツ", "birth": "昨日"}, {"kana": "アキ"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "北原 ナツ" in page
    assert "氏名を入れてください" in page
    assert queries.roster(places[0], staff=None).rows == []


def test_only_who_may_write_is_let_in(staff, sign_in, places):
    for name, args in (("calls", []), ("spontaneous", []), ("paper", [places[0]])):
        assert sign_in(staff("welfare")).get(reverse(f"centre:{name}", args=args)).status_code == 403
