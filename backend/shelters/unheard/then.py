"""Who was in no list at an hour, as known at an hour: from the entries themselves, since the facts of the ledger know days.

The register is that of today: who came into it or left it since is, or is not, in the list of then.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from backend.accounts.models import Staff
from backend.core.clock import now, tokyo_date
from backend.facilities.queries import known, latest
from backend.ledger.models import Disaster, Fact, Person, SameAs

from ..models import Contact, Details, Evacuee, Status, StayEvent
from ..people import pieces
from ..places.queries import Now, seen
from . import queries, rules
from .queries import District, Missed

LOST = {"unknown", "missing"}
ORDER = ("town_key", "lot_key", "household", "position", "id")


@dataclass(frozen=True)
class Then:
    """Everybody whom nobody had heard of then, in the order of their addresses; `lost`: who was last known somewhere."""

    at: datetime
    known_at: datetime | None
    districts: list[District]
    people: list[tuple[UUID, str]]  # person, town
    lost: Mapping[UUID, Now] = field(default_factory=dict)

    def of(self, town: str | None) -> list[UUID]:
        return [pk for pk, where in self.people if town is None or where == town]


def unheard(disaster: Disaster, staff: Staff | None, as_of: datetime | None, known_at: datetime | None) -> Then:
    at = as_of or now()
    places = seen(staff, as_of, known_at, disaster=disaster)
    numbers = _numbers(places)
    heard = {pk for pk, place in places.items() if place.kind not in LOST}
    told = heard | {numbers[pk] for pk in heard if pk in numbers}
    lost = {key: place for pk, place in places.items() if pk not in heard for key in (pk, numbers.get(pk)) if key}
    apart = _dead(disaster, at, known_at) | _linked(told, at, known_at)
    rows = queries.people_of(disaster, staff).order_by(*ORDER)
    everybody: dict[str, list[int]] = {}
    some: dict[str, str] = {}
    missing: list[tuple[UUID, str]] = []
    last: dict[UUID, Now] = {}
    for pk, number, former, town, address in rows.values_list("pk", "atena_no", "former_no", "town_key", "address"):
        count = everybody.setdefault(town, [0, 0])
        some[town] = min(some.get(town, address), address)
        count[0] += 1
        if pk in apart or not told.isdisjoint((pk, number, former)):
            continue
        count[1] += 1
        missing.append((pk, town))
        if (place := next((lost[key] for key in (pk, number, former) if key in lost), None)) is not None:
            last[pk] = place
    districts = [
        District(rules.key_of(town), town, queries.name_of(some[town]), people, number)
        for town, (people, number) in sorted(everybody.items())
    ]
    return Then(at, known_at, districts, missing, last)


def _numbers(evacuees: Iterable[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for piece in pieces(list(evacuees)):
        rows = Evacuee.objects.filter(pk__in=piece).exclude(atena_no=None)
        found |= dict(rows.values_list("pk", "atena_no"))  # type: ignore[arg-type]
    return found


def _dead(disaster: Disaster, at: datetime, known_at: datetime | None) -> set[UUID]:
    """Of whom the ledger said by then that they had died."""
    learnt = Q() if known_at is None else Q(received_at__lte=known_at)
    follower = Fact.objects.filter(learnt, replaces=OuterRef("pk"))
    rows = Fact.objects.filter(learnt, kind="life_status", person__disaster=disaster).exclude(Exists(follower))
    rows = rows.filter(Q(effective_on=None) | Q(effective_on__lte=tokyo_date(at)))
    return set(rows.values_list("person", flat=True))


def _linked(told: Container[UUID | str], at: datetime, known_at: datetime | None) -> set[UUID]:
    """People of the register with whom somebody was linked who was typed at a shelter by then, or in the ledger and `told`."""
    learnt = known_at or now()
    links = SameAs.objects.filter(Q(until=None) | Q(until__gt=learnt), since__lte=learnt)
    records = {
        pk
        for table in (Details, StayEvent, Status)
        for pk in known(table.objects.all(), at, known_at).values_list("evacuee", flat=True)  # type: ignore[attr-defined]
    }
    typed = links.values_list("record", "person", "into")
    return {into for record, person, into in typed if record in records or (person and person in told)}


def missed(then: Then, ids: list[UUID]) -> list[Missed]:
    """The rows of a page: what was known and tried then; telephone numbers are those of today."""
    found: list[Missed] = []
    for piece in pieces(ids):
        people = Person.objects.select_related("household").in_bulk(piece)
        rows = queries.missed([people[pk] for pk in piece if pk in people], told=False)
        by_id = {queries.evacuee_of(row.person): row.person.pk for row in rows}
        contacts = known(Contact.objects.filter(evacuee__in=list(by_id)), then.at, then.known_at)
        tried = {by_id[c.evacuee]: c for c in latest(contacts, "evacuee")}
        for row in rows:
            place = then.lost.get(row.person.pk)
            text = _told(place) if place else ""
            day = tokyo_date(place.since) if place else None
            contact = tried.get(row.person.pk)
            found.append(Missed(row.person, row.telephone, text, day, contact, tokyo_date(then.at)))
    return found


def _told(place: Now) -> str:
    """In the words of the list of today."""
    said = f"{place.at}を退所（{place.label}）" if place.at else place.label
    return "　".join(part for part in (said, place.place) if part)


def in_pieces(then: Then, ids: list[UUID], size: int = 500) -> Iterator[Missed]:
    for start in range(0, len(ids), size):
        yield from missed(then, ids[start : start + size])


def asked_by(then: Then, name: str) -> list[UUID]:
    """Those of the list whom one person was to ask next."""
    rows = latest(known(Contact.objects.all(), then.at, then.known_at), "evacuee")
    meant = set(rows.filter(next_by=name).values_list("evacuee", flat=True))
    found: list[UUID] = []
    for piece in pieces([pk for pk, _ in then.people]):
        people = Person.objects.in_bulk(piece)
        found += [pk for pk in piece if pk in people and queries.evacuee_of(people[pk]) in meant]
    return found
