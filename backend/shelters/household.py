"""What this room adds to the page of a household of the ledger, and to the page of one evacuee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.core.clock import tokyo_date
from backend.core.errors import Conflict, NotFound
from backend.core.templatetags.tasuki import era, tokyo
from backend.journal import queries as journal
from backend.ledger.households import queries as households
from backend.ledger.models import Disaster, Household, Person

from . import rules
from .disasters import disasters_of
from .exchange.queries import given_of
from .models import Consent, Details, Note, StayEvent
from .people import by_evacuee, evacuee_of, faces, hidden
from .places.queries import Step, members_chain
from .queries import StayLine, opening_names, places_of, where_are
from .welfare.queries import marks

_TITLES = {"arrived": "避難所に到着", "moved": "避難所を移動", "left": "避難所を退所"}


def history(evacuees: Iterable[UUID]) -> list[StayLine]:
    """All events of these people, the newest first, with those that were taken back. Ask `hidden` before."""
    events = list(StayEvent.objects.filter(evacuee__in=list(evacuees)).order_by("-occurred_at", "-entry"))
    names = opening_names({e.opening for e in events} | {e.from_opening for e in events if e.from_opening})
    written = journal.entries(e.entry for e in events)
    authors = journal.authors(written.values())
    return [
        StayLine(
            event,
            names.get(event.opening, ""),
            names.get(event.from_opening, "") if event.from_opening else "",
            authors.get(written[event.entry].actor, "") if event.entry in written else "",
            _TITLES[event.kind],
        )
        for event in events
    ]


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """Arrivals, moves and departures of a household's members whom this person may see; one line an act."""
    household = Household.objects.select_related("disaster").filter(pk=household_id).first()
    if household is None or not may(staff, "shelters.read"):
        return []
    spans = households.spells(household, staff=staff)
    members = by_evacuee(list(Person.objects.filter(pk__in=spans).order_by("position", "pk")))
    unseen = hidden(members, staff)
    since = household.disaster.occurred_at - rules.BEFORE
    order = list(members)
    lines = history(pk for pk in members if pk not in unseen)
    of = disasters_of(line.event.opening for line in lines)
    acts: dict[tuple[Any, ...], list[UUID]] = defaultdict(list)
    for line in lines:
        e = line.event
        if of[e.opening] not in (None, household.disaster_id):
            continue  # what another disaster brought is told in its own time line
        if e.occurred_at >= since and _belongs(tokyo_date(e.occurred_at), spans[members[e.evacuee].pk]):
            key = (e.occurred_at, line.title, _place(line), line.by, e.voided_at is not None)
            acts[key].append(e.evacuee)
    return [
        *_beside(household.disaster, members, unseen, since, staff),
        *[
            {
                "at": at,
                "title": title,
                "text": f"{place}　{'、'.join(members[pk].name for pk in sorted(people, key=order.index))}",
                "by": by,
                **({"kind": "void"} if voided else {}),
            }
            for (at, title, place, by, voided), people in acts.items()
        ],
    ]


def _beside(
    disaster: Disaster, members: dict[UUID, Person], unseen: set[UUID], since: datetime, staff: Staff
) -> list[dict[str, Any]]:
    """What else is told of a household's members: requests for welfare shelters, where they were said to be, to whom their
    data went."""
    rows: list[dict[str, Any]] = [
        {
            "at": case.row.occurred_at,
            "title": "福祉避難所の依頼",
            "text": f"{case.face.name}　{case.state}　{case.facility}".strip(),
        }
        for case in {case.row.request: case for case in marks(members, staff, disaster).values()}.values()
    ]
    rows += [_told_line(name, step) for name, step in members_chain(list(set(members.values())), staff)]
    rows += [
        {
            "at": file.made_at,
            "title": "関係機関への提供",
            "text": f"{file.partner}（避難者の情報）",
            "by": str(file.made_by or ""),
        }
        for file in given_of([pk for pk in members if pk not in unseen])
    ]
    return [row for row in rows if row["at"] >= since]


def _told_line(name: str, step: Step) -> dict[str, Any]:
    """What was told of where a member is, for the time line."""
    said = f"{step.text}　{name}（{step.told_by}）".strip()
    return {"at": step.at, "title": f"居場所：{step.title}", "text": said, "by": step.by} | (
        {"kind": "void"} if step.voided else {}
    )


def _belongs(day: date, spans: list[tuple[date | None, date | None]]) -> bool:
    """Whether somebody belonged to the household on a day: what they did before and after is told in others."""
    return any((not since or since <= day) and (not until or day < until) for since, until in spans)


def _place(line: StayLine) -> str:
    if line.event.kind == "moved":
        return f"{line.from_place} → {line.place}"
    if line.event.kind == "left":
        return f"{line.place}（{rules.DESTINATIONS[line.event.destination]}）"
    return line.place


def door(household_id: UUID, staff: Staff) -> dict[str, Any] | None:
    """The way from a household to the shelters: how many of its members (whom this person may see) are in one."""
    household = Household.objects.filter(pk=household_id).first()
    if household is None or not (may(staff, "shelters.read") or may(staff, "shelters.write")):
        return None
    members = by_evacuee([member.person for member in households.members_of(household, staff=staff)])
    places = where_are(members, staff=staff).values()
    inside = [place for place in places if place.present]
    names = "、".join(sorted({place.name for place in inside}))
    url = None
    if may(staff, "shelters.write"):
        url = reverse("shelters:check_in", args=[household_id])
    elif inside:
        url = reverse("shelters:shelter", args=[inside[0].opening])
    label = "避難所に受付" if may(staff, "shelters.write") else "避難所"
    return {"label": label, "url": url, "count": len(inside), "unit": "人", "note": names or "避難所にはいません"}


