"""Who is hidden, from whom, and how long: said of a person, a number, or a record that is linked to them."""

import pytest
from django.utils import timezone

from backend.core.check_digits import format_disaster_number
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.certificates.people import protected_ids
from backend.ledger import queries, services, words
from backend.ledger.models import Fact, Person, Protection, SameAs
from backend.ledger.queries import Asked
from backend.shelters import people as shelter_people


def protect(person, **fields):
    return Protection.objects.create(person=person, source="desk", **fields)


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def resident(event, household):
    return household(event, [{"name": "秘山 密子", "kana": "ヒヤマ ミツコ"}]).members.get()


@pytest.fixture
def typed(event, household):
    """Two records of the same person, typed by hand at two counters."""
    return [household(event, [{"name": "秘山 密子", "atena_no": None}]).members.get() for _ in range(2)]


def link(typed, resident, **fields):
    return SameAs.objects.create(person=typed, into=resident, ground="氏名と生年月日", **fields)


def agree(people):
    """Ledger, certificates and shelters say the same; return who is hidden."""
    ids = [person.pk for person in people]
    hidden = set(Person.objects.filter(pk__in=ids).filter(queries.is_under_protection()).values_list("pk", flat=True))
    assert protected_ids(people) == hidden
    keys = {shelter_people.evacuee_of(person): person.pk for person in people}
    shelter_people.Evacuee.objects.bulk_create(
        [shelter_people.Evacuee(pk=shelter_people.evacuee_of(p), atena_no=p.atena_no) for p in people],
        ignore_conflicts=True,
    )
    assert {keys[key] for key in shelter_people.protected(keys)} == hidden
    return hidden


@pytest.mark.parametrize("said_of", [0, 1, 2, "number"])
def test_linked_records_are_hidden_together(resident, typed, said_of):
    everybody = [resident, *typed]
    for one in typed:
        link(one, resident)
    assert agree(everybody) == set()
    if said_of == "number":
        Protection.objects.create(atena_no=resident.atena_no, source="register", expires_on="2020-01-01")
    else:
        protect(everybody[said_of])
    assert agree(everybody) == {person.pk for person in everybody}
    assert resident.atena_no in queries.protected_atena_numbers()
    for person in everybody:
        assert queries.is_protected(person)
        assert len(queries.protections_of([person])) == 1


def test_an_ended_link_hides_nobody(resident, typed):
    link(typed[0], resident, until=timezone.now())
    protect(resident)
    assert agree([resident, *typed]) == {resident.pk}


def test_a_lifted_protection_shows_the_linked_ones_too(resident, typed, staff):
    link(typed[0], resident)
    row = protect(resident)
    chief = staff("register", is_supervisor=True, sees_protected=True)
    services.lift_protection(by=chief, protection=row, reason="本人の申し出")
    assert agree([resident, *typed]) == set()


def test_the_same_number_is_hidden_in_every_disaster(resident, typed, household, disaster):
    again = household(disaster("2027"), [{"name": "秘山 密子", "atena_no": resident.atena_no}]).members.get()
    link(typed[0], resident)
    protect(typed[0])
    hidden = Person.objects.filter(queries.is_under_protection())
    assert set(hidden) == {resident, typed[0], again}
    assert queries.protected_atena_numbers() == {resident.atena_no}


def test_nothing_that_is_typed_finds_somebody_who_is_hidden(event, resident, household, staff):
    words.rebuild(event)
    home = resident.household
    ways = [
        {"text": "秘山"}, {"text": "ひやま みつこ"}, {"kana": "ヒヤマ"}, {"birth": "S45.1.2"}, {"text": "19700102"},
        {"text": "西町1"}, {"text": resident.atena_no}, {"text": home.household_no}, {"text": home.disaster_number},
        {"text": home.disaster_number[:-1] + str((int(home.disaster_number[-1]) + 1) % 10)},
    ]  # fmt: skip
    clerk, chief = staff("tax"), staff("tax", sees_protected=True)
    for boxes in ways:
        found = queries.search(Asked(**boxes), disaster=event, staff=chief)
        assert found.people or found.did_you_mean, boxes
    Protection.objects.create(atena_no=resident.atena_no, source="register")
    for boxes in ways:
        found = queries.search(Asked(**boxes), disaster=event, staff=clerk)
        assert (found.people, found.did_you_mean, found.more) == ([], [], False), boxes
        found = queries.search(Asked(**boxes), disaster=event, staff=chief)
        assert found.people or found.did_you_mean, boxes


