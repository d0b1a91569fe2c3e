"""From what was typed to a link, a case for a person, or nobody; and what people decide of it."""

from uuid import uuid4

import pytest
from django.core.management import call_command

from backend.core.clock import now
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger import services as desk
from backend.ledger import words
from backend.ledger.fact_services import put_fact
from backend.ledger.letters import queries as letters
from backend.ledger.matching import queries, records, services
from backend.ledger.matching.links import links_of
from backend.ledger.matching.running import match_records
from backend.ledger.models import Fact, MatchDecision, Person, Protection, SameAs, TypedRecord

HEAD = {"name": "佐藤 健一", "kana": "サトウ ケンイチ", "birth": "1970-01-02", "sex": "1"}


@pytest.fixture
def town(disaster, household):
    """A filled ledger with a few residents; `town(members)` adds a household of the register."""
    event = disaster("2026", register_revision=1, filled_at=now())

    def add(*members, **fields):
        home = household(event, list(members), **fields)
        words.add(home.members.all())
        return home

    add.event = event
    return add


@pytest.fixture
def home(town):
    return town(HEAD, {"name": "佐藤 花子", "kana": "サトウ ハナコ", "birth": "1972-03-04", "sex": "2"})


def typed(name="佐藤 健一", kana="", birth="1970-01-02", sex="1", address="西町1", room="shelters", event=None, **more):
    pk = more.pop("id", uuid4())
    row = {"id": pk, "name": name, "kana": kana, "birth": birth, "sex": sex, "address": address, **more}
    services.take_records(room=room, rows=[row], disaster=event)
    return TypedRecord.objects.get(pk=pk)


def link_of(record):
    return links_of([record.pk]).get(record.pk)


def test_a_certain_one_is_linked_by_itself_as_a_reading_aid(home):
    record = typed()
    link = link_of(record)
    assert (record.outcome, link.into.name, link.confirmed_by) == ("certain", "佐藤 健一", None)
    assert ledger.same_as([record.pk]) == {record.pk: link.into_id}
    assert ledger.confirmed_same_as([record.pk]) == {}


def test_a_likely_one_waits_for_a_person(home):
    record = typed(birth="1970-02-01")
    assert (record.outcome, link_of(record)) == ("likely", None)


def test_somebody_from_elsewhere_has_no_candidate(home):
    assert typed("旅野 めぐる", birth="1991-09-09").outcome == "none"


def test_who_is_typed_at_a_counter_of_a_filled_ledger_is_matched_at_once(home, town, staff):
    made = desk.add_household(
        by=staff("tax"), disaster=town.event, people=[{"name": "斎藤 健一"}, HEAD], address="西町1"
    )
    links = SameAs.objects.get()
    assert (links.person.name, links.into.household) == ("佐藤 健一", home)
    assert links.person.household == made


def test_before_the_register_comes_records_wait(disaster, household):
    household(disaster(), [HEAD])
    assert typed().outcome == "waiting"


def test_what_says_nothing_new_is_not_matched_again_and_what_does_is(home):
    record = typed()
    first = link_of(record)
    typed(id=record.pk)
    assert link_of(record) == first
    again = typed(id=record.pk, birth="1980-05-05", name="田中 一")
    assert (again.outcome, link_of(record)) == ("none", None)
    first.refresh_from_db()
    assert first.until is not None


def test_the_dead_wait_for_a_person(home, town):
    person = home.members.get(name="佐藤 健一")
    Fact.objects.create(
        disaster=town.event, person=person, kind="life_status", value={"status": "dead"}, source_room="ledger"
    )
    record = typed()
    assert (record.outcome, link_of(record)) == ("likely", None)


@pytest.mark.parametrize("of", ["person", "number", "record"])
def test_somebody_under_protection_is_hidden_and_never_linked(home, staff, of):
    person, pk = home.members.get(name="佐藤 健一"), uuid4()
    whom = {"person": {"person": person}, "number": {"atena_no": person.atena_no}, "record": {"evacuee": pk}}[of]
    Protection.objects.create(source="desk", **whom)
    record = typed(id=pk)
    assert link_of(record) is None
    assert ledger.is_protected(person)
    clerk, chief = staff("register"), staff("register", sees_protected=True)
    assert not queries.records(clerk).filter(pk=pk).exists()
    assert list(queries.queue(chief)) == [record]
    assert vars(queries.counts(clerk)) == vars(queries.Counts())
    with pytest.raises(NotFound):
        queries.case(pk, clerk)


