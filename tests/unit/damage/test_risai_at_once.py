"""Twenty clerks who judge, confirm and issue at the same time: numbers without a gap, and no paper for a superseded judgement.

Commits for real, so PostgreSQL only. Four turns of each clerk; `TASUKI_CLERKS_SECONDS=60` lets them go on for that long.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random
from threading import Barrier

import pytest
from django.db import connections

from backend.core.errors import Refused
from backend.damage.applications import services as applying
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import risai
from backend.damage.judgements import services as judging
from backend.damage.models import Judgement, RisaiCertificate
from backend.damage.surveys import services as surveys
from backend.documents.models import Issue

CLERKS = 20
TURNS = 4
SECONDS = float(os.environ.get("TASUKI_CLERKS_SECONDS", "0"))
HOUSES = max(4, int(SECONDS))  # so that there is something to survey all the time: once a day and house
CLASSES = {"total": 60, "large": 45, "medium": 35, "half": 25, "quasi": 15, "below": 5}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_clerks_decide_and_issue(disaster, household, house, sheet, staff, settings):
    settings.DEMO = False
    event = disaster()
    clerks = [staff("tax") for _ in range(CLERKS)]
    homes = [household(event, [{"name": "髙﨑 一郎"}]) for _ in range(HOUSES)]
    houses = [house("", home, by=clerks[0]) for home in homes]

    def judge(by, one, found, *, stage="again", day=19):
        """A later survey each time, so that it takes the place of the one before."""
        method = "exterior" if stage == "first" else "interior"
        said = sheet(stage=stage, method=method, found=found, ratio=CLASSES[found], surveyed_on=date(2026, 11, day))
        row = surveys.record(by=by, disaster=event, house=one.pk, sheet=said)
        return judging.make(by=by, survey=row.pk)

    for one in houses:
        judging.confirm(by=clerks[1], judgement=judge(clerks[0], one, "half", stage="first").pk)
        judge(clerks[0], one, "total")
    for home, one in zip(homes, houses, strict=True):
        said = Said(
            channel="counter", applicant="resident", name="髙﨑 一郎", cause="earthquake", applied_on=date(2026, 11, 20),
            identity="licence", places=[Place("大浜市西町1番地", house=one.pk)],
        )  # fmt: skip
        applying.record(by=clerks[0], disaster=event, household=home.pk, said=said)
    together = Barrier(CLERKS)

    def act(by, number, turn, random):
        place = (number + turn) % len(houses)
        home, one = homes[place], houses[place]
        if number % 5 == 0:
            judge(by, one, random.choice(list(CLASSES)), day=20 + turn % 4)
            return "made"
        if number % 5 == 1:
            waiting = Judgement.objects.filter(house=one, confirmed_at=None, rejected_at=None).exclude(made_by=by)
            for row in waiting.order_by("made_at")[:1]:
                judging.confirm(by=by, judgement=row.pk)
                return "confirmed"
            return "nothing"
        risai.issue_risai(by=by, household_id=home.pk, house_id=one.pk, purpose="保険金の請求", id_checked="licence")
        return "issued"

    def work(number):
        random, done = Random(number), Counter()
        try:
            together.wait()
            until, turn = time.monotonic() + SECONDS, -1
            while (turn := turn + 1) < TURNS or time.monotonic() < until:
                try:
                    done[act(clerks[number], number, turn, random)] += 1
                except Refused as refusal:
                    done[refusal.message] += 1
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(CLERKS) as pool:
        done = sum(pool.map(work, range(CLERKS)), Counter())
    issued = Issue.objects.count()
    print({said: count for said, count in done.items() if said.isascii()})
    assert min(done["made"], done["confirmed"]) > 0, done
    assert done["issued"] >= len(houses), done
    assert issued == done["issued"] == RisaiCertificate.objects.count()
    assert sorted(Issue.objects.values_list("number", flat=True)) == list(range(1, issued + 1))
    out = RisaiCertificate.objects.filter(issue__status="valid").select_related("issue", "judgement")
    assert {row.issue.is_valid == (row.judgement.state == "holds") for row in out} == {True}
    assert len(out) == len({(row.household_id, row.house_id) for row in out})
    past = RisaiCertificate.objects.exclude(issue__status="valid")
    assert not past.filter(issue__superseded_at=None).exists()
