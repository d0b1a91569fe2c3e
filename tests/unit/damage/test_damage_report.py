"""What is reported upward: buildings, households and people are three numbers, of what held at the hour."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.damage.judgements import services as judging
from backend.damage.progress import reporting, rules
from backend.damage.progress.rules import Finding, Numbers
from backend.damage.surveys import services as surveying
from backend.ledger.households import queries as households
from backend.ledger.households import services as deciding
from backend.ledger.models import HouseLink, Protection

MORNING = datetime(2026, 11, 25, 9, 0, tzinfo=TOKYO)
RATIO = {"total": 60, "large": 45, "medium": 35, "half": 25, "quasi": 15, "below": 5}


@pytest.fixture
def judge(event, two, sheet):
    def make(house, found, *, stage="first", day=20, **said):
        method = "exterior" if stage == "first" else "interior"
        said = sheet(
            stage=stage, method=method, found=found, ratio=RATIO[found], surveyed_on=date(2026, 11, day), **said
        )
        row = surveying.record(by=two[0], disaster=event, house=house.pk, sheet=said)
        return judging.confirm(by=two[1], judgement=judging.make(by=two[0], survey=row.pk).pk)

    return make


@pytest.fixture
def family(event, household):
    def make(people=2):
        return household(event, [{"name": f"町 人{n}"} for n in range(people)])

    return make


def dwellings(event, staff, at=None):
    return reporting.report(event, staff, at or clock.now()).lines[rules.DWELLING]


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (Finding("total", "above_floor", "flood"), ("total",)),
        (Finding("large", None, "flood"), ("half", "half_large")),
        (Finding("medium", "none", "earthquake"), ("half", "half_medium")),
        (Finding("half", "above_floor", "flood"), ("half", "half_half")),
        (Finding("quasi", "above_floor", "flood"), ("above_floor",)),
        (Finding("below", "below_floor", "flood"), ("below_floor",)),
        (Finding("below", "none", "flood"), ("part", "part_below")),
        (Finding("quasi", None, "earthquake"), ("part", "part_quasi")),  # the sheet of shaking asks for no water
        (Finding("below", None, "wind"), ("part", "part_below")),
        (Finding("below", None, "flood"), ("untold",)),
        (Finding("below", None, "other"), ("untold",)),
    ],
)
def test_a_judged_house_is_counted_in_one_line_of_the_report(found, lines):
    assert rules.lines_of(found) == lines
    assert sum(line in rules.TOPS for line in lines) == 1


def test_of_several_findings_the_heaviest_counts_and_of_equal_ones_the_wettest():
    dry, wet = Finding("below", "none", "earthquake"), Finding("below", "above_floor", "flood")
    assert rules.heaviest([dry, wet]) == wet
    assert rules.heaviest([wet, Finding("half", None, "earthquake")]).damage_class == "half"


def test_an_apartment_house_is_one_building_and_many_households(event, two, house, family, judge):
    homes = [family(1 + n % 3) for n in range(20)]
    judge(house("", *homes, by=two[0], kind="共同住宅"), "half")
    judge(house("", family(4), by=two[0]), "half")
    found = dwellings(event, two[0])
    assert found["half"] == found["half_half"] == Numbers(2, 21, 43)
    assert rules.total(found) == Numbers(2, 21, 43)


def test_flats_of_one_building_in_the_roll_are_one_building(event, two, house, family, judge):
    for found in ("quasi", "half"):
        judge(house("大浜市本町1番地", family(), by=two[0], sectional=True), found)
    judge(house("大浜市本町2番地", family(), by=two[0], sectional=True), "half")
    assert dwellings(event, two[0])["half"] == Numbers(2, 2, 4)
    assert dwellings(event, two[0])["part"] == Numbers(0, 1, 2)


def test_a_household_of_two_houses_counts_once_by_the_heavier(event, two, house, family, judge):
    home = family(3)
    judge(house("", home, by=two[0]), "below")
    judge(house("", home, by=two[0]), "total")
    found = dwellings(event, two[0])
    assert (found["total"], found["part"]) == (Numbers(1, 1, 3), Numbers(1, 0, 0))


def test_what_nobody_is_known_to_live_in_is_counted_apart(event, two, house, family, judge):
    judge(house("", family()), "total")  # linked by rule, confirmed by nobody
    judge(house(annex=True), "half")
    judge(house(annex=True), "below")
    judge(house("", family(), by=two[0], annex=True), "half")  # somebody did live in the annex
    found = reporting.report(event, two[0], clock.now()).lines
    assert found[rules.UNKNOWN]["total"] == Numbers(buildings=1)
    assert rules.reported_others(found[rules.OTHER]) == 1
    assert found[rules.DWELLING]["half"] == Numbers(1, 1, 2)


def test_the_report_of_an_hour_stays_what_it_was(event, two, house, family, judge):
    one, home = house("", family(), by=two[0]), family()
    with clock.frozen(MORNING):
        judge(one, "half")
        late = house("", home)
        judge(late, "total")
    with clock.frozen(MORNING + timedelta(hours=5)):
        judge(one, "large", stage="second", day=24)
        home.house_links.update(confirmed_by=two[0], confirmed_at=clock.now())
        before, after = (dwellings(event, two[0], MORNING + timedelta(hours=n)) for n in (1, 6))
    assert (before["half_half"], before["half_large"], before["total"]) == (Numbers(1, 1, 2), Numbers(), Numbers())
    assert (after["half_half"], after["half_large"], after["total"]) == (Numbers(), Numbers(1, 1, 2), Numbers(1, 1, 2))
    assert rules.total(after) - rules.total(before) == Numbers(1, 1, 2)


def test_who_is_hidden_is_counted_only_by_those_who_may_see_them(event, two, staff, house, family, judge, sign_in):
    whole, part = family(2), family(3)
    for person in [*whole.members.all(), part.members.last()]:
        Protection.objects.create(person=person, source="desk")
    judge(house("", whole, by=two[0]), "total")
    judge(house("", part, by=two[0]), "total")
    trusted = staff("welfare", sees_protected=True)
    assert dwellings(event, trusted)["total"] == Numbers(2, 2, 5)
    assert dwellings(event, two[0])["total"] == Numbers(2, 1, 2)
    assert "秘匿の世帯と人を含む数です" in sign_in(trusted).get(reverse("progress:report")).content.decode()
    assert "世帯と人の数に含みません" in sign_in(two[0]).get(reverse("progress:report")).content.decode()


def test_page_paper_and_file_with_the_difference_to_an_earlier_hour(event, two, house, family, judge, sign_in):
    desk = sign_in(two[0])
    with clock.frozen(MORNING):
        judge(house("", family(), by=two[0]), "half")
    with clock.frozen(MORNING + timedelta(hours=5)):
        judge(house("", family(), family(), by=two[0]), "medium")
        asked = {"before": "2026-11-25T10:00"}
        text = desk.get(reverse("progress:report"), asked).content.decode()
        assert "世帯の増減" in text
        assert "+2" in text
        assert "増減" in desk.get(reverse("progress:report_print"), asked).content.decode()
        rows = list(
            csv.DictReader(io.StringIO(desk.get(reverse("progress:report_csv"), asked).content.decode("utf-8-sig")))
        )
        (half,) = [row for row in rows if (row["種類"], row["区分"]) == ("住家", "半壊")]
        assert (half["棟"], half["世帯"], half["人"]) == ("2", "3", "6")
        assert (half["棟（前）"], half["棟（増減）"], half["世帯（増減）"], half["人（増減）"]) == ("1", "1", "2", "4")
        assert half["秘匿の世帯と人"] == "含まない"
        late = desk.get(reverse("progress:report"), {"at": "2026-11-25T09:30", "before": "2026-11-25T10:00"})
        assert late.status_code == 422
        assert "数える時点より前の日時" in late.content.decode()


@pytest.fixture
def decide(staff):
    chief = staff("welfare", sees_protected=True)

    def make(home, *people, kind="actual_split", **values):
        chosen = [home.members.order_by("position")[n].pk for n in people]
        ground = {"ground": "生計が別", "evidence": "聞き取り"}
        made = deciding.decide(by=chief, household=home, kind=kind, people=chosen, **ground, **values)
        return made, households.founded(made.pk)[0]

    return make


def test_people_are_counted_in_the_household_that_counts(event, two, staff, house, family, judge, decide):
    home = family(3)
    judge(house("", home, by=two[0]), "half")
    with clock.frozen(MORNING + timedelta(hours=5)):
        made, other = decide(home, 1, 2)
        judge(house("", other, by=two[0]), "total")
        HouseLink.objects.filter(household=other).update(confirmed_at=clock.now())
    before, after = (dwellings(event, two[0], MORNING + timedelta(hours=n)) for n in (1, 6))
    assert (before["half"], before["total"]) == (Numbers(1, 1, 3), Numbers())
    assert (after["half"], after["total"]) == (Numbers(1, 1, 1), Numbers(1, 1, 2))
    with clock.frozen(MORNING + timedelta(hours=8)):
        deciding.undo(by=staff("welfare", sees_protected=True), decision=made, reason="誤り")
    undone = dwellings(event, two[0], MORNING + timedelta(hours=9))
    assert (undone["half"], undone["total"].households) == (Numbers(1, 1, 3), 0)
    assert dwellings(event, two[0], MORNING + timedelta(hours=6)) == after


def test_what_became_of_a_household_later_and_whom_it_joined_is_counted_once(event, two, house, family, judge, decide):
    home, joins, joined = family(3), family(1), family(2)
    event.refresh_from_db()
    _, later = decide(home, 2, kind="split", day=date(2026, 11, 24))
    _, one = decide(joins, kind="actual_join", other=joined)
    judge(house("", home, later, by=two[0]), "half")
    judge(house("", joins, joined, one, by=two[0]), "total")
    found = dwellings(event, two[0])
    assert (found["half"], found["total"]) == (Numbers(1, 1, 3), Numbers(1, 1, 3))


def test_who_is_hidden_is_not_taken_off_where_others_see_the_household(event, two, staff, house, family, judge, decide):
    home = family(3)
    _, hers = decide(home, 1)
    Protection.objects.create(person=home.members.order_by("position")[1], source="desk")
    judge(house("", home, by=two[0]), "half")
    judge(house("", hers, by=two[0]), "total")
    found, whole = (dwellings(event, one) for one in (two[0], staff("welfare", sees_protected=True)))
    assert (found["half"], found["total"]) == (Numbers(1, 1, 2), Numbers(1, 0, 0))
    assert (whole["half"], whole["total"]) == (Numbers(1, 1, 2), Numbers(1, 1, 1))