def test_a_likely_one_under_protection_looks_like_nobody_found(home, staff):
    person = home.members.get(name="佐藤 健一")
    Protection.objects.create(source="desk", person=person)
    record = typed(birth="1970-02-01")
    clerk = staff("register")
    assert list(queries.queue(clerk)) == []
    assert (queries.counts(clerk).none, queries.counts(clerk).likely) == (1, 0)
    assert queries.case(record.pk, clerk).candidates == []
    assert queries.states([record.pk], clerk)[record.pk].text == "住民記録に候補なし"
    assert queries.counts(staff("register", sees_protected=True)).likely == 1


def test_a_protection_that_came_later_takes_the_case_away(home, staff):
    record = typed(birth="1970-02-01")
    clerk = staff("register")
    Protection.objects.create(source="desk", person=home.members.get(name="佐藤 健一"))
    assert services.take_next(by=clerk) is None
    assert queries.case(record.pk, clerk).candidates == []


# Decisions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(home):
    return typed(birth="1970-02-01")


@pytest.fixture
def person(home):
    return home.members.get(name="佐藤 健一")


def test_the_same_person_is_a_confirmed_link(case, person, staff):
    clerk = staff("register")
    services.decide(by=clerk, record=case.pk, verdict="same", into=person.pk)
    link = link_of(case)
    assert (link.into, link.confirmed_by, link.proof) == (person, clerk, "records")
    assert ledger.confirmed_same_as([case.pk]) == {case.pk: person.pk}
    assert queries.counts(clerk).decided == 1


def test_confirming_an_automatic_link_ends_it_and_makes_another(home, person, staff):
    record = typed()
    first = link_of(record)
    services.decide(by=staff("tax"), record=_of_ledger(record), verdict="same", into=person.pk, proof="document")
    first.refresh_from_db()
    assert first.until is not None
    assert first.confirmed_by is None
    assert link_of(record).proof == "document"


def _of_ledger(record):
    """As if it had been typed into the ledger: the tax division sees no records of shelters."""
    TypedRecord.objects.filter(pk=record.pk).update(room="paper")
    return record.pk


def test_another_person_is_not_asked_again(case, person, staff):
    services.decide(by=staff("register"), record=case.pk, verdict="other", into=person.pk)
    case.refresh_from_db()
    assert case.outcome == "none"
    call_command("match_people", "--again")
    case.refresh_from_db()
    assert case.outcome == "none"


def test_after_another_person_the_next_candidate_is_asked(town, home, person, staff):
    other = town({**HEAD, "birth": "1970-01-03"}, address="大浜市西町９番地").members.get()
    record = typed(birth="1970-01-04")
    clerk = staff("register")
    assert {c.person for c in queries.case(record.pk, clerk).candidates} == {person, other}
    services.decide(by=clerk, record=record.pk, verdict="other", into=person.pk)
    assert [c.person for c in queries.case(record.pk, clerk).candidates] == [other]
    assert services.take_next(by=clerk) == record.pk


def test_somebody_may_be_decided_not_to_be_in_the_register(case, staff):
    clerk = staff("register")
    services.decide(by=clerk, record=case.pk, verdict="absent")
    assert queries.states([case.pk], clerk)[case.pk].text == "住民記録にない方"
    assert services.take_next(by=clerk) is None


def test_two_clerks_are_never_given_one_case(town, home, staff):
    first, second = typed(birth="1970-02-01"), typed(birth="1970-01-03")
    one, two = staff("register"), staff("shelter")
    assert services.take_next(by=one) == first.pk
    assert services.take_next(by=two) == second.pk
    assert services.take_next(by=staff("welfare")) is None
    assert services.take_next(by=one) == first.pk  # a page loaded again is theirs still


