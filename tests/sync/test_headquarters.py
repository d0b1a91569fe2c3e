"""What headquarters does with laptops: make one ready, give out the key, cut it off; settle what was refused."""

import json
import re

import pytest
from django.test import Client

from backend.core.errors import Conflict as Clash
from backend.core.errors import Refused
from backend.journal import bodies, exchange, packs, queries, terminals
from backend.journal.models import Conflict, Terminal
from backend.ledger import lookup
from backend.shelters import queries as shelters

from .pen import SECRET, Pen

MEDIA = {"content_type": "application/gzip"}


def test_an_administrator_makes_a_laptop_ready_on_a_page_and_it_joins(staff, sign_in, place):
    page = sign_in(staff("administrator")).post("/desk/journal/ready/", {"facility": place.pk}).content.decode()
    token = re.search(r"--token (\S+)<", page)[1]
    assert packs.envelope_code(Terminal.objects.get()) in page
    pen, client = Pen(), Client()
    said = {"nonce": "n", "device": str(pen.device), "secret": SECRET, "version": "1"}
    for _ in range(2):  # the first answer may have been lost
        answer = client.post(
            "/api/v1/journal/join/",
            bodies.pack("join", said),
            headers={"authorization": f"Enrolment {token}"},
            **MEDIA,
        )
        assert answer.status_code == 200
    terminal = bodies.unpack(answer.content, "join.answer").head["terminal"]
    other = bodies.pack("join", said | {"secret": "t" * 40})
    again = client.post("/api/v1/journal/join/", other, headers={"authorization": f"Enrolment {token}"}, **MEDIA)
    assert again.status_code == 409
    hello = bodies.pack("hello", {"nonce": "n", "device": str(pen.device), "seq": 0})
    ours = {"authorization": f"Terminal {terminal}.{SECRET}"}
    found = bodies.unpack(client.post("/api/v1/journal/hello/", hello, headers=ours, **MEDIA).content, "hello.answer")
    assert (found.head["seq"], found.head["cursor_ok"], "key" in found.head) == (0, True, False)


@pytest.mark.parametrize("said", [{}, {"authorization": "Terminal x.y"}, {"authorization": "Terminal"}])
def test_strangers_get_nothing(db, said):
    for name in ("hello", "push", "pull", "pack"):
        assert Client().post(f"/api/v1/journal/{name}/", b"", headers=said, **MEDIA).status_code == 403


def test_staff_get_nothing_either(staff, sign_in):
    assert sign_in(staff("administrator")).post("/api/v1/journal/pull/", b"", **MEDIA).status_code == 403


def test_bodies_that_are_not_ours_are_turned_away(laptop):
    terminal, _ = laptop
    whole = bodies.pack("push", {"nonce": "1", **bodies.whose()}, [b"{}"])
    for data in (b"", b"<html>", whole[:-5], whole + b"x", bodies.pack("pull", {})):
        with pytest.raises(bodies.Unusable):
            exchange.push(terminal, data)


def test_the_excerpt_opens_with_the_key_of_the_day_or_the_code_of_the_envelope(
    laptop, household, disaster, staff, sign_in
):
    terminal, _ = laptop
    household(disaster(), [{"name": "高橋 一郎", "kana": "タカハシ イチロウ"}, {"name": "高橋 花子"}])
    lines = packs.lines_for(terminal)
    sealed = packs.take(lines)
    assert "高橋" not in b"".join(lines).decode()
    with pytest.raises(packs.WrongCode):
        packs.unseal(sealed, code="AAAAA-AAAAA-AAAAA-AAAAA")
    assert packs.unseal(sealed, code=packs.envelope_code(terminal).lower()) == 2
    assert [p.name for p in lookup.find("たかはし").families[0].members] == ["高橋 一郎", "高橋 花子"]
    lookup.take([])
    sign_in(staff("administrator")).post(f"/desk/journal/terminals/{terminal.pk}/", {"release": "1"})
    terminal.refresh_from_db()
    assert packs.unseal(sealed, key=packs.key_of(terminal)) == 2


