"""Where everybody is now and was before, as of any time, as known at any time. Ask `people.hidden` before showing anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.accounts.models import Staff
from backend.core.clock import now, today
from backend.facilities import queries as facilities
from backend.facilities.queries import known, latest
from backend.journal import queries as journal
from backend.ledger.models import Disaster, Fact, Person
from backend.ledger.queries import current_disaster, own_typed, sees_protected

from ..models import Contact, Merge, Status, StayEvent
from ..needs.queries import Stated, needs_of
from ..people import Face, by_evacuee, faces, hidden, merged_away, pieces, protected_among
from ..queries import END, taken_over
from ..rules import BEFORE, HOW
from ..telling import rules as telling
from . import rules


@dataclass(frozen=True)
class Now:
    """Where somebody is. `at`: the shelter that they are (or were last) registered at; `place`: in words; `told_by`: who said so."""

    evacuee: UUID
    kind: str
    since: datetime
    entry: UUID
    opening: UUID | None = None
    at: str = ""
    place: str = ""
    plate: str = ""
    told_by: str = ""
    present: bool = False

    @property
    def label(self) -> str:
        return rules.KINDS[self.kind]

    @property
    def where(self) -> str:
        return "　".join(part for part in (self.at if self.present else "", self.place) if part)


def current(
    evacuees: Iterable[UUID] | None = None, as_of: datetime | None = None, known_at: datetime | None = None
) -> dict[UUID, Now]:
    """Evacuee -> their one current place. Whoever was merged into another stands with that one."""
    found: dict[UUID, Now] = {}
    for wanted in [None] if evacuees is None else pieces(list(set(evacuees))):
        found |= _current(wanted, as_of, known_at)
    return found


def _current(wanted: list[UUID] | None, as_of: datetime | None, known_at: datetime | None) -> dict[UUID, Now]:
    away = merged_away(known_at=known_at)
    asked = None if wanted is None else set(wanted)
    ids = None if asked is None else [*asked, *(one for one, other in away.items() if other in asked)]
    rows = StayEvent.objects.all() if ids is None else StayEvent.objects.filter(evacuee__in=ids)
    at = as_of or now()
    gone = {pk for pk, since in taken_over(away, known_at).items() if since <= at} if away else set()
    stays = _last_stays(known(rows, at, known_at), gone)
    told = Status.objects.all() if ids is None else Status.objects.filter(evacuee__in=ids)
    spots = {s.opening: s for s in facilities.openings(END, only={s.opening for s, _ in stays})}
    found: dict[UUID, Now] = {}
    events = [_stayed(s, spots.get(s.opening), present) for s, present in stays]
    events += [_told(s) for s in latest(known(told, at, known_at), "evacuee")]
    for event in events:
        who = away.get(event.evacuee, event.evacuee) if away else event.evacuee
        if asked is not None and who not in asked:
            continue
        held = found.get(who)
        if held is None or _replaces(event, held):
            found[who] = event if who == event.evacuee else replace(event, evacuee=who)
    return found


def _replaces(event: Now, held: Now) -> bool:
    """The newer holds; but that somebody is safe, or that one caller cannot say where, takes nobody out of a shelter."""
    if held.present and event.told_by and event.kind not in telling.ELSEWHERE:
        return False
    return (event.since, event.entry) > (held.since, held.entry)


class _Stay(NamedTuple):
    """What a stay's event says of a place; rows of the model would be most of the time for a whole town."""

    evacuee: UUID
    kind: str
    opening: UUID
    how: str
    destination: str
    spot: str
    plate: str
    occurred_at: datetime
    entry: UUID


def _last_stays(rows: QuerySet, merged: Container[UUID]) -> list[tuple[_Stay, bool]]:
    """Of each evacuee the arrival that put them where they are, and True; of who is nowhere their last event, and False.

    The same rule as `queries.staying`, which the database answers for some; of everybody it is quicker to look once.
    """
    last: dict[UUID, _Stay] = {}
    arrived: dict[UUID, _Stay] = {}
    left: dict[tuple[UUID, UUID], _Stay] = {}
    for event in map(_Stay._make, rows.values_list(*_Stay._fields)):
        _keep_later(last, event.evacuee, event)
        if event.kind == "left":
            _keep_later(left, (event.evacuee, event.opening), event)
        else:
            _keep_later(arrived, event.evacuee, event)
    found = []
    for evacuee, newest in last.items():
        here = arrived.get(evacuee)
        gone = here and left.get((evacuee, here.opening))
        # Whoever was found to be one with another is there as that other.
        if here is None or evacuee in merged or (gone and _when(gone) > _when(here)):
            found.append((newest, False))
        else:
            found.append((here, True))
    return found