def test_the_second_decision_is_told_what_was_decided(case, person, staff):
    services.decide(by=staff("register", display_name="住基 花子"), record=case.pk, verdict="absent")
    with pytest.raises(Conflict, match="住基 花子 さんが「住民記録にない方」"):
        services.decide(by=staff("shelter"), record=case.pk, verdict="same", into=person.pk)
    assert not SameAs.objects.exists()


def test_what_is_put_off_comes_after_the_others(home, staff):
    first, second = typed(birth="1970-02-01"), typed(birth="1970-01-03")
    clerk = staff("register")
    services.put_off(by=clerk, record=first.pk)
    assert services.take_next(by=clerk) == second.pk
    services.decide(by=clerk, record=second.pk, verdict="absent")
    assert services.take_next(by=clerk) == first.pk


def test_the_last_decision_is_undone_and_asked_again(case, person, staff):
    clerk = staff("register")
    services.decide(by=clerk, record=case.pk, verdict="same", into=person.pk)
    services.decide(by=staff("shelter"), record=typed(birth="1970-01-03").pk, verdict="absent")
    assert services.undo_last(by=clerk) == case.pk
    case.refresh_from_db()
    assert (case.outcome, link_of(case), case.taken_by) == ("likely", None, clerk)
    with pytest.raises(NotFound):
        services.undo_last(by=clerk)


def test_nobody_decides_of_the_typed_the_hidden_or_without_right(case, person, household, town, staff):
    clerk = staff("register")
    by_hand = household(town.event, [{"name": "佐藤 健一"}], kind="outside", household_no=None).members.get()
    with pytest.raises(NotFound):
        services.decide(by=clerk, record=case.pk, verdict="same", into=by_hand.pk)
    with pytest.raises(NotFound):
        services.decide(by=staff("tax"), record=case.pk, verdict="same", into=person.pk)  # of a shelter
    with pytest.raises(Forbidden):
        services.decide(by=staff("supplies"), record=case.pk, verdict="absent")
    Protection.objects.create(source="desk", person=person)
    with pytest.raises(NotFound):
        services.decide(by=clerk, record=case.pk, verdict="same", into=person.pk)
    assert not MatchDecision.objects.exists()


# Taking apart ------------------------------------------------------------------------------------------------------


def test_a_wrong_link_is_taken_apart_and_not_made_again(home, person, staff):
    record, clerk = typed(), staff("register")
    assert services.take_apart(by=clerk, record=record.pk, reason="別の方でした") == 0
    assert link_of(record) is None
    assert SameAs.objects.get().ended_reason == "別の方でした"
    call_command("match_people", "--again")
    assert link_of(record) is None
    services.decide(by=clerk, record=record.pk, verdict="same", into=person.pk)  # a person may think again
    assert link_of(record).into == person


def test_taking_apart_asks_for_a_reason_and_a_link(home, case, staff):
    clerk = staff("register")
    with pytest.raises(Conflict):
        services.take_apart(by=clerk, record=case.pk, reason="別の方")
    with pytest.raises(Refused):
        services.take_apart(by=clerk, record=typed().pk, reason=" ")


def test_what_was_written_under_the_joined_identity_is_assigned(town, home, person, staff):
    clerk = staff("register")
    made = desk.add_household(by=clerk, disaster=town.event, people=[HEAD], address="西町1")
    desk.write_by_hand(by=clerk, household=home, kind="telephone", text="090-0000-1111")
    before = Fact.objects.get()
    SameAs.objects.filter(until=None).update(since=now())
    desk.write_by_hand(by=clerk, household=home, kind="telephone", text="090-0000-2222")
    from backend.ledger.matching import hanging

    assert services.take_apart(by=clerk, record=made.members.get().pk, reason="同姓同名の別の方") == 1
    (row,) = hanging.open_rows(clerk)
    assert row.title == "電話番号の記入"
    hanging.assign(by=clerk, row=row.pk, side="typed")

    def telephone(household):
        return ledger.current_facts(household=household)["telephone"].value["text"]

    assert (telephone(made), telephone(home)) == ("090-0000-2222", before.value["text"])
    assert hanging.open_rows(clerk) == []
    with pytest.raises(Conflict):
        hanging.assign(by=clerk, row=row.pk, side="both")


