"""The dictionary of search words: every different family name, given name, reading and town, with how many have it.

A part of a word is looked up among some ten thousand words instead of a million people, by its characters and pairs of
characters; the people then are found by whole words. Ordinary indexes answer both on either database.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from django.db import connection
from django.db.models import F, QuerySet

from backend.core import bulk

from .models import Disaster, Person, SearchPart, SearchWord

PARTS = ("word_id", "field", "part")
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
    table, parts_table, people = (model._meta.db_table for model in (SearchWord, SearchPart, Person))
    key = bulk.key_text(disaster.pk)
    SearchPart.objects.filter(word__disaster=disaster).delete()
    with connection.cursor() as cursor:
        # Not by the model, which would read every word to look for its parts.
        cursor.execute(f"DELETE FROM {table} WHERE disaster_id = %s", [key])
        for field, column in FIELDS.items():
            cursor.execute(
                f"INSERT INTO {table} (disaster_id, field, word, people)"
                f" SELECT disaster_id, %s, {column}, COUNT(*) FROM {people}"
                f" WHERE disaster_id = %s AND {column} <> '' GROUP BY disaster_id, {column}",
                [field.value, key],
            )
    bulk.analyze(table)
    rows = bulk.stream(f"SELECT id, field, word FROM {table} WHERE disaster_id = %s", [key])
    with bulk.bare(SearchPart):
        bulk.load(parts_table, PARTS, ([pk, field, part] for pk, field, word in rows for part in parts_of(word)))
    bulk.analyze(parts_table)


def parts_of(word: str) -> set[str]:
    """Every single character and every two that stand side by side."""
    return {*word, *map("".join, pairwise(word))}


def containing(disaster: Disaster, field: str, text: str) -> QuerySet[SearchWord]:
    """The words of a field in which `text` stands."""
    rows = SearchWord.objects.filter(disaster=disaster, field=field, parts__field=field, parts__part=text[:2])
    return rows.filter(word__contains=text) if len(text) > 2 else rows


def beginning_with(disaster: Disaster, field: str, text: str) -> QuerySet[SearchWord]:
    """The words of a field that `text` begins."""
    return containing(disaster, field, text).filter(word__startswith=text)


def enter(rows: Iterable[SearchWord]) -> None:
    """Put words into the dictionary that were not in it."""
    made = SearchWord.objects.bulk_create(rows)
    SearchPart.objects.bulk_create(
        (SearchPart(word=row, field=row.field, part=part) for row in made for part in sorted(parts_of(row.word))),
        batch_size=500,
    )


def add(people: Iterable[Person]) -> None:
    """Count the words of people who were entered one by one."""
    for person in people:
        for field, column in FIELDS.items():
            word = getattr(person, column)
            if not word:
                continue
            known = SearchWord.objects.filter(disaster_id=person.disaster_id, field=field.value, word=word)
            if not known.update(people=F("people") + 1):
                enter([SearchWord(disaster_id=person.disaster_id, field=field.value, word=word, people=1)])