def _keep_later(found: dict[Any, _Stay], key: Any, event: _Stay) -> None:
    held = found.get(key)
    if held is None or _when(event) > _when(held):
        found[key] = event


def _when(event: _Stay) -> tuple[datetime, UUID]:
    return event.occurred_at, event.entry


def _stayed(event: StayEvent | _Stay, shelter: Any, present: bool) -> Now:
    name = shelter.name if shelter else ""
    if event.kind == "left":
        kind, place = rules.of_departure(event.destination), event.spot
        present = False
    else:
        kind = rules.of_stay(shelter.facility.kind if shelter else "", event.how)
        place = event.spot
    return Now(
        event.evacuee, kind, event.occurred_at, event.entry, event.opening, name, place, event.plate, present=present
    )


def _told(status: Status) -> Now:
    return Now(
        status.evacuee,
        rules.of_told(status.status),
        status.occurred_at,
        status.entry,
        place=status.place,
        plate=status.plate,
        told_by=status.told_by or "聞き取り",
    )


# The chain ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One link of the chain: from when, where, who said so and who wrote it; `until` is when the next one begins."""

    entry: UUID
    at: datetime
    kind: str
    text: str
    told_by: str
    by: str
    until: datetime | None
    told: bool
    voided: bool

    @property
    def title(self) -> str:
        return rules.KINDS[self.kind]


def chain(evacuees: Iterable[UUID]) -> list[Step]:
    """Where somebody has been, the newest first, with what was taken back; `evacuees` are all ids of one person."""
    ids = list(evacuees)
    ids += list(Merge.objects.filter(into__in=ids, voided_at=None).values_list("evacuee", flat=True))
    events: list[Any] = [
        *StayEvent.objects.filter(evacuee__in=ids, corrects=None),
        *StayEvent.objects.filter(evacuee__in=ids, corrects__isnull=False),
        *Status.objects.filter(evacuee__in=ids),
    ]
    # What was corrected shows as corrected only.
    corrected = {e.corrects for e in events if isinstance(e, StayEvent) and e.corrects}
    events = [e for e in events if e.entry not in corrected]
    events.sort(key=lambda e: (e.occurred_at, e.entry), reverse=True)
    spots = {s.opening: s for s in facilities.openings(END, only={e.opening for e in events if hasattr(e, "opening")})}
    written = journal.entries(e.entry for e in events)
    authors = journal.authors(written.values())
    steps, until = [], None
    for e in events:
        author = authors.get(written[e.entry].actor, "") if e.entry in written else ""
        steps.append(_step(e, spots, author, None if e.voided_at else until))
        until = until if e.voided_at else e.occurred_at
    return steps


def _step(event: Any, spots: dict[UUID, Any], author: str, until: datetime | None) -> Step:
    if isinstance(event, Status):
        here = _told(event)
        text, told = here.place, event.told_by or "聞き取り"
    else:
        here = _stayed(event, spots.get(event.opening), event.kind != "left")
        if event.kind == "left":
            # The desk's own note is for who reads this chain, and no part of the place.
            text = "　".join(part for part in (f"{here.at}を退所", here.place, event.note) if part)
        else:
            how = "" if event.how == "inside" else f"（{HOW[event.how]}）"
            text = f"{here.at}{how}{f'　{event.spot}' if event.spot else ''}"
        told = "避難所の記録"
    text = "　".join(part for part in (text, f"車 {event.plate}" if event.plate else "") if part)
    return Step(
        event.entry,
        event.occurred_at,
        here.kind,
        text,
        told,
        author,
        until,
        isinstance(event, Status),
        event.voided_at is not None,
    )


# Headquarters ------------------------------------------------------------------------------------------------------------


def seen(
    staff: Staff | None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    only: Iterable[UUID] | None = None,
    disaster: Disaster | None = None,
) -> dict[UUID, Now]:
    """Everybody's current place in this disaster (the newest if none is said; or of `only` these), without whom this person
    may not see."""
    disaster = disaster or current_disaster()
    begun = disaster.occurred_at - BEFORE if disaster else None
    everybody = current(only, as_of, known_at)
    everybody = {pk: place for pk, place in everybody.items() if begun is None or place.since >= begun}
    unseen = set() if sees_protected(staff) else protected_among(everybody) - own_typed(staff)
    return {pk: place for pk, place in everybody.items() if pk not in unseen}


