"""Two people at two desks check in the same family: one stay each, and the second is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backend.shelters import queries, services


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_family_at_four_desks_is_checked_in_once(shelter, family):
    opening, persons = shelter(), [member.pk for member in family.members.all()]

    def check_in(_: int) -> tuple[int, int]:
        try:
            done = services.check_in_household(by=None, opening=opening, household=family.pk, persons=persons)
            return len(done.arrived), len(done.already)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as desks:
        told = sorted(desks.map(check_in, range(4)))
    assert told == [(0, 3), (0, 3), (0, 3), (3, 0)]
    assert queries.head_count(opening).people == 3
