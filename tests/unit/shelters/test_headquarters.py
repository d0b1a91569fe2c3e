"""本部: what was heard of each shelter, and contradictions settled by entries."""

import re
from datetime import timedelta

import pytest
from django.template import Context, Template
from django.urls import reverse

from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.core.fields import uuid7
from backend.journal import terminals
from backend.journal.models import Conflict, Entry, Terminal
from backend.journal.services import Draft, record, record_many
from backend.ledger.models import Protection
from backend.shelters import services
from backend.shelters.headquarters import queries
from backend.shelters.headquarters.services import settle, tell_apart
from backend.shelters.queries import places_of


@pytest.fixture
def west(shelter):
    return shelter("西町小学校")


@pytest.fixture
def harbour(shelter):
    return shelter("港公民館")


@pytest.fixture
def person(db):
    """Somebody whom a laptop registered; their reference in entries."""
    evacuee = uuid7()
    tell(("evacuee.registered", {"evacuee": str(evacuee), "name": "北原 ハル", "birth": "1950-01-02"}, 90))
    return {"evacuee": str(evacuee)}


def tell(*acts):
    """Entries as a laptop would bring them: nothing is refused, contradictions are named. (kind, payload, minutes ago)"""
    return record_many(
        drafts=[Draft(kind, payload, now() - timedelta(minutes=ago)) for kind, payload, ago in acts], by=None
    )


def place_of(person):
    return places_of([queries.UUID(person["evacuee"])]).get(queries.UUID(person["evacuee"]))


@pytest.fixture
def in_two(west, harbour, person):
    tell(("stay.arrived", {"opening": str(west), "person": person}, 0.2))
    tell(("stay.arrived", {"opening": str(harbour), "person": person}, 0.1))
    return Conflict.objects.get(code="in_two_shelters")


def test_somebody_in_two_shelters_is_here_by_a_move(in_two, clerk, harbour, west, person):
    [shown] = queries.conflicts(clerk)
    assert [words for _, words in shown.ways] == [
        "港公民館にいる（西町小学校から移動した）",
        "西町小学校にいる（港公民館の到着を取り消す）",
    ]
    settle(by=clerk, conflict=in_two.pk, act="move", note="港の山田さんに確かめた")
    assert place_of(person) == harbour
    assert queries.conflicts(clerk) == []
    told = Entry.objects.get(kind="conflict.settled")
    assert "港の山田さん" in told.payload["note"]
    in_two.refresh_from_db()
    assert (in_two.settled_by, in_two.note) == (clerk, told.payload["note"])


def test_somebody_in_two_shelters_is_there_and_the_arrival_is_taken_back(in_two, clerk, west, person):
    settle(by=clerk, conflict=in_two.pk, act="void")
    assert place_of(person) == west
    with pytest.raises(NotFound):
        settle(by=clerk, conflict=in_two.pk, act="move")  # two people at once: the second is told


def test_the_card_shows_both_records_with_both_authors_times_and_devices(west, harbour, person, clerk, staff, sign_in):
    for opening, name, ago in ((west, "西町の係", 0.2), (harbour, "港の係", 0.1)):
        at, by = now() - timedelta(minutes=ago), staff("shelter", display_name=name)
        record(kind="stay.arrived", payload={"opening": str(opening), "person": person}, occurred_at=at, by=by)
    [shown] = queries.conflicts(clerk)
    arrived, other = shown.sides
    assert (arrived.title, arrived.author, arrived.lines[0]) == ("届いた記録", "港の係", ("避難所", "港公民館"))
    assert (other.title, other.author, other.lines[0]) == ("もう一方の記録", "西町の係", ("避難所", "西町小学校"))
    assert arrived.at > other.at
    assert arrived.device == other.device == "本部"
    page = sign_in(clerk).get(reverse("centre:headquarters")).content.decode()
    assert page.index("港の係") < page.index("西町の係")


