"""Requests for welfare shelters as they stand, places free, and who depends on a device but has not been asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.accounts.models import Staff
from backend.core.clock import today
from backend.facilities import queries as facilities
from backend.facilities.models import Facility, Opening
from backend.facilities.queries import known, latest
from backend.journal import queries as journal
from backend.ledger.models import Disaster
from backend.ledger.queries import current_disaster

from ..help_first import queries as help_queries
from ..help_first import rules as help_rules
from ..models import (
    Evacuee,
    HelpPerson,
    StayEvent,
    WelfareAnswer,
    WelfareCancel,
    WelfarePlaces,
    WelfareRequest,
    WelfareTransport,
)
from ..needs.queries import needs_of
from ..people import Face, faces, hidden, merged_away, pieces
from ..places import queries as places
from ..queries import head_count, opening_names
from ..rules import BEFORE
from . import rules

# Where somebody still needs a welfare shelter; who is in hospital or a home is cared for.
WAITING_AT = {"designated", "spontaneous", "home", "car", "tent", "relatives", "shelter", "unknown", "missing"}


@dataclass(frozen=True)
class Case:
    """One request with the person, how it stands, and what was arranged.

    `evacuee`: who stands for them today, where the record that was asked for was found to be one with another.
    """

    row: WelfareRequest
    evacuee: UUID
    face: Face
    standing: rules.Standing
    facility: str
    asked_from: str
    transport: WelfareTransport | None
    now: places.Now | None

    @property
    def devices(self) -> list[str]:
        return [help_rules.DEVICES[key][0] for key in self.row.devices.split() if key in help_rules.DEVICES]

    @property
    def people(self) -> int:
        return 1 + self.row.companions

    @property
    def state(self) -> str:
        return rules.STATES[self.standing.state]

    @property
    def age(self) -> int | None:
        return self.face.age(today())

    @property
    def mark(self) -> str:
        """Its state as short as a roster has room for."""
        return f"福祉避難所 {rules.MARKS.get(self.standing.state, '')}"

    @property
    def kind(self) -> str:
        """The colour of its state."""
        state = self.standing.state
        return {"asked": "warning", "accepted": "info", "moving": "info", "arrived": "success"}.get(state, "neutral")


@dataclass(frozen=True)
class Room:
    """A welfare shelter with its places. `free` below zero: more were promised than there is room for."""

    facility: Facility
    opening: UUID | None
    told: WelfarePlaces | None
    places: int | None
    inside: int
    promised: int

    @property
    def free(self) -> int | None:
        return rules.free(self.places, self.inside, self.promised)


def standings(requests: Iterable[UUID]) -> dict[UUID, rules.Standing]:
    """Request -> how it stands, of those named."""
    rows = list(WelfareRequest.objects.filter(request__in=list(requests), voided_at=None))
    return _standings(rows)


def _standings(rows: list[WelfareRequest]) -> dict[UUID, rules.Standing]:
    events: dict[UUID, list[rules.Event]] = defaultdict(list)
    for piece in pieces([row.request for row in rows]):
        for a in WelfareAnswer.objects.filter(request__in=piece, voided_at=None):
            events[a.request].append(rules.Event(a.occurred_at, a.entry, a.answer, a.facility))
        for t in WelfareTransport.objects.filter(request__in=piece, voided_at=None):
            events[t.request].append(rules.Event(t.occurred_at, t.entry, "transport"))
        for c in WelfareCancel.objects.filter(request__in=piece, voided_at=None):
            events[c.request].append(rules.Event(c.occurred_at, c.entry, "cancel"))
    stays = _stays(rows)
    for row in rows:
        events[row.request] += _arrival(row, stays[row.request])
    return {row.request: rules.standing(row.occurred_at, events[row.request], stays[row.request]) for row in rows}


def _arrival(row: WelfareRequest, stays: list[rules.Stay]) -> list[rules.Event]:
    """The first stay at a welfare shelter that began since somebody was asked for."""
    began = [rules.Event(s.since, s.entry, "arrive", s.facility) for s in stays if s.since >= row.occurred_at]
    return began[:1]


def _stays(rows: list[WelfareRequest]) -> dict[UUID, list[rules.Stay]]:
    """Request -> when its person was in which welfare shelters, in their order."""
    away = merged_away()
    events: list[StayEvent] = []
    for piece in pieces(list(_records({row.evacuee for row in rows}, away))):
        events += StayEvent.objects.filter(evacuee__in=piece, voided_at=None)
    where = dict(Opening.objects.filter(opening__in={e.opening for e in events}).values_list("opening", "facility"))
    kind = Facility.Kind.WELFARE
    welfare = set(Facility.objects.filter(pk__in=where.values(), kind=kind).values_list("pk", flat=True))
    found: dict[UUID, list[rules.Stay]] = defaultdict(list)
    for event in sorted(events, key=lambda e: (e.occurred_at, e.entry)):
        theirs, facility = found[away.get(event.evacuee, event.evacuee)], where.get(event.opening)
        last = theirs[-1] if theirs else None
        if last and last.until is None and (event.kind != "left" or event.opening == last.opening):
            theirs[-1] = replace(last, until=event.occurred_at)
        if event.kind != "left" and facility in welfare:
            theirs.append(rules.Stay(facility, event.opening, event.entry, event.occurred_at))
    return {row.request: found[away.get(row.evacuee, row.evacuee)] for row in rows}


def _requests(disaster: Disaster | None = None) -> QuerySet[WelfareRequest]:
    """The requests since a disaster (the current one), whoever may see them: those of an earlier one hold no place."""
    rows = WelfareRequest.objects.filter(voided_at=None)
    disaster = disaster or current_disaster()
    return rows.filter(occurred_at__gte=disaster.occurred_at - BEFORE) if disaster else rows


def cases(
    staff: Staff | None,
    *,
    only: UUID | None = None,
    evacuees: Iterable[UUID] | None = None,
    disaster: Disaster | None = None,
) -> list[Case]:
    """The requests of a disaster (the current one; of some people), or a single one of any, that this person may see, the
    most urgent first."""
    rows, away = _requests(disaster), merged_away()
    if only is not None:
        rows = WelfareRequest.objects.filter(request=only, voided_at=None)
    elif evacuees is not None:
        rows = rows.filter(evacuee__in=_records(evacuees, away))
    found = list(rows)
    whole = {row.request: away.get(row.evacuee, row.evacuee) for row in found}
    unseen = hidden({row.evacuee for row in found} | {*whole.values()}, staff)
    found = [row for row in found if not unseen & {row.evacuee, whole[row.request]}]
    stand = _standings(found)
    ids = {whole[row.request] for row in found}
    people, where = faces(ids), places.current(ids)
    named = Facility.objects.in_bulk({s.facility for s in stand.values() if s.facility})
    openings = opening_names({row.opening for row in found if row.opening})
    transports = {
        t.request: t
        for t in latest(known(WelfareTransport.objects.filter(request__in=list(stand)), None, None), "request")
    }
    made = []
    for row in found:
        standing = stand[row.request]
        facility = named.get(standing.facility)
        transport = transports.get(row.request) if standing.state in ("moving", "arrived") else None
        asked_from = openings.get(row.opening, "") if row.opening else ""
        name = facility.name if facility else ""
        pk = whole[row.request]
        made.append(Case(row, pk, people[pk], standing, name, asked_from, transport, where.get(pk)))
    return sorted(made, key=lambda c: rules.order(help_rules.urgency(c.row.devices.split(), False), c.row.occurred_at))


def _records(evacuees: Iterable[UUID], away: dict[UUID, UUID]) -> set[UUID]:
    """All records of these people: their own, whom these were made one with, and those that were made one with them."""
    whole = {away.get(pk, pk) for pk in evacuees}
    return whole | {record for record, into in away.items() if into in whole}


def marks(evacuees: Iterable[UUID], staff: Staff | None, disaster: Disaster | None = None) -> dict[UUID, Case]:
    """Evacuee -> their latest request that is not cancelled, for a roster or a page of one person."""
    found: dict[UUID, Case] = {}
    for case in sorted(cases(staff, evacuees=evacuees, disaster=disaster), key=lambda c: c.row.occurred_at):
        if case.standing.state != "cancelled":
            found |= {case.evacuee: case, case.row.evacuee: case}
    return found


def open_ones(evacuees: Iterable[UUID]) -> set[UUID]:
    """Those of these people for whom a request is open, whoever may see it."""
    wanted, away = set(evacuees), merged_away()
    rows = [row for piece in pieces(list(_records(wanted, away))) for row in _requests().filter(evacuee__in=piece)]
    stand = _standings(rows)
    asked = {away.get(row.evacuee, row.evacuee) for row in rows if stand[row.request].state in rules.OPEN}
    return {pk for pk in wanted if away.get(pk, pk) in asked}


def who(evacuee: UUID, staff: Staff | None) -> Face | None:
    """Somebody whom a shelter met, or who stands on the municipality's list; None for who may not be seen."""
    if hidden([evacuee], staff):
        return None
    if Evacuee.objects.filter(pk=evacuee).exists():
        return faces([evacuee])[evacuee]
    row = listed(evacuee)
    return _of_list(row) if row else None


