"""The dictionary of search words: every different family name, given name, reading and town, with how many have it.

A part of a word is looked up among some ten thousand words instead of a million people; the people then are found by
whole words, which an ordinary index answers on both databases.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import F

from backend.core import bulk

from .models import Disaster, Person, SearchWord

FIELDS = {
    SearchWord.Field.FAMILY: "family_key",
    SearchWord.Field.GIVEN: "given_key",
    SearchWord.Field.KANA_FAMILY: "kana_family_key",
    SearchWord.Field.KANA_GIVEN: "kana_given_key",
    SearchWord.Field.ALIAS: "alias_key",
    SearchWord.Field.TOWN: "town_key",
}


def rebuild(disaster: Disaster) -> None:
    """Count the words of a disaster anew, from its people."""
    SearchWord.objects.filter(disaster=disaster).delete()
    table, people = SearchWord._meta.db_table, Person._meta.db_table
    key = disaster.pk.hex if connection.vendor == "sqlite" else disaster.pk
    with connection.cursor() as cursor:
        for field, column in FIELDS.items():
            cursor.execute(
                f"INSERT INTO {table} (disaster_id, field, word, people)"
                f" SELECT disaster_id, %s, {column}, COUNT(*) FROM {people}"
                f" WHERE disaster_id = %s AND {column} <> '' GROUP BY disaster_id, {column}",
                [field.value, key],
            )
    bulk.analyze(table)


def add(people: Iterable[Person]) -> None:
    """Count the words of people who were entered one by one."""
    for person in people:
        for field, column in FIELDS.items():
            word = getattr(person, column)
            if not word:
                continue
            row, made = SearchWord.objects.get_or_create(
                disaster_id=person.disaster_id, field=field.value, word=word, defaults={"people": 1}
            )
            if not made:
                SearchWord.objects.filter(pk=row.pk).update(people=F("people") + 1)
