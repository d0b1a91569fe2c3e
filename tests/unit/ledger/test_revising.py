"""What arrives after the ledger was opened: the report, its acceptance, and taking that back."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from uuid import uuid4

import pytest

from backend.core.clock import TOKYO, frozen
from backend.core.errors import Conflict, Forbidden, Refused
from backend.ledger import queries, services, words
from backend.ledger.matching import services as matching
from backend.ledger.models import Disaster, Household, Person, RevisionAcceptance, SameAs, SearchWord, TypedRecord
from backend.ledger.opening import services as opening
from backend.ledger.opening.revising.accepting import accept
from backend.ledger.opening.revising.services import make_report
from backend.ledger.opening.revising.undoing import undo
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, change, person, write

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)
FAMILY = [
    person("1001"),
    person("1002", name="高橋 花", relationship="妻", sex="2", birth="1972-03-04"),
    person("1003", name="高橋 蓮", relationship="子", birth="2001-05-06"),
    person("900", household_no="502", name="潮田 清", birth="1950-00-00", address="大浜市東町２番地"),
]
WIFE = {"name": "高橋 花", "relationship": "妻", "sex": "2", "birth": "1972-03-04"}
CHILD = {"name": "高橋 蓮", "relationship": "子", "birth": "2001-05-06"}
OLD = {"household_no": "502", "name": "潮田 清", "birth": "1950-00-00", "address": "大浜市東町２番地"}


@pytest.fixture
def clock():
    with frozen("2026-11-20T09:00:00+09:00") as moment:
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
def ledger(tmp_path, clock):
    take_full(write(tmp_path / "full.csv", FAMILY))
    return opening.open_disaster(code="2026", name="大浜沖地震", occurred_at=AT, by=None).disaster


@pytest.fixture
def clerk(staff):
    return staff("register")


def report(disaster, by=None, **said):
    return make_report(by=by, disaster=disaster, **said).report


def told(found):
    """What a report says: kinds of each line with its people."""
    return [
        (line.kinds, sorted((c.kind, c.atena_no) for c in line.changes.all()))
        for line in found.lines.prefetch_related("changes").order_by("order")
    ]


def everything():
    """All that the ledger holds, without when it was written."""
    people = Person.objects.filter(ended_at=None).order_by("atena_no").values_list(
        "atena_no", "household__household_no", "position", "is_head", "name", "address", "relationship",
        "changed_on", "changed_by", "family_key", "town_key",
    )  # fmt: skip
    homes = Household.objects.filter(ended_at=None).order_by("number")
    assert_dictionary_counts()
    return (
        list(people),
        list(homes.values_list("household_no", "disaster_number", "address", "building", "postal_code")),
    )


def assert_dictionary_counts():
    """The dictionary of search words has everybody's words, as often as they have them."""
    rows = SearchWord.objects.order_by("field", "word")
    before = list(rows.values_list("field", "word", "people"))
    words.rebuild(Disaster.objects.get())
    assert before == list(rows.values_list("field", "word", "people"))


def moved_before(number="900", **said):
    """A move of before the disaster, told late."""
    return change(number, effective="2026-11-10", processed_at="2026-11-25T09:00:00+09:00", **said)


def test_what_came_late_is_reported_and_moves_nothing_by_itself(ledger, late):
    before = everything()
    late(moved_before(**{**OLD, "address": "大浜市港町５番地"}))
    found = report(ledger)
    assert told(found) == [(["changed"], [("changed", "900")])]
    (only,) = found.lines.get().changes.all()
    assert only.columns["address"] == ["大浜市東町２番地", "大浜市港町５番地"]
    assert everything() == before


