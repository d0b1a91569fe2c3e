"""Statements that travel together: whoever asks finds what was sent before, however they ask, and a wrong one undoes all."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from backend.core import sql
from backend.facilities.models import Facility

pytestmark = pytest.mark.django_db
SAY = "UPDATE facilities_facility SET note = %s WHERE name = %s"


@pytest.fixture
def place() -> Facility:
    return Facility.objects.create(name="西町小学校")


def note(place: Facility) -> str:
    return sql.fetch("SELECT note FROM facilities_facility WHERE id = %s", place.pk)[0][0]


def test_whoever_asks_finds_what_was_sent_before(place: Facility) -> None:
    with sql.in_one_trip():
        sql.run(SAY, "100% 満員", place.name)
        assert note(place) == "100% 満員"
        sql.run(SAY, "空きあり", place.name)
        assert Facility.objects.get(note="空きあり") == place
        sql.run(SAY, "一", place.name)
        assert [row.note for row in Facility.objects.iterator(chunk_size=1)] == ["一"]
        sql.run(SAY, "二", place.name)
        with transaction.atomic():
            Facility.objects.filter(note="二").update(note="三")
        with connection.cursor() as cursor:
            sql.run(SAY, "四", place.name)
            cursor.executemany("UPDATE facilities_facility SET kana = %s WHERE note = '四'", [["ア"], ["イ"]])
        sql.run(SAY, "五", place.name)
    place.refresh_from_db()
    assert (place.note, place.kana) == ("五", "イ")


def change_and_break(place: Facility) -> None:
    sql.run(SAY, "後", place.name)
    sql.run("UPDATE facilities_facility SET open_data_id = %s WHERE id = %s", "", place.pk)
    note(place)


def test_a_savepoint_takes_back_only_what_was_sent_after_it(place: Facility) -> None:
    with sql.in_one_trip():
        sql.run(SAY, "前", place.name)
        with pytest.raises(IntegrityError), transaction.atomic():
            change_and_break(place)
        assert note(place) == "前"


def test_what_cannot_be_done_undoes_all_that_travelled_with_it(place: Facility) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), sql.in_one_trip():
        change_and_break(place)
    assert note(place) == ""


def test_statements_of_one_trip_go_together(place: Facility, django_assert_num_queries) -> None:
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3), sql.in_one_trip():
        sql.run(SAY, "一", place.name)
        sql.run(SAY, "二", place.name)
        assert note(place) == "二"