def test_a_household_of_hidden_people_is_not_there(resident, staff):
    protect(resident)
    with pytest.raises(NotFound) as hidden:
        queries.household_page(resident.household_id, staff("tax"))
    with pytest.raises(NotFound) as unknown:
        queries.household_page(resident.pk, staff("tax"))
    assert hidden.value.message == unknown.value.message
    assert queries.household_page(resident.household_id, staff("tax", sees_protected=True)).under_protection


def test_asking_twice_is_asking_once(resident, staff):
    clerk = staff("shelter")
    first = services.ask_protection(by=clerk, person=resident)
    assert services.ask_protection(by=clerk, person=resident) == first
    assert Protection.objects.count() == 1


def test_only_a_supervisor_who_sees_them_lifts_with_a_reason_and_once(resident, staff):
    row = protect(resident)
    for who, error in (
        ({}, Forbidden),
        ({"sees_protected": True}, Forbidden),
        ({"is_supervisor": True}, Refused),
    ):
        with pytest.raises(error):
            services.lift_protection(by=staff("tax", **who), protection=row, reason="本人の申し出")
    chief = staff("tax", is_supervisor=True, sees_protected=True)
    with pytest.raises(Refused, match="理由"):
        services.lift_protection(by=chief, protection=row, reason="　")
    assert queries.is_protected(resident)
    services.lift_protection(by=chief, protection=row, reason="本人の申し出")
    with pytest.raises(Conflict):
        services.lift_protection(by=chief, protection=row, reason="本人の申し出")
    assert not queries.is_protected(resident)


# Facts and households by hand --------------------------------------------------------------------------------------


def test_a_fact_is_followed_never_edited(event, resident, staff):
    clerk, home = staff("tax"), resident.household
    for text in ("港町の親類", "港町の親類 ", "", "北町の友人"):
        services.write_by_hand(by=clerk, household=home, kind="mailing_address", text=text)
    assert [fact.value["text"] for fact in Fact.objects.order_by("recorded_at")] == ["港町の親類", "", "北町の友人"]
    assert queries.current_facts(household=home)["mailing_address"].value["text"] == "北町の友人"


def test_very_long_names_are_taken(event, staff):
    people = [{"name": "長" * 200, "kana": "ﾅｶﾞ" * 80}]
    home = services.add_household(by=staff("tax"), disaster=event, people=people, address="㍿" * 150)
    found = queries.search(Asked(text="長長長"), disaster=event, staff=staff("tax"))
    assert [person.household_id for person in found.people] == [home.pk]
    assert found.people[0].kana.startswith("ナガ")


def test_a_household_entered_by_hand_is_found_at_once(event, staff):
    clerk = staff("shelter")
    people = [{"name": "髙田 初", "kana": "たかだ はつ", "birth": "3 45 1 2"}, {"name": "髙田 次"}]
    home = services.add_household(by=clerk, disaster=event, people=people, kind="outside", address="遠市中町3")
    assert home.disaster_number == format_disaster_number(event.code, 1)
    for boxes in ({"text": "高田"}, {"kana": "タカダ"}, {"birth": "19700102"}, {"text": "中町3"}):
        assert queries.search(Asked(**boxes), disaster=event, staff=clerk).people[0].household_id == home.pk
    for people in ([], [{"name": " "}], [{"name": "誰か", "birth": "1970-02-30"}]):
        with pytest.raises(Refused):
            services.add_household(by=clerk, disaster=event, people=people)
    event.refresh_from_db()
    assert event.last_number == 1
