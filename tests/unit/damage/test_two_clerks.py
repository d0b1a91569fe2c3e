"""Several clerks at once: one certificate a household, and numbers without gaps. Commits for real, so PostgreSQL only."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backend.core.errors import Conflict
from backend.damage.certificates import services
from backend.damage.certificates.bulk.services import issue_all
from backend.documents.models import Issue

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
