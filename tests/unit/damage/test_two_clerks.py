"""Several clerks at once: one certificate a household, and numbers without gaps. Commits for real, so PostgreSQL only."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backend.core.errors import Conflict
from backend.damage.certificates import services
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
