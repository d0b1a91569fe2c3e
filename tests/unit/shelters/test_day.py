"""A shelter by day: who needs what, who came and left since this morning, and the head count with one key."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.clock import TOKYO
from backend.facilities.models import Facility
from backend.facilities.queries import opening as shelter_of
from backend.ledger.models import Protection
from backend.shelters import services
from backend.shelters.day import queries as day
from backend.shelters.needs import services as needs

MORNING = datetime(2026, 11, 20, 7, 0, tzinfo=TOKYO)


@pytest.fixture
def opening(db):
    with clock.frozen(MORNING - timedelta(days=1)):
        made = services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))
        come(made, "北原 ハル", birth="1940-01-02")
    with clock.frozen(MORNING):
        come(made, "南野 ナツ", needs=[("language", "ベトナム語")], how="car")
        come(made, "西村 アキ", birth="2025-05-01", needs=[("allergy", "卵")])
    return made


def come(opening, name, *, needs=(), how="inside", **details):
    evacuee, _ = services.check_in_new(by=None, opening=opening, details={"name": name, **details}, how=how)
    if needs:
        state(evacuee, needs)
    return evacuee


def state(evacuee, said):
    needs.state(by=None, evacuee=evacuee, needs=said)


@pytest.fixture
def page(sign_in, staff, opening):
    """`page("care")`: the shelter's page under a filter, an hour later."""
    desk = sign_in(staff("shelter"))

    def look(only=""):
        with clock.frozen(MORNING + timedelta(hours=1)):
            return desk.get(reverse("shelters:shelter", args=[opening]), {"only": only} if only else {})

    return look


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ("", {"北原 ハル", "南野 ナツ", "西村 アキ"}),
        ("care", {"西村 アキ"}),
        ("infant", {"西村 アキ"}),
        ("old", {"北原 ハル"}),
        ("language", {"南野 ナツ"}),
        ("outside", {"南野 ナツ"}),
        ("today", {"南野 ナツ", "西村 アキ"}),
        ("no such filter", {"北原 ハル", "南野 ナツ", "西村 アキ"}),
    ],
)
def test_the_roster_is_narrowed(page, only, names):
    answer = page(only)
    assert {line.row.face.name for line in answer.context["lines"]} == names
    assert next(one.people for one in answer.context["filters"] if one.chosen) == len(names)


def test_a_narrowed_list_tells_nothing_of_whoever_is_hidden(page, opening):
    with clock.frozen(MORNING):
        Protection.objects.create(evacuee=come(opening, "東山 フユ", needs=[("care", "")]), source="desk")
    assert "ほか1名（秘匿）" in page().content.decode()
    care = page("care")
    assert "秘匿）" not in care.content.decode()
    assert [one.people for one in care.context["filters"] if one.key == "care"] == [1]


def test_who_came_and_left_since_midnight(opening):
    with clock.frozen(MORNING + timedelta(hours=2)):
        gone = come(opening, "東山 フユ")
        services.leave(by=None, opening=opening, evacuees=[gone], destination="home")
        assert day.since_morning(opening, clock.now()) == (3, 1)


def test_the_rosters_head_count_is_reported_with_one_key(sign_in, staff, opening):
    desk = sign_in(staff("shelter"))
    text = desk.get(reverse("shelters:shelter", args=[opening])).content.decode()
    assert 'data-key="f2"' in text
    desk.post(reverse("shelters:head_count", args=[opening]), {"people": "2", "households": "2", "outside": "1"})
    found = shelter_of(opening)
    assert (found.people, found.households, found.outside) == (2, 2, 1)
