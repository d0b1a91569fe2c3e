"""Several clerks at once: one certificate a household, and numbers without gaps. Commits for real, so PostgreSQL only."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from backend.core.clock import now, today
from backend.core.errors import Conflict
from backend.damage.certificates import services
from backend.damage.certificates.bulk.services import issue_all
from backend.damage.imports import services as imports
from backend.damage.imports.rules import OWN
from backend.damage.models import Application
from backend.damage.online import services as online
from backend.documents.models import Issue
from backend.gateway.applying.packages import Package, SealedBody
from backend.gateway.sealing import seal

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


def at_once(jobs):
    def run(job):
        try:
            return job()
        except Conflict as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_one_household_many_clerks(disaster, household, staff, settings):
    settings.DEMO = False
    home, clerks = household(disaster(), [{"name": "髙﨑 一郎"}]), [staff("tax") for _ in range(6)]
    answers = at_once([lambda by=clerk: services.issue_hisai(by=by, household_id=home.id, **HOW) for clerk in clerks])
    assert sum(isinstance(answer, Issue) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_households_get_numbers_without_gaps(disaster, household, staff, settings):
    settings.DEMO = False
    event, clerk = disaster(), staff("tax")
    homes = [household(event, [{"name": "髙﨑 一郎"}]) for _ in range(8)]
    at_once([lambda home=home: services.issue_hisai(by=clerk, household_id=home.id, **HOW) for home in homes])
    assert sorted(Issue.objects.values_list("number", flat=True)) == list(range(1, 9))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_counter_goes_on_while_everybody_gets_one(disaster, household, staff, settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = False, tmp_path
    event, clerk = disaster(), staff("tax")
    homes = [household(event, [{"name": f"髙﨑 {n}郎"}]) for n in range(12)]
    jobs = [lambda: issue_all(by=clerk, disaster=event, folder=tmp_path / "out", pages_a_file=4, workers=1)]
    jobs += [lambda home=home: services.issue_hisai(by=clerk, household_id=home.id, **HOW) for home in homes[::2]]
    at_once(jobs)
    assert sorted(Issue.objects.values_list("number", flat=True)) == list(range(1, 13))
    assert set(Issue.objects.values_list("household", flat=True)) == {home.pk for home in homes}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_online_application_and_the_same_export_taken_at_once(disaster, staff, settings, tmp_path):
    settings.DEMO = False
    event, clerks = disaster(occurred_at=now() - timedelta(days=2)), [staff("tax") for _ in range(4)]
    desk = online.open_desk(by=clerks[0], disaster=event)
    lookup = "a" * 64
    said = {
        "applicant": "resident", "name": "髙﨑 一郎", "kana": "", "birth": "1970-01-02", "telephone": "090", "address": "西",
        "relation": "", "head_name": "", "head_address": "", "cause": "flood", "damage": "浸水", "copies": 1, "purpose": "",
        "secret": False, "places": [{"place": "大浜市西町5番地", "what": "dwelling"}],
    }  # fmt: skip
    inner = {"v": 1, "number": "A" * 12, "applied_at": now().isoformat(), "said": said, "pictures": []}
    body = SealedBody(desk.key, seal(desk.public, json.dumps(inner).encode(), lookup))
    package = Package(lookup, now(), body, {})
    told = at_once([lambda by=by: online.take(package=package, by=by) for by in clerks])
    assert sorted(told) == ["before"] * 3 + ["taken"]

    file = tmp_path / "applications.csv"
    file.write_text(
        f"受付番号,申請日,氏名,罹災原因,被災した所在地\n1,{today()},髙﨑 花子,地震,西町6番地\n", encoding="utf-8"
    )
    how = {"disaster": event, "path": file, "source": "見本", "layout": OWN}
    at_once([lambda by=by: imports.take(by=by, **how) for by in clerks])
    assert sorted(Application.objects.values_list("number", "name")) == [(1, "髙﨑 一郎"), (2, "髙﨑 花子")]
