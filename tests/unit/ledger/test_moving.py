"""Who moved since the disaster is written to where the register has them, without anybody typing it, and back again."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count

import pytest

from backend.core.clock import TOKYO, frozen
from backend.ledger.letters import queries, services
from backend.ledger.models import Disaster, Fact, Household, Person, RevisionAcceptance
from backend.ledger.opening import services as opening
from backend.ledger.opening.revising.accepting import accept
from backend.ledger.opening.revising.services import make_report
from backend.ledger.opening.revising.undoing import undo
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, change, person, write

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)
WIFE = {"name": "高橋 花", "relationship": "妻", "sex": "2", "birth": "1972-03-04"}
FAMILY = [person("1001"), person("1002", **WIFE)]
HOME = "〒0000001　大浜市西町１番地"
PORT = {"postal_code": "0000009", "address": "大浜市港町５番地", "building": "港荘２０１"}


@pytest.fixture(autouse=True)
def clock():
    with frozen("2026-12-02T09:00:00+09:00") as moment:
        yield moment


@pytest.fixture
def late(tmp_path):
    """`late(rows)`: a file of changes that comes now."""
    number = count(1)

    def take(*rows):
        code, said = take_changes(write(tmp_path / f"late-{next(number)}.csv", rows, CHANGE))
        assert code == 0, said

    return take


@pytest.fixture
def ledger(tmp_path):
    take_full(write(tmp_path / "full.csv", FAMILY))
    return opening.open_disaster(code="2026", name="大浜沖地震", occurred_at=AT, by=None).disaster


@pytest.fixture
def clerk(staff):
    return staff("register")


def goes(clerk):
    home = Household.objects.get(household_no="501")
    return queries.where_letters_go([home.pk], staff=clerk)[home.pk].choice


def told(number="1001"):
    """What was put down of somebody, in order: text or how they left, source, day."""
    facts = Fact.objects.filter(person__atena_no=number, kind="register_address").order_by("recorded_at", "pk")
    return [(f.value.get("left") or f.value["text"], f.value["source"], f.effective_on) for f in facts]


def moves(number, reason, day, at="2026-11-30T10:00:00+09:00", **said):
    return change(number, reason, effective=day, processed_at=at, **said)


def test_a_move_inside_the_town_is_where_letters_go(ledger, late, clerk):
    assert goes(clerk).address == HOME
    late(moves("1001", "転居", "2026-11-25", **PORT))
    assert told() == [("〒0000009　大浜市港町５番地　港荘２０１", "住民記録（転居）", date(2026, 11, 25))]
    assert (goes(clerk).address, goes(clerk).ground) == (told()[0][0], "住民票の現在の住所")
    assert Person.objects.get(atena_no="1001").address == "大浜市西町１番地"
    assert told("1002") == []


def test_the_same_file_and_a_later_row_that_says_nothing_new_add_nothing(ledger, late):
    late(moves("1001", "転居", "2026-11-25", **PORT))
    late(moves("1001", "氏名変更", "2026-11-26", "2026-12-01T10:00:00+09:00", **{**PORT, "name": "髙橋 一郎"}))
    assert len(told()) == 1


def test_whoever_is_left_gets_the_letters_and_where_all_are_gone_they_wait(ledger, late, clerk):
    late(moves("1001", "転出", "2026-11-28"))
    assert told() == [("転出", "住民記録（転出）", date(2026, 11, 28))]
    assert (goes(clerk).address, goes(clerk).addressee) == (HOME, "高橋 花")
    assert "世帯主は転出" in "".join(goes(clerk).notes)
    late(moves("1002", "転出", "2026-11-28", **WIFE))
    assert goes(clerk).address == ""
    assert "転出しています" in goes(clerk).missing[0]
    home = Household.objects.get(household_no="501")
    head = Person.objects.get(atena_no="1001")
    services.write_contact(
        by=clerk, household=home, person=head, kind="mailing_address", text="遠市中町3", source="本人の申し出"
    )
    assert (goes(clerk).address, goes(clerk).addressee) == ("遠市中町3", "高橋 一郎")


def test_a_move_that_is_cancelled_leads_back_and_nothing_is_overwritten(ledger, late, clerk):
    late(moves("1001", "転出", "2026-11-28"), moves("1002", "転出", "2026-11-28", **WIFE))
    late(
        moves("1001", "転出取消", "2026-11-28", "2026-12-01T10:00:00+09:00"),
        moves("1002", "転出取消", "2026-11-28", "2026-12-01T10:00:00+09:00", **WIFE),
    )
    assert [text for text, *_ in told()] == ["転出", HOME]
    assert goes(clerk).address == HOME


def test_a_planned_move_counts_from_its_day(ledger, late, clerk, clock):
    late(moves("1001", "転居", "2026-12-05", **PORT))
    assert told() == []
    with frozen("2026-12-06T09:00:00+09:00"):
        late(moves("1002", "氏名変更", "2026-12-05", "2026-12-06T08:00:00+09:00", **WIFE))
        assert [day for *_, day in told()] == [date(2026, 12, 5)]


def test_what_a_clerk_wrote_stays_until_the_register_says_something_new(ledger, late, clerk):
    late(moves("1001", "転居", "2026-11-25", **PORT))
    home, head = Household.objects.get(household_no="501"), Person.objects.get(atena_no="1001")
    services.write_contact(
        by=clerk, household=home, person=head, kind="register_address", text="遠市東町9", source="本人の申し出"
    )
    late(moves("1001", "氏名変更", "2026-11-26", "2026-12-01T10:00:00+09:00", **{**PORT, "name": "髙橋 一郎"}))
    assert goes(clerk).address == "遠市東町9"
    late(moves("1001", "転居", "2026-12-01", "2026-12-01T11:00:00+09:00", address="大浜市北町7"))
    assert goes(clerk).address == "〒0000001　大浜市北町7"
    assert Fact.objects.filter(kind="register_address", replaced_by=None).count() == 1


def test_moves_that_came_before_the_ledger_was_opened_are_known_in_it(tmp_path, late, clerk):
    take_full(write(tmp_path / "full.csv", FAMILY))
    late(moves("1001", "転居", "2026-11-25", **PORT))
    opening.open_disaster(code="2026", name="大浜沖地震", occurred_at=AT, by=None)
    assert goes(clerk).address.startswith("〒0000009")


def test_acceptance_and_its_undoing_keep_in_step(ledger, late, clerk):
    late(
        moves("77", "転入", "2026-11-10", "2026-11-24T10:00:00+09:00", household_no="503", name="新田 一"),
        moves("77", "転居", "2026-11-26", household_no="503", name="新田 一", **PORT),
        moves("1001", "転居", "2026-11-25", **PORT),
    )
    assert told("77") == []
    accept(by=clerk, report=make_report(by=clerk, disaster=ledger).report)
    assert [source for _, source, _ in told("77")] == ["住民記録（転居）"]
    for acceptance in RevisionAcceptance.objects.all():
        undo(by=clerk, acceptance=acceptance)
    assert Person.objects.get(atena_no="77").ended_at is not None
    assert len(told()) == 1


def test_somebody_who_died_is_no_case_of_moving(ledger, late):
    late(moves("1001", "死亡", "2026-11-28"))
    assert told() == []


def test_without_a_ledger_nothing_is_asked(tmp_path, late):
    take_full(write(tmp_path / "full.csv", FAMILY))
    late(moves("1001", "転居", "2026-11-25", **PORT))
    assert not Disaster.objects.exists()
    assert not Fact.objects.exists()
