"""Checking in, leaving, moving, returning, taking back; and where that leaves people at any time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.journal.models import Conflict as Contradiction
from backend.journal.models import Entry
from backend.journal.services import rebuild, record
from backend.ledger.models import Fact, Household, SameAs
from backend.ledger.queries import current_facts
from backend.shelters import household, queries, rules, services
from backend.shelters.models import Consent, Details, Evacuee, Note, ProtectionAsked, StayEvent

NOON = clock.now().replace(hour=3, minute=0, second=0, microsecond=0) - timedelta(days=1)
HOUR = timedelta(hours=1)


def ids(home, *positions):
    members = home.members.order_by("position")
    return [m.pk for m in members if not positions or m.position in positions]


def names(opening, **at):
    staff = at.pop("staff", None)
    return [row.face.name for row in queries.roster(opening, staff=staff, **at).rows]


@pytest.fixture
def school(shelter):
    return shelter(occurred_at=NOON - HOUR)


@pytest.fixture
def inside(school, family):
    """The whole family has been in the school since noon."""
    services.check_in_household(by=None, opening=school, household=family.pk, persons=ids(family), occurred_at=NOON)
    return school


def who(opening):
    return {row.face.name: row.face.id for row in queries.roster(opening, staff=None).rows}


def test_only_the_members_who_are_there_are_checked_in(school, family, clerk):
    done = services.check_in_household(by=clerk, opening=school, household=family.pk, persons=ids(family, 1, 3))
    assert len(done.arrived) == 2
    assert names(school) == ["山田 一郎", "山田 太郎"]
    assert queries.head_count(school) == queries.HeadCount(people=2, households=1)


def test_the_same_person_twice_is_one_stay_and_said(inside, family):
    again = services.check_in_household(by=None, opening=inside, household=family.pk, persons=ids(family))
    assert (len(again.already), again.arrived, again.moved) == (3, [], {})
    assert StayEvent.objects.count() == 3


def test_an_entry_names_the_opening_and_the_resident_by_number_only(inside):
    payload = Entry.objects.filter(kind="stay.arrived").first().payload
    assert set(payload) == {"opening", "person", "how", "party"}
    assert set(payload["person"]) == {"atena_no"}
    assert "山田" not in str(payload)


def test_arriving_elsewhere_ends_the_stay(inside, family, shelter):
    hall = shelter("港公民館", occurred_at=NOON)
    done = services.check_in_household(by=None, opening=hall, household=family.pk, persons=ids(family, 2))
    assert list(done.moved.values()) == [inside]
    assert names(hall) == ["山田 花子"]
    assert len(names(inside)) == 2
    assert [c.count.people for c in queries.counts_by_shelter()] == [2, 1]


def test_leaving_asks_where_to(inside):
    with pytest.raises(Refused):
        services.leave(by=None, opening=inside, evacuees=[who(inside)["山田 太郎"]], destination="")
    services.leave(by=None, opening=inside, evacuees=[who(inside)["山田 太郎"]], destination="hospital")
    assert "山田 太郎" not in names(inside)


def test_leaving_twice_is_a_conflict(inside):
    taro = who(inside)["山田 太郎"]
    services.leave(by=None, opening=inside, evacuees=[taro], destination="home")
    with pytest.raises(Conflict):
        services.leave(by=None, opening=inside, evacuees=[taro], destination="home")


def test_somebody_returns_to_the_same_household(inside):
    taro = who(inside)["山田 太郎"]
    services.leave(by=None, opening=inside, evacuees=[taro], destination="home", occurred_at=NOON + HOUR)
    services.return_(by=None, opening=inside, evacuee=taro, occurred_at=NOON + 2 * HOUR)
    assert queries.head_count(inside) == queries.HeadCount(people=3, households=1)
    assert queries.head_count(inside, NOON + 1.5 * HOUR).people == 2


def test_as_of_and_as_known_at_are_two_questions(inside):
    taro = who(inside)["山田 太郎"]
    known_before = clock.now()
    services.leave(by=None, opening=inside, evacuees=[taro], destination="home", occurred_at=NOON + HOUR)
    assert len(names(inside, as_of=NOON)) == 3
    assert len(names(inside, as_of=NOON + HOUR)) == 2
    assert len(names(inside, as_of=NOON + HOUR, known_at=known_before)) == 3
    assert names(inside, as_of=NOON + HOUR, known_at=NOON) == []


def test_a_wrong_move_taken_back_leaves_them_where_they_were(inside, shelter):
    hall = shelter("港公民館", occurred_at=NOON)
    taro = who(inside)["山田 太郎"]
    services.move(by=None, opening=inside, evacuees=[taro], to=hall)
    services.void(by=None, entry=StayEvent.objects.get(kind="moved").entry, reason="人違い")
    assert names(hall) == []
    assert "山田 太郎" in names(inside)
    with pytest.raises(Conflict):
        services.void(by=None, entry=StayEvent.objects.get(kind="moved").entry)


def test_a_corrected_time_holds_and_what_was_known_before_stays(inside):
    event = StayEvent.objects.filter(evacuee=who(inside)["山田 太郎"]).get()
    known_before = clock.now()
    services.correct_stay(by=None, entry=event.entry, occurred_at=NOON + HOUR)
    assert len(names(inside, as_of=NOON)) == 2
    assert len(names(inside, as_of=NOON, known_at=known_before)) == 3
    assert len(names(inside)) == 3


def test_a_stale_departure_does_not_end_a_newer_stay(inside, shelter):
    hall = shelter("港公民館", occurred_at=NOON)
    taro = who(inside)["山田 太郎"]
    number = Evacuee.objects.get(pk=taro).atena_no
    services.move(by=None, opening=inside, evacuees=[taro], to=hall, occurred_at=NOON + HOUR)
    # A paper list typed in late: they had left the school, which the hall knew already.
    payload = {"opening": str(inside), "person": {"atena_no": number}, "destination": "unknown"}
    record(kind="stay.left", payload=payload, occurred_at=NOON + 2 * HOUR, by=None)
    assert names(hall) == ["山田 太郎"]
    assert [c.code for c in Contradiction.objects.all()] == ["left_without_arriving"]


def test_somebody_from_elsewhere_has_no_number(school):
    evacuee, _ = services.check_in_new(
        by=None,
        opening=school,
        details={"name": "北原 ハル", "kana": "ｷﾀﾊﾗ ﾊﾙ", "origin": "隣の市", "birth": "1950-01-01"},
    )
    row = queries.roster(school, staff=None).rows[0]
    assert (row.face.id, row.face.kana, row.face.origin) == (evacuee, "キタハラ ハル", "隣の市")
    again, repeated = services.check_in_new(
        by=None, opening=school, details={"name": "北原ハル", "birth": "1950-01-01"}
    )
    assert (again, repeated.already) == (evacuee, [evacuee])


def test_a_person_of_the_ledger_without_number_keeps_the_ledgers_id(school, disaster, household):
    home = household(disaster(), [{"name": "聞取 一郎", "atena_no": None}], kind="outside", household_no=None)
    services.check_in_household(by=None, opening=school, household=home.pk, persons=ids(home))
    assert who(school) == {"聞取 一郎": ids(home)[0]}


def test_somebody_joined_to_the_register_later_stays_one_person(school, disaster, household):
    event = disaster()
    early = household(event, [{"name": "聞取 一郎", "atena_no": None}], kind="unknown", household_no=None)
    services.check_in_household(by=None, opening=school, household=early.pk, persons=ids(early))
    late = household(event, [{"name": "聞取 一郎"}])
    SameAs.objects.create(person_id=ids(early)[0], into_id=ids(late)[0], ground="氏名と生年月日")
    again = services.check_in_household(by=None, opening=school, household=late.pk, persons=ids(late))
    assert again.already == ids(early)


def test_a_paper_list_typed_in_late_tells_where_they_were_then(school, family, shelter):
    hall = shelter("港公民館", occurred_at=NOON)
    first = ids(family, 1)
    services.check_in_household(by=None, opening=hall, household=family.pk, persons=first, occurred_at=NOON + 2 * HOUR)
    done = services.check_in_household(
        by=None, opening=school, household=family.pk, persons=first, occurred_at=NOON + HOUR
    )
    assert len(done.arrived) == 1
    assert names(school, as_of=NOON + HOUR) == ["山田 太郎"]
    assert (names(school), names(hall)) == ([], ["山田 太郎"])


def test_those_in_cars_are_counted_apart(school, family):
    services.check_in_household(by=None, opening=school, household=family.pk, persons=ids(family, 1), how="car")
    assert queries.head_count(school) == queries.HeadCount(people=0, outside=1, households=0)


def test_a_shelter_with_people_is_closed_only_with_their_destination(inside, clerk):
    with pytest.raises(Refused) as refused:
        services.close_shelter(by=clerk, opening=inside)
    assert "3名" in refused.value.message
    assert services.close_shelter(by=clerk, opening=inside, destination="temporary_housing") == 3
    assert queries.counts_by_shelter() == []
    with pytest.raises(Refused):
        services.check_in_new(by=None, opening=inside, details={"name": "遅い 人"})


def test_a_place_is_opened_once(school):
    place = queries.counts_by_shelter()[0].shelter.facility
    with pytest.raises(Conflict):
        services.open_shelter(by=None, facility=place)


def test_nothing_is_recorded_ahead_of_its_time_or_before_the_opening(school, family):
    for at in (clock.now() + HOUR, NOON - 3 * HOUR):
        with pytest.raises(Refused):
            services.check_in_household(
                by=None, opening=school, household=family.pk, persons=ids(family), occurred_at=at
            )


def test_other_divisions_may_not_write(school, family, staff):
    with pytest.raises(Forbidden) as refused:
        services.check_in_household(by=staff("tax"), opening=school, household=family.pk, persons=ids(family))
    assert "避難所班" in refused.value.message


def test_a_person_of_another_household_is_not_found(school, family):
    with pytest.raises(NotFound):
        services.check_in_household(by=None, opening=school, household=family.pk, persons=[uuid4()])
    with pytest.raises(NotFound):
        services.check_in_household(by=None, opening=uuid4(), household=family.pk, persons=ids(family))


def test_where_somebody_is(inside, family):
    taro = family.members.get(position=1)
    assert queries.where_is(taro, staff=None).name == "西町小学校"
    services.leave(by=None, opening=inside, evacuees=[who(inside)["山田 太郎"]], destination="relatives")
    place = queries.where_is(taro, staff=None)
    assert (place.present, place.destination) == (False, "relatives")


def test_the_household_page_hears_of_it(inside, family, clerk):
    line = household.timeline(family.pk, clerk)[0]
    assert (line["title"], line["text"]) == ("避難所に到着", "西町小学校　山田 太郎、山田 花子、山田 一郎")
    assert household.door(family.pk, clerk)["count"] == 3


def test_a_head_count_stands_beside_the_roster(inside):
    services.report_head_count(by=None, opening=inside, people=40, households=15, observed_at=NOON + HOUR)
    found = queries.counts_by_shelter()[0]
    assert (found.shelter.people, found.shelter.observed_at, found.count.people) == (40, NOON + HOUR, 3)
    assert queries.counts_by_shelter(NOON)[0].shelter.people is None


def test_tables_made_anew_are_the_same(inside, shelter):
    hall = shelter("港公民館", occurred_at=NOON)
    people = list(who(inside).values())
    services.move(by=None, opening=inside, evacuees=people[:1], to=hall)
    services.leave(by=None, opening=inside, evacuees=people[1:2], destination="home")
    services.correct_stay(by=None, entry=StayEvent.objects.get(kind="left").entry, occurred_at=NOON + HOUR)
    services.void(by=None, entry=StayEvent.objects.get(kind="moved").entry)
    services.check_in_new(by=None, opening=hall, details={"name": "北原 ハル"})

    def state():
        tables = (Evacuee, Details, StayEvent, Consent, ProtectionAsked, Note)
        return [sorted(table.objects.values_list(), key=str) for table in tables]

    before = state()
    rebuild(["stay."])
    assert state() == before
    rebuild()
    assert state() == before


def test_the_same_resident_has_the_same_id_everywhere():
    assert rules.evacuee_id("999997", {"atena_no": "1"}) == rules.evacuee_id("999997", {"atena_no": "1"})
    assert rules.evacuee_id("999997", {"atena_no": "1"}) != rules.evacuee_id("999996", {"atena_no": "1"})
    with pytest.raises(ValueError, match="atena_no"):
        rules.evacuee_id("999997", {})


def test_a_roster_takes_a_fixed_number_of_queries(school, disaster, household, django_assert_max_num_queries):
    event = disaster("2027")
    for number in range(5):
        home = household(event, [{"name": f"林 {n}"} for n in "一二三四"], household_no=f"7{number:05}")
        services.check_in_household(by=None, opening=school, household=home.pk, persons=ids(home))
    with django_assert_max_num_queries(14):
        assert len(queries.roster(school, staff=None).rows) == 20
    with django_assert_max_num_queries(6):
        queries.counts_by_shelter()
    assert Household.objects.count() == 5


# Where they are, as a fact of the ledger ------------------------------------------------------------------------------


def told(person):
    """What holds of where somebody is: text and day, and who wrote it."""
    fact = current_facts(person=person, kinds=["whereabouts"]).get("whereabouts")
    return (fact.value["text"], fact.effective_on, fact.by) if fact else None


def test_the_ledger_is_told_where_people_are_and_that_they_left(school, family, clerk):
    head = family.members.get(name="山田 太郎")
    done = services.check_in_household(by=clerk, opening=school, household=family.pk, persons=[head.pk], how="car")
    assert told(head) == ("西町小学校（車中泊）", clock.today(), clerk)
    assert told(family.members.get(name="山田 花子")) is None
    services.leave(by=clerk, opening=school, evacuees=done.arrived, destination="relatives")
    assert told(head)[0] == "西町小学校を退所（親族・知人宅）"
    assert Fact.objects.filter(person=head, kind="whereabouts").count() == 2


def test_what_was_taken_back_is_taken_back_in_the_ledger(school, family, clerk, shelter):
    head = family.members.get(name="山田 太郎")
    done = services.check_in_household(by=clerk, opening=school, household=family.pk, persons=[head.pk])
    other = shelter("東町中学校")
    services.move(by=clerk, opening=school, evacuees=done.arrived, to=other)
    assert told(head)[0] == "東町中学校"
    services.void(by=clerk, entry=StayEvent.objects.get(kind="moved").entry, reason="誤り")
    assert told(head)[0] == "西町小学校"
    services.void(by=clerk, entry=StayEvent.objects.get(kind="arrived").entry, reason="誤り")
    assert told(head)[0] == ""
    before = Fact.objects.count()
    rebuild()
    assert Fact.objects.count() == before


def test_only_who_may_read_rosters_sees_it_among_the_contacts(school, family, clerk, staff, sign_in):
    head = family.members.get(name="山田 太郎")
    services.check_in_household(by=clerk, opening=school, household=family.pk, persons=[head.pk])
    url = reverse("letters:contacts", args=[family.pk])
    assert "西町小学校" in sign_in(clerk).get(url).content.decode()
    assert "西町小学校" not in sign_in(staff("tax")).get(url).content.decode()
