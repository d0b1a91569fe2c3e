"""Who evacuees are: the names of residents come from the ledger, those of others from what they said; and who is hidden."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from backend.accounts.models import Staff
from backend.core import sql
from backend.core.dates import age_on, parse_date
from backend.facilities.queries import known
from backend.ledger import lookup
from backend.ledger.models import Person, SameAs
from backend.ledger.queries import live_links, live_protections, own_typed, sees_protected

from . import rules
from .models import Details, Evacuee, HelpPerson, Merge
from .said import FAR, in_force, said_of

PIECE = 5000  # SQLite takes so many values in one statement, and not many more


def pieces(values: list[Any]) -> Iterator[list[Any]]:
    return (values[start : start + PIECE] for start in range(0, len(values), PIECE))


@dataclass(frozen=True)
class Face:
    """One person as a roster shows them. `household` is the newest household of the ledger that they belong to."""

    id: UUID
    name: str
    kana: str = ""
    birth: str = ""
    sex: str = ""
    address: str = ""
    origin: str = ""
    telephone: str = ""
    atena_no: str | None = None
    household: UUID | None = None
    relationship: str = ""

    @property
    def sex_label(self) -> str:
        return rules.SEXES.get(self.sex, "")

    def age(self, day: date) -> int | None:
        try:
            return age_on(parse_date(self.birth), day) if self.birth else None
        except ValueError:
            return None


def faces(ids: Iterable[UUID], known_at: datetime | None = None) -> dict[UUID, Face]:
    """Each of these evacuees, in three queries. Hidden people too: ask `hidden` before showing anybody."""
    wanted = list(ids)
    numbers = dict(Evacuee.objects.filter(pk__in=wanted).values_list("pk", "atena_no"))
    said = said_of(wanted, known_at)
    typed = [pk for pk in wanted if not numbers.get(pk)]
    in_ledger = _ledger_persons(typed, [number for number in numbers.values() if number])
    # On a laptop there is no ledger, but an excerpt of the register.
    excerpt = lookup.by_numbers(number for number in numbers.values() if number and number not in in_ledger)
    return {pk: _face(pk, numbers.get(pk), in_ledger, said.get(pk), excerpt) for pk in wanted}


def _ledger_persons(ids: list[UUID], numbers: list[str]) -> dict[Any, Person]:
    """By 宛名番号 and by id; of several disasters the newest."""
    found: dict[Any, Person] = {}
    shown = Person.objects.only(*_SHOWN)
    for piece in pieces(numbers):
        people = shown.filter(Q(atena_no__in=piece) | Q(former_no__in=piece))
        for person in people.order_by("disaster__occurred_at"):
            found |= {number: person for number in (person.former_no, person.atena_no) if number}
    for piece in pieces(ids):
        found |= shown.in_bulk(piece)
    return found


_SHOWN = ("name", "kana", "birth", "sex", "address", "household_id", "relationship", "atena_no", "former_no")


def _face(
    pk: UUID, number: str | None, in_ledger: dict[Any, Person], said: Details | None, excerpt: dict[str, Any]
) -> Face:
    person = in_ledger.get(number) if number else in_ledger.get(pk)
    resident = excerpt.get(number or "")
    if person is None and said is None and resident is not None:
        row = resident
        return Face(pk, row.name, row.kana, row.birth, row.sex, row.address, atena_no=number)
    if person is None and said is None:
        return Face(pk, f"（宛名番号 {number}）" if number else "（氏名不明）", atena_no=number)
    origin, telephone = (said.origin, said.telephone) if said else ("", "")
    # Where another list writes a name otherwise, that of the register is shown.
    source: Any = person or said
    return Face(
        pk,
        source.name,
        source.kana,
        source.birth,
        source.sex,
        source.address,
        origin,
        telephone,
        number,
        person.household_id if person else None,
        person.relationship if person else "",
    )


def typed_records(evacuees: Iterable[UUID] | None = None) -> Iterator[dict[str, Any]]:
    """What was typed of people without 宛名番号 (of these, or of all), as the latest entries have it, for the matching."""
    rows = Details.objects.all() if evacuees is None else Details.objects.filter(evacuee__in=list(evacuees))
    numbered = Evacuee.objects.exclude(atena_no=None).values("pk")
    for row in in_force(rows.exclude(evacuee__in=numbered)):
        said = {name: getattr(row, name) for name in ("name", "kana", "birth", "sex", "telephone")}
        # Where they fled from is part of it: 大浜市 is no other town's 西町.
        yield {"id": row.evacuee, **said, "address": row.address or row.origin, "typed_at": row.received_at}


def merged_away(ids: Iterable[UUID] | None = None, known_at: datetime | None = None) -> dict[UUID, UUID]:
    """Evacuee -> whom they were found to be one with, as known at a moment."""
    rows = known(Merge.objects.all() if ids is None else Merge.objects.filter(evacuee__in=list(ids)), FAR, known_at)
    return dict(rows.order_by("received_no").values_list("evacuee", "into"))


def hidden(ids: Iterable[UUID], staff: Staff | None) -> set[UUID]:
    """Those of these evacuees whom this person may not see (支援措置, 秘匿希望 not lifted)."""
    return set() if sees_protected(staff) else protected(ids) - own_typed(staff)


def protected(ids: Iterable[UUID]) -> set[UUID]:
    """Those of these evacuees who are under protection: by evacuee, by 宛名番号, or by a person of the ledger."""
    found: set[UUID] = set()
    for piece in pieces(list(set(ids))):
        found |= _protected(set(piece))
    return found


def protected_in_entries(ids: Iterable[UUID]) -> set[UUID]:
    """The same for people whom entries name, and who may be met nowhere yet: a resident's id follows from the number."""
    wanted = set(ids)
    found = protected(wanted)
    if not any(pk.version == 5 for pk in wanted - found):
        return found
    numbers = live_protections().values_list("atena_no", "person__atena_no")
    given = {number for both in numbers for number in both if number}
    return found | wanted & {rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": number}) for number in given}


def protected_among(everybody: Collection[UUID] | Callable[[list[UUID]], Iterable[UUID]]) -> set[UUID]:
    """The same for very many: gone at from the few protections, not from each of the many people. They are given, or as
    what says which of some they are."""
    near = _near_protection()
    if callable(everybody):
        return protected(pk for piece in pieces(list(near)) for pk in everybody(piece))
    return protected(near.intersection(everybody))


def _near_protection() -> set[UUID]:
    """Everybody whom a protection may reach, by whatever number, link or merge: some of them are under it."""
    ids: set[UUID] = set()
    numbers: set[str] = set()
    for evacuee, person, number, held in live_protections().values_list(
        "evacuee", "person", "atena_no", "person__atena_no"
    ):
        ids |= {pk for pk in (evacuee, person) if pk}
        numbers |= {text for text in (number, held) if text}
    size = -1
    while size != len(ids) + len(numbers):
        size = len(ids) + len(numbers)
        ids |= {rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": number}) for number in numbers}
        for part in pieces(list(numbers)):
            people = Person.objects.filter(Q(atena_no__in=part) | Q(former_no__in=part))
            ids |= set(people.values_list("pk", flat=True))
            ids |= set(Evacuee.objects.filter(atena_no__in=part).values_list("pk", flat=True))
            ids |= set(HelpPerson.objects.filter(atena_no__in=part).values_list("evacuee", flat=True))
        for few in pieces(list(ids)):
            rows = [*Person.objects.filter(pk__in=few).values_list("atena_no", "former_no")]
            rows += Evacuee.objects.filter(pk__in=few).values_list("atena_no", "atena_no")
            rows += HelpPerson.objects.filter(evacuee__in=few).values_list("atena_no", "atena_no")
            numbers |= {text for row in rows for text in row if text}
            merges = Merge.objects.filter(Q(evacuee__in=few) | Q(into__in=few), voided_at__isnull=True)
            ids |= {pk for row in merges.values_list("evacuee", "into") for pk in row}
            links = live_links().filter(Q(person__in=few) | Q(record__in=few) | Q(into__in=few))
            ids |= {pk for row in links.values_list("typed", "into") for pk in row}
    return ids


def _protected(wanted: set[UUID]) -> set[UUID]:
    known_by = _known_by(wanted)
    numbers = [key for key in known_by if isinstance(key, str)]
    ids = [key for key in known_by if not isinstance(key, str)]
    rows = sql.fetch(_PROTECTIONS, ids, ids, numbers, numbers)
    return {pk for row in rows for key in _keys(*row) for pk in known_by.get(key, ())}


def _keys(one: Any, number: str | None, other: Any, others_number: str | None) -> list[UUID | str]:
    """What two sides of a row are known by: their ids and 宛名番号, as far as they have them."""
    ids: list[UUID | str] = [sql.uuid_of(pk) for pk in (one, other) if pk]
    return ids + [text for text in (number, others_number) if text]


def _known_by(wanted: set[UUID]) -> dict[UUID | str, set[UUID]]:
    """Every id and 宛名番号 that leads to one of these evacuees, also by way of a link: the strictest counts."""
    found: dict[UUID | str, set[UUID]] = {pk: {pk} for pk in wanted}
    # Whom no shelter has met yet may stand on the list of those who need help, with their number.
    # Several may have one number: a list may have known somebody before their number was.
    numbers: dict[UUID | str, set[UUID]] = {}
    for pk, number in sql.fetch(_NUMBERS, wanted, wanted):
        if number:
            numbers.setdefault(number, set()).add(sql.uuid_of(pk))
    # Met under the number of the emergency register, or under the real one: the same person.
    for pk, *both in sql.fetch(_EXCHANGED, list(numbers), list(numbers)) if numbers else ():
        person, owners = sql.uuid_of(pk), {owner for number in both for owner in numbers.get(number, ())}
        found[person] = found.get(person, set()) | owners
        numbers |= {number: owners | numbers.get(number, set()) for number in both if number}
    found |= numbers
    for row in sql.fetch(_MERGED, wanted, wanted):
        one, other = map(sql.uuid_of, row)
        found[one] = found[other] = found.get(one, set()) | found.get(other, set())
    rows = [_keys(*row) for row in sql.fetch(_LINKED, wanted, wanted, wanted, list(numbers), wanted, wanted)]
    for sides in [*rows, *rows]:  # twice: a sibling may come before the link that leads to it
        owners = set().union(*(found.get(side, set()) for side in sides))
        for side in sides:
            found[side] = found.get(side, set()) | owners
    return found


# By hand, as every page that names somebody asks this, and a check-in waits for it: to have them written takes longer
# than to have them answered. What is a live protection and a live link is said in ledger.protected.
_PROTECTIONS = (
    "SELECT p.evacuee, p.atena_no, p.person_id, q.atena_no FROM ledger_protection p"
    " LEFT JOIN ledger_person q ON q.id = p.person_id WHERE p.lifted_at IS NULL"
    " AND (p.evacuee IN %s OR p.person_id IN %s OR p.atena_no IN %s OR q.atena_no IN %s)"
)
_NUMBERS = (
    "SELECT id, atena_no FROM shelters_evacuee WHERE id IN %s"
    " UNION SELECT evacuee, atena_no FROM shelters_helpperson WHERE evacuee IN %s"
)
_EXCHANGED = (
    "SELECT id, former_no, atena_no FROM ledger_person"
    " WHERE former_no IS NOT NULL AND (former_no IN %s OR atena_no IN %s)"
)
_MERGED = 'SELECT evacuee, "into" FROM shelters_merge WHERE voided_at IS NULL AND (evacuee IN %s OR "into" IN %s)'
_LINKED = (
    "SELECT COALESCE(s.person_id, s.record), p.atena_no, s.into_id, i.atena_no FROM ledger_sameas s"
    " LEFT JOIN ledger_person p ON p.id = s.person_id JOIN ledger_person i ON i.id = s.into_id"
    " WHERE s.until IS NULL AND (s.person_id IN %s OR s.record IN %s OR s.into_id IN %s OR i.atena_no IN %s"
    # others who were typed by hand for the same resident
    " OR s.into_id IN (SELECT into_id FROM ledger_sameas"
    " WHERE until IS NULL AND (person_id IN %s OR record IN %s)))"
)


def by_person(persons: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Person of the ledger -> the evacuees whom entries name by that person's 宛名番号."""
    found: dict[UUID, set[UUID]] = {}
    for piece in pieces(list(persons)):
        people = list(Person.objects.filter(pk__in=piece).exclude(atena_no=None))
        ids = {pk for person in people for pk in evacuees_of(person)}
        met = set(Evacuee.objects.filter(pk__in=ids).values_list("pk", flat=True))
        found |= {person.pk: met.intersection(evacuees_of(person)) for person in people}
    return found


def by_evacuee(members: Sequence[Person]) -> dict[UUID, Person]:
    """People of the ledger by every id that shelters may know them by, in the order given."""
    joined = _joined(members)
    found = {pk: person for person in members for alias in (person, *joined[person.pk]) for pk in evacuees_of(alias)}
    by_id = {person.pk: person for person in members}
    return found | {record: by_id[into] for record, into in _typed_here(members)}


def known_as(persons: Sequence[Person]) -> dict[UUID, dict[str, str]]:
    """Evacuee's id -> how entries name them, for people of the ledger."""
    return dict(each_known_as(persons).values())


def each_known_as(persons: Sequence[Person]) -> dict[UUID, tuple[UUID, dict[str, str]]]:
    """Person of the ledger -> their id as an evacuee, and how entries name them.

    Somebody who was met before the register came, and has been joined to it since, stays who they were at the shelters.
    """
    joined = _joined(persons)
    away = merged_away()
    typed = {into: record for record, into in _typed_here(persons) if record not in away}
    ids = {evacuee_of(alias) for person in persons for alias in (person, *joined[person.pk])}
    met = set(Evacuee.objects.filter(pk__in=ids).values_list("pk", flat=True))
    found: dict[UUID, tuple[UUID, dict[str, str]]] = {}
    for person in persons:
        alias = next((p for p in (person, *joined[person.pk]) if evacuee_of(p) in met - away.keys()), None)
        record = away.get(evacuee_of(person)) or typed.get(person.pk)
        if alias is None and record is not None:
            found[person.pk] = record, {"evacuee": str(record)}
        else:
            found[person.pk] = evacuee_of(alias or person), reference(alias or person)
    return found


def _typed_here(persons: Sequence[Person]) -> list[tuple[UUID, UUID]]:
    """Evacuees who were typed at a shelter and are one of these people, by the links alive now: (evacuee, person)."""
    links = SameAs.objects.filter(into__in=persons, record__isnull=False, until=None)
    met = Evacuee.objects.filter(pk__in=links.values("record"))
    return list(links.filter(record__in=met.values("pk")).order_by("since").values_list("record", "into"))


def _joined(persons: Sequence[Person]) -> dict[UUID, list[Person]]:
    """Of each person the others of the ledger that they are one with, by the links alive now."""
    found: dict[UUID, list[Person]] = {person.pk: [] for person in persons}
    links = SameAs.objects.filter(Q(person__in=persons) | Q(into__in=persons), person__isnull=False, until=None)
    for link in links.select_related("person", "into"):
        for one, other in ((link.person, link.into), (link.into, link.person)):
            if one.pk in found:
                found[one.pk].append(other)
    return found


def evacuee_of(person: Person) -> UUID:
    return rules.evacuee_id(settings.MUNICIPALITY_CODE, reference(person))


def evacuees_of(person: Person) -> list[UUID]:
    """Every id by which shelters may know a person of the ledger, the usual one first."""
    numbers = [number for number in (person.former_no, person.atena_no) if number]
    ids = [rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": number}) for number in numbers]
    return ids or [evacuee_of(person)]


def reference(person: Person) -> dict[str, str]:
    """How entries name a person of the ledger: who came with a number of the emergency register keeps it here."""
    number = person.former_no or person.atena_no
    return {"atena_no": number} if number else {"evacuee": str(person.pk)}


def accounts(actors: Iterable[str]) -> dict[str, Staff]:
    """The accounts among the authors of entries, by what the entries call them."""
    return {str(s.pk): s for s in Staff.objects.filter(pk__in=[actor for actor in actors if len(actor) == 36])}
