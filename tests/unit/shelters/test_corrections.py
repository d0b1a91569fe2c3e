"""Corrections of what somebody said of themselves: two that did not know of each other are named, with both authors."""

from datetime import timedelta

import pytest
from django.urls import reverse

from backend.core.clock import now
from backend.journal.models import Conflict, Entry
from backend.journal.services import rebuild, record
from backend.ledger.models import Protection
from backend.shelters import household, services, wishes
from backend.shelters.headquarters import queries
from backend.shelters.headquarters.services import settle

SAID = {"name": "北原 ハル", "birth": "1950-01-02", "telephone": "090-0000-0001"}


@pytest.fixture
def authors(staff):
    return staff("shelter", display_name="西町の係"), staff("shelter", display_name="港の係")


@pytest.fixture
def opening(shelter):
    return shelter(occurred_at=now() - timedelta(hours=4))


@pytest.fixture
def haru(opening):
    at = now() - timedelta(hours=3)
    return services.check_in_new(by=None, opening=opening, details=SAID, occurred_at=at)[0]


def corrects(evacuee, by, ago, was, **now_said):
    """A correction as a laptop brings it, whole, with what stood there when it was written."""
    payload = {"person": {"evacuee": str(evacuee)}, **SAID, **now_said, "was": was}
    return record(kind="evacuee.corrected", payload=payload, occurred_at=now() - timedelta(minutes=ago), by=by)


@pytest.fixture
def apart(haru, authors):
    """Two laptops correct the name, each knowing only how it was registered."""
    corrects(haru, authors[0], 20, {"name": "北原 ハル"}, name="北原 春")
    corrects(haru, authors[1], 10, {"name": "北原 ハル"}, name="北原 陽")
    return Conflict.objects.get(code="corrected_apart")


def name_of(evacuee):
    return household.face(evacuee).name


def test_both_values_and_both_authors_stand_on_the_card(apart, haru, clerk, sign_in):
    [shown] = queries.conflicts(clerk)
    arrived, other = shown.sides
    assert (arrived.author, arrived.lines) == ("港の係", [("氏名", "北原 陽")])
    assert (other.author, other.lines) == ("西町の係", [("氏名", "北原 春")])
    assert arrived.at - other.at > timedelta(minutes=9)
    page = sign_in(clerk).get(reverse("centre:headquarters")).content.decode()
    for text in (
        "北原 陽",
        "港の係",
        "北原 春",
        "西町の係",
        "届いた記録のとおりにする",
        "もう一方の記録のとおりにする",
    ):
        assert text in page


@pytest.mark.parametrize(("act", "kept", "entries"), [("this", "北原 陽", 0), ("that", "北原 春", 1)])
def test_one_click_and_an_entry_keep_one_or_the_other(apart, haru, authors, clerk, sign_in, act, kept, entries):
    before = Entry.objects.filter(kind="evacuee.corrected").count()
    answer = sign_in(authors[0]).post(reverse("centre:settle", args=[apart.pk]), {"act": act, "note": "本人に聞いた"})
    assert answer.status_code == 302
    assert name_of(haru) == kept
    assert Entry.objects.filter(kind="evacuee.corrected").count() - before == entries
    assert "本人に聞いた" in Entry.objects.get(kind="conflict.settled").payload["note"]
    assert queries.conflicts(clerk) == []
    rebuild(["evacuee."])
    assert name_of(haru) == kept
    assert household.face(haru).telephone == SAID["telephone"]


def test_in_whichever_order_they_come_it_is_one_contradiction_and_the_later_one_holds(haru, authors, clerk):
    corrects(haru, authors[1], 10, {"name": "北原 ハル"}, name="北原 陽")
    corrects(haru, authors[0], 20, {"name": "北原 ハル"}, name="北原 春")
    [shown] = queries.conflicts(clerk)
    assert [side.author for side in shown.sides] == ["西町の係", "港の係"]
    assert name_of(haru) == "北原 陽"
    settle(by=clerk, conflict=shown.id, act="this")
    assert name_of(haru) == "北原 春"


def test_corrections_of_different_fields_both_hold_and_contradict_nothing(haru, authors):
    corrects(haru, authors[0], 20, {"name": "北原 ハル"}, name="北原 春")
    corrects(haru, authors[1], 10, {"birth": "1950-01-02"}, birth="1951-01-02")
    face = household.face(haru)
    assert (face.name, face.birth) == ("北原 春", "1951-01-02")
    assert not Conflict.objects.exists()


def test_who_knew_of_the_other_or_says_the_same_contradicts_nothing(haru, authors):
    corrects(haru, authors[0], 30, {"name": "北原 ハル"}, name="北原 春")
    corrects(haru, authors[1], 20, {"name": "北原 ハル"}, name="北原 春")
    corrects(haru, authors[1], 10, {"name": "北原 春"}, name="北原 陽")
    wishes.correct_details(by=authors[0], evacuee=haru, details={**SAID, "name": "北原 晴"})
    assert name_of(haru) == "北原 晴"
    assert not Conflict.objects.exists()


def test_a_page_that_stood_open_does_not_put_back_what_somebody_else_corrected(haru, opening, authors, sign_in):
    url = reverse("shelters:details", args=[opening, haru])
    shown = {f"was-{key}": text for key, text in SAID.items()}
    sign_in(authors[0]).post(url, {**SAID, **shown, "name": "北原 春"})
    sign_in(authors[1]).post(url, {**SAID, **shown, "telephone": "090-0000-0002"})
    face = household.face(haru)
    assert (face.name, face.telephone) == ("北原 春", "090-0000-0002")
    sign_in(authors[1]).post(url, {**SAID, **shown, "name": "北原 陽"})
    assert Conflict.objects.get().code == "corrected_apart"


def test_the_page_of_a_person_tells_what_stood_there_and_who_changed_it(apart, haru, opening, clerk, sign_in):
    page = sign_in(clerk).get(reverse("shelters:person", args=[opening, haru])).content.decode()
    assert "氏名：北原 ハル → 北原 春" in page
    assert "西町の係" in page
    assert "登録したときの記載" in page
    assert 'name="was-name" value="北原 陽"' in page


def test_the_corrections_of_somebody_hidden_are_shown_to_nobody(apart, haru, clerk, sign_in):
    Protection.objects.create(evacuee=haru, source="desk", asked_at=now())
    [shown] = queries.conflicts(clerk)
    assert (shown.face, shown.ways, [side.lines for side in shown.sides]) == (None, [], [[], []])
    assert "北原" not in sign_in(clerk).get(reverse("centre:headquarters")).content.decode()