def test_two_merges_of_one_record_show_both_authors(west, clerk, staff):
    records = [{"evacuee": str(uuid7())} for _ in range(3)]
    tell(*[("evacuee.registered", {**one, "name": f"北原 {n}"}, 9) for n, one in enumerate(records)])
    for into, name in ((records[1], "西町の係"), (records[2], "港の係")):
        payload = {"person": records[0], "into": into}
        record(kind="evacuee.merged", payload=payload, occurred_at=now(), by=staff("shelter", display_name=name))
    [shown] = queries.conflicts(clerk)
    assert [side.author for side in shown.sides] == ["港の係", "西町の係"]
    assert [side.lines for side in shown.sides] == [
        [("同じ方とした記録", "北原 0 → 北原 2")],
        [("同じ方とした記録", "北原 0 → 北原 1")],
    ]


def test_what_was_taken_back_twice_shows_who_did_it_first(west, clerk, staff):
    [told] = tell(("note.added", {"opening": str(west), "text": "水が出ない"}, 5))
    for name in ("西町の係", "港の係"):
        payload = {"entry": str(told.uuid), "reason": "書き間違い"}
        record(kind="entry.voided", payload=payload, occurred_at=now(), by=staff("shelter", display_name=name))
    [shown] = queries.conflicts(clerk)
    assert [(side.author, side.lines) for side in shown.sides] == [
        ("港の係", [("理由", "書き間違い")]),
        ("西町の係", [("理由", "書き間違い")]),
    ]


def test_an_arrival_that_comes_in_late_is_settled_too(west, harbour, person, clerk):
    tell(("stay.arrived", {"opening": str(harbour), "person": person}, 0.1))
    tell(("stay.arrived", {"opening": str(west), "person": person}, 0.2))
    [found] = queries.conflicts(clerk)
    settle(by=clerk, conflict=found.id, act="move")
    assert place_of(person) == west
    assert queries.conflicts(clerk) == []


@pytest.mark.parametrize("act", ["arrive", "void"])
def test_somebody_who_left_without_arriving(act, west, person, clerk):
    tell(("stay.left", {"opening": str(west), "person": person, "destination": "relatives"}, 0.1))
    [found] = queries.conflicts(clerk)
    assert found.guide.title == "到着の記録がない人が退所しました"
    assert [a for a, _ in found.ways] == ["arrive", "void"]
    settle(by=clerk, conflict=found.id, act=act)
    assert queries.conflicts(clerk) == []
    assert place_of(person) is None
    kinds = list(queries.StayEvent.objects.filter(voided_at=None).order_by("entry").values_list("kind", flat=True))
    assert kinds == (["arrived", "left"] if act == "arrive" else [])


def test_somebody_who_left_a_shelter_while_in_another(west, harbour, person, clerk):
    tell(("stay.arrived", {"opening": str(harbour), "person": person}, 0.2))
    tell(("stay.left", {"opening": str(west), "person": person, "destination": "home"}, 0.1))
    [found] = queries.conflicts(clerk)
    assert "港公民館から退所した" in dict(found.ways)["elsewhere"]
    settle(by=clerk, conflict=found.id, act="elsewhere")
    assert place_of(person) is None
    assert queries.conflicts(clerk) == []


def test_history_is_never_edited(in_two, clerk):
    before = list(Entry.objects.order_by("pk").values_list("sha256", flat=True))
    settle(by=clerk, conflict=in_two.pk, act="void")
    assert list(Entry.objects.order_by("pk").values_list("sha256", flat=True))[: len(before)] == before


