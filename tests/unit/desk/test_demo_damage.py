"""The demo town's work on certificates: every page of it has something to look at, in every state."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from backend.core import clock
from backend.damage.applications import queries as applications
from backend.damage.models import Application, RisaiCertificate, Visit
from backend.damage.progress import queries
from backend.desk import demo_houses
from backend.documents.models import Issue
from backend.documents.signing import make_key
from backend.ledger.houses.keys import place_key
from backend.ledger.models import House, HouseLink, HouseRecord

TOWNS = ("西町", "塩田", "磯崎", "本町1丁目")


@pytest.fixture
def town(disaster, household, staff):
    """Forty-eight houses with a household each, as the matching of the roll leaves them."""
    event = disaster()
    people = staff("tax", username="tax"), staff("tax", username="tax2")
    staff("register", username="register", is_supervisor=True)
    make_key(by=None, reason="見本の町")
    for n in range(48):
        home = household(event, [{"name": f"浜田 {n}郎", "kana": f"ハマダ {n}ロウ"}], address=f"大浜市西町{n}番地")
        house = House.objects.create(property_no=f"D{n:03}")
        lot = f"大浜市{TOWNS[n % 4]}{n}番地"
        HouseRecord.objects.create(
            house=house, lot=lot, lot_key=place_key(lot), structure="木造", floors="2", digest=str(n)
        )
        HouseLink.objects.create(house=house, household=home, role="lives", confidence="certain")
    return event, people


def test_every_state_is_there_once_and_a_second_start_adds_nothing(town, sign_in):
    event, (by, _) = town
    now = event.occurred_at + timedelta(hours=53)
    said = demo_houses.fill(event, now)
    assert said == demo_houses.fill(event, now)
    with clock.frozen(now):
        found = queries.progress(event, by, now)
        assert {stage for stage, number in found.stages.items() if number} == {
            "taken", "first", "second", "surveyed", "to_confirm", "paper", "issued",
        }  # fmt: skip
        assert queries.sums(found.unasked)["first"] == demo_houses.UNASKED
        assert set(applications.counts(event, by).values()) & {0} == set()
        assert len(found.days.days) == 2  # on the applicant's word the day before, at the counter today
        papers = Issue.objects.filter(pk__in=RisaiCertificate.objects.values("issue"))
        assert {"有効", "失効", "後の判定あり（要返納）"} == {paper.state_label for paper in papers}
        assert {"surveyed", "absent", ""} <= set(Visit.objects.values_list("result", flat=True))
        assert Application.objects.filter(secret=True).count() == 1
        desk = sign_in(by)
        for name in ("progress:index", "progress:report", "applications:index", "surveys:index", "surveys:teams",
                     "judgements:index", "damage:index"):  # fmt: skip
            assert desk.get(reverse(name)).status_code == 200