@pytest.mark.parametrize(
    ("area", "said"), [("西町", "名簿の写しに入る方：2人"), ("どこにもない町", "（0人）"), ("", "")]
)
def test_a_laptop_is_made_ready_knowing_how_many_it_will_carry(area, said, laptop, household, disaster, staff, sign_in):
    household(disaster(), [{"name": "高橋 一郎"}, {"name": "高橋 花子"}])
    form = {"facility": str(laptop[0].facility), "area": area}
    page = re.sub("<[^>]+>", "", sign_in(staff("administrator")).post("/desk/journal/ready/", form).content.decode())
    assert said in page
    assert ("名簿の写しに入る方" in page) == bool(area)


def test_nobody_under_protection_is_in_the_pack(laptop, household, disaster):
    from backend.ledger.models import Protection

    terminal, _ = laptop
    home = household(disaster(), [{"name": "高橋 一郎"}, {"name": "高橋 花子"}])
    hidden = home.members.get(name="高橋 花子")
    Protection.objects.create(atena_no=hidden.atena_no, source=Protection.Source.REGISTER)
    packs.unseal(packs.take(packs.lines_for(terminal)), key=packs.key_of(terminal))
    assert [p.name for family in lookup.find("高橋").families for p in family.members] == ["高橋 一郎"]


def test_the_pack_brings_staff_of_shelters_who_can_see_nobody_hidden(laptop, staff):
    staff("shelter", sees_protected=True, username="desk")
    staff("tax")
    lines = packs.lines_for(laptop[0])
    people = next(json.loads(line)["rows"] for line in lines if json.loads(line)["part"] == "accounts")
    assert [(row["username"], "sees_protected" in row) for row in people] == [("desk", False)]


def test_what_was_refused_but_true_becomes_an_entry_of_headquarters(laptop, opening, push, staff, sign_in):
    terminal, pen = laptop
    terminals.revoke(by=None, terminal=terminal)
    terminal.refresh_from_db()
    push(terminal, [pen.arrive(opening, "0001")])
    row = queries.waiting_refused().get()
    client = sign_in(staff("shelter"))
    assert "失効した端末の記録です" in client.get("/desk/journal/").content.decode()
    client.post(f"/desk/journal/refused/{row.pk}/", {"take": "1"})
    assert shelters.head_count(opening).people == 1
    assert queries.waiting_refused().count() == 0
    assert client.post(f"/desk/journal/refused/{row.pk}/", {"take": "1"}).status_code == 409


def test_a_refused_entry_that_came_in_its_right_place_later_waits_no_more(laptop, joined, opening, push):
    terminal, pen = laptop
    other, _ = joined()
    push(other, [pen.arrive(opening, "0001")])
    assert queries.waiting_refused().count() == 1
    push(terminal, pen.lines)
    assert queries.waiting_refused().count() == 0


def test_a_conflict_is_closed_with_what_was_done(laptop, opening, push, staff, sign_in):
    terminal, pen = laptop
    pen.write("stay.left", {"opening": str(opening), "person": {"atena_no": "1"}, "destination": "home"})
    push(terminal, pen.lines)
    client, row = sign_in(staff("shelter")), Conflict.objects.get()
    client.post(f"/desk/journal/conflicts/{row.pk}/", {"note": "電話で確認し、到着を記録した"})
    assert queries.open_conflicts().count() == 0


def test_a_token_is_never_taken_for_an_option_of_the_command(place):
    tokens = [terminals.make_ready(by=None, facility=place.pk)[1] for _ in range(20)]
    assert all(token.isalnum() and len(token) >= 32 for token in tokens)


def test_a_token_joins_one_laptop_and_not_for_ever(place):
    _, token = terminals.make_ready(by=None, facility=place.pk)
    Terminal.objects.update(enrolment_until="2026-01-01T00:00:00Z")
    with pytest.raises(Refused):
        terminals.join(token=token, secret=SECRET, device=Pen().device)
    with pytest.raises(Refused):
        terminals.join(token="wrong", secret=SECRET, device=Pen().device)


def test_no_laptop_takes_anothers_chain(joined):
    (_, pen), (other, _) = joined(), joined()
    with pytest.raises(Clash):
        terminals.take_chain(other, pen.device)
