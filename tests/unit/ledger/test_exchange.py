"""The emergency register of four facts exchanged for the real one: nothing that hangs on a person or number is lost."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from backend.core.clock import TOKYO, frozen
from backend.core.errors import Conflict, Refused
from backend.ledger import queries, services, words
from backend.ledger.matching import services as matching
from backend.ledger.models import (
    Disaster,
    ExchangeCandidate,
    Household,
    NumberExchange,
    Person,
    Protection,
    SameAs,
    SearchWord,
)
from backend.ledger.opening import services as opening
from backend.ledger.opening.exchange import rules
from backend.ledger.opening.exchange.services import decide, exchange_register
from backend.ledger.opening.exchange.undoing import undo
from backend.ledger.opening.revising.services import make_report
from backend.shelters.models import Evacuee
from backend.shelters.people import by_evacuee, evacuee_of, faces, protected
from tests.unit.registry.commands import take_full
from tests.unit.registry.files import person, write

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)
COLUMNS = ("宛名番号", "世帯番号", "氏名", "生年月日", "性別", "住所")
WEST, EAST = "大浜市西町１番地", "大浜市東町２番地"


def own(number: int) -> str:
    return str(rules.FIRST_OWN + number)


def known(number: int, name: str, birth: str, sex: str = "1", address: str = WEST) -> dict[str, str]:
    """Somebody of the emergency register: four facts, and numbers of our own."""
    said = {"氏名": name, "生年月日": birth, "性別": sex, "住所": address}
    return {"宛名番号": own(number), "世帯番号": own(number), **said}


EMERGENCY = [
    known(0, "高橋 一郎", "1970-01-02"),
    known(1, "高橋 花", "1972-03-04", "2"),
    known(2, "潮田 清", "1950-05-06", address="大浜市東町二丁目３番"),
    known(3, "新田 由美", "1980-07-08", "2", EAST),
    known(4, "町田 遠", "1990-09-09", address=EAST),
]
REAL = [
    person("1001"),
    person("1002", name="高橋 花", relationship="妻", sex="2", birth="1972-03-04"),
    person("900", household_no="502", name="潮田 清", birth="1950-05-06", address="大浜市東町2-3"),
    person("901", household_no="503", name="古川 由美", sex="2", birth="1980-07-08", address=EAST),
    person("902", household_no="504", name="白石 誠", birth="1961-01-01", address=EAST),
]


@pytest.fixture(autouse=True)
def today():
    with frozen("2026-11-20T09:00:00+09:00"):
        yield


@pytest.fixture
def emergency(tmp_path) -> Disaster:
    take_full(write(tmp_path / "four-facts.csv", EMERGENCY, COLUMNS), "2026-11-17")
    return opening.open_disaster(code="2026", name="大浜沖地震", occurred_at=AT, by=None).disaster


@pytest.fixture
def real(tmp_path):
    """`real()`: the town's own export arrives."""

    def take(rows=REAL):
        code, said = take_full(write(tmp_path / "real.csv", rows), "2026-11-07")
        assert code == 0, said

    return take


def who(number: int) -> Person:
    """Somebody by the number that they had at first."""
    return Person.objects.get(pk=Person.objects.get(atena_no=own(number)).pk)


def search(disaster, staff, text):
    return queries.search(queries.Asked(text=text), disaster=disaster, staff=staff).people


def test_who_is_certain_keeps_the_row_and_gets_number_columns_and_household(emergency, real, staff):
    clerk = staff("register")
    before = {n: who(n) for n in range(5)}
    homes = {n: before[n].household for n in range(5)}
    real()
    done = exchange_register(by=clerk, disaster=emergency)
    assert (done.exchanged, done.open) == (3, 2)
    one, wife, old = (Person.objects.get(pk=before[n].pk) for n in range(3))
    assert [(p.atena_no, p.former_no) for p in (one, wife, old)] == [
        ("1001", own(0)),
        ("1002", own(1)),
        ("900", own(2)),
    ]
    assert (one.household, wife.household) == (homes[0], homes[0])
    assert (one.is_head, wife.relationship, one.household.household_no) == (True, "妻", "501")
    assert Household.objects.get(pk=homes[1].pk).ended_at is not None
    row = NumberExchange.objects.get(person=wife)
    assert (row.old_no, row.new_no, row.by, row.household_from) == (own(1), "1002", clerk, homes[1])


def test_every_number_given_before_still_leads_to_the_person(emergency, real, staff):
    clerk = staff("register")
    wife = who(1)
    number = wife.household.disaster_number
    real()
    exchange_register(by=clerk, disaster=emergency)
    assert [p.pk for p in search(emergency, clerk, number)] == [wife.pk]
    assert [p.pk for p in search(emergency, clerk, own(1))] == [wife.pk]
    assert wife.pk in [p.pk for p in search(emergency, clerk, "1002")]
    page = queries.household_page(wife.household.pk, clerk)
    assert [home.household_no for home in page.successors] == ["501"]


def test_who_is_not_certain_waits_for_a_person_and_who_is_new_enters(emergency, real):
    real()
    done = exchange_register(by=None, disaster=emergency)
    assert set(Person.objects.filter(former_no=None).values_list("atena_no", flat=True)) == {own(3), own(4), "902"}
    assert done.entered == 1
    assert list(ExchangeCandidate.objects.values_list("person__atena_no", "atena_no")) == [(own(3), "901")]


