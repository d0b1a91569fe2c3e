"""Where people of the ledger are by the shelters' entries, handed down into it as the fact `whereabouts`.

The fact follows what is so by the newest entries: an arrival, a move, a departure, a correction, or that any of them was
taken back. Only for whom an entry names (by 宛名番号, or by a person's own id): a link that nobody confirmed says nothing
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from backend.accounts.models import Staff
from backend.core import sql
from backend.core.clock import tokyo_date
from backend.facilities.queries import known, latest
from backend.journal import queries as journal
from backend.journal.apply import is_replaying
from backend.ledger.fact_services import Word, put_facts
from backend.ledger.models import Disaster, Fact, Person

from . import rules
from .disasters import disasters_of
from .models import Evacuee, Status, StayEvent
from .people import accounts, pieces
from .queries import opening_names, staying
from .telling import rules as telling

KIND, ROOM = "whereabouts", "shelters"


def hand_down(evacuees: Iterable[UUID]) -> None:
    """Put down where these are now, where that is not what the ledger has already."""
    if is_replaying():
        return
    for piece in pieces(sorted(set(evacuees))):
        _hand_down(piece)


def catch_up(disaster: Disaster) -> None:
    """The register came under a ledger: whom entries named by number before that are people of it now."""
    numbered = Person.objects.filter(disaster=disaster, atena_no__isnull=False).values("atena_no")
    hand_down(Evacuee.objects.filter(atena_no__in=numbered).values_list("pk", flat=True))


def _hand_down(evacuees: list[UUID]) -> None:
    people = _people(evacuees)
    if not people:
        return
    events = {
        e.evacuee: e for e in latest(known(StayEvent.objects.filter(evacuee__in=evacuees), None, None), "evacuee")
    }
    present = {e.evacuee: e for e in staying(evacuees=evacuees)}
    events |= present
    told = {s.evacuee: s for s in latest(known(Status.objects.filter(evacuee__in=evacuees), None, None), "evacuee")}
    told = {pk: s for pk, s in told.items() if pk not in events or _newer(s, events[pk])}
    # Who is registered in a shelter is there, whatever somebody cannot say of them.
    told = {pk: s for pk, s in told.items() if pk not in present or s.status in telling.ELSEWHERE}
    disasters = disasters_of(e.opening for e in events.values())
    names = opening_names({e.opening for e in events.values()})
    authors = _authors([*events.values(), *told.values()])
    open_ones = [(row.occurred_at, row.pk) for row in Disaster.objects.filter(drill=False)] if told else []
    ids = [person.pk for persons in people.values() for person in persons]
    live = Fact.objects.filter(person__in=ids, kind=KIND, replaced_by=None).order_by("recorded_at", "id")
    held = {fact.person_id: fact for fact in live}
    gone = _taken_back(held.values())
    words = []
    for evacuee, persons in people.items():
        event = events.get(evacuee)
        status = told.get(evacuee)
        for person in persons:
            fact = held.get(person.pk)
            if status is not None and rules.disaster_of(status.occurred_at, open_ones) == person.disaster_id:
                if fact is None or fact.source_id != str(status.entry):
                    value = telling.whereabouts(status.status, status.place, status.told_by, status.plate)
                    day = tokyo_date(status.occurred_at)
                    words.append(Word(person, value, day, str(status.entry), authors.get(status.entry)))
            elif event is None or disasters[event.opening] != person.disaster_id:
                # What another disaster brought stays as it was there, unless it was taken back.
                if fact is not None and fact.source_id in gone and fact.value.get("text"):
                    words.append(Word(person, {"text": "", "source": "避難所"}))
            elif fact is None or fact.source_id != str(event.entry):
                place = names.get(event.opening, "")
                value = rules.whereabouts(event.kind, place, event.how, event.destination, event.spot)
                day = tokyo_date(event.occurred_at)
                words.append(Word(person, value, day, str(event.entry), authors.get(event.entry)))
    if words:
        # Somebody may be known by two ids here: one word a person.
        put_facts(kind=KIND, room=ROOM, words=list({word.person.pk: word for word in words}.values()))


def _newer(status: Status, event: StayEvent) -> bool:
    return (status.occurred_at, status.entry) > (event.occurred_at, event.entry)


def _people(evacuees: list[UUID]) -> dict[UUID, list[Person]]:
    """Evacuee -> the persons of the ledger that entries name so, of whatever disaster."""
    found: dict[UUID, list[Person]] = defaultdict(list)
    rows = sql.fetch(_PERSONS, evacuees, evacuees, evacuees)
    ids = {sql.uuid_of(person) for person, _, _ in rows}
    numbers = {number: sql.uuid_of(evacuee) for _, evacuee, number in rows if number}
    wanted = set(evacuees)
    for person in Person.objects.filter(pk__in=ids) if ids else ():
        named = numbers.get(person.former_no or "") or numbers.get(person.atena_no or "")
        for evacuee in {named, person.pk} & wanted:
            found[evacuee].append(person)
    return found


_PERSONS = (
    "SELECT id, id, NULL FROM ledger_person WHERE id IN %s"
    " UNION ALL SELECT p.id, e.id, e.atena_no FROM shelters_evacuee e JOIN ledger_person p ON p.atena_no = e.atena_no"
    " WHERE e.id IN %s"
    " UNION ALL SELECT p.id, e.id, e.atena_no FROM shelters_evacuee e JOIN ledger_person p ON p.former_no = e.atena_no"
    " WHERE e.id IN %s"
)


def _authors(events: Iterable[StayEvent | Status]) -> dict[UUID, Staff]:
    actors = {uuid: entry.actor for uuid, entry in journal.entries(e.entry for e in events).items()}
    staff = accounts(actors.values())
    return {uuid: staff[actor] for uuid, actor in actors.items() if actor in staff}


def _taken_back(facts: Iterable[Fact]) -> set[str]:
    """Those of the facts' entries that do not hold any more."""
    entries = [UUID(fact.source_id) for fact in facts if fact.source_id]
    tables = (StayEvent, Status)
    rows = [table.objects.filter(entry__in=entries, voided_at__isnull=False) for table in tables]  # type: ignore[attr-defined]
    return {str(entry) for found in rows for entry in found.values_list("entry", flat=True)}