def _of_list(row: HelpPerson) -> Face:
    return Face(row.evacuee, row.name, row.kana, row.birth, row.sex, row.address, telephone=row.telephone)


def listed(evacuee: UUID) -> HelpPerson | None:
    """Their line of the municipality's list."""
    file = help_queries.newest()
    return file.people.filter(evacuee=evacuee).first() if file else None


def rooms() -> list[Room]:
    """Every welfare shelter with its places, those with most of them free first."""
    told = {row.facility: row for row in latest(known(WelfarePlaces.objects.all(), None, None), "facility")}
    welfare = list(Facility.objects.filter(Q(kind=Facility.Kind.WELFARE, active=True) | Q(pk__in=list(told))))
    open_now = {s.facility.pk: s for s in facilities.open_shelters()}
    promised: dict[UUID, int] = defaultdict(int)
    rows = list(_requests())
    stand = _standings(rows)
    for row in rows:
        found = stand[row.request]
        if found.state in rules.PROMISED and found.facility:
            promised[found.facility] += 1 + row.companions
    made = [_room(place, open_now.get(place.pk), told.get(place.pk), promised[place.pk]) for place in welfare]
    return sorted(made, key=lambda r: (r.free is None, -(r.free or 0), r.facility.kana, r.facility.name))


def _room(place: Facility, shelter: Any, told: WelfarePlaces | None, promised: int) -> Room:
    # Whichever is more: people who were counted and not named take places too.
    inside = max(head_count(shelter.opening).people, shelter.people or 0) if shelter else 0
    # How many may be in the house (収容人数) says nothing of how many can be cared for: that is asked.
    asked = told.places if told else None
    return Room(place, shelter.opening if shelter else None, told, asked, inside, promised)