def test_a_clerk_decides_that_two_are_one(emergency, real, staff):
    yumi = who(3)
    services.write_by_hand(by=staff("register"), household=yumi.household, kind="telephone", text="000-1111")
    real()
    exchange_register(by=None, disaster=emergency)
    decide(by=staff("register"), person=yumi, number="901")
    now = Person.objects.get(pk=yumi.pk)
    assert (now.name, now.atena_no, now.household.household_no) == ("古川 由美", "901", "503")
    assert now.household == yumi.household
    assert queries.current_facts(household=now.household)["telephone"].value == {"text": "000-1111"}
    with pytest.raises(Conflict):
        decide(by=staff("register"), person=yumi, number="902")
    with pytest.raises(Conflict):
        decide(by=staff("register"), person=who(4), number="901")


def test_none_of_them_lets_who_waited_enter(emergency, real, staff):
    real()
    exchange_register(by=None, disaster=emergency)
    decide(by=staff("register"), person=who(3), number="")
    assert Person.objects.get(atena_no="901").household.household_no == "503"
    assert who(3).ended_at is None


def test_the_dictionary_of_search_words_counts_everybody(emergency, real, staff):
    def counted():
        return list(SearchWord.objects.order_by("field", "word").values_list("field", "word", "people"))

    real()
    exchange_register(by=None, disaster=emergency)
    decide(by=staff("register"), person=who(3), number="901")
    undo(by=staff("register"), exchange=NumberExchange.objects.get(new_no="901"))
    before = counted()
    words.rebuild(emergency)
    assert counted() == before


def test_two_with_the_same_four_facts_are_never_certain(tmp_path, real):
    twins = [known(0, "高橋 一郎", "1970-01-02"), known(1, "高橋 一郎", "1970-01-02")]
    take_full(write(tmp_path / "four-facts.csv", twins, COLUMNS), "2026-11-17")
    ledger = opening.open_disaster(code="2027", name="津波", occurred_at=AT, by=None).disaster
    real()
    done = exchange_register(by=None, disaster=ledger)
    assert (done.exchanged, done.open) == (0, 2)
    assert set(ExchangeCandidate.objects.values_list("person__atena_no", "atena_no")) >= {
        (own(0), "1001"),
        (own(1), "1001"),
    }


def test_nobody_under_protection_is_matched_into_sight(emergency, real, staff):
    """Protected by the real register alone: hidden at once, and exchanged only by somebody who sees them."""
    hidden = who(0)
    services.ask_protection(by=staff("shelter"), person=who(2))
    real([{**REAL[0], "支援措置": "1"}, *REAL[1:]])
    done = exchange_register(by=None, disaster=emergency)
    assert done.exchanged == 1
    assert not queries.visible_persons(staff("register")).filter(pk=hidden.pk).exists()
    assert not Person.objects.filter(atena_no__in=["1001", "900"]).exists()
    decide(by=staff("register", sees_protected=True), person=hidden, number="1001")
    assert queries.is_protected(Person.objects.get(pk=hidden.pk))
    assert Protection.objects.filter(person=hidden, lifted_at=None).exists()


def test_shelters_know_them_by_the_number_they_had(emergency, real):
    one = who(0)
    evacuee = Evacuee.objects.create(id=evacuee_of(one), atena_no=one.atena_no)
    real()
    exchange_register(by=None, disaster=emergency)
    one.refresh_from_db()
    assert evacuee_of(one) == evacuee.pk
    assert faces([evacuee.pk])[evacuee.pk].name == "高橋 一郎"
    assert by_evacuee([one]) == {evacuee.pk: one, **by_evacuee([one])}
    Protection.objects.create(atena_no="1001", source="register")
    assert protected([evacuee.pk]) == {evacuee.pk}


def test_taken_back_both_stand_on_the_list_again(emergency, real, staff):
    clerk = staff("register")
    wife = who(1)
    real()
    exchange_register(by=clerk, disaster=emergency)
    undo(by=clerk, exchange=NumberExchange.objects.get(person=wife))
    again = Person.objects.get(pk=wife.pk)
    assert (again.atena_no, again.former_no, again.household, again.relationship) == (own(1), None, wife.household, "")
    assert again.household.ended_at is None
    decide(by=clerk, person=again, number="1002")
    assert Person.objects.get(pk=wife.pk).household.household_no == "501"
    with pytest.raises(Conflict, match="ほかの方"):
        undo(by=clerk, exchange=NumberExchange.objects.get(old_no=own(0)))


def test_it_is_done_once_and_before_any_report(emergency, real):
    with pytest.raises(Refused, match="まだ取り込まれていません"):
        exchange_register(by=None, disaster=emergency)
    real()
    with pytest.raises(Refused, match="入れ替え"):
        make_report(by=None, disaster=emergency)
    exchange_register(by=None, disaster=emergency)
    with pytest.raises(Refused, match="四情報から作ったものではありません"):
        exchange_register(by=None, disaster=emergency)
    report = make_report(by=None, disaster=emergency, anew=True).report
    assert not report.lines.exists()


def test_who_was_typed_is_matched_again_with_the_real_register(emergency, real, staff):
    clerk = staff("register")
    rows = [
        {"id": uuid4(), "name": "白石 誠", "birth": "1961-01-01", "sex": "1", "address": "東町2"},
        {"id": uuid4(), "name": "古川 由美", "birth": "1980-07-08", "sex": "2", "address": "東町2"},
    ]
    matching.take_records(room="shelters", rows=rows, disaster=emergency)
    new, married = ([*SameAs.objects.filter(until=None, record=row["id"])] for row in rows)
    assert new == married == []
    real()
    exchange_register(by=clerk, disaster=emergency)
    assert SameAs.objects.get(until=None, record=rows[0]["id"]).into.atena_no == "902"
    done = decide(by=clerk, person=who(3), number="901")
    assert SameAs.objects.get(until=None, record=rows[1]["id"]).into.former_no == own(3)
    undo(by=clerk, exchange=done)
    assert not SameAs.objects.filter(until=None, record=rows[1]["id"]).exists()
