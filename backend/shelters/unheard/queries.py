"""The register less everybody heard of: counted by district in one pass, listed district by district by an index."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from backend.accounts.models import Staff
from backend.core.clock import now, today, tokyo_date
from backend.core.dates import age_on, parse_date
from backend.facilities.queries import known, latest
from backend.ledger.models import Disaster, Fact, Person, SameAs
from backend.ledger.queries import sees_protected, visible_persons

from ..models import Contact, Evacuee
from ..people import evacuee_of, known_as
from ..telling import rules as telling
from . import rules

KINDS = ("whereabouts", "life_status")
PAGE = 50


@dataclass(frozen=True)
class District:
    """One district: how many are in the ledger, and how many of them nobody has heard of."""

    key: str
    town: str
    name: str
    people: int
    unheard: int

    @property
    def share(self) -> int:
        return round(100 * self.unheard / self.people) if self.people else 0


@dataclass(frozen=True)
class Missed:
    """One person nobody has heard of: what was known last, what was tried, and who asks next."""

    person: Person
    telephone: str
    known: str
    known_on: date | None
    contact: Contact | None
    on: date | None = None  # the day of which the list is, where that is not today

    @property
    def how_old(self) -> str:
        return rules.age_of(self.known_on, self.on or today()) if self.known else ""

    @property
    def age(self) -> int | None:
        try:
            return age_on(parse_date(self.person.birth), today()) if self.person.birth else None
        except ValueError:
            return None

    @property
    def tried(self) -> str:
        if self.contact is None:
            return ""
        how, result = telling.HOW.get(self.contact.how, ""), telling.RESULTS.get(self.contact.result, "")
        return f"{how}：{result}"


def people_of(disaster: Disaster, staff: Staff | None) -> QuerySet[Person]:
    """Everybody of the ledger, once: who was typed before the register came stands there as the person of the register."""
    typed = SameAs.objects.filter(until=None, person__isnull=False).values("person")
    return visible_persons(staff).filter(disaster=disaster, ended_at=None).exclude(pk__in=typed)


def heard() -> Q:
    """The condition of having been heard of: a live fact of where they are or that they live, or somebody typed by hand
    who is linked to them: at a shelter, or in the ledger with such a fact. Of whom was said that nobody knows where they
    are has not been heard of."""
    # Asked as a set, not fact by fact: where hardly any fact has been followed, SQLite would go through all for each.
    followed = Fact.objects.filter(kind__in=KINDS).exclude(replaces=None).values("replaces")
    live = _telling().filter(person__isnull=False).exclude(pk__in=followed)
    return Q(pk__in=live.values("person")) | Q(pk__in=_linked().values("into"))


def heard_each() -> Q:
    """The same, asked person by person: for a page of a long list."""
    return Q(Exists(_told_of("pk"))) | Q(Exists(_linked().filter(into=OuterRef("pk"))))


def _telling() -> QuerySet[Fact]:
    rows = Fact.objects.filter(kind__in=KINDS, value__lost__isnull=True)
    return rows.exclude(value__text="", value__text__isnull=False)


def _told_of(person: str) -> QuerySet[Fact]:
    """The live ones of whom the row that asks names so."""
    follower = Fact.objects.filter(replaces=OuterRef("pk"))
    return _telling().filter(person=OuterRef(person)).exclude(Exists(follower))


def _linked() -> QuerySet[SameAs]:
    met = Q(record__in=Evacuee.objects.values("pk")) | Exists(_told_of("person"))
    return SameAs.objects.filter(met, until=None)


_counted: dict[tuple[Any, ...], tuple[float, float, datetime, list[District]]] = {}
PATIENCE = 20  # as headquarters' numbers: used again for so many times as long as counting took


def districts(disaster: Disaster, staff: Staff | None) -> tuple[datetime, list[District]]:
    """Every district with its numbers, and of when they are. Who may not see the protected gets numbers without them."""
    key = (disaster.pk, sees_protected(staff), getattr(staff, "pk", None))
    kept = _counted.get(key)
    if kept and kept[1] > 0.1 and time.monotonic() - kept[0] < PATIENCE * kept[1]:
        return kept[2], kept[3]
    at, begin = now(), time.monotonic()
    rows = (
        people_of(disaster, staff)
        .values("town_key")
        .annotate(people=Count("pk"), known=Count("pk", filter=heard()), some=Min("address"))
        .order_by("town_key")
    )
    found = [
        District(rules.key_of(r["town_key"]), r["town_key"], name_of(r["some"]), r["people"], r["people"] - r["known"])
        for r in rows
    ]
    _counted.clear()
    _counted[key] = (time.monotonic(), time.monotonic() - begin, at, found)
    return at, found


def towns_of(districts: Sequence[District], start: int, stop: int) -> tuple[list[str], int]:
    """The districts in which the places from `start` to `stop` of the whole list lie, and how many places lie before them."""
    towns: list[str] = []
    before = place = 0
    for district in districts:
        end = place + district.unheard
        if end <= start:
            before = end
        elif place < stop:
            towns.append(district.town)
        place = end
    return towns, before


def name_of(address: str) -> str:
    """The district as it is written: an address up to its first number."""
    end = next((i for i, c in enumerate(address) if c.isdecimal()), len(address))
    return address[:end].strip() or "（住所なし）"


def unheard(
    disaster: Disaster, staff: Staff | None, *, town: str | None = None, next_by: str | None = None
) -> QuerySet[Person]:
    """Those nobody has heard of, in the order of their addresses; of one district, or of whom one person asks next."""
    people = people_of(disaster, staff).exclude(heard_each())
    if town is not None:
        people = people.filter(town_key=town)
    if next_by is not None:
        asked = _contacts().filter(next_by=next_by)
        met = Evacuee.objects.filter(pk__in=asked.values("evacuee"))
        people = people.filter(
            Q(atena_no__in=met.exclude(atena_no=None).values("atena_no")) | Q(pk__in=met.values("pk"))
        )
    return people.select_related("household").order_by("town_key", "lot_key", "household", "position", "id")


def _contacts() -> QuerySet[Contact]:
    """The last call or visit to each."""
    return latest(known(Contact.objects.all(), None, None), "evacuee")


def askers() -> list[str]:
    """Who asks next, of anybody."""
    return sorted({name for name in _contacts().values_list("next_by", flat=True) if name})


def missed(people: Iterable[Person], *, told: bool = True) -> list[Missed]:
    """The rows of a list, in a fixed number of queries. Without `told` nothing but the telephone numbers."""
    rows = list(people)
    by_id = {evacuee_of(person): person.pk for person in rows}
    tried = {by_id[c.evacuee]: c for c in _latest_of(by_id)} if told else {}
    ids = [person.pk for person in rows]
    lost = _facts(Q(person__in=ids, kind="whereabouts")) if told else {}
    numbers = _facts(Q(person__in=ids, kind="telephone"))
    at_home = _facts(Q(household__in={p.household_id for p in rows if p.household_id}, kind="telephone"))
    found = []
    for person in rows:
        fact = lost.get(person.pk)
        number = numbers.get(person.pk) or at_home.get(person.household_id)
        told = fact.value.get("text", "") if fact else ""
        day = (fact.effective_on or tokyo_date(fact.recorded_at)) if fact else None
        telephone = number.value.get("text", "") if number else ""
        found.append(Missed(person, telephone, told, day, tried.get(person.pk)))
    return found


def _latest_of(evacuees: Iterable[UUID]) -> QuerySet[Contact]:
    return latest(known(Contact.objects.filter(evacuee__in=list(evacuees)), None, None), "evacuee")


def _facts(which: Q) -> dict[Any, Fact]:
    rows = Fact.objects.filter(which, replaced_by=None).order_by("recorded_at", "id")
    return {row.person_id or row.household_id: row for row in rows}


def in_pieces(people: QuerySet[Person], size: int = 500) -> Iterator[Missed]:
    """All rows of a long list."""
    piece: list[Person] = []
    for person in people.iterator(chunk_size=size):
        piece.append(person)
        if len(piece) == size:
            yield from missed(piece)
            piece = []
    yield from missed(piece)


def housemates(person: Person, staff: Staff) -> list[Person]:
    """Those of the same household whom nobody has heard of either."""
    if person.household_id is None:
        return []
    people = people_of(person.disaster, staff).filter(household=person.household_id).exclude(pk=person.pk)
    return list(people.exclude(heard_each()).order_by("position", "id"))


def contacts_of(person: Person) -> list[Contact]:
    """Calls and visits to somebody, the newest first."""
    ids = [*list(known_as([person])), evacuee_of(person)]
    return list(Contact.objects.filter(evacuee__in=ids, voided_at=None).order_by("-occurred_at", "-entry"))