def room(facility: UUID) -> Room | None:
    return next((found for found in rooms() if found.facility.pk == facility), None)


@dataclass(frozen=True)
class Candidate:
    """Somebody who depends on a device, is in no welfare shelter, hospital or home, and for whom nobody has asked yet."""

    face: Face
    evacuee: UUID
    devices: list[str]
    reason: str
    now: places.Now | None


def candidates(staff: Staff | None) -> list[Candidate]:
    """People on ventilators, oxygen, dialysis, tube feeding, insulin (by the municipality's list, or as written at a
    shelter) who may need a place, the most urgent first."""
    seen = places.seen(staff)
    listed, keys = _depending(staff)
    said: dict[UUID, str] = {}
    for piece in pieces([pk for pk, place in seen.items() if place.kind in WAITING_AT]):
        for pk, stated in needs_of(piece).items():
            if words := [need.label for need in stated if need.need == "device"]:
                said[pk] = "、".join(words)
    ids = listed.keys() | said.keys()
    unseen: set[UUID] = set()
    for piece in pieces(list(ids)):
        unseen |= hidden(piece, staff)
    asked = open_ones(ids)
    found = []
    for pk in ids - unseen - asked:
        place = seen.get(pk)
        if place is not None and place.kind not in WAITING_AT:
            continue
        if place is None and pk not in listed:
            continue
        found.append(pk)
    people = faces([pk for pk in found if pk in seen])
    made = [
        _candidate(pk, people.get(pk), listed.get(pk), keys.get(pk, []), said.get(pk, ""), seen.get(pk)) for pk in found
    ]
    return sorted(made, key=lambda c: (*help_rules.urgency(keys.get(c.evacuee, []), False), c.face.kana, c.face.name))


