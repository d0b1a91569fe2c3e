"""Consent item by item, and people of whom nobody may be told."""

import pytest

from backend.core.errors import NotFound
from backend.journal.models import Entry
from backend.journal.services import rebuild
from backend.ledger.models import Protection, SameAs
from backend.shelters import household, queries, services, wishes
from backend.shelters import household as pages


@pytest.fixture
def taro(shelter, family):
    """One of the family, in a shelter; his id there."""
    opening = shelter()
    first = family.members.get(position=1)
    services.check_in_household(by=None, opening=opening, household=family.pk, persons=[first.pk])
    return queries.roster(opening, staff=None).rows[0].face.id


@pytest.fixture
def opening(taro):
    return queries.where_is(taro, staff=None).opening


def test_nobody_has_consented_to_anything_they_were_not_asked(taro, opening):
    assert queries.roster(opening, staff=None).rows[0].consents == frozenset()


def test_consent_is_given_and_withdrawn_item_by_item(taro, opening, clerk):
    wishes.state_consent(by=clerk, evacuee=taro, item="safety", given=True)
    wishes.state_consent(by=clerk, evacuee=taro, item="publication", given=False)
    assert queries.roster(opening, staff=None).rows[0].consents == {"safety"}
    assert wishes.state_consent(by=clerk, evacuee=taro, item="safety", given=True) is False
    wishes.withdraw_consent(by=clerk, evacuee=taro, item="safety")
    assert queries.roster(opening, staff=None).rows[0].consents == frozenset()
    assert list(Entry.objects.filter(kind__startswith="consent").values_list("kind", flat=True)) == [
        "consent.stated",
        "consent.stated",
        "consent.withdrawn",
    ]


def test_somebody_who_asks_is_hidden_at_once_but_counted(taro, opening, clerk, staff, family):
    wishes.ask_protection(by=clerk, evacuee=taro)
    seen = queries.roster(opening, staff=clerk)
    assert (seen.rows, seen.hidden, seen.count.people) == ([], 1, 1)
    assert queries.where_is(taro, staff=clerk) is None
    assert household.timeline(family.pk, clerk) == []
    assert household.door(family.pk, clerk)["count"] == 0
    marked = staff("shelter", sees_protected=True)
    assert queries.roster(opening, staff=marked).rows[0].protected
    row = Protection.objects.get()
    assert (row.source, row.asked_by) == ("desk", clerk)


def test_protection_in_the_register_hides_at_a_shelter_too(taro, opening, family, clerk):
    number = family.members.get(position=1).atena_no
    Protection.objects.create(atena_no=number, source="register")
    assert queries.roster(opening, staff=clerk).hidden == 1


def test_protection_reaches_somebody_met_before_the_register_came(shelter, disaster, household, clerk):
    event, opening = disaster(), shelter()
    early = household(event, [{"name": "聞取 一郎", "atena_no": None}], kind="unknown", household_no=None)
    person = early.members.get()
    services.check_in_household(by=None, opening=opening, household=early.pk, persons=[person.pk])
    register = household(event, [{"name": "聞取 一郎"}]).members.get()
    SameAs.objects.create(person=person, into=register, ground="氏名と生年月日")
    Protection.objects.create(atena_no=register.atena_no, source="register")
    assert queries.roster(opening, staff=clerk).hidden == 1


def test_a_hidden_person_is_answered_like_an_unknown_one(taro, opening, clerk, family):
    wishes.ask_protection(by=clerk, evacuee=taro)
    first = family.members.get(position=1)
    for act in (
        lambda: services.leave(by=clerk, opening=opening, evacuees=[taro], destination="home"),
        lambda: wishes.state_consent(by=clerk, evacuee=taro, item="safety", given=True),
        lambda: services.check_in_household(by=clerk, opening=opening, household=family.pk, persons=[first.pk]),
    ):
        with pytest.raises(NotFound):
            act()


def test_what_was_lifted_is_not_brought_back_by_a_rebuild(taro, opening, clerk, staff):
    wishes.ask_protection(by=clerk, evacuee=taro)
    boss = staff("shelter", is_supervisor=True)
    row = Protection.objects.get()
    row.lifted_at, row.lifted_by, row.lifted_reason = row.asked_at, boss, "本人の申し出"
    row.save()
    rebuild(["protection."])
    assert queries.roster(opening, staff=clerk).hidden == 0


def test_a_corrected_name_is_shown(shelter, clerk):
    opening = shelter()
    evacuee, _ = services.check_in_new(by=clerk, opening=opening, details={"name": "白髪の男性", "sex": "1"})
    wishes.correct_details(by=clerk, evacuee=evacuee, details={"name": "北原 春夫", "kana": "ｷﾀﾊﾗ ﾊﾙｵ", "sex": "1"})
    assert pages.face(evacuee).name == "北原 春夫"
    wishes.add_note(by=clerk, evacuee=evacuee, text="娘さんが迎えに来る")
