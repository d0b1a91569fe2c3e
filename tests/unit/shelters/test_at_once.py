"""Two people at two desks check in the same family: one stay each, and the second is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from backend.core.errors import Conflict
from backend.facilities.models import Facility
from backend.shelters import queries, services
from backend.shelters.models import WelfareAnswer
from backend.shelters.people import evacuee_of
from backend.shelters.welfare import services as welfare


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


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_four_who_answer_one_request_at_once_three_are_told_who_was_first(shelter, family):
    opening, person = shelter(), family.members.get(position=1)
    services.check_in_household(by=None, opening=opening, household=family.pk, persons=[person.pk])
    homes = [Facility.objects.create(name=f"福祉 {n}", kind="welfare").pk for n in range(4)]
    request = welfare.ask(by=None, evacuee=evacuee_of(person), needs="夜間の見守り")

    def accept(home) -> bool:
        try:
            welfare.answer(by=None, request=request, facility=home, accepted=True, over=True)
        except Conflict:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as desks:
        assert sorted(desks.map(accept, homes)) == [False, False, False, True]
    assert WelfareAnswer.objects.count() == 1
