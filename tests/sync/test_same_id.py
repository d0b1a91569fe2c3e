"""Two contents under one id, as a broken copy of a laptop or somebody who forges would send them: both are kept, and named."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from backend.core.errors import Conflict as Clash
from backend.journal import queries, settling
from backend.journal.models import Conflict, Entry
from backend.shelters import queries as shelters


@pytest.fixture
def two(laptop, opening, push):
    """An arrival, and another one under its id in the same chain; both as they were sent."""
    terminal, pen = laptop
    first = pen.arrive(opening, "0001")
    second = pen.arrive(opening, "0002", id=json.loads(first)["id"])
    assert push(terminal, [first, second]) == ["accepted", "refused:same_id"]
    return first, second


def test_both_are_kept_as_they_came_and_the_conflict_is_named_once(laptop, opening, push, two):
    terminal, pen = laptop
    first, second = two
    assert push(terminal, pen.lines) == ["duplicate", "duplicate"]
    [good] = Entry.objects.filter(verdict="accepted", kind="stay.arrived")
    [other] = Entry.objects.filter(verdict="refused")
    assert (bytes(good.raw), bytes(other.raw)) == (first, second)
    assert (good.uuid, other.reason) == (other.uuid, "同じ番号で内容の違う記録があります")
    assert [(c.entry, c.code) for c in Conflict.objects.all()] == [(good.uuid, "same_id_other_bytes")]
    assert shelters.head_count(opening).people == 1


def test_the_chain_goes_on_behind_it_and_holds(laptop, opening, push, two):
    terminal, pen = laptop
    assert push(terminal, [pen.arrive(opening, "0003")]) == ["accepted"]
    device = Entry.objects.get(sha256=pen.prev).device
    assert queries.verify_chain(device) == queries.Chain(3)
    assert shelters.head_count(opening).people == 2


def test_the_same_fact_once_more_under_its_id_is_no_conflict(laptop, opening, push):
    """As when a laptop that was set back wrote it again: the moment of writing may differ, the fact does not."""
    terminal, pen = laptop
    first = json.loads(pen.arrive(opening, "0001"))
    again = {name: first[name] for name in ("id", "occurred_at")} | {"recorded_at": "2026-11-20T00:00:00+00:00"}
    pen.write("stay.arrived", first["payload"], **again)
    assert push(terminal, pen.lines) == ["accepted", "duplicate"]
    assert not Conflict.objects.exists()
    assert not queries.waiting_refused().exists()


def test_under_an_id_of_another_laptop_it_is_a_conflict_too(laptop, joined, opening, push):
    (terminal, pen), (other, theirs) = laptop, joined()
    first = pen.arrive(opening, "0001")
    push(terminal, [first])
    theirs.arrive(opening, "0002", id=json.loads(first)["id"])
    theirs.arrive(opening, "0003")
    assert push(other, theirs.lines) == ["refused:same_id", "accepted"]
    assert Conflict.objects.get().code == "same_id_other_bytes"
    assert shelters.head_count(opening).people == 2


def test_headquarters_sees_the_other_content_until_it_has_decided(laptop, opening, two, staff, sign_in):
    """Taken over it is a fact of its own, under an id of its own."""
    clerk = staff("shelter")
    client = sign_in(clerk)
    [other] = queries.waiting_refused()
    for page in (reverse("centre:headquarters"), reverse("journal:index")):
        shown = client.get(page).content.decode()
        assert "同じ番号で内容の違う記録が届きました" in shown
        assert reverse("journal:refused", args=[other.pk]) in shown
    assert "0002" in client.get(reverse("journal:refused", args=[other.pk])).content.decode()
    client.post(reverse("journal:refused", args=[other.pk]), {"take": "1"})
    assert shelters.head_count(opening).people == 2
    assert not queries.waiting_refused().exists()
    with pytest.raises(Clash):
        settling.take_over(by=clerk, received_no=other.pk)


def test_once_the_conflict_is_settled_the_other_content_waits_no_more(two, staff, sign_in):
    client = sign_in(staff("shelter"))
    client.post(reverse("journal:settle", args=[Conflict.objects.get().pk]), {"note": "電話で確認した"})
    assert not queries.waiting_refused().exists()
    assert Entry.objects.filter(verdict="refused").count() == 1
