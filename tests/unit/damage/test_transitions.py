"""Requests and applications: each act is done where its table allows it, and refused with the table's words everywhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image

from backend.core.errors import Conflict
from backend.damage.applications import attaching, photo_judging
from backend.damage.applications import rules as applying
from backend.damage.applications import services as applications
from backend.damage.applications.rules import Place, Said
from backend.damage.models import Application, SurveyRequest
from backend.damage.surveys import rules as surveying
from backend.damage.surveys import services as surveys

SAID = Said(
    channel="counter",
    applicant="resident",
    name="表山 一郎",
    cause="earthquake",
    applied_on=date(2026, 11, 22),
    places=[Place("大浜市西町5番地"), Place("大浜市西町6番地")],
    identity="licence",
    photo_consent_on=date(2026, 11, 22),
)


def photo(colour="grey"):
    out = BytesIO()
    Image.new("RGB", (16, 12), colour).save(out, "JPEG")
    return out.getvalue()


# Requests for a survey -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["answer", "withdraw"])
@pytest.mark.parametrize("step", surveying.REQUEST_TRANSITIONS)
def test_a_request_ends_once(event, two, house, sheet, step, act):
    row = surveys.ask(by=two[0], disaster=event, house=house().pk)
    do = {
        "answer": lambda: surveys._end(SurveyRequest.objects.get(pk=row.pk), two[0], "answer"),
        "withdraw": lambda: surveys.withdraw(by=two[0], request=row.pk, reason="解体済み"),
    }
    if step == "answered":
        surveys.record(by=two[0], disaster=event, house=row.house_id, sheet=sheet())
    if step == "withdrawn":
        do["withdraw"]()
    row.refresh_from_db()
    assert row.step == step
    leads = surveying.REQUEST_TRANSITIONS[step].get(act)
    if leads is None:
        with pytest.raises(Conflict) as refusal:
            do[act]()
        assert refusal.value.message == surveying.request_refusal(step, act)
    else:
        do[act]()
    row.refresh_from_db()
    assert row.step == (leads or step)


def test_a_survey_answers_no_request_that_has_ended(event, two, house, sheet):
    row = surveys.ask(by=two[0], disaster=event, house=house().pk)
    surveys.withdraw(by=two[0], request=row.pk, reason="解体済み")
    assert surveys.record(by=two[0], disaster=event, house=row.house_id, sheet=sheet()).request is None
    row.refresh_from_db()
    assert row.step == "withdrawn"


# Applications ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(event, two, household, house, sheet):
    """An application with two places, of which one was found; what may be done with it, by the names of the table."""
    clerk, home = two[0], household(event, [{"name": "表山 一郎"}])
    known, other = house("大浜市西町5番地"), house("大浜市西町6番地")
    places = [replace(SAID.places[0], house=known.pk), SAID.places[1]]
    row = applications.record(by=clerk, disaster=event, said=replace(SAID, places=places))
    found, open_line = row.houses.order_by("position")
    own = sheet(method="photo_self", consent_on=SAID.photo_consent_on, surveyed_on=date(2026, 11, 22), sheet_place="")
    picture = attaching.add(by=clerk, application=row.pk, data=photo(), what="photo")
    acts = {
        "match": lambda: applications.match_household(by=clerk, application=row.pk, household=home.pk),
        "match_house": lambda: applications.match_house(by=clerk, line=open_line.pk, house=other.pk),
        "attach": lambda: attaching.add(by=clerk, application=row.pk, data=photo("red"), what="photo"),
        "judge_photos": lambda: photo_judging.declare(by=clerk, line=found.pk, files=[picture.pk], sheet=own),
        "change": lambda: applications.change(by=clerk, application=row.pk, said=SAID, why="番地の誤り"),
        "withdraw": lambda: applications.withdraw(by=clerk, application=row.pk, reason="本人の申し出"),
    }
    return SimpleNamespace(row=row, acts=acts, clerk=clerk)


ACTS = sorted({act for acts in applying.TRANSITIONS.values() for act in acts})
TO = {"unmatched": None, "matched": "match", "changed": "change", "withdrawn": "withdraw"}


def step(row):
    return Application.objects.get(pk=row.pk).step


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("before", applying.TRANSITIONS)
def test_an_application_goes_the_ways_of_its_table_and_no_other(world, before, act):
    assert set(world.acts) == set(ACTS)
    if TO[before]:
        world.acts[TO[before]]()
    assert step(world.row) == before
    leads = applying.TRANSITIONS[before].get(act)
    if leads is None:
        with pytest.raises(Conflict) as refusal:
            world.acts[act]()
        assert refusal.value.message == applying.refusal(before, act)
    else:
        world.acts[act]()
    assert step(world.row) == (leads or before)


def test_who_is_in_no_register_is_entered_where_a_match_is_allowed(world):
    people = [{"name": "表山 一郎", "relationship": "世帯主"}]
    world.acts["match"]()
    with pytest.raises(Conflict, match="先に世帯と照合"):
        applications.open_household(by=world.clerk, application=world.row.pk, people=people, kind="resident")


def test_the_services_do_what_the_tables_say(world, event, two, house, monkeypatch):
    monkeypatch.setitem(applying.TRANSITIONS, "unmatched", {})
    monkeypatch.setitem(applying.WHY_NOT, "unmatched", "受付を止めています。")
    for act in world.acts.values():
        with pytest.raises(Conflict, match="止めています"):
            act()
    asked = surveys.ask(by=two[0], disaster=event, house=house().pk)
    monkeypatch.setitem(surveying.REQUEST_TRANSITIONS, "open", {})
    monkeypatch.setitem(surveying.REQUEST_WHY_NOT, ("open", "withdraw"), "取下げを止めています。")
    with pytest.raises(Conflict, match="止めています"):
        surveys.withdraw(by=two[0], request=asked.pk, reason="解体済み")
