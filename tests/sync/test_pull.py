"""What a laptop is given: its own shelter, the people known there, the counts of all; and nobody who is hidden."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction

from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import circle
from backend.journal.models import Head
from backend.journal.services import record
from backend.shelters import merging, wishes
from backend.shelters import services as shelters


def kinds(body):
    return [json.loads(line)["kind"] for line in body.lines]


@pytest.fixture
def hall(db):
    there = Facility.objects.create(name="港公民館")
    return there, shelters.open_shelter(by=None, facility=there, occurred_at=now() - timedelta(days=1))


def arrive(opening, number="0001", **more):
    payload = {"opening": str(opening), "person": {"atena_no": number}}
    return record(kind="stay.arrived", payload=payload, occurred_at=more.get("at", now()), by=None)


def test_a_shelter_is_given_its_own_people_and_the_counts_of_all(laptop, opening, hall, pull):
    terminal, _ = laptop
    mine = arrive(opening, "0001")
    arrive(hall[1], "0002")
    shelters.report_head_count(by=None, opening=hall[1], people=40)
    given = pull(terminal)
    assert kinds(given) == ["facility.opened", "facility.opened", "stay.arrived", "headcount.reported"]
    assert given.lines[2] == bytes(mine.raw)


def test_asked_again_only_what_is_new_comes(laptop, opening, pull):
    terminal, _ = laptop
    arrive(opening, "0001")
    cursor = pull(terminal).head["cursor"]
    assert pull(terminal, cursor).lines == []
    arrive(opening, "0002")
    assert kinds(pull(terminal, cursor)) == ["stay.arrived"]


def test_whom_a_laptop_takes_in_itself_is_given_with_all_that_was_written_before(laptop, opening, hall, push, pull):
    terminal, pen = laptop
    before = arrive(hall[1], "0003")
    cursor = pull(terminal).head["cursor"]
    push(terminal, [pen.arrive(opening, "0003")])
    assert pull(terminal, cursor, leave=str(pen.device)).lines == [bytes(before.raw)]


def test_in_small_parts_it_is_the_same(laptop, opening, pull):
    terminal, _ = laptop
    for number in range(7):
        arrive(opening, f"{number:04}")
    whole, parts, cursor, more = pull(terminal).lines, [], "", True
    while more:
        body = pull(terminal, cursor, page=3)
        parts, cursor, more = parts + body.lines, body.head["cursor"], body.head["more"]
    assert parts == whole


def test_who_comes_from_elsewhere_brings_what_was_written_of_them(laptop, opening, hall, pull):
    terminal, _ = laptop
    evacuee, _ = shelters.check_in_new(by=None, opening=hall[1], details={"name": "港 太郎"})
    cursor = pull(terminal).head["cursor"]
    shelters.move(by=None, opening=hall[1], evacuees=[evacuee], to=opening)
    assert kinds(pull(terminal, cursor)) == ["evacuee.registered", "stay.arrived", "stay.moved"]


def test_what_takes_back_comes_with_what_it_takes_back(laptop, opening, pull):
    terminal, _ = laptop
    wrong = arrive(opening)
    cursor = pull(terminal).head["cursor"]
    shelters.void(by=None, entry=wrong.uuid)
    assert kinds(pull(terminal, cursor)) == ["entry.voided"]
    assert "entry.voided" in kinds(pull(terminal))


def test_nobody_under_protection_is_in_it(laptop, opening, hall, pull):
    terminal, _ = laptop
    evacuee, _ = shelters.check_in_new(by=None, opening=hall[1], details={"name": "港 太郎"})
    wishes.ask_protection(by=None, evacuee=evacuee)
    shelters.move(by=None, opening=hall[1], evacuees=[evacuee], to=opening)
    assert kinds(pull(terminal)) == ["facility.opened", "facility.opened"]


def test_whom_a_shelter_knows_it_is_told_to_hide_and_nothing_more(laptop, opening, hall, pull):
    terminal, _ = laptop
    evacuee, _ = shelters.check_in_new(by=None, opening=opening, details={"name": "西 花子"})
    cursor = pull(terminal).head["cursor"]
    wishes.ask_protection(by=None, evacuee=evacuee)
    shelters.move(by=None, opening=opening, evacuees=[evacuee], to=hall[1])
    assert kinds(pull(terminal, cursor)) == ["protection.asked"]


def test_whose_protection_is_lifted_comes_back_with_what_was_kept_back(laptop, opening, hall, pull, staff):
    from backend.ledger.models import Protection
    from backend.ledger.services import lift_protection
    from backend.shelters import wishes

    terminal, _ = laptop
    evacuee, _ = shelters.check_in_new(by=None, opening=opening, details={"name": "西 花子"})
    wishes.ask_protection(by=None, evacuee=evacuee)
    cursor = pull(terminal).head["cursor"]
    shelters.move(by=None, opening=opening, evacuees=[evacuee], to=hall[1])
    given = pull(terminal, cursor)
    assert kinds(given) == []
    boss = staff("shelter", is_supervisor=True, sees_protected=True)
    lift_protection(by=boss, protection=Protection.objects.get(), reason="本人の申し出")
    told = pull(terminal, given.head["cursor"])
    assert kinds(told) == ["evacuee.registered", "stay.arrived", "protection.asked", "stay.moved", "protection.lifted"]
    lifted = json.loads(told.lines[-1])
    assert lifted["payload"] == {"person": {"evacuee": str(evacuee)}, "entry": json.loads(told.lines[2])["id"]}


def test_a_laptop_set_back_gets_its_own_entries_again_also_of_hidden_people(laptop, opening, push, pull):
    terminal, pen = laptop
    evacuee = "01990000-0000-7000-8000-000000000001"
    pen.write("evacuee.registered", {"evacuee": evacuee, "name": "西 花子"})
    pen.write("stay.arrived", {"opening": str(opening), "person": {"evacuee": evacuee}})
    push(terminal, pen.lines)
    wishes.ask_protection(by=None, evacuee=UUID(evacuee))
    assert set(pen.lines) < set(pull(terminal).lines)


def test_the_history_of_a_restored_server_is_another_one(laptop, opening, pull):
    """The same numbers with other entries behind them: a copied database went on by itself."""
    terminal, _ = laptop
    saved = Head.objects.get()
    arrive(opening, "0001")
    cursor = pull(terminal).head["cursor"]
    assert circle.start_of(cursor) == saved.received_no + 1
    assert circle.start_of(cursor.replace(".", ".0", 1)) is None
    assert circle.start_of("x") is None
    assert circle.start_of(circle.cursor_at(99, "0" * 64)) is None


def test_a_restored_server_that_went_on_to_the_same_number_is_found_out(laptop, opening, pull):
    terminal, _ = laptop
    backup = transaction.savepoint()
    arrive(opening, "0001")
    cursor = pull(terminal).head["cursor"]
    number = Head.objects.get().received_no
    transaction.savepoint_rollback(backup)
    arrive(opening, "0002")
    assert Head.objects.get().received_no == number
    assert circle.start_of(cursor) is None


def test_whom_a_shelter_knows_it_is_told_when_headquarters_corrects_them(laptop, joined, opening, hall, pull):
    """Also where the correction names no shelter; a shelter where they never were hears nothing."""
    terminal, _ = laptop
    elsewhere, _ = joined(hall[0])
    evacuee, _ = shelters.check_in_new(by=None, opening=opening, details={"name": "港 太朗"})
    cursor, other = pull(terminal).head["cursor"], pull(elsewhere).head["cursor"]
    wishes.correct_details(by=None, evacuee=evacuee, details={"name": "港 太郎"})
    [line] = pull(terminal, cursor).lines
    told = json.loads(line)
    assert (told["kind"], told["payload"]["name"]) == ("evacuee.corrected", "港 太郎")
    assert told["payload"]["person"] == {"evacuee": str(evacuee)}
    assert pull(elsewhere, other).lines == []
    assert "evacuee.corrected" in kinds(pull(terminal))


@pytest.mark.parametrize("known", ["evacuee", "into"])
def test_whom_a_shelter_knows_it_is_told_when_headquarters_finds_them_to_be_one_with_another(
    laptop, joined, opening, hall, pull, known
):
    """Whichever of the two it knows, with what was written of the other one; and when they are told apart again."""
    terminal, _ = laptop
    elsewhere, _ = joined(Facility.objects.create(name="北公民館"))
    here, _ = shelters.check_in_new(by=None, opening=opening, details={"name": "港 太郎"})
    there, _ = shelters.check_in_new(by=None, opening=hall[1], details={"name": "港　太郎"})
    cursor, other = pull(terminal).head["cursor"], pull(elsewhere).head["cursor"]
    pair = (here, there) if known == "evacuee" else (there, here)
    merging.merge(by=None, evacuee=pair[0], into=pair[1])
    given = [json.loads(line) for line in pull(terminal, cursor).lines]
    merged = next(entry for entry in given if entry["kind"] == "evacuee.merged")
    assert (merged["payload"]["person"], merged["payload"]["into"]) == tuple({"evacuee": str(one)} for one in pair)
    assert str(there) in {entry["payload"].get("evacuee") for entry in given if entry["kind"] == "evacuee.registered"}
    assert "evacuee.merged" not in kinds(pull(elsewhere, other))
    cursor = pull(terminal, cursor).head["cursor"]
    merging.unmerge(by=None, evacuee=pair[0])
    assert "evacuee.unmerged" in kinds(pull(terminal, cursor))
