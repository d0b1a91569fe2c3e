"""What headquarters sees: every open shelter with what was last heard of it, contradictions with their people, records of
one person that may be two. A fixed number of queries each."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from backend.accounts.models import Staff
from backend.core.clock import now
from backend.core.names import identity_key
from backend.facilities import queries as facilities
from backend.facilities.models import Opening
from backend.facilities.queries import Shelter
from backend.journal import queries as journal
from backend.journal.models import Conflict, Entry, Head, Terminal, Topic
from backend.ledger.queries import live_links

from .. import people
from ..curve.queries import heads_at
from ..curve.rules import Heads
from ..models import Details, Evacuee, StayEvent, ToldApart
from ..people import Face
from ..queries import opening_names, staying
from ..said import Clash, said_of
from . import rules, sides
from .sides import Side

SHOWN = 100
TYPED_AT_MOST = 20_000
STAYS = {"stay.arrived", "stay.moved", "stay.left"}


@dataclass(frozen=True)
class Heard:
    """An open shelter: how many people, its laptops, and when anything was last heard of it by whichever way."""

    shelter: Shelter
    heads: Heads
    terminals: list[Terminal]
    entry_at: datetime | None
    silent: bool

    @property
    def heard_at(self) -> datetime | None:
        moments = [row.seen_at for row in self.terminals if row.seen_at]
        return max([*moments, *([self.entry_at] if self.entry_at else [])], default=None)

    @property
    def unsent(self) -> int | None:
        told = [row.unsent for row in self.terminals if row.unsent is not None]
        return sum(told) if told else None


@dataclass(frozen=True)
class Open:
    """A contradiction with all that is needed to settle it. `face` None: nobody is named, or the asker may not see them."""

    id: int
    code: str
    guide: rules.Guide
    ways: list[tuple[str, str]]
    face: Face | None
    hidden: bool
    sides: list[Side]
    clashes: list[Clash]
    opening: UUID | None
    found_at: datetime


@dataclass(frozen=True)
class Pair:
    """Two records that may be one person, and where each is."""

    one: Face
    two: Face
    places: tuple[str, str]
    sides: tuple[list[Side], list[Side]] = ([], [])  # of each: how it was registered, and how it came where it is


def board(at: datetime | None = None) -> tuple[datetime, list[Heard]]:
    """The open shelters, those not heard of for longest first; and of when the numbers of people are."""
    moment = at or now()
    counted_at, heads = _recent_heads(moment)
    shelters = facilities.open_shelters(moment)
    joined: dict[UUID, list[Terminal]] = defaultdict(list)
    for row in Terminal.objects.filter(revoked_at=None).order_by("made_at"):
        joined[row.facility].append(row)
    written = _last_entries([s.opening for s in shelters])
    found = []
    for s in shelters:
        line = Heard(s, heads.get(s.opening, Heads()), joined[s.facility.pk], written.get(s.opening), False)
        found.append(
            Heard(line.shelter, line.heads, line.terminals, line.entry_at, rules.is_silent(line.heard_at, moment))
        )
    found.sort(key=lambda line: (line.heard_at is not None, line.heard_at or moment, line.shelter.name))
    return counted_at, found


def _last_entries(openings: Sequence[UUID]) -> dict[UUID, datetime]:
    """When an entry about each opening was last received, whoever wrote it."""
    last = Topic.objects.filter(of=Topic.Of.PLACE, topic=OuterRef("opening")).order_by("-received_no")
    rows = Opening.objects.filter(opening__in=openings).annotate(last=Subquery(last.values("received_no")[:1]))
    numbers = dict(rows.values_list("opening", "last"))
    times = dict(Entry.objects.filter(pk__in=numbers.values()).values_list("pk", "received_at"))
    return {opening: times[number] for opening, number in numbers.items() if number in times}


_counted: dict[str, Any] = {}
PATIENCE = 20  # numbers are used again for so many times as long as counting them took


def _recent_heads(at: datetime) -> tuple[datetime, dict[UUID, Heads]]:
    """Counted anew when anything was written since, but not more often than the machine can bear."""
    head = Head.objects.values_list("received_no", "history").first()
    kept = _counted.get("kept")
    if kept and kept["begin"] == _first_history():
        quiet = kept["head"] == head and at - kept["at"] < rules.SILENT_AFTER / 360
        if quiet or (time.monotonic() - kept["clock"] < PATIENCE * kept["took"] and kept["took"] > 0.1):
            return kept["at"], kept["heads"]
    begin = time.monotonic()
    heads = heads_at(at)
    took = time.monotonic() - begin
    _counted["kept"] = {
        "head": head,
        "at": at,
        "heads": heads,
        "took": took,
        "clock": time.monotonic(),
        "begin": _first_history(),
    }
    return at, heads


def _first_history() -> str | None:
    """Tells one database from another."""
    return Entry.objects.filter(pk=1).values_list("sha256", flat=True).first()


def conflicts(staff: Staff, *, only: int | None = None) -> list[Open]:
    """Open contradictions, the newest first. Of people whom the asker may not see, only that there is one."""
    rows = list((journal.open_conflicts().filter(pk=only) if only else journal.open_conflicts())[:SHOWN])
    written = journal.entries(row.entry for row in rows)
    targets = _targets(written.values())
    named = {uuid: _named(e, targets) for uuid, e in written.items()}
    stays = StayEvent.objects.filter(entry__in=[uuid for uuid, ids in named.items() if not ids])
    named |= {event.entry: [event.evacuee] for event in stays}
    first = {uuid: ids[0] for uuid, ids in named.items() if ids}
    before = stays_before(rows, written, first)
    clashes = sides.clashes_by_entry(rows, written)
    against = sides.others(rows, written, before, clashes)
    both = {row.pk: [*named.get(row.entry, []), *_named(against.get(row.pk), targets)] for row in rows}
    unseen = people.hidden({pk for ids in both.values() for pk in ids}, staff)
    shown = people.faces(set(first.values()) - unseen)
    places = {uuid: _opening(e) for uuid, e in written.items()}
    names = opening_names({pk for pk in [*places.values(), *(e.opening for e in before.values())] if pk})
    words = sides.Writer([*written.values(), *against.values()], unseen)
    found = []
    for row in rows:
        entry = written.get(row.entry)
        secret = not unseen.isdisjoint(both[row.pk])
        here = places.get(row.entry)
        there = before[row.entry].opening if row.entry in before else None
        texts = {
            "here": names.get(here, "避難所") if here and not secret else "避難所",
            "there": names.get(there, "") if there and not secret else "",
        }
        clashing = clashes.get(row.entry, [])
        fields = list(dict.fromkeys(clash.field for clash in clashing))
        told = [(sides.ARRIVED, entry), (sides.OTHER, against.get(row.pk))]
        advice = rules.guide(row.code, there=bool(texts["there"]) and there != here, both=bool(clashing))
        pk = first.get(row.entry)
        found.append(
            Open(
                id=row.pk,
                code=row.code,
                guide=rules.Guide(advice.title, advice.do.format(**texts), advice.ways),
                ways=[] if secret else [(act, label.format(**texts)) for act, label in advice.ways],
                face=None if secret or pk is None else shown.get(pk),
                hidden=secret,
                sides=[words.side(title, e, fields=fields, secret=secret) for title, e in told if e is not None],
                clashes=clashing,
                opening=here,
                found_at=row.found_at,
            )
        )
    return found


def _targets(written: Iterable[Entry]) -> dict[UUID, Entry]:
    """The entries that these are about, and those that they are about in turn."""
    found: dict[UUID, Entry] = {}
    asked = {pk for e in written if (pk := _about(e))}
    while asked:
        more = journal.entries(asked)
        found |= more
        asked = {pk for e in more.values() if (pk := _about(e))} - found.keys()
    return found


def _about(entry: Entry) -> UUID | None:
    target = (entry.payload or {}).get("entry")
    return UUID(target) if target else None


def _named(entry: Entry | None, targets: dict[UUID, Entry]) -> list[UUID]:
    """Whom an entry speaks of, by itself or by the entry that it is about."""
    seen: set[UUID] = set()
    while entry is not None and entry.uuid not in seen:
        if people := sides.people_in(entry):
            return people
        seen.add(entry.uuid)  # type: ignore[arg-type]
        target = _about(entry)
        entry = targets.get(target) if target else None
    return []


def _opening(entry: Entry) -> UUID | None:
    payload = entry.payload or {}
    text = payload.get("opening") or payload.get("to")
    return UUID(text) if text else None


def stays_before(
    rows: Iterable[Conflict], written: dict[UUID, Entry], named: dict[UUID, UUID]
) -> dict[UUID, StayEvent]:
    """Of each contradictory entry what puts its person into another shelter: where they were before, or are since."""
    histories: dict[UUID, list[StayEvent]] = defaultdict(list)
    events = StayEvent.objects.filter(evacuee__in=set(named.values()), voided_at=None)
    for event in events.order_by("occurred_at", "entry"):
        histories[event.evacuee].append(event)
    found = {}
    for row in rows:
        entry = written.get(row.entry)
        if entry is None or row.entry not in named or entry.kind not in STAYS:
            continue
        here = _opening(entry)
        history = histories[named[row.entry]]
        earlier = [e for e in history if (e.occurred_at, e.entry) < (entry.occurred_at, row.entry) and e.kind != "left"]
        later = [
            e for e in history if (e.occurred_at, e.entry) > (entry.occurred_at, row.entry) and e.kind == "arrived"
        ]
        other = [e for e in [*reversed(earlier), *later] if e.opening != here]
        if other:
            found[row.entry] = other[0]
    return found


def twice(staff: Staff) -> list[Pair]:
    """People now in shelters who may be there under two records: the same resident, or typed with name and birth alike."""
    pairs = {tuple(sorted(pair)) for pair in [*_linked(), *_alike()]}
    told = ToldApart.objects.filter(voided_at=None).values_list("evacuee", "other")
    pairs -= {tuple(sorted(pair)) for pair in told}
    ids = {pk for pair in pairs for pk in pair}
    gone = people.merged_away(ids).keys() | people.hidden(ids, staff)
    present = {event.evacuee: event for event in staying(evacuees=ids - gone)}
    wanted = [pair for pair in sorted(pairs) if present.keys() >= set(pair)][:SHOWN]
    alike = {pk for pair in wanted for pk in pair}
    shown = people.faces(alike)
    names = opening_names(event.opening for event in present.values())
    told = _told_by({pk: present[pk] for pk in alike})
    return [
        Pair(
            shown[one],
            shown[two],
            (names.get(present[one].opening, ""), names.get(present[two].opening, "")),
            (told[one], told[two]),
        )
        for one, two in wanted
    ]


def _told_by(present: dict[UUID, StayEvent]) -> dict[UUID, list[Side]]:
    """Of each of these people the entry that says who they are, and the one that puts them where they are."""
    said = said_of(present)
    written = journal.entries([row.entry for row in [*said.values(), *present.values()]])
    words = sides.Writer(written.values(), set())
    return {
        pk: [
            words.side("", written[row.entry])
            for row in (said.get(pk), event)
            if row is not None and row.entry in written
        ]
        for pk, event in present.items()
    }


def _linked() -> list[tuple[UUID, UUID]]:
    """Two records of shelters that are one person of the register, by the links alive now."""
    met = Evacuee.objects.values("pk")
    by_person: dict[UUID, set[UUID]] = defaultdict(set)
    for record, person in live_links().filter(record__in=met).values_list("record", "into"):
        by_person[person].add(record)
    residents = people.by_person(by_person)
    found = []
    for person, records in by_person.items():
        group = sorted(records | residents.get(person, set()))
        found += [(one, two) for i, one in enumerate(group) for two in group[i + 1 :]]
    return found


def _alike() -> list[tuple[UUID, UUID]]:
    groups: dict[tuple[str, str], list[UUID]] = defaultdict(list)
    rows = Details.objects.filter(voided_at=None).exclude(birth="").exclude(birth__contains="-00")
    for evacuee, name, birth in rows.order_by("-received_no").values_list("evacuee", "name", "birth")[:TYPED_AT_MOST]:
        group = groups[identity_key(name), birth]
        if evacuee not in group:
            group.append(evacuee)
    return [(one, two) for group in groups.values() for i, one in enumerate(group) for two in group[i + 1 :]]


def pair(one: UUID, two: UUID, staff: Staff) -> Pair | None:
    """These two, if they may be one person still."""
    wanted = {one, two}
    return next((found for found in twice(staff) if {found.one.id, found.two.id} == wanted), None)


def refused() -> list[Entry]:
    return list(journal.waiting_refused()[:SHOWN])


def counts() -> dict[str, int]:
    return {"refused": journal.waiting_refused().count(), "conflicts": journal.open_conflicts().count()}