def test_accepted_the_ledger_follows_with_the_household_and_the_search(ledger, late, clerk):
    late(moved_before(**{**OLD, "address": "大浜市港町５番地", "postal_code": "0000099"}))
    done = accept(by=clerk, report=report(ledger))
    assert (done.lines, done.people) == (1, 1)
    home = Household.objects.get(household_no="502")
    assert (home.address, home.postal_code) == ("大浜市港町５番地", "0000099")
    found = queries.search(queries.Asked(text="港町"), disaster=ledger, staff=clerk)
    assert [p.name for p in found.people] == ["潮田 清"]
    assert queries.search(queries.Asked(text="東町"), disaster=ledger, staff=clerk).people == []
    kept = RevisionAcceptance.objects.get()
    assert (kept.by, kept.before["persons"][str(home.members.get().pk)]["address"]) == (clerk, "大浜市東町２番地")


def test_who_enters_gets_a_row_and_a_new_household_its_number(ledger, late, clerk):
    late(
        change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一"),
        change("78", "出生", effective="2026-11-12", household_no="501", relationship="子", name="高橋 新"),
    )
    found = report(ledger)
    assert sorted(told(found)) == [(["entered"], [("entered", "77")]), (["entered"], [("entered", "78")])]
    accept(by=clerk, report=found)
    new = Household.objects.get(household_no="503")
    assert new.number == Disaster.objects.get().last_number == 3
    assert [(p.name, p.is_head) for p in new.members.all()] == [("新田 一", True)]
    family = Household.objects.get(household_no="501")
    assert [p.atena_no for p in queries.members(family, clerk)] == ["1001", "78", "1002", "1003"]


def test_who_left_is_ended_and_stays_findable_with_the_end(ledger, late, clerk):
    late(change("900", "転出", effective="2026-11-10", **OLD))
    found = report(ledger)
    assert told(found) == [(["left"], [("left", "900")])]
    accept(by=clerk, report=found)
    gone = Person.objects.get(atena_no="900")
    assert (gone.ended_at is not None, gone.ended_why) == (True, "転出 2026-11-10")
    home = Household.objects.get(household_no="502")
    assert home.ended_at is not None
    page = queries.household_page(home.pk, clerk)
    assert (page.members, [p.name for p in page.ended]) == ([], ["潮田 清"])
    assert [p.pk for p in queries.search(queries.Asked(text="潮田"), disaster=ledger, staff=clerk).people] == [gone.pk]


def test_a_household_that_splits_is_one_line_and_so_is_one_that_merges(ledger, late, clerk):
    late(
        change("1003", "世帯分離", effective="2026-11-10", household_no="600", **{**CHILD, "relationship": "世帯主"}),
    )
    found = report(ledger)
    assert told(found) == [(["split", "changed"], [("changed", "1003")])]
    accept(by=clerk, report=found)
    child = Person.objects.get(atena_no="1003")
    assert (child.household.household_no, child.is_head, child.position) == ("600", True, 1)
    late(
        change("1003", "世帯合併", effective="2026-11-11", processed_at="2026-11-26T09:00:00+09:00", **CHILD),
    )
    second = report(ledger)
    assert told(second) == [(["merged", "changed"], [("changed", "1003")])]
    accept(by=clerk, report=second)
    assert Person.objects.get(atena_no="1003").household.household_no == "501"
    assert Household.objects.get(household_no="600").ended_at is not None


def test_what_happened_after_the_day_is_noted_apart(ledger, late, clerk):
    late(change("900", effective="2026-11-19", **{**OLD, "address": "大浜市港町９番地"}))
    found = report(ledger)
    assert told(found) == [(["noted"], [("noted", "900")])]
    accept(by=clerk, report=found)
    old = Person.objects.get(atena_no="900")
    assert (old.address, old.changed_by, old.changed_on) == ("大浜市東町２番地", "転居", "2026-11-19")


def test_a_death_told_late_is_a_fact(ledger, late, clerk):
    late(change("900", "死亡", effective="2026-11-18", **OLD))
    accept(by=clerk, report=report(ledger))
    old = Person.objects.get(atena_no="900")
    assert queries.deaths([old.pk]) == {old.pk: "2026-11-18"}
    undo(by=clerk, acceptance=RevisionAcceptance.objects.get())
    assert queries.deaths([old.pk]) == {}


