"""Evacuees' cards: a number from the id alone, that tells of every slip, found by whoever scans or types it."""

from uuid import UUID

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backend.core import qr
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.ledger.models import Protection
from backend.shelters import services
from backend.shelters.cards import rules
from backend.shelters.models import Evacuee

IDS = st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number))


@pytest.fixture
def opening(db):
    return services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))


@pytest.fixture
def desk(sign_in, staff):
    return sign_in(staff("shelter"))


@given(IDS)
def test_a_card_is_read_back_scanned_or_typed_in_either_width(evacuee):
    card = rules.card_of(evacuee)
    wide = rules.printed(card).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)} | {ord("-"): "ー"})
    assert rules.read(rules.in_qr(card)) == rules.read(rules.printed(card)) == rules.read(wide) == card
    assert rules.read(f" {rules.in_qr(card).lower()} ") == card


@given(IDS, st.integers(0, 11), st.integers(1, 9), st.integers(0, 11))
def test_every_wrong_digit_and_every_swap_is_told(evacuee, place, by, other):
    card = rules.card_of(evacuee)
    wrong = list(card)
    wrong[place] = str((int(wrong[place]) + by) % 10)
    swapped = list(card)
    swapped[place], swapped[other] = swapped[other], swapped[place]
    for slip in {"".join(wrong), "".join(swapped)} - {card}:
        for text in (rules.in_qr(slip), rules.printed(slip)):
            with pytest.raises(rules.Misread):
                rules.read(text)


@pytest.mark.parametrize("text", ["やまだ", "2026-0000001-81", "1970-01-02", "12345678", "3 45 1 2", ""])
def test_what_is_no_card_is_left_to_the_search(text):
    assert rules.read(text) is None


def test_the_qr_is_of_the_smallest_and_draws_something():
    side, path = qr.path(rules.in_qr("123456789012"))
    assert side == 21 + 8 + 4 * 0 or side == 25 + 8
    assert path.startswith("M4 4h7")


def test_a_scan_finds_the_person_with_whom_they_came(desk, opening):
    party = uuid7()
    people = [
        services.check_in_new(by=None, opening=opening, details={"name": name}, party=party)[0]
        for name in ("北原 ハル", "北原 ナツ")
    ]
    scanned = rules.in_qr(rules.card_of(people[1]))
    found = desk.post(reverse("shelters:find", args=[opening]), {"q": scanned}).context["found"]
    assert [[m.name for m in family.members] for family in found.families] == [["北原 ナツ", "北原 ハル"]]
    wrong = desk.post(reverse("shelters:find", args=[opening]), {"q": scanned[:-1] + str((int(scanned[-1]) + 1) % 10)})
    assert "正しく読めていません" in wrong.content.decode()


def test_two_people_with_one_number_are_both_shown(desk, opening):
    one, _ = services.check_in_new(by=None, opening=opening, details={"name": "北原 ハル"})
    two, _ = services.check_in_new(by=None, opening=opening, details={"name": "南野 ナツ"})
    Evacuee.objects.filter(pk=two).update(card=rules.card_of(one))
    found = desk.post(reverse("shelters:find", args=[opening]), {"q": rules.card_of(one)}).context["found"]
    assert {m.name for family in found.families for m in family.members} == {"北原 ハル", "南野 ナツ"}


def test_the_card_of_somebody_hidden_finds_nobody(desk, opening):
    pk, _ = services.check_in_new(by=None, opening=opening, details={"name": "北原 ハル"})
    Protection.objects.create(evacuee=pk, source="desk")
    page = desk.post(reverse("shelters:find", args=[opening]), {"q": rules.in_qr(rules.card_of(pk))})
    assert page.context["found"].families == []
    assert "北原" not in desk.get(reverse("shelters:cards", args=[opening])).content.decode()


def test_cards_eight_to_a_sheet_of_those_ticked_or_of_all(desk, opening):
    made = [services.check_in_new(by=None, opening=opening, details={"name": f"港 {n}郎"})[0] for n in range(9)]
    everybody = desk.get(reverse("shelters:cards", args=[opening]))
    assert [len(sheet) for sheet in everybody.context["sheets"]] == [8, 1]
    chosen = desk.post(reverse("shelters:cards", args=[opening]), {"evacuee": [str(made[3])]})
    assert rules.printed(rules.card_of(made[3])) in chosen.content.decode()
    assert chosen.context["people"] == 1
    nobody = desk.post(reverse("shelters:cards", args=[opening]), {"evacuee": ["x"]})
    assert "札にする人がいません" in nobody.content.decode()