def consents_said(evacuee: UUID) -> dict[str, Consent]:
    """The latest answer to each question with its time, for the page of one person."""
    rows = Consent.objects.filter(evacuee=evacuee, voided_at__isnull=True).order_by("occurred_at", "entry")
    return {row.item: row for row in rows}


def face(evacuee: UUID) -> Any:
    return faces([evacuee])[evacuee]


def was_at(opening: UUID, evacuee: UUID, staff: Staff) -> bool:
    """Whether somebody whom this person may see ever was (or was written to be) at a shelter."""
    events = StayEvent.objects.filter(Q(opening=opening) | Q(from_opening=opening), evacuee=evacuee)
    return events.exists() and not hidden([evacuee], staff)


def line_of(entry: UUID, staff: Staff) -> StayLine:
    """One event that is still in force, of somebody whom this person may see; else `NotFound` or `Conflict`."""
    event = StayEvent.objects.filter(entry=entry).first()
    if event is None or hidden([event.evacuee], staff):
        raise NotFound("その記録は見つかりません。")
    if event.voided_at is not None:
        raise Conflict("その記録はすでに取り消されたか、訂正されています。")
    return next(line for line in history([event.evacuee]) if line.event.entry == entry)


def facts_of(line: StayLine) -> list[dict[str, Any]]:
    """One event for the component `facts`."""
    return [
        {"label": "記録", "value": line.title},
        {"label": "避難所", "value": _place(line)},
        {"label": "日時", "value": tokyo(line.event.occurred_at)},
        {"label": "記録した人", "value": line.by},
    ]


def notes(evacuee: UUID) -> list[dict[str, Any]]:
    """覚え書き about somebody, the newest first, for the component `timeline`."""
    rows = list(Note.objects.filter(evacuee=evacuee, voided_at__isnull=True).order_by("-occurred_at", "-entry"))
    written = journal.entries(row.entry for row in rows)
    authors = journal.authors(written.values())
    return [
        {"at": row.occurred_at, "title": "覚え書き", "text": row.text, "by": authors.get(written[row.entry].actor, "")}
        for row in rows
    ]


def corrections(evacuees: Iterable[UUID]) -> list[dict[str, Any]]:
    """What was said of somebody and how it was corrected, the newest first, for the component `timeline`; empty where
    nothing was corrected. Ask `hidden` before."""
    rows = list(Details.objects.filter(evacuee__in=list(evacuees)).order_by("occurred_at", "entry"))
    if len(rows) < 2:
        return []
    written = journal.entries(row.entry for row in rows)
    authors = journal.authors(written.values())
    found, before = [], {}
    for row in rows:
        last = before.get(row.evacuee)
        was = row.was if row.was is not None else {f: getattr(last, f) for f in rules.DETAILS} if last else None
        entry = written.get(row.entry)
        line: dict[str, Any] = {
            "at": row.occurred_at,
            "title": "記載の訂正" if was is not None else "登録したときの記載",
            "text": "　".join(_changes(row, was)),
            "by": "　".join(filter(None, [authors.get(entry.actor, ""), entry.device.name])) if entry else "",
        }
        found.append(line | ({"kind": "void"} if row.voided_at else {}))
        before[row.evacuee] = row
    return found[::-1]


def _changes(row: Details, was: dict[str, str] | None) -> Iterator[str]:
    for name, label in rules.DETAILS.items():
        now, before = said_as(name, getattr(row, name)), said_as(name, (was or {}).get(name, ""))
        if was is None and now:
            yield f"{label}：{now}"
        elif was is not None and name in was and now != before:
            yield f"{label}：{before or '（空欄）'} → {now or '（空欄）'}"


def said_as(name: str, value: str) -> str:
    """A field of somebody's details as people read it."""
    return rules.SEXES.get(value, value) if name == "sex" else era(value) if name == "birth" and value else value


def left_since(opening: UUID, since: datetime, staff: Staff) -> list[dict[str, Any]]:
    """Who left a shelter since then and is in none now: so that somebody who returns is found again."""
    rows = StayEvent.objects.filter(opening=opening, kind="left", occurred_at__gte=since, voided_at__isnull=True)
    latest = {row.evacuee: row for row in rows.order_by("occurred_at", "entry")}
    away = latest.keys() - set(places_of(latest)) - hidden(latest, staff)
    people = faces(away)
    found = [
        {"face": people[pk], "at": latest[pk].occurred_at, "to": rules.DESTINATIONS[latest[pk].destination]}
        for pk in away
    ]
    return sorted(found, key=lambda row: row["at"], reverse=True)


def written_since(
    *, people: list[Person], ids: list[UUID], households: list[UUID], since: datetime
) -> Iterator[dict[str, Any]]:
    """What shelters wrote of these people since a moment, for a link that is taken apart: no names, no places."""
    evacuees = {*ids, *(evacuee_of(person) for person in people)}
    tables: list[tuple[Any, str]] = [(StayEvent, "避難所の入退所"), (Consent, "同意の確認"), (Note, "避難所の覚え書き")]
    for table, title in tables:
        rows = table.objects.filter(evacuee__in=evacuees, received_at__gte=since, voided_at__isnull=True)
        for row in rows.order_by("received_no"):
            yield {"source_id": str(row.entry), "title": title, "written_at": row.received_at}
