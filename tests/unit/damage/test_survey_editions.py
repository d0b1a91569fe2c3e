"""Which edition of the guideline a survey may name, and that its classes, tables and labels are those of that edition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from backend.core.clock import TOKYO
from backend.core.errors import Refused
from backend.damage.models import Survey
from backend.damage.surveys import queries, rules, services

WET = rules.Wet("flood", "first", "wood", True, 2, True, "above_floor", Decimal(60))


@pytest.fixture
def clerk(staff):
    return staff("tax")


def test_an_edition_that_held_neither_on_the_day_of_survey_nor_of_the_disaster_is_refused(
    disaster, clerk, house, sheet, wet
):
    event, one = disaster(), house()
    for said in (
        sheet(ratio=35, found="half", edition="h25-06"),
        sheet(ratio=5, found="below", edition="h25-06"),
        wet(60, edition="h25-06"),
        sheet(ratio=22, found="half", edition="h99-01"),
    ):
        with pytest.raises(Refused, match=r"使えるのは調査日の版（令和7年7月）") as refusal:
            services.record(by=clerk, disaster=event, house=one.pk, sheet=said)
        assert list(refusal.value.fields) == ["edition"]
    assert not Survey.objects.exists()
    row = services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet(edition="r07-07"))
    assert row.edition == "r07-07"


def test_a_disaster_before_a_revision_may_be_judged_by_the_edition_of_its_day(disaster, clerk, house, sheet, wet):
    event = disaster("2018", occurred_at=datetime(2018, 7, 6, 22, 0, tzinfo=TOKYO))

    def typed(said):
        return services.record(by=clerk, disaster=event, house=house().pk, sheet=said)

    old = typed(sheet(surveyed_on=date(2020, 12, 10), ratio=35, found="half", edition="h30-03"))
    now = typed(sheet(surveyed_on=date(2020, 12, 10), ratio=35, found="medium"))
    assert (old.edition, now.edition) == ("h30-03", "r02-03")
    deep = typed(wet(60, surveyed_on=date(2020, 12, 10), edition="h30-03"))
    assert (deep.damage_class, typed(wet(60, surveyed_on=date(2020, 12, 10))).damage_class) == ("half", "medium")
    with pytest.raises(Refused, match=r"調査日の版か発災日の版（令和2年3月・平成30年3月）"):
        typed(sheet(surveyed_on=date(2020, 12, 10), ratio=35, found="half", edition="h25-06"))


@pytest.mark.parametrize(
    ("edition", "surveyed_on", "found"),
    [
        ("h30-03", date(2026, 11, 20), "half"),
        ("r02-03", date(2020, 12, 3), "half"),
        ("r02-03", date(2026, 11, 20), "medium"),
        ("r07-07", date(2026, 11, 20), "medium"),
    ],
)
def test_depth_goes_by_the_table_of_the_edition(edition, surveyed_on, found):
    assert rules.flood(WET, rules.day_in(rules.BY_KEY[edition], surveyed_on)).value == found


@pytest.mark.parametrize("force", [True, False])
def test_where_no_table_is_known_depth_computes_nothing(force):
    answer = rules.flood(replace(WET, external_force=force), rules.day_in(rules.BY_KEY["h25-06"], date(2026, 11, 20)))
    assert (answer.state, answer.value) == ("does_not_apply", None)
    assert "部位による調査" in answer.why


@pytest.mark.parametrize(
    ("edition", "surveyed_on", "label"),
    [
        ("h25-06", date(2026, 11, 20), "半壊に至らない（一部損壊）"),
        ("h30-03", date(2019, 9, 30), "半壊に至らない（一部損壊）"),
        ("h30-03", date(2019, 10, 15), "準半壊に至らない（一部損壊）"),
        ("r07-07", date(2026, 11, 20), "準半壊に至らない（一部損壊）"),
    ],
)
def test_the_label_is_that_of_the_edition_on_the_day_of_survey(edition, surveyed_on, label):
    assert queries.class_label("below", Survey(edition=edition, surveyed_on=surveyed_on)) == label