def test_records_are_made_anew_from_where_they_were_typed(town, home, staff):
    made = desk.add_household(by=staff("tax"), disaster=town.event, people=[HEAD], address="西町1")
    before = TypedRecord.objects.values().get()
    TypedRecord.objects.all().delete()
    assert records.rebuild() == 1
    match_records(records.waiting())
    after = TypedRecord.objects.values().get()
    gone = {"typed_at", "typed_by_id"}  # when and by whom stands with the record only
    assert {k: v for k, v in after.items() if k not in gone} == {k: v for k, v in before.items() if k not in gone}
    assert Person.objects.get(household=made).pk == after["id"]


# What the one who typed it sees ---------------------------------------------------------------------------------------


@pytest.fixture
def guarded(home, town, staff):
    """Somebody typed at a counter who is certainly a person under protection; and who typed them."""
    Protection.objects.create(source="desk", person=home.members.get(name="佐藤 健一"))
    clerk = staff("tax")
    made = desk.add_household(by=clerk, disaster=town.event, people=[HEAD], kind="outside", address="西町1")
    return made, clerk


def test_what_somebody_typed_does_not_vanish_before_their_eyes(guarded, home, town, staff, sign_in):
    made, clerk = guarded
    typed_person = made.members.get()
    assert ledger.is_protected(typed_person)
    client = sign_in(clerk)
    page = client.get(f"/desk/households/{made.pk}/").content.decode()
    assert "佐藤 健一" in page
    assert "住民記録に候補なし" in page
    for word in ("秘匿", "支援措置"):
        assert word not in page.replace("秘匿希望", "")
    found = ledger.search(ledger.Asked(text="佐藤健一"), disaster=town.event, staff=clerk).people
    assert found == [typed_person]
    assert queries.records(clerk).filter(pk=typed_person.pk).exists()
    assert client.get(f"/desk/matching/{typed_person.pk}/").status_code == 200
    contacts = client.get(f"/desk/ledger/letters/{made.pk}/").content.decode()
    assert "秘匿" not in contacts
    paper = client.get(f"/desk/certificates/households/{made.pk}/").content.decode()
    assert "住民記録班に確認してください" in paper
    assert "秘匿" not in paper


def test_others_see_nothing_of_it_from_the_first_moment(guarded, town, staff, sign_in):
    made, _ = guarded
    other = staff("tax")
    assert sign_in(other).get(f"/desk/households/{made.pk}/").status_code == 404
    assert ledger.search(ledger.Asked(text="佐藤健一"), disaster=town.event, staff=other).people == []
    chief = staff("tax", sees_protected=True)
    assert len(ledger.search(ledger.Asked(text="佐藤健一"), disaster=town.event, staff=chief).people) == 2


def test_what_others_wrote_of_them_is_not_shown_to_who_typed_them(guarded, staff):
    made, clerk = guarded
    chief = staff("welfare", sees_protected=True)
    desk.write_by_hand(by=chief, household=made, kind="telephone", text="000-0009")
    put_fact(
        by=chief,
        disaster=made.disaster,
        person=made.members.get(),
        kind="mailing_address",
        value={"text": "遠市中町3"},
        room="ledger",
    )
    view = ledger.household_page(made.pk, clerk)
    assert view.facts == {}
    assert letters.contacts(view, clerk) == []
    assert "遠市" not in letters.where_letters_go([made.pk], staff=clerk)[made.pk].choice.address


def test_whoever_asks_for_protection_of_them_sees_them_no_more(guarded, sign_in):
    made, clerk = guarded
    desk.ask_protection(by=clerk, person=made.members.get())
    assert sign_in(clerk).get(f"/desk/households/{made.pk}/").status_code == 404


def test_their_own_decision_takes_nothing_from_those_who_see(guarded, home, staff):
    made, clerk = guarded
    record = made.members.get().pk
    services.decide(by=clerk, record=record, verdict="absent")
    chief = staff("register", sees_protected=True)
    assert [row.pk for row in queries.queue(chief)] == [record]
    services.decide(by=chief, record=record, verdict="same", into=home.members.get(name="佐藤 健一").pk)
    assert ledger.confirmed_same_as([record])
    assert ledger.household_page(made.pk, clerk).members[0].person.pk == record
