"""Names and addresses as they are written: from whose register, on which papers, and found by which words.

What was registered stays code point by code point. A vendor's map of 外字 (room `characters`) changes the search words
that follow from a name, and nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from backend.characters.models import Source
from backend.characters.queries import PRIVATE_REGEX

from . import words
from .models import Disaster, Household, Person
from .search_keys import COLUMNS, search_keys

BATCH = 500


def source_of(atena_no: str | None) -> str:
    """Whose code points a person's name is written in: the register's, or what somebody typed here."""
    return Source.REGISTER if atena_no else Source.TYPED


def refold(source: str) -> int:
    """Make the search words of this source's people anew where a private-use character stands; how many changed.

    Whom it may concern of those typed by hand is matched again. Called when a map was loaded, inside its transaction.
    """
    from .matching import records
    from .matching import services as matching

    if source not in {Source.REGISTER, Source.TYPED}:
        return 0
    typed = set(records.refold())
    odd = Q()
    for column in ("name", "alias", "address"):
        odd |= Q(**{f"{column}__regex": PRIVATE_REGEX})
    people = Person.objects.filter(odd, atena_no__isnull=source == Source.TYPED)
    changed: list[Person] = []
    for person in people.iterator(chunk_size=2000):
        keys = search_keys(
            name=person.name, kana=person.kana, alias=person.alias, address=person.address, source=source
        )
        if any(getattr(person, column) != key for column, key in keys.items()):
            for column, key in keys.items():
                setattr(person, column, key)
            changed.append(person)
    ids = [person.pk for person in changed]
    concerned = typed | matching.concerned(ids)
    Person.objects.bulk_update(changed, COLUMNS, batch_size=BATCH)
    for disaster in Disaster.objects.filter(pk__in={person.disaster_id for person in changed}):
        words.rebuild(disaster)
    if concerned := concerned | matching.concerned(ids):
        matching.match_again(ids=concerned)
    return len(changed)


def texts_on_paper(staff: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(source, name, common-use name, address, building) of everybody this person may see; everybody for None."""
    from .queries import visible_persons

    people = Person.objects.all() if staff is None else visible_persons(staff)
    rows = people.order_by().values_list("atena_no", "name", "alias", "address", "building")
    for atena_no, *texts in rows.iterator(chunk_size=10_000):
        yield source_of(atena_no), tuple(texts)


def people_on_papers(staff: Any, households: Iterable[UUID], persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """What a list of papers may say of these households and people: name, reading, disaster number, page.

    Who is hidden from this person, and a household of which all are, is not in the answer.
    """
    from .queries import visible_persons

    seen = visible_persons(staff)
    visible = set(seen.filter(household__in=set(households)).values_list("household", flat=True))
    said: dict[UUID, dict[str, Any]] = {
        home.pk: {
            "name": "",
            "kana": "",
            "number": home.disaster_number,
            "url": reverse("desk:household", args=[home.pk]),
        }
        for home in Household.objects.filter(pk__in=visible)
    }
    for person in seen.filter(pk__in=set(persons)).select_related("household"):
        home = person.household
        said[person.pk] = {
            "name": person.name,
            "kana": person.kana,
            "number": home.disaster_number if home else "",
            "url": reverse("desk:household", args=[home.pk]) if home else "",
        }
    return said
