"""Several clerks at once. Commits for real, so PostgreSQL only."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backend.ledger import services
from backend.ledger.models import Fact, Household, Protection, SearchWord


def at_once(jobs):
    def run(job):
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_households_get_different_numbers(disaster, staff):
    event, clerks = disaster(), [staff("tax") for _ in range(6)]
    people = [{"name": "髙橋 一郎"}]
    at_once([lambda by=by: services.add_household(by=by, disaster=event, people=people) for by in clerks])
    assert sorted(Household.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert SearchWord.objects.get(field="family").people == 6


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_facts_of_one_household_follow_each_other(disaster, household, staff):
    home, clerks = household(disaster(), [{"name": "髙橋 一郎"}]), [staff("tax") for _ in range(5)]
    at_once(
        [
            lambda by=by, n=n: services.write_by_hand(by=by, household=home, kind="note", text=f"{n}")
            for n, by in enumerate(clerks)
        ]
    )
    assert Fact.objects.count() == 5
    assert Fact.objects.filter(replaced_by=None).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_wish_to_be_hidden_is_taken_once(disaster, household, staff):
    person, clerks = household(disaster(), [{"name": "髙橋 一郎"}]).members.get(), [staff("tax") for _ in range(4)]
    at_once([lambda by=by: services.ask_protection(by=by, person=person) for by in clerks])
    assert Protection.objects.count() == 1