def counts(staff: Staff | None, as_of: datetime | None = None) -> dict[str, int]:
    """Kind of place -> people, of all kinds, in the order of `rules.KINDS`."""
    found = Counter(place.kind for place in seen(staff, as_of).values())
    return {kind: found[kind] for kind in rules.KINDS}


@dataclass(frozen=True)
class Visit:
    """Somebody at home, in a car or in a tent, for a list to go by."""

    now: Now
    face: Face
    person: UUID | None
    district: str
    needs: list[Stated]
    contact: Contact | None
    telephone: str

    @property
    def age(self) -> int | None:
        return self.face.age(today())

    @property
    def tried(self) -> str:
        if self.contact is None:
            return ""
        return f"{telling.HOW.get(self.contact.how, '')}：{telling.RESULTS.get(self.contact.result, '')}"


def visits(
    staff: Staff | None, kind: str = "", as_of: datetime | None = None, known_at: datetime | None = None
) -> list[Visit]:
    """People outside shelters (of one kind of place), by district, those visited longest ago (or never) first."""
    kinds = {kind} if kind in rules.VISITED else set(rules.VISITED)
    places = {pk: place for pk, place in seen(staff, as_of, known_at).items() if place.kind in kinds}
    found: list[Visit] = []
    for piece in pieces(list(places)):
        people = faces(piece, known_at)
        needs = needs_of(piece, as_of, known_at)
        rows = Contact.objects.filter(evacuee__in=piece)
        contacts = {c.evacuee: c for c in latest(known(rows, as_of, known_at), "evacuee")}
        persons, numbers, dead = _in_ledger(people)
        for pk in piece:
            if pk in dead:
                continue
            face, place = people[pk], places[pk]
            district = rules.district_of(place.kind, place.at if place.present else "", place.place, face.address)
            telephone = face.telephone or numbers.get(pk, "")
            found.append(Visit(place, face, persons.get(pk), district, needs.get(pk, []), contacts.get(pk), telephone))
    never = datetime.min.replace(tzinfo=now().tzinfo)
    return sorted(
        found,
        key=lambda v: (v.district, v.contact.occurred_at if v.contact else never, v.face.address, v.face.kana),
    )


def _in_ledger(people: dict[UUID, Face]) -> tuple[dict[UUID, UUID], dict[UUID, str], set[UUID]]:
    """Of evacuees who are people of the ledger: that person, a telephone number, and who has died by the register."""
    numbers = {face.atena_no: pk for pk, face in people.items() if face.atena_no}
    persons: dict[UUID, Person] = {}
    typed = [pk for pk, face in people.items() if not face.atena_no]
    rows = Person.objects.filter(Q(atena_no__in=list(numbers)) | Q(pk__in=typed), ended_at=None)
    for person in rows.order_by("disaster__occurred_at").only("atena_no", "household_id"):
        persons[numbers.get(person.atena_no, person.pk)] = person
    by_id = {person.pk: pk for pk, person in persons.items()}
    homes = {person.household_id: pk for pk, person in persons.items() if person.household_id}
    facts = Fact.objects.filter(replaced_by=None, kind__in=["telephone", "life_status"])
    facts = facts.filter(Q(person__in=list(by_id)) | Q(household__in=list(homes))).order_by("recorded_at", "id")
    facts = facts.only("kind", "value", "person_id", "household_id")
    own: dict[UUID, str] = {}
    shared: dict[UUID, str] = {}
    dead: set[UUID] = set()
    for fact in facts:
        if fact.kind == "life_status":
            pk = by_id.get(fact.person_id)
            if pk is not None:
                (dead.add if fact.value.get("status") == "dead" else dead.discard)(pk)
        elif fact.person_id in by_id:
            own[by_id[fact.person_id]] = fact.value.get("text", "")
        elif fact.household_id:
            shared[fact.household_id] = fact.value.get("text", "")
    telephones = {pk: own.get(pk) or shared.get(person.household_id, "") for pk, person in persons.items()}
    return {pk: person.pk for pk, person in persons.items()}, telephones, dead


def members_chain(members: list[Person], staff: Staff) -> list[tuple[str, Step]]:
    """(name, what was told) of a household's members whom this person may see: for the time line of the household."""
    by = by_evacuee(members)
    unseen = hidden(by, staff)
    rows = Status.objects.filter(evacuee__in=[pk for pk in by if pk not in unseen])
    found = list(rows.order_by("-occurred_at"))
    written = journal.entries(row.entry for row in found)
    authors = journal.authors(written.values())
    return [
        (
            by[row.evacuee].name,
            _step(row, {}, authors.get(written[row.entry].actor, "") if row.entry in written else "", None),
        )
        for row in found
    ]
