"""A household made by a decision, of somebody under protection: it is in no list, on no map and in no number of others."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.core import clock
from backend.core.errors import NotFound
from backend.damage.applications import queries as applications
from backend.damage.applications import services as applying
from backend.damage.applications.rules import Place, Said
from backend.damage.applications.visible import visible
from backend.damage.certificates.bulk import risai as bulk
from backend.damage.progress import reporting, rules
from backend.damage.progress.rules import Numbers
from backend.ledger.households import queries as households
from backend.ledger.households.hidden import hidden_households
from backend.ledger.households.services import decide, undo
from backend.ledger.houses import map_queries
from backend.ledger.houses import queries as houses
from backend.ledger.models import HouseRecord, Protection

from .conftest import DAY

GROUND = {"ground": "生計が別", "evidence": "聞き取り"}


@pytest.fixture
def home(event, household):
    """A husband, his wife and his mother."""
    members = [
        {"name": "高橋 一郎"},
        {"name": "高橋 花子", "relationship": "妻"},
        {"name": "高橋 ウメ", "relationship": "母"},
    ]
    return household(event, members)


@pytest.fixture
def trusted(staff):
    return staff("welfare", sees_protected=True)


@pytest.fixture
def split(home, trusted):
    """`split("花子")`: she is a household of her own, as of the disaster."""

    def make(*given, kind="actual_split", **values):
        chosen = [person.pk for person in home.members.all() if person.name.split()[1] in given]
        made = decide(by=trusted, household=home, kind=kind, people=chosen, **GROUND, **values)
        return made, (households.founded(made.pk) or [None])[0]

    return make


@pytest.fixture
def apply(event, two):
    def make(home, one, *, by=None, **said):
        told = {"channel": "counter", "applicant": "resident", "cause": "earthquake", "identity": "licence"}
        told |= {"applied_on": DAY, "places": [Place("大浜市西町5番地", house=one.pk)], **said}
        return applying.record(
            by=by or two[0], disaster=event, said=Said(**told), household=home and home.pk, knowingly=True
        )

    return make


def protect(home, name):
    Protection.objects.create(person=home.members.get(name=name), source="desk")


def shown(house, event, clerk):
    return [view.household for view in houses.house_page(house.pk, event, clerk).links]


def drawn(house, event, clerk):
    """How the map draws a house: the state of its dot, None where none is drawn."""
    HouseRecord.objects.filter(house=house).update(latitude=35.0, longitude=139.0)
    box = map_queries.Box(138.999, 34.999, 139.001, 35.001)
    found = map_queries.features(box, event, clerk, with_houses=True)["houses"]
    return next((one["state"] for one in found if one["house"] == str(house.pk)), None)


def counted(event, clerk):
    return reporting.report(event, clerk, clock.now()).lines[rules.DWELLING]["half"]


@pytest.mark.parametrize("kind", ["actual_split", "split"])
def test_a_protected_wife_with_a_household_of_her_own_is_nowhere_to_be_seen(
    kind, event, two, staff, home, house, judge, apply, split
):
    clerk, trusted = two[1], staff("tax", sees_protected=True)
    _, hers = split("花子", kind=kind, **({"day": clock.today()} if kind == "split" else {}))
    flat = house("", hers, by=two[0])
    judge(flat, "half")
    row = apply(None, flat, by=trusted, name="高橋 花子", kana="タカハシ ハナコ")
    assert shown(flat, event, clerk) == [hers]
    protect(home, "高橋 花子")
    assert row not in visible(clerk)
    applying.match_household(by=trusted, application=row.pk, household=hers.pk)

    assert row not in visible(clerk)
    assert applications.page(event, clerk).object_list.count() == 0
    assert applications.of_household(hers.pk, clerk) == []
    assert shown(flat, event, clerk) == []
    assert houses.houses_of(hers.pk, clerk) == []
    with pytest.raises(NotFound):
        houses.link(flat.links.get().pk, clerk)
    assert drawn(flat, event, clerk) is None
    assert counted(event, clerk) == Numbers(buildings=1)
    assert hidden_households(clerk).whole == {hers.pk}
    assert hidden_households(clerk).part == {home.pk, hers.pk}

    assert shown(flat, event, trusted) == [hers]
    assert drawn(flat, event, trusted) == "confirmed"
    assert row in visible(trusted)


def test_what_one_typed_oneself_looks_as_if_it_were_not_matched(event, two, staff, home, house, apply, split):
    _, hers = split("花子")
    row = apply(None, house(), by=two[1], name="高橋 花子")
    protect(home, "高橋 花子")
    applying.match_household(by=staff("tax", sees_protected=True), application=row.pk, household=hers.pk)
    assert applications.application_page(row.pk, two[1]).household is None


def test_nobody_writes_to_her_that_she_did_not_apply(event, two, home, house, judge, split):
    _, hers = split("花子")
    judge(house("", hers, by=two[0]), "half")
    assert bulk.unapplied(event) == [hers.pk]
    protect(home, "高橋 花子")
    assert bulk.unapplied(event) == []


def test_in_a_household_of_two_the_other_one_and_what_he_applied_for_is_still_seen(
    event, two, home, house, apply, split
):
    _, theirs = split("花子", "ウメ")
    flat = house("", theirs, by=two[0])
    hers = apply(theirs, flat, name="高橋 花子")
    mothers = apply(theirs, flat, name="高橋 ウメ", stage="second", reason="内部の被害")
    protect(home, "高橋 花子")
    assert set(visible(two[1])) == {mothers}
    assert hers not in visible(two[1])
    assert shown(flat, event, two[1]) == [theirs]
    assert drawn(flat, event, two[1]) is None
    assert theirs.pk not in hidden_households(two[1]).whole


def test_the_household_that_took_her_in_is_seen_and_her_application_is_not(
    event, two, home, household, trusted, house, apply
):
    aunt = household(event, [{"name": "北山 雪子"}])
    wife = home.members.get(name="高橋 花子")
    made = decide(by=trusted, household=home, kind="actual_move", people=[wife.pk], other=aunt, **GROUND)
    one = house("", aunt, by=two[0])
    aunts = apply(aunt, one, name="北山 雪子")
    hers = apply(aunt, one, name="高橋 花子", stage="second", reason="内部の被害")
    protect(home, "高橋 花子")
    assert set(visible(two[1])) == {aunts}
    assert shown(one, event, two[1]) == [aunt]
    undo(by=trusted, decision=made, reason="誤り")
    assert hers not in visible(two[1])


def test_what_was_undone_still_shows_nobody(event, two, home, house, trusted, split):
    made, hers = split("花子")
    flat = house("", hers, by=two[0])
    protect(home, "高橋 花子")
    undo(by=trusted, decision=made, reason="誤り")
    assert shown(flat, event, two[1]) == []
    assert shown(flat, event, trusted) == [hers]


def test_more_hidden_households_take_no_more_queries(event, two, trusted, household):
    def another(n):
        event.refresh_from_db()  # a decision draws numbers too
        home = household(event, [{"name": f"町 {n}郎"}, {"name": f"町 {n}子"}])
        wife = home.members.get(is_head=False)
        decide(by=trusted, household=home, kind="actual_split", people=[wife.pk], **GROUND)
        Protection.objects.create(atena_no=wife.atena_no, source="register")

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found = hidden_households(two[0])
        return len(seen), len(found.whole), len(found.part)

    another(1)
    queries, *_ = asked()
    for n in range(2, 6):
        another(n)
    assert asked() == (queries, 5, 10)