def _depending(staff: Staff | None) -> tuple[dict[UUID, HelpPerson], dict[UUID, list[str]]]:
    """Those of the newest list whom the asker may see and who depend on a device by the list or by their plan, and on which."""
    file = help_queries.newest()
    people = list(help_queries.seen(file, staff)) if file else []
    plans = help_queries.plans_of([p.evacuee for p in people])
    keys: dict[UUID, list[str]] = {}
    for p in people:
        plan = plans.get(p.evacuee)
        said = {*p.device_list, *(plan.devices.split() if plan else [])}
        if said:
            keys[p.evacuee] = [key for key in help_rules.DEVICES if key in said]
    return {p.evacuee: p for p in people if p.evacuee in keys}, keys


def _candidate(
    pk: UUID, face: Face | None, row: HelpPerson | None, keys: list[str], said: str, place: places.Now | None
) -> Candidate:
    if face is None:
        face = _of_list(row) if row else Face(pk, "（氏名不明）")
    devices = [help_rules.DEVICES[key][0] for key in keys]
    return Candidate(face, pk, devices, row.reason if row else said, place)


def told_of(request: UUID) -> list[dict[str, Any]]:
    """All that happened to one request, the newest first, for the component `timeline`; what was taken back too."""
    named: dict[UUID, str] = {}
    rows: list[tuple[Any, str, str]] = []
    for asked in WelfareRequest.objects.filter(request=request):
        rows.append((asked, "依頼", asked.needs))
    answers = list(WelfareAnswer.objects.filter(request=request))
    named = {f.pk: f.name for f in Facility.objects.filter(pk__in={a.facility for a in answers})}
    for a in answers:
        over = "（定員を超えて）" if a.over else ""
        text = "　".join(filter(None, [named.get(a.facility, "") + over, a.reason, a.told_by]))
        rows.append((a, rules.ACTS[a.answer], text))
    for t in WelfareTransport.objects.filter(request=request):
        leaves = f"出発 {_short(t.leaves_at)}" if t.leaves_at else ""
        rows.append((t, rules.ACTS["transport"], "　".join(filter(None, [t.carrier, leaves, t.note]))))
    for c in WelfareCancel.objects.filter(request=request):
        rows.append((c, rules.ACTS["cancel"], c.reason))
    for row in WelfareRequest.objects.filter(request=request):
        for event in _arrival(row, _stays([row])[request]):
            stay = StayEvent.objects.get(entry=event.entry)
            rows.append((stay, rules.ACTS["arrive"], opening_names([stay.opening]).get(stay.opening, "")))
    rows.sort(key=lambda r: (r[0].occurred_at, r[0].entry), reverse=True)
    written = journal.entries(row.entry for row, _, _ in rows)
    authors = journal.authors(written.values())
    return [
        {
            "at": row.occurred_at,
            "title": title,
            "text": text,
            "by": authors.get(written[row.entry].actor, "") if row.entry in written else "",
            **({"kind": "void"} if row.voided_at else {"kind": "warning"} if title == rules.ACTS["refuse"] else {}),
        }
        for row, title, text in rows
    ]


def _short(at: datetime) -> str:
    from backend.core.templatetags.tasuki import tokyo_short

    return tokyo_short(at)
