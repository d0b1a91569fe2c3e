"""What a laptop sends is answered one by one, once and for all; whatever comes, nothing is lost and nothing stops."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction

from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import bodies, gate, queries, receiving, slots, terminals, together
from backend.journal.models import Conflict, Entry
from backend.journal.services import lock
from backend.shelters import queries as shelters
from backend.shelters.models import StayEvent

from .pen import SECRET, Pen


def test_a_check_in_without_a_line_is_on_the_roster_of_headquarters(laptop, opening, push):
    terminal, pen = laptop
    pen.arrive(opening, "0001")
    pen.arrive(opening, "0002")
    assert push(terminal, pen.lines) == ["accepted", "accepted"]
    assert shelters.head_count(opening).people == 2
    device = Entry.objects.get(sha256=pen.prev).device
    assert queries.verify_chain(device).problem is None


def test_the_same_again_changes_nothing(laptop, opening, push):
    terminal, pen = laptop
    for number in range(5):
        pen.arrive(opening, f"{number:04}")
    push(terminal, pen.lines[:3])
    assert push(terminal, pen.lines) == ["duplicate"] * 3 + ["accepted"] * 2
    assert push(terminal, pen.lines) == ["duplicate"] * 5
    assert Entry.objects.filter(kind="stay.arrived").count() == 5


def test_what_comes_before_its_turn_is_asked_for_again(laptop, opening, push):
    terminal, pen = laptop
    for number in range(4):
        pen.arrive(opening, f"{number:04}")
    first, second, third, fourth = pen.lines
    assert push(terminal, [first, third, fourth, second]) == ["accepted", "retry", "retry", "retry"]
    assert push(terminal, [second, third, fourth]) == ["accepted"] * 3


def test_other_content_under_a_number_already_seen_is_refused_and_kept(laptop, opening, push):
    terminal, pen = laptop
    pen.arrive(opening, "0001")
    push(terminal, pen.lines)
    restored = Pen(pen.device)
    restored.arrive(opening, "0002")
    restored.arrive(opening, "0003")
    assert push(terminal, restored.lines) == ["refused:chain", "refused:chain"]
    kept = Entry.objects.filter(verdict="refused").order_by("received_no")
    assert [bytes(row.raw) for row in kept] == restored.lines
    assert push(terminal, restored.lines) == ["refused:chain", "refused:chain"]
    assert kept.count() == 2
    assert shelters.head_count(opening).people == 1


def test_an_entry_altered_on_the_way_breaks_the_chain(laptop, opening, push):
    terminal, pen = laptop
    pen.arrive(opening, "0001")
    good = pen.arrive(opening, "0002")
    altered = [pen.lines[0].replace(b'"0001"', b'"0009"'), good]
    assert push(terminal, altered) == ["accepted", "refused:chain"]
    assert Entry.objects.filter(verdict="refused").count() == 1


@pytest.mark.parametrize(
    "line",
    [
        b"<html>login</html>",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"id": NaN}',
        b"[" * 60_000,
        b"x" * 60_000,
    ],
)
def test_bytes_that_are_no_entry_are_kept_as_they_came(laptop, opening, push, line):
    terminal, _ = laptop
    assert push(terminal, [line]) == ["refused:unreadable"]
    assert bytes(Entry.objects.get(verdict="refused").raw) == line


@pytest.mark.parametrize(
    "changed",
    [
        {"payload": {"opening": "x"}},
        {"payload": {"opening": str(uuid4()), "person": {}}},
        {"payload": {"opening": str(uuid4()), "person": {"atena_no": "\0"}}},
        {"kind": "thing.unknown", "payload": {"deep": ["\0"]}},
        {"kind": "thing.unknown", "payload": {"half": "\ud800"}},
        {"occurred_at": "0001-01-01T00:00:00+09:00"},
        {"occurred_at": "2026-11-21T08:00:00"},
        {"actor": "x" * 61},
        {"v": 0},
        {"seq": 2**60},
        {"id": "no"},
        {"more": 1},
    ],
)
def test_an_entry_that_no_database_could_hold_stops_nothing(laptop, opening, push, changed):
    terminal, _ = laptop
    line = json.dumps(json.loads(Pen(laptop[1].device).arrive(opening)) | changed).encode()
    assert push(terminal, [line]) == ["refused:unreadable"]
    assert push(terminal, [Pen(laptop[1].device).arrive(opening)]) == ["accepted"]


def test_a_kind_that_is_not_known_here_yet_is_kept_in_its_place(laptop, opening, push):
    terminal, pen = laptop
    pen.write("thing.of.tomorrow", {"any": 1})
    pen.arrive(opening)
    assert push(terminal, pen.lines) == ["accepted", "accepted"]


def test_a_lost_laptop_gets_nothing_in_and_what_it_brings_is_kept(laptop, opening, push):
    terminal, pen = laptop
    pen.arrive(opening, "0001")
    push(terminal, pen.lines)
    terminals.revoke(by=None, terminal=terminal)
    terminal.refresh_from_db()
    pen.arrive(opening, "0002")
    assert push(terminal, pen.lines) == ["duplicate", "refused:revoked"]
    assert Entry.objects.filter(verdict="refused").count() == 1


def test_another_municipality_is_told_so(laptop, opening, push):
    terminal, pen = laptop
    pen.arrive(opening)
    assert push(terminal, pen.lines, municipality="131016") == ["refused:municipality"]


def test_a_laptop_writes_in_no_other_name(joined, opening, push):
    (one, pen), (other, _) = joined(), joined()
    pen.arrive(opening)
    assert push(other, pen.lines) == ["refused:device"]
    assert push(one, pen.lines) == ["accepted"]


def test_the_order_of_batches_makes_no_difference_to_conflicts(laptop, opening, push, joined):
    """Arrived, left and arrived again: no contradiction, in one batch or in three."""
    terminal, pen = laptop
    start = now() - timedelta(hours=5)
    person = {"person": {"atena_no": "0001"}, "opening": str(opening)}
    pen.write("stay.arrived", person, at=start)
    pen.write("stay.left", {**person, "destination": "home"}, at=start + timedelta(hours=1))
    pen.write("stay.arrived", person, at=start + timedelta(hours=2))
    push(terminal, pen.lines)
    assert Conflict.objects.count() == 0


def test_one_person_in_two_shelters_is_named_whoever_comes_first(joined, opening, place, push):
    from backend.facilities.models import Facility
    from backend.shelters.services import open_shelter

    hall = Facility.objects.create(name="港公民館")
    there = open_shelter(by=None, facility=hall, occurred_at=now() - timedelta(days=1))
    (one, early), (two, late) = joined(), joined(hall)
    early.arrive(opening, "0001", at=now() - timedelta(hours=3))
    late.arrive(there, "0001", at=now() - timedelta(hours=1))
    push(two, late.lines)
    push(one, early.lines)
    assert [c.code for c in Conflict.objects.all()] == ["in_two_shelters"]
    assert (shelters.head_count(opening).people, shelters.head_count(there).people) == (0, 1)


def test_a_correction_that_comes_before_what_it_corrects_is_not_lost(joined, opening, push):
    (one, writer), (two, corrector) = joined(), joined()
    arrival = json.loads(writer.arrive(opening, "0001", at=now() - timedelta(hours=1)))["id"]
    right = (now() - timedelta(hours=2)).isoformat()
    corrector.write("stay.corrected", {"entry": arrival, "occurred_at": right})
    push(two, corrector.lines)
    push(one, writer.lines)
    assert [str(e.corrects) for e in StayEvent.objects.filter(voided_at=None)] == [arrival]


def test_what_was_taken_back_before_it_came_is_nowhere(joined, opening, push):
    (one, writer), (two, other) = joined(), joined()
    wrong = json.loads(writer.arrive(opening, "0001", at=now() - timedelta(hours=2)))["id"]
    writer.arrive(opening, "0002", at=now() - timedelta(hours=2))
    other.write("entry.voided", {"entry": wrong})
    push(two, other.lines)
    assert push(one, writer.lines) == ["accepted", "accepted"]
    assert shelters.head_count(opening).people == 1
    assert [str(e.entry) for e in StayEvent.objects.exclude(voided_at=None)] == [wrong]


def test_a_batch_with_five_hundred_of_all_kinds_asks_the_database_little(
    laptop, opening, push, django_assert_max_num_queries
):
    terminal, pen = laptop
    for number in range(500):
        pen.arrive(opening, f"{number:04}", at=now() - timedelta(minutes=number))
    with django_assert_max_num_queries(40):
        assert push(terminal, pen.lines) == ["accepted"] * 500


@pytest.mark.django_db(transaction=True)  # a real request ends with its connection put back
@pytest.mark.parametrize("entries", [1, 120])  # one waits a moment for its turn, many have a place before they are read
def test_two_push_at_once_and_a_third_is_told_when_to_come_again(laptop, opening, settings, tmp_path, entries):
    settings.DATA_DIR = tmp_path
    terminal, pen = laptop
    lines = [pen.arrive(opening, f"{number:04}") for number in range(entries)]
    body = bodies.pack("push", {"nonce": "1", **bodies.whose()}, lines)
    assert (len(body) <= together.SMALL_BYTES) == (entries == 1)
    said = {
        "PATH_INFO": gate.PUSH,
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
    }
    said |= {
        "CONTENT_TYPE": bodies.MEDIA,
        "HTTP_AUTHORIZATION": f"Terminal {terminal.pk}.{SECRET}",
        "SERVER_PORT": "80",
    }

    def ask(sender: type[BytesIO] = BytesIO) -> tuple[str, bytes]:
        states: list[str] = []
        environ = said | {"wsgi.input": sender(body), "wsgi.url_scheme": "http", "wsgi.errors": BytesIO()}
        answer = gate.Gate(get_wsgi_application())(environ, lambda status, headers, *_: states.append(status))
        return states[0], b"".join(answer)

    class Slow(BytesIO):
        """Whoever sends slowly: both places are still free."""

        def read(self, *size: int) -> bytes:
            with slots.slot() as one, slots.slot() as two:
                free.append((one, two))
            return super().read(*size)

    free: list[tuple[bool, bool]] = []
    with slots.slot() as one, slots.slot() as two:
        status, answer = ask()
        assert (one, two, status[:3]) == (True, True, "503")
        assert 0.1 < bodies.unpack(answer, "busy").head["again"] < 5
    assert ask(Slow)[0][:3] == "200"
    assert free == [(True, True)]


@pytest.fixture
def laptops(opening):
    """Three laptops of one shelter, each with one entry to send."""
    made = []
    for number in range(3):
        _, token = terminals.make_ready(by=None, facility=Facility.objects.get().pk)
        pen = Pen()
        pen.arrive(opening, f"{number:04}")
        made.append((terminals.join(token=token, secret=SECRET, device=pen.device), pen))
    return made


def small_push(terminal, lines):
    try:
        body = together.push(terminal, bodies.pack("push", {"nonce": "1", **bodies.whose()}, lines))
        return bodies.unpack(body, "push.answer").head["answers"]
    except Exception as problem:
        return type(problem).__name__
    finally:
        connections.close_all()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_small_pushes_of_the_same_moment_share_a_commit_and_each_has_its_own_answer(laptops, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (first, _), (second, _), (third, pen) = laptops
    sent = [(first, laptops[0][1].lines), (second, laptops[1][1].lines), (third, [b"torn", *pen.lines])]
    with ThreadPoolExecutor(3) as pool:
        with transaction.atomic():
            lock()  # until all three are waiting
            asked = [pool.submit(small_push, *one) for one in sent]
            until = time.monotonic() + 20
            while len(together._waiting) < 3 and time.monotonic() < until:
                time.sleep(0.01)
        answers = [one.result(30) for one in asked]
    assert answers == [["accepted"], ["accepted"], ["refused:unreadable", "accepted"]]
    assert len(set(Entry.objects.filter(kind="stay.arrived").values_list("received_at", flat=True))) == 1


def test_a_small_push_that_broke_before_its_turn_waits_in_no_line(laptop, opening, monkeypatch):
    terminal, pen = laptop

    def no_folder(_):
        raise OSError("no folder")

    monkeypatch.setattr(together, "slot", no_folder)
    with pytest.raises(OSError, match="no folder"):
        together.push(terminal, bodies.pack("push", {"nonce": "1", **bodies.whose()}, [pen.arrive(opening)]))
    assert together._waiting == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_what_one_small_push_meets_is_not_the_others_trouble(laptops, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    wrong = laptops[1][0].pk
    take = receiving.receive_all

    def stumble(come):
        def looked_at():
            pushes = come()
            if any(push.terminal.pk == wrong for push in pushes):
                raise RuntimeError
            return pushes

        return take(looked_at)

    monkeypatch.setattr(together, "receive_all", stumble)
    with ThreadPoolExecutor(3) as pool:
        with transaction.atomic():
            lock()
            asked = [pool.submit(small_push, terminal, pen.lines) for terminal, pen in laptops]
            until = time.monotonic() + 20
            while len(together._waiting) < 3 and time.monotonic() < until:
                time.sleep(0.01)
        answers = [one.result(30) for one in asked]
    assert answers == [["accepted"], "RuntimeError", ["accepted"]]
    assert Entry.objects.filter(kind="stay.arrived").count() == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_six_copies_at_once_are_one(laptop, opening, push):
    terminal, pen = laptop
    for number in range(40):
        pen.arrive(opening, f"{number:04}")

    def send() -> list[str]:
        try:
            return push(terminal, pen.lines)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        answers = [said for job in [pool.submit(send) for _ in range(6)] for said in job.result()]
    assert sorted(set(answers)) == ["accepted", "duplicate"]
    assert answers.count("accepted") == 40
    assert Entry.objects.filter(kind="stay.arrived").count() == 40
    assert shelters.head_count(opening).people == 40