def test_the_contradiction_of_somebody_hidden_shows_nobody(in_two, staff, sign_in, person):
    Protection.objects.create(evacuee=person["evacuee"], source="desk", asked_at=now())
    clerk = staff("shelter")
    [found] = queries.conflicts(clerk)
    assert (found.face, found.ways, found.hidden) == (None, [], True)
    page = sign_in(clerk).get(reverse("centre:headquarters")).content.decode()
    assert "北原" not in page
    assert "ハル" not in page
    with pytest.raises(NotFound):
        settle(by=clerk, conflict=in_two.pk, act="void")
    named = staff("shelter", sees_protected=True)
    settle(by=named, conflict=in_two.pk, act="void")


@pytest.fixture
def alike(west, harbour):
    found = []
    for opening, name in ((west, "北原 ハル"), (harbour, "北原　ハル")):
        evacuee, _ = services.check_in_new(by=None, opening=opening, details={"name": name, "birth": "1950-01-02"})
        found.append(evacuee)
    return found


def test_who_wrote_each_of_two_alike_records_is_said(west, harbour, staff, sign_in):
    ids = []
    for opening, name in ((west, "西町の係"), (harbour, "港の係")):
        said = {"name": "北原 ハル", "birth": "1950-01-02"}
        by = staff("shelter", display_name=name)
        ids.append(services.check_in_new(by=by, opening=opening, details=said)[0])
    [pair] = queries.twice(staff("shelter"))
    assert [{side.author for side in told} for told in pair.sides] == [{"西町の係"}, {"港の係"}]
    for url in (reverse("centre:headquarters"), reverse("centre:same", args=ids)):
        page = sign_in(staff("shelter")).get(url).content.decode()
        assert "西町の係" in page
        assert "港の係" in page
        assert "避難者の登録" in page


def test_two_records_of_one_person_are_made_one(alike, clerk, sign_in, harbour):
    url = reverse("centre:same", args=alike)
    client = sign_in(clerk)
    assert url in client.get(reverse("centre:headquarters")).content.decode()
    assert "港公民館" in client.get(url).content.decode()
    client.post(url, {"same": "1"})
    assert queries.twice(clerk) == []
    assert places_of(alike) == {alike[0]: harbour}
    assert client.get(url).status_code == 404


def test_two_people_of_one_name_are_told_apart_for_good(alike, clerk):
    tell_apart(by=clerk, one=alike[1], two=alike[0])
    assert queries.twice(clerk) == []
    assert len(places_of(alike)) == 2


def cells(row: str) -> list[str]:
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]


def written(moment) -> str:
    """As the pages write a moment."""
    return Template("{% load tasuki %}{{ at|tokyo_short }}").render(Context({"at": moment}))


def test_the_board_says_who_was_not_heard_of(west, harbour, clerk, sign_in, staff):
    row, _ = terminals.make_ready(by=None, facility=queries.Opening.objects.get(opening=west).facility)
    seen = now() + timedelta(minutes=3)
    Terminal.objects.filter(pk=row.pk).update(seen_at=seen, unsent=7)
    _, heard = queries.board(now() + timedelta(hours=7))
    assert {line.shelter.name: line.silent for line in heard} == {"西町小学校": True, "港公民館": True}
    page = sign_in(clerk).get(reverse("centre:headquarters")).content.decode()
    assert "端末なし（電話）" in page
    assert "西町小学校 1号" in page
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    [school] = [cells(row) for row in rows if "西町小学校" in row]
    assert school[2:] == [written(seen), "不明", "西町小学校 1号", "7"]
    [phone] = [cells(row) for row in rows if "港公民館" in row]
    assert phone[4:] == ["端末なし（電話）", "—"]
    page = sign_in(clerk).get(reverse("journal:index")).content.decode()
    [laptop] = [cells(row) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if "西町小学校 1号" in row]
    assert laptop[2:4] == [written(seen), "7"]
    assert sign_in(staff("publicity")).get(reverse("centre:headquarters")).status_code == 403


def test_an_unknown_way_is_refused(in_two, clerk):
    with pytest.raises(Refused):
        settle(by=clerk, conflict=in_two.pk, act="burn")
    assert len(queries.conflicts(clerk)) == 1
