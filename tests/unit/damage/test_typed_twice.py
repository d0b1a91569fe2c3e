"""二度打ち: sheets drawn by lot, typed once more by somebody else, and what becomes of those that differ."""

from __future__ import annotations

import pytest
from django.urls import reverse

from backend.damage.models import Survey
from backend.damage.surveys import services, twice_queries


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


def shown(client, **said):
    return client.get(reverse("surveys:twice"), said).content.decode()


@pytest.fixture
def drawn(event, clerk, house, sheet, settings):
    """A sheet that the lot has fallen upon."""
    settings.SECOND_TYPING_PERCENT = 100
    return services.record(by=clerk, disaster=event, house=house("大浜市西町7番地").pk, sheet=sheet(sheet_no="A-7"))


def test_of_many_sheets_the_share_is_drawn_and_none_when_it_is_off(event, clerk, house, sheet, settings):
    settings.SECOND_TYPING_PERCENT = 50
    for _ in range(60):
        services.record(by=clerk, disaster=event, house=house().pk, sheet=sheet())
    assert 5 <= Survey.objects.filter(drawn=True).count() <= 55  # by chance outside: once in 10^11
    settings.SECOND_TYPING_PERCENT = 0
    assert not any(services.record(by=clerk, disaster=event, house=house().pk, sheet=sheet()).drawn for _ in range(20))


def test_who_typed_it_is_told_that_somebody_else_does_and_the_other_finds_the_way(drawn, clerk, staff, sign_in):
    mine = shown(sign_in(clerk))
    assert "大浜市西町7番地" in mine
    assert "別の職員が入力します" in mine
    way = reverse("surveys:second_typing", args=[drawn.pk])
    assert way not in mine
    assert way in shown(sign_in(staff("tax")))


def test_the_same_answers_leave_the_list_and_are_counted(drawn, event, staff, sheet, sign_in):
    other = staff("tax")
    services.type_again(by=other, survey=drawn.pk, sheet=sheet(sheet_no="A-7"))
    found = twice_queries.standing(event)
    assert (found.waiting, found.typed, found.differing, found.share) == (0, 1, 0, 0.0)
    page = shown(sign_in(other))
    assert "大浜市西町7番地" not in page
    assert "二度目を待つ調査票はありません" in page


def test_what_differs_waits_until_somebody_looked_at_the_paper(drawn, event, clerk, staff, sheet, sign_in):
    other = staff("tax")
    services.type_again(by=other, survey=drawn.pk, sheet=sheet(sheet_no="A-7", ratio=28, found="half"))
    client = sign_in(other)
    page = shown(client)
    assert "違いを見る" in page
    assert "損害割合" in page  # which answers differ
    assert "100.0%" in page
    answer = client.post(reverse("surveys:keep_first", args=[drawn.pk]), follow=True)
    assert "一度目の入力でよいとしました" in answer.content.decode()
    assert "違いを見る" not in shown(client)
    side_by_side = client.get(reverse("surveys:second_typing", args=[drawn.pk])).content.decode()
    assert "一度目でよいとしました" in side_by_side


def test_typing_it_again_settles_it_too(drawn, event, clerk, staff, house, sheet, sign_in):
    services.type_again(by=staff("tax"), survey=drawn.pk, sheet=sheet(sheet_no="A-7", ratio=28, found="half"))
    right = sheet(sheet_no="A-7", ratio=28, found="half")
    after = services.record(by=clerk, disaster=event, house=drawn.house_id, sheet=right, replaces=drawn.pk)
    assert not after.drawn
    assert "違いを見る" not in shown(sign_in(clerk))


def test_what_is_typed_again_before_its_second_typing_does_not_escape_the_lot(drawn, event, clerk, sheet, settings):
    settings.SECOND_TYPING_PERCENT = 0
    right = sheet(sheet_no="A-7", ratio=28, found="half")
    after = services.record(by=clerk, disaster=event, house=drawn.house_id, sheet=right, replaces=drawn.pk)
    assert after.drawn
    assert [line.survey for line in twice_queries.waiting(event)] == [after]


def test_nothing_to_keep_before_it_was_typed_twice_and_nobody_else_gets_in(drawn, staff, sign_in):
    client = sign_in(staff("tax"))
    assert client.post(reverse("surveys:keep_first", args=[drawn.pk])).status_code == 404
    assert sign_in(staff("welfare")).get(reverse("surveys:twice")).status_code == 403


def test_without_a_disaster_the_page_says_so(clerk, sign_in):
    assert "災害がまだ開設されていません" in shown(sign_in(clerk))
