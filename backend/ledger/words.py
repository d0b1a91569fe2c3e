"""The dictionary of search words: every different family name, given name, reading and town, with how many have it.

A part of a word is looked up among some ten thousand words instead of a million people, by its characters and pairs of
characters; the people then are found by whole words. Ordinary indexes answer both on either database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby, islice, pairwise

from django.db import connection
from django.db.models import QuerySet

from backend.core import bulk

from .models import Disaster, Person, SearchPart, SearchWord

PARTS = ("disaster_id", "field", "part", "rank", "word", "people")
PIECE = 300  # words that are changed together
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
    SearchPart.objects.filter(disaster=disaster).delete()
    SearchWord.objects.filter(disaster=disaster).delete()
    with bulk.bare(SearchWord), connection.cursor() as cursor:
        for statement in _counting(table, people):
            cursor.execute(statement, [key])
    bulk.analyze(table)
    rows = bulk.stream(f"SELECT field, word, people FROM {table} WHERE disaster_id = %s", [key])
    parts = ([key, field, part, rank, word, n] for field, word, n in rows for part, rank in parts_of(word).items())
    with bulk.bare(SearchPart):
        bulk.load(parts_table, PARTS, parts)
    bulk.analyze(parts_table)


def _counting(table: str, people: str) -> list[str]:
    """Statements that count the words of one disaster: PostgreSQL counts all fields in one pass over the people."""
    into = f"INSERT INTO {table} (disaster_id, field, word, people)"
    if connection.vendor != "postgresql":
        return [
            f"{into} SELECT disaster_id, '{field.value}', {column}, COUNT(*) FROM {people}"
            f" WHERE disaster_id = %s AND {column} <> '' GROUP BY disaster_id, {column}"
            for field, column in FIELDS.items()
        ]
    columns = list(FIELDS.values())
    # The number that GROUPING gives has a 0 for the one column that a row counts.
    fields = " ".join(
        f"WHEN {2 ** len(columns) - 1 - 2 ** (len(columns) - 1 - at)} THEN '{field.value}'"
        for at, field in enumerate(FIELDS)
    )
    found = ", ".join(columns)
    return [
        f"{into} SELECT * FROM (SELECT disaster_id, CASE GROUPING({found}) {fields} END, COALESCE({found}) AS word, COUNT(*)"
        f" FROM {people} WHERE disaster_id = %s"
        f" GROUP BY disaster_id, GROUPING SETS ({', '.join(f'({column})' for column in columns)})) counted"
        " WHERE word <> ''"
    ]


_WHOLE, _BEGINS, _WITHIN = (str(int(rank)) for rank in SearchPart.Rank)


def parts_of(word: str) -> dict[str, str]:
    """Every single character and every two that stand side by side, with where they stand."""
    found = dict.fromkeys([*word, *map("".join, pairwise(word))], _WITHIN)
    found[word[:1]] = found[word[:2]] = _BEGINS
    if len(word) <= 2:
        found[word] = _WHOLE
    return found


def containing(disaster: Disaster, field: str, text: str) -> QuerySet[SearchPart]:
    """The words of a field in which `text` stands; one or two characters in the best order (see `SearchPart`)."""
    rows = SearchPart.objects.filter(disaster=disaster, field=field, part=text[:2])
    return rows.filter(word__contains=text) if len(text) > 2 else rows.order_by("rank", "word")


def beginning_with(disaster: Disaster, field: str, text: str) -> QuerySet[SearchPart]:
    """The words of a field that `text` begins."""
    rows = SearchPart.objects.filter(disaster=disaster, field=field, part=text[:2], rank__lt=SearchPart.Rank.WITHIN)
    return rows.filter(word__startswith=text) if len(text) > 2 else rows


def change(disaster: Disaster, field: str, more: Mapping[str, int]) -> None:
    """So many people more (or fewer) have each of these words of a field; a word that nobody has any more goes."""
    items = iter(more.items())
    while piece := dict(islice(items, PIECE)):
        known = SearchWord.objects.select_for_update().filter(disaster=disaster, field=field, word__in=piece)
        words = {row.word: row for row in known}
        for word, number in piece.items():
            row = words.setdefault(word, SearchWord(disaster=disaster, field=field, word=word, people=0))
            row.people = max(row.people + number, 0)
        gone = [row.pk for row in words.values() if row.pk and not row.people]
        SearchWord.objects.filter(pk__in=gone).delete()
        SearchWord.objects.bulk_update([row for row in words.values() if row.pk and row.people], ["people"])
        SearchWord.objects.bulk_create([row for row in words.values() if not row.pk and row.people])
        _renew_parts(disaster, field, {word: words[word].people for word in piece})


def _renew_parts(disaster: Disaster, field: str, words: Mapping[str, int]) -> None:
    """The parts of these words, with how many people have them now."""
    parts = {word: parts_of(word) for word in words}
    every = sorted({part for found in parts.values() for part in found})
    for start in range(0, len(every), PIECE):
        old = SearchPart.objects.filter(disaster=disaster, field=field, part__in=every[start : start + PIECE])
        old.filter(word__in=list(words)).delete()
    SearchPart.objects.bulk_create(
        (
            SearchPart(disaster=disaster, field=field, part=part, rank=int(rank), word=word, people=number)
            for word, number in words.items()
            if number
            for part, rank in parts[word].items()
        ),
        batch_size=100,
    )


def add(people: Iterable[Person]) -> None:
    """Count the words of people who were entered one by one."""
    for disaster, those in groupby(people, key=lambda person: person.disaster):
        found = words_of(those)
        for field in FIELDS:
            change(disaster, field.value, {word: n for (name, word), n in found.items() if name == field})


def words_of(people: Iterable[Person]) -> Counter[tuple[str, str]]:
    """(field, word) -> how many of these people have it."""
    found: Counter[tuple[str, str]] = Counter()
    for person in people:
        for field, column in FIELDS.items():
            if word := getattr(person, column):
                found[field.value, word] += 1
    return found


def count(disaster: Disaster, before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> None:
    """Keep the dictionary in step with people who were written anew: what they had before, and what they have now."""
    more = {key: after[key] - before[key] for key in {*before, *after} if after[key] != before[key]}
    for field in sorted({field for field, _ in more}):
        change(disaster, field, {word: more[name, word] for name, word in sorted(more) if name == field})
