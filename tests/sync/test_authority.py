"""A laptop that was stolen, or whose program was altered, has a key that is good: what headquarters believes of it all the
same, and what it never does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings as conf
from django.urls import reverse

from backend.core.clock import frozen, now
from backend.core.errors import NotFound, Refused
from backend.facilities import queries as facilities
from backend.facilities.models import Facility
from backend.journal import bodies, files, queries, settling, sticks, terminals
from backend.journal.content import sha256
from backend.journal.models import Conflict, Device, Entry
from backend.ledger.models import Protection
from backend.shelters import people, rules, services
from backend.shelters import queries as shelters
from backend.shelters.models import Evacuee, StayEvent

from .pen import SECRET

NUMBER = {"atena_no": "7777"}


@pytest.fixture
def elsewhere(db):
    place = Facility.objects.create(name="港公民館", kana="ミナトコウミンカン")
    opened = services.open_shelter(by=None, facility=place, occurred_at=now() - timedelta(days=1))
    return place, opened


@pytest.fixture
def victim(joined, elsewhere, push):
    """Somebody who arrived at the other shelter and asked there to be hidden; the other laptop, and the id of that word."""
    place, opened = elsewhere
    terminal, pen = joined(place)
    asked = [pen.arrive(opened, "7777"), pen.write("protection.asked", {"person": NUMBER})]
    assert push(terminal, asked) == ["accepted"] * 2
    return terminal, pen, json.loads(asked[1])["id"]


def evacuee(number):
    return rules.evacuee_id(conf.MUNICIPALITY_CODE, {"atena_no": number})


def kinds(body):
    return [json.loads(line)["kind"] for line in body.lines[: body.head.get("entries")]]


@pytest.fixture
def boss(staff):
    return staff("shelter", sees_protected=True)


def test_no_laptop_lifts_a_protection_and_nobody_takes_it_over(laptop, victim, push, boss):
    terminal, pen = laptop
    _, _, asked = victim
    assert push(terminal, [pen.write("protection.lifted", {"person": NUMBER, "entry": asked})]) == [
        "refused:not_theirs"
    ]
    assert Protection.objects.get().lifted_at is None
    [row] = queries.waiting_refused()
    with pytest.raises(Refused, match="本部だけが書く種類"):
        settling.take_over(by=boss, received_no=row.pk)
    assert Protection.objects.get().lifted_at is None


def test_its_chain_goes_on_after_what_was_not_its_to_say(laptop, victim, opening, push):
    terminal, pen = laptop
    forged = pen.write("protection.lifted", {"person": NUMBER, "entry": victim[2]})
    assert push(terminal, [forged, pen.arrive(opening, "0001")]) == ["refused:not_theirs", "accepted"]
    assert push(terminal, pen.lines) == ["duplicate", "duplicate"]
    assert push(terminal, [pen.arrive(opening, "0002")]) == ["accepted"]
    assert shelters.head_count(opening).people == 2
    assert queries.verify_chain(Device.objects.get(pk=pen.device)).problem is None


def test_a_word_about_somebody_hidden_tells_a_laptop_neither_the_stay_nor_where_it_was_asked(
    laptop, victim, opening, push, pull, stick
):
    terminal, pen = laptop
    push(terminal, [pen.write("note.added", {"opening": str(opening), "person": NUMBER, "text": "x"})])
    back = sticks.take_stick(by=None, data=stick([])).answer
    carried = bodies.unpack(sticks.opened(sticks.key_of(sha256(SECRET.encode())), back), "stick.answer")
    for body in (pull(terminal), carried):
        assert "protection.asked" in kinds(body)
        assert "stay.arrived" not in kinds(body)
        assert "港公民館 1号" not in body.head["devices"].values()


def test_it_takes_back_what_concerns_its_own_shelter_alone(laptop, victim, elsewhere, opening, push):
    terminal, pen = laptop
    other, its_pen, _ = victim
    arrival = its_pen.arrive(elsewhere[1], "0005")
    push(other, [arrival])
    begun = Entry.objects.get(kind="facility.opened", payload__opening=str(elsewhere[1]))
    for target in (str(begun.uuid), json.loads(arrival)["id"]):
        assert push(terminal, [pen.write("entry.voided", {"entry": target})]) == ["refused:not_theirs"]
    late = {"entry": json.loads(arrival)["id"], "occurred_at": now().isoformat()}
    assert push(terminal, [pen.write("stay.corrected", late)]) == ["refused:not_theirs"]
    assert push(terminal, [pen.write("entry.retimed", late)]) == ["refused:not_theirs"]
    assert {s.name for s in facilities.open_shelters()} == {"西町小学校", "港公民館"}
    assert shelters.head_count(elsewhere[1]).people == 2  # the arrival stands


def test_it_does_take_back_what_others_wrote_of_its_shelter_and_its_people(laptop, victim, elsewhere, opening, push):
    """Written at headquarters for it, and at the other shelter of somebody who then came here: in the same push, too."""
    terminal, pen = laptop
    other, its_pen, _ = victim
    arrival = its_pen.arrive(elsewhere[1], "0005")
    push(other, [arrival])
    typed, _ = services.check_in_new(by=None, opening=opening, details={"name": "旅野 めぐる"})
    entry = StayEvent.objects.get(evacuee=typed).entry
    lines = [pen.write("entry.voided", {"entry": str(entry)}), pen.arrive(opening, "0005")]
    corrected = {"entry": json.loads(arrival)["id"], "occurred_at": (now() - timedelta(hours=3)).isoformat()}
    lines.append(pen.write("stay.corrected", corrected))
    lines.append(pen.write("entry.voided", {"entry": json.loads(lines[-1])["id"]}))
    assert push(terminal, lines) == ["accepted"] * 4
    assert shelters.head_count(opening).people == 1


def test_it_settles_no_contradiction(laptop, opening, push):
    terminal, pen = laptop
    left = pen.write("stay.left", {"opening": str(opening), "person": NUMBER, "destination": "home"})
    push(terminal, [left])
    closed = {"entry": json.loads(left)["id"], "code": "left_without_arriving", "note": "x"}
    assert push(terminal, [pen.write("conflict.settled", closed)]) == ["refused:not_theirs"]
    assert Conflict.objects.get().settled_at is None


def test_whoever_was_named_by_the_id_alone_is_known_by_the_number_that_comes(
    laptop, elsewhere, joined, opening, push, pull
):
    """A protection by 宛名番号 holds, whatever a laptop wrote before under the id that follows from it."""
    terminal, pen = laptop
    other, its_pen = joined(elsewhere[0])
    named = {"evacuee": str(evacuee("8888")), "name": "x"}
    note = {"opening": str(opening), "person": {"evacuee": named["evacuee"]}, "text": "x"}
    lines = [pen.write("evacuee.registered", named), pen.write("note.added", note)]
    assert push(terminal, lines) == ["accepted"] * 2
    Protection.objects.create(atena_no="8888", source="register")
    push(other, [its_pen.arrive(elsewhere[1], "8888")])
    assert Evacuee.objects.get(pk=evacuee("8888")).atena_no == "8888"
    assert people.protected([evacuee("8888")]) == {evacuee("8888")}
    assert "stay.arrived" not in kinds(pull(terminal))


def test_naming_a_picture_gives_no_right_to_it(laptop, victim, elsewhere, opening, push):
    terminal, pen = laptop
    other, its_pen, _ = victim
    sha = files.keep(b"picture" * 10)
    sheet = {"number": 1, "sha256": sha, "size": 70, "kind": "jpeg"}
    attached = its_pen.write("sheet.attached", {"opening": str(elsewhere[1]), **sheet})
    typed = {"opening": str(elsewhere[1]), "entry": json.loads(attached)["id"], "line": 1, "result": "typed"}
    assert push(other, [attached, its_pen.write("sheet.typed", typed | {"person": NUMBER})]) == ["accepted"] * 2
    push(terminal, [pen.write("sheet.attached", {"opening": str(opening), **sheet})])
    with pytest.raises(NotFound):
        files.answer(terminal, bodies.pack("file", {"nonce": "1", "get": sha, "start": 0}))


@pytest.mark.parametrize("year", ["9999-12-31T23:00:00+00:00", "0001-01-01T00:00:00+00:00"])
def test_a_time_that_no_page_can_show_is_no_time(laptop, opening, push, sign_in, boss, year):
    terminal, pen = laptop
    forged = pen.arrive(opening, "0001", occurred_at=year)
    assert push(terminal, [forged]) == ["refused:unreadable"]
    aside = pen.write("stay.corrected", {"entry": str(pen.device), "occurred_at": year}, seq=1, prev="0" * 64)
    assert push(terminal, [aside]) == ["refused:unreadable"]
    desk = sign_in(boss)
    for page in (reverse("journal:index"), reverse("centre:headquarters"), reverse("shelters:shelter", args=[opening])):
        assert desk.get(page).status_code == 200


def test_what_is_no_entry_is_not_kept_whole(laptop, push):
    terminal, _ = laptop
    terminals.revoke(by=None, terminal=terminal)
    terminal.refresh_from_db()
    assert push(terminal, [b"a" * (2 * 2**20)]) == ["refused:unreadable"]
    assert len(bytes(Entry.objects.get(verdict="refused").raw)) == 4096


def test_a_refused_entry_about_somebody_hidden_is_for_those_who_may_see_them(
    laptop, victim, push, sign_in, staff, boss
):
    terminal, pen = laptop
    terminals.revoke(by=None, terminal=terminal)
    terminal.refresh_from_db()
    told = {"person": NUMBER, "status": "relatives", "place": "汐見町の姉の家"}
    assert push(terminal, [pen.write("person.status", told)]) == ["refused:revoked"]
    [row] = queries.waiting_refused()
    page = reverse("journal:refused", args=[row.pk])
    clerk = staff("shelter")
    shown = sign_in(clerk).get(page).content.decode()
    assert "汐見町" not in shown
    assert "7777" not in shown
    assert "秘匿されている方についての記録です" in shown
    assert sign_in(clerk).post(page, {"take": "1"}).status_code == 403
    assert sign_in(clerk).post(page, {"note": "x"}).status_code == 403
    assert not Entry.objects.filter(kind="person.status", verdict="accepted").exists()
    assert "汐見町の姉の家" in sign_in(boss).get(page).content.decode()
    settling.take_over(by=boss, received_no=row.pk)
    assert Entry.objects.filter(kind="person.status", verdict="accepted").exists()


def test_also_of_a_resident_whom_nobody_has_met_yet(laptop, push, sign_in, staff, opening):
    terminal, pen = laptop
    Protection.objects.create(atena_no="8888", source="register")
    terminals.revoke(by=None, terminal=terminal)
    terminal.refresh_from_db()
    push(terminal, [pen.arrive(opening, "8888")])
    [row] = queries.waiting_refused()
    assert "8888" not in sign_in(staff("shelter")).get(reverse("journal:refused", args=[row.pk])).content.decode()


@pytest.mark.parametrize("line", ["of a kind that is newer", "torn", "of another municipality"])
def test_what_may_tell_of_anybody_is_for_those_who_may_see_everybody(line, laptop, opening, push, sign_in, staff, boss):
    terminal, pen = laptop
    if line == "of another municipality":
        push(terminal, [pen.arrive(opening, "7777")], municipality="999999")
    else:
        told = {"person": NUMBER, "text": "汐見町の姉の家、7777"}
        wrote = pen.write("person.fetched", told)
        terminals.revoke(by=None, terminal=terminal)
        terminal.refresh_from_db()
        push(terminal, [wrote if line == "of a kind that is newer" else wrote[:-20]])
    [row] = queries.waiting_refused()
    page = reverse("journal:refused", args=[row.pk])
    clerk = sign_in(staff("shelter"))
    shown = clerk.get(page).content.decode()
    assert "7777" not in shown
    assert "だれについての記録か分からず" in shown
    assert clerk.post(page, {"note": "x"}).status_code == 403
    assert "7777" in sign_in(boss).get(page).content.decode()
    assert sign_in(boss).post(page, {"note": "端末の更新を待つ"}).status_code == 302


def test_the_file_to_carry_back_ends_with_the_laptop_and_with_the_day(laptop, opening, stick, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    terminal, pen = laptop
    data = stick([pen.arrive(opening, "0001")])
    sticks.keep_answer(sticks.take_stick(by=None, data=data))
    assert sticks.kept_answer(terminal.pk)
    with frozen(now() + timedelta(hours=25)), pytest.raises(NotFound):
        sticks.kept_answer(terminal.pk)
    sticks.keep_answer(sticks.take_stick(by=None, data=data))
    terminals.revoke(by=None, terminal=terminal)
    with pytest.raises(NotFound):
        sticks.kept_answer(terminal.pk)
    assert list((tmp_path / "sticks").iterdir()) == []
