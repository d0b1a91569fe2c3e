"""A whole push at once leaves behind what its entries leave one after the other, whatever they say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core import clock
from backend.core.fields import uuid7
from backend.facilities.models import FacilityState, HeadCount, Opening
from backend.journal.models import Entry, Topic, Voiding
from backend.ledger.models import Fact, Protection, TypedRecord
from backend.shelters.models import Consent, Details, Evacuee, Merge, Note, ProtectionAsked, StayEvent
from backend.shelters.rules import CONSENTS

from .pen import Pen

PLACES = [UUID(int=1), UUID(int=2)]
TYPED = [UUID(int=11), UUID(int=12)]
TABLES = (
    *(Opening, FacilityState, HeadCount, Evacuee, Details, StayEvent, Consent, ProtectionAsked, Note, Merge, Voiding),
    *(Entry, Topic, TypedRecord, Protection),
)
# Rows of the ledger get ids and times of their own.
OWN = {"id", "recorded_at", "guarded", "typed_at"}

who = st.one_of(
    st.sampled_from(["0001", "0002", "0003"]).map(lambda number: {"atena_no": number}),
    st.sampled_from(TYPED).map(lambda pk: {"evacuee": str(pk)}),
)
place = st.sampled_from(PLACES).map(str)
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
said = st.one_of(
    st.fixed_dictionaries({"opening": place, "facility": st.just(str(UUID(int=21)))}).map(
        lambda p: ("facility.opened", p)
    ),
    st.fixed_dictionaries({"opening": place}).map(lambda p: ("facility.closed", p)),
    st.fixed_dictionaries({"opening": place, "people": st.integers(0, 9)}).map(lambda p: ("headcount.reported", p)),
    st.fixed_dictionaries({"evacuee": st.sampled_from(TYPED).map(str), "name": text}).map(
        lambda p: ("evacuee.registered", p)
    ),
    st.fixed_dictionaries(
        {"person": who, "name": text, "kana": text}, optional={"was": st.fixed_dictionaries({"name": text})}
    ).map(lambda p: ("evacuee.corrected", p)),
    st.fixed_dictionaries({"person": who, "opening": place}).map(lambda p: ("stay.arrived", p)),
    st.fixed_dictionaries({"person": who, "opening": place, "destination": st.just("home")}).map(
        lambda p: ("stay.left", p)
    ),
    st.fixed_dictionaries({"person": who, "from": place, "to": place}).map(lambda p: ("stay.moved", p)),
    st.fixed_dictionaries({"person": who, "text": text}).map(lambda p: ("note.added", p)),
    st.fixed_dictionaries({"person": who, "item": st.sampled_from(list(CONSENTS)), "given": st.booleans()}).map(
        lambda p: ("consent.stated", p)
    ),
    st.fixed_dictionaries({"person": who}).map(lambda p: ("protection.asked", p)),
    st.fixed_dictionaries({"person": who, "into": who}).map(lambda p: ("evacuee.merged", p)),
    # `entry` is which of the entries, also one that comes later.
    st.fixed_dictionaries({"entry": st.integers(0, 11)}).map(lambda p: ("entry.voided", p)),
    st.fixed_dictionaries({"entry": st.integers(0, 11), "minutes": st.integers(0, 90)}).map(
        lambda p: ("stay.corrected", p)
    ),
    st.fixed_dictionaries({"entry": st.integers(0, 11), "minutes": st.integers(0, 90)}).map(
        lambda p: ("entry.retimed", p)
    ),
)


class Back(Exception):
    """So that what was done is undone."""


@pytest.fixture
def ledger(household, disaster):
    """One of them is in a ledger, where facts follow what entries say."""
    home = household(disaster(), [{"name": "高橋 一郎"}])
    home.members.update(atena_no="0001")


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(said, st.integers(0, 90)), min_size=1, max_size=12), st.integers(1, 5))
def test_at_once_one_by_one_and_in_pieces_it_comes_to_the_same(ledger, laptop, push, written, size):
    terminal, pen = laptop
    pen = Pen(pen.device)
    start = clock.now() - timedelta(hours=4)
    ids = [str(uuid7()) for _ in range(12)]
    for number, ((kind, payload), minutes) in enumerate(written):
        pen.write(kind, _whole(payload, ids, start), at=start + timedelta(minutes=minutes), id=ids[number])
    with clock.frozen(start + timedelta(hours=4)):
        whole = _left_behind(terminal, [pen.lines], push)
        assert _left_behind(terminal, [[line] for line in pen.lines], push) == whole
        parts = [pen.lines[at : at + size] for at in range(0, len(pen.lines), size)]
        assert _left_behind(terminal, parts, push) == whole


def _whole(payload: dict[str, Any], ids: list[str], start: Any) -> dict[str, Any]:
    made = dict(payload)
    if "entry" in made:
        made["entry"] = ids[made["entry"]]
    if "minutes" in made:
        made["occurred_at"] = (start + timedelta(minutes=made.pop("minutes"))).isoformat()
    return made


def _left_behind(terminal: Any, pushes: list[list[bytes]], push: Any) -> dict[str, list[str]]:
    try:
        with transaction.atomic():
            for lines in pushes:
                assert set(push(terminal, lines)) == {"accepted"}
            found = {table.__name__: sorted(map(str, _rows(table))) for table in TABLES}
            # Facts follow each other: what holds in the end is the same.
            live = Fact.objects.filter(replaced_by=None).values_list("person", "kind", "value")
            found["Fact"] = sorted(str(row) for row in live if row[2]["text"])
            raise Back
    except Back:
        return found


def _rows(table: Any) -> list[dict[str, Any]]:
    rows = [
        {key: bytes(value) if isinstance(value, memoryview) else value for key, value in row.items() if key not in OWN}
        for row in table.objects.values()
    ]
    return rows