def test_taken_back_the_ledger_says_what_it_said_before(ledger, late, clerk):
    before = everything()
    late(
        moved_before(**{**OLD, "address": "大浜市港町５番地"}),
        change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一"),
        change("1003", "世帯分離", effective="2026-11-10", household_no="600", **{**CHILD, "relationship": "世帯主"}),
        change("1002", "転出", effective="2026-11-09", **WIFE),
    )
    found = report(ledger)
    accept(by=clerk, report=found)
    after = everything()
    assert Disaster.objects.get().register_revision == found.revision
    for acceptance in RevisionAcceptance.objects.all():
        undo(by=clerk, acceptance=acceptance)
    assert everything() == before
    assert Disaster.objects.get().register_revision == found.compared
    accept(by=clerk, report=found)
    assert everything() == after
    assert Person.objects.filter(atena_no="77").count() == 1


def test_nothing_is_taken_back_on_which_something_hangs(ledger, late, clerk, clock):
    late(change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一"))
    accept(by=clerk, report=report(ledger))
    new = Household.objects.get(household_no="503")
    with frozen("2026-11-21T09:00:00+09:00"):
        services.write_by_hand(by=clerk, household=new, kind="telephone", text="000-0000")
        with pytest.raises(Conflict, match="電話番号"):
            undo(by=clerk, acceptance=RevisionAcceptance.objects.get())
    assert new.members.get().ended_at is None


def test_single_households_are_accepted_one_by_one(ledger, late, clerk):
    late(
        moved_before(**{**OLD, "address": "大浜市港町５番地"}),
        moved_before("1001", name="髙橋 一郎"),
    )
    found = report(ledger)
    first, second = found.lines.order_by("order")
    accept(by=clerk, report=found, line=first)
    assert Disaster.objects.get().register_revision == found.compared
    with pytest.raises(Conflict, match="すでに"):
        accept(by=clerk, report=found, line=first)
    accept(by=clerk, report=found, line=second)
    assert Disaster.objects.get().register_revision == found.revision


def test_a_newer_report_makes_the_older_one_stale_and_holds_what_is_still_open(ledger, late, clerk):
    late(moved_before(**{**OLD, "address": "大浜市港町５番地"}), moved_before("1001", name="髙橋 一郎"))
    older = report(ledger)
    line = next(row for row in older.lines.all() if row.changes.get().atena_no == "900")
    accept(by=clerk, report=older, line=line)
    # The register takes back what was accepted, and says something new of somebody else.
    late(
        change("900", "職権修正", effective="2026-11-10", processed_at="2026-11-26T09:00:00+09:00", **OLD),
        moved_before("1002", **{**WIFE, "address": "大浜市西町３番地"}),
    )
    newer = report(ledger)
    with pytest.raises(Conflict, match="新しい報告"):
        accept(by=clerk, report=older)
    assert sorted(c.atena_no for row in newer.lines.all() for c in row.changes.all()) == ["1001", "1002", "900"]
    accept(by=clerk, report=newer)
    assert Person.objects.get(atena_no="900").address == "大浜市東町２番地"


def test_nothing_new_gives_the_same_report_again(ledger, late):
    late(moved_before(**{**OLD, "address": "大浜市港町５番地"}))
    first = make_report(by=None, disaster=ledger)
    again = make_report(by=None, disaster=ledger)
    assert (again.again, again.report) == (True, first.report)


def test_what_a_clerk_changed_since_the_report_is_held_back(ledger, late, clerk):
    late(moved_before("1003", **{**CHILD, "address": "大浜市港町５番地"}))
    found = report(ledger)
    Person.objects.filter(atena_no="1003").update(address="大浜市南町１番地")
    with pytest.raises(Conflict, match="作り直し"):
        accept(by=clerk, report=found, line=found.lines.get())
    assert accept(by=clerk, report=found).held == [found.lines.get().pk]
    anew = report(ledger, anew=True)
    accept(by=clerk, report=anew)
    assert Person.objects.get(atena_no="1003").address == "大浜市港町５番地"


def test_somebody_typed_before_with_that_number_is_joined_and_stays_apart_after_taking_back(ledger, late, clerk, staff):
    typed = services.add_household(
        by=staff("shelter"), disaster=ledger, people=[{"name": "新田 一", "atena_no": "77"}]
    ).members.get()
    late(change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一"))
    accept(by=clerk, report=report(ledger))
    entered = Person.objects.get(atena_no="77")
    assert entered.pk != typed.pk
    assert SameAs.objects.get(person=typed, until=None).into == entered
    matching.match_again(disaster=ledger)
    assert SameAs.objects.get(person=typed, until=None).into == entered
    undo(by=clerk, acceptance=RevisionAcceptance.objects.get())
    assert Person.objects.get(atena_no="77") == typed
    assert not SameAs.objects.filter(until=None).exists()


def met(disaster, name, birth, address):
    """Somebody typed at a shelter; gives how far they are matched, and with whom, at any time."""
    row = {"id": uuid4(), "name": name, "birth": birth, "address": address}
    matching.take_records(room="shelters", rows=[row], disaster=disaster)

    def stands():
        link = SameAs.objects.filter(record=row["id"], until=None).first()
        return TypedRecord.objects.get(pk=row["id"]).outcome, link and link.into.atena_no

    return stands


def test_who_was_typed_is_matched_again_with_whom_a_revision_brings_changes_or_takes(ledger, late, clerk):
    new = met(ledger, "新田 一", "1981-02-03", "西町1")
    renamed = met(ledger, "古川 花", "1972-03-04", "西町1")
    gone = met(ledger, "高橋 蓮", "2001-05-06", "西町1")
    other = met(ledger, "高橋 一郎", "1970-01-02", "西町1")
    assert [who()[1] for who in (new, renamed, gone, other)] == [None, None, "1003", "1001"]
    kept = SameAs.objects.get(into__atena_no="1001")
    late(
        change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一", birth="1981-02-03"),
        change("1002", "氏名変更", effective="2026-11-12", **{**WIFE, "name": "古川 花"}),
        change("1003", "転出", effective="2026-11-09", **CHILD),
    )
    accept(by=clerk, report=report(ledger))
    assert [who() for who in (new, renamed)] == [("certain", "77"), ("certain", "1002")]
    assert gone()[1] is None
    assert SameAs.objects.get(into__atena_no="1001", until=None) == kept
    for acceptance in RevisionAcceptance.objects.all():
        undo(by=clerk, acceptance=acceptance)
    assert [who()[1] for who in (new, renamed, gone, other)] == [None, None, "1003", "1001"]


def test_a_link_that_somebody_confirmed_holds_an_acceptance(ledger, late, clerk):
    met(ledger, "新田 一", "1981-02-03", "西町1")
    late(change("77", "転入", effective="2026-11-12", household_no="503", name="新田 一", birth="1981-02-03"))
    accept(by=clerk, report=report(ledger))
    into = Person.objects.get(atena_no="77")
    with frozen("2026-11-21T09:00:00+09:00"):
        matching.decide(by=clerk, record=TypedRecord.objects.get().pk, verdict="same", into=into.pk)
    with pytest.raises(Conflict, match="照合"):
        undo(by=clerk, acceptance=RevisionAcceptance.objects.get())


def test_only_the_register_division_may(ledger, late, staff):
    with pytest.raises(Forbidden):
        make_report(by=staff("tax"), disaster=ledger)
    with pytest.raises(Forbidden):
        accept(by=staff("tax"), report=report(ledger))


def test_a_ledger_without_a_register_has_nothing_to_revise(disaster):
    with pytest.raises(Refused, match="住民記録が入っていません"):
        report(disaster("2027"))
