"""The journal: a chain without gaps that nobody can alter, and tables that follow from it."""

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from backend.core.clock import now
from backend.core.errors import Refused
from backend.facilities import queries as facilities
from backend.facilities.models import Facility, FacilityState, HeadCount, Opening
from backend.journal import queries, services
from backend.journal.models import Conflict, Entry, Head
from backend.journal.services import Draft, record, record_many


@pytest.fixture
def place(db):
    return Facility.objects.create(name="西町小学校", kana="ニシマチショウガッコウ")


@pytest.fixture
def opening(place):
    made = str(uuid4())
    record(kind="facility.opened", payload={"opening": made, "facility": str(place.pk)}, occurred_at=now(), by=None)
    return made


def count(opening, people, **fields):
    fields = {"occurred_at": now(), **fields}
    return record(kind="headcount.reported", payload={"opening": opening, "people": people}, by=None, **fields)


def test_entries_make_one_chain_of_what_was_written(opening):
    last = count(opening, 12)
    first = Entry.objects.get(seq=1)
    written = json.loads(bytes(last.raw))
    assert (last.seq, last.received_no, written["prev"]) == (2, 2, hashlib.sha256(bytes(first.raw)).hexdigest())
    assert list(written) == [
        "id",
        "device",
        "seq",
        "kind",
        "v",
        "occurred_at",
        "recorded_at",
        "actor",
        "payload",
        "prev",
    ]
    assert queries.verify_chain(last.device).problem is None


def test_an_act_that_fails_leaves_no_gap(opening):
    with transaction.atomic():
        count(opening, 5)
        transaction.set_rollback(True)
    assert count(opening, 6).received_no == 2
    assert Head.objects.get().received_no == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE journal_entry SET actor = 'x'", "DELETE FROM journal_entry"], ids=["update", "delete"]
)
def test_nobody_alters_an_entry(opening, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 1


def test_a_payload_of_another_shape_is_refused_without_its_values(opening):
    with pytest.raises(Refused) as refused:
        record(
            kind="headcount.reported",
            payload={"opening": opening, "people": "山田太郎"},
            occurred_at=now(),
            by=None,
        )
    assert "people" in refused.value.message
    assert "山田" not in refused.value.message
    assert Entry.objects.count() == 1


def test_what_was_taken_back_is_as_if_it_had_never_been_but_was_known_before(opening):
    wrong = count(opening, 500)
    before = now()
    record(kind="entry.voided", payload={"entry": str(wrong.uuid)}, occurred_at=now(), by=None)
    assert facilities.open_shelters()[0].people is None
    assert facilities.open_shelters(as_of=before, known_at=before)[0].people == 500


def test_a_contradiction_is_accepted_and_listed_once(place):
    stray = record(kind="facility.closed", payload={"opening": str(uuid4())}, occurred_at=now(), by=None)
    assert stray.verdict == "accepted"
    services.rebuild(["facility."])
    assert [(c.entry, c.code) for c in queries.open_conflicts()] == [(stray.uuid, "opening_unknown")]


def test_voiding_twice_and_voiding_a_voiding_are_contradictions(opening):
    wrong = count(opening, 5)
    first = record(kind="entry.voided", payload={"entry": str(wrong.uuid)}, occurred_at=now(), by=None)
    record(kind="entry.voided", payload={"entry": str(wrong.uuid)}, occurred_at=now(), by=None)
    record(kind="entry.voided", payload={"entry": str(first.uuid)}, occurred_at=now(), by=None)
    assert set(Conflict.objects.values_list("code", flat=True)) == {"voided_twice", "not_voidable"}


def state():
    return [sorted(table.objects.values_list(), key=str) for table in (Opening, FacilityState, HeadCount)]


def test_tables_made_anew_are_the_same(opening, place):
    for people in range(5):
        wrong = count(opening, people)
    record(kind="entry.voided", payload={"entry": str(wrong.uuid)}, occurred_at=now(), by=None)
    record(kind="facility.closed", payload={"opening": opening}, occurred_at=now(), by=None)
    before = state()
    assert services.rebuild(["facility."]) == 7  # the room's other kinds too
    assert state() == before
    assert services.rebuild() == 8
    assert state() == before


def test_entries_of_one_act_are_applied_together(place):
    made, at = str(uuid4()), now()
    record_many(
        drafts=[
            Draft("facility.closed", {"opening": made}, at + timedelta(hours=1)),
            Draft("facility.opened", {"opening": made, "facility": str(place.pk)}, at),
        ],
        by=None,
    )
    assert [s.opening for s in facilities.open_shelters(as_of=at)] == [facilities.openings()[0].opening]
    assert facilities.open_shelters(as_of=at + timedelta(hours=2)) == []


def test_the_author_is_named(opening, staff):
    person = staff("shelter", display_name="受付 花子")
    entry = record(kind="headcount.reported", payload={"opening": opening, "people": 1}, occurred_at=now(), by=person)
    assert queries.authors([entry]) == {str(person.pk): "受付 花子"}
