"""What entries do to this room's tables. The only writers of them; set-based, safe to repeat, the same in any batching."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q

from backend.core import bulk
from backend.facilities.apply import retime
from backend.journal.models import Entry, Voiding
from backend.ledger.matching.services import take_records
from backend.ledger.models import Person, Protection

from . import rules
from .cards.rules import card_of
from .models import (
    Away,
    Consent,
    Contact,
    DaySheet,
    Details,
    Ended,
    Evacuee,
    Merge,
    Need,
    NeedMet,
    Note,
    Parcel,
    ProtectionAsked,
    Sheet,
    SheetLine,
    Status,
    StayEvent,
    ToldApart,
    Visitor,
    WelfareAnswer,
    WelfareCancel,
    WelfarePlaces,
    WelfareRequest,
    WelfareTransport,
)
from .people import accounts, typed_records

TABLES: tuple[type[Model], ...] = (
    Details,
    StayEvent,
    Consent,
    Need,
    NeedMet,
    ProtectionAsked,
    Note,
    Merge,
    ToldApart,
    Contact,
    Status,
    DaySheet,
    Away,
    Visitor,
    Parcel,
    Ended,
    Sheet,
    SheetLine,
    WelfarePlaces,
    WelfareRequest,
    WelfareAnswer,
    WelfareTransport,
    WelfareCancel,
)


def who(person: dict[str, str]) -> UUID:
    return rules.evacuee_id(settings.MUNICIPALITY_CODE, person)


def write(table: Any, entries: Sequence[Any], values: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    names, empty = _columns(table)
    rows = []
    for e in entries:
        said = {**empty, **values(e.payload)}
        rows.append((e.uuid, e.occurred_at, e.received_at, e.received_no, *map(said.__getitem__, names)))
    bulk.put(table, ("entry", "occurred_at", "received_at", "received_no", *names), rows, unless_there=True)


@cache
def _columns(table: Any) -> tuple[list[str], dict[str, Any]]:
    """What a table says beyond where it comes from, and what it says where an entry says nothing."""
    fields = {f.name: f for f in table._meta.concrete_fields}
    names = [name for name in fields if name not in ("entry", "occurred_at", "received_at", "received_no")]
    return names, {name: fields[name].get_default() for name in names}


def meet(entries: Sequence[Any]) -> None:
    """Everybody whom these entries name is known from now on."""
    named = [e.payload["person"] for e in entries if e.payload.get("person")]
    people = {who(person): person.get("atena_no") or None for person in named}
    _know(people)


def _know(people: dict[UUID, str | None]) -> None:
    rows = [(pk, number, card_of(pk)) for pk, number in people.items()]
    # Whoever was named by the id alone before is known by their number from now on: protections hang on it.
    bulk.put(Evacuee, ("id", "atena_no", "card"), rows, fills="atena_no")


def registered(entries: Sequence[Any]) -> None:
    _know({UUID(e.payload["evacuee"]): None for e in entries})
    write(Details, entries, lambda p: {"evacuee": p["evacuee"], **{f: p.get(f, "") for f in rules.DETAILS}})
    _hand_down({UUID(e.payload["evacuee"]): e.actor for e in entries})


def corrected(entries: Sequence[Any]) -> None:
    meet(entries)
    said = {"was": None, **dict.fromkeys(rules.DETAILS, "")}
    write(Details, entries, lambda p: {"evacuee": who(p["person"]), **{key: p.get(key, said[key]) for key in said}})
    _hand_down({who(e.payload["person"]): e.actor for e in entries})


def _hand_down(actors: dict[UUID, str]) -> None:
    """What people said of themselves goes down into the ledger, to be matched to the register; with who wrote it."""
    staff = accounts(actors.values())
    rows = [row | {"by": staff.get(actors[row["id"]])} for row in typed_records(actors)]
    take_records(room="shelters", rows=rows)


def arrived(entries: Sequence[Any]) -> None:
    meet(entries)
    write(StayEvent, entries, lambda p: _place(p, "arrived") | {"opening": p["opening"]})
    _tell_where(who(e.payload["person"]) for e in entries)


def moved(entries: Sequence[Any]) -> None:
    meet(entries)
    write(StayEvent, entries, lambda p: _place(p, "moved") | {"opening": p["to"], "from_opening": p["from"]})
    _tell_where(who(e.payload["person"]) for e in entries)


def _place(payload: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "evacuee": who(payload["person"]),
        "kind": kind,
        "how": payload.get("how", "inside"),
        "party": payload.get("party"),
        "spot": payload.get("spot", ""),
        "plate": payload.get("plate", ""),
    }


def left(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        StayEvent,
        entries,
        lambda p: {
            "evacuee": who(p["person"]),
            "kind": "left",
            "opening": p["opening"],
            "destination": p["destination"],
            "note": p.get("note", ""),
            "spot": p.get("spot", ""),
            "plate": p.get("plate", ""),
        },
    )
    _tell_where(who(e.payload["person"]) for e in entries)


def _tell_where(evacuees: Iterable[UUID]) -> None:
    """Where people are goes down into the ledger, as a fact that other rooms may read."""
    from .whereabouts import hand_down

    hand_down(evacuees)


def stay_corrected(entries: Sequence[Any]) -> None:
    """The event as it was stands until the correction was received; from then on the corrected one.

    Replicas receive in different orders and must come to the same: of several corrections of one stay that with the
    latest id holds, and a stay of which anything was taken back is taken back whole.
    """
    for e in sorted(entries, key=lambda entry: entry.received_no):
        old = StayEvent.objects.filter(entry=e.payload["entry"]).first()
        if old is None or StayEvent.objects.filter(entry=e.uuid).exists():
            continue
        family = _family([old.entry])
        voided = Voiding.objects.filter(target__in=[*(event.entry for event in family), e.uuid]).exists()
        later = any(event.corrects and event.entry > e.uuid for event in family)
        StayEvent.objects.create(
            entry=e.uuid,
            occurred_at=e.payload["occurred_at"],
            received_at=e.received_at,
            received_no=e.received_no,
            voided_at=e.received_at if voided or later else None,
            evacuee=old.evacuee,
            kind=old.kind,
            opening=old.opening,
            from_opening=old.from_opening,
            how=old.how,
            party=old.party,
            spot=old.spot,
            plate=old.plate,
            destination=(e.payload.get("destination") or old.destination) if old.kind == "left" else "",
            note=old.note,
            corrects=old.entry,
        )
        if not later or voided:
            _take_back(StayEvent, [event.entry for event in family], e.received_at)
        _tell_where([old.evacuee])


def _family(entries: Sequence[UUID]) -> list[StayEvent]:
    """Stays with all that corrects them, and all that they correct."""
    found: dict[UUID, StayEvent] = {}
    asked, seen = set(entries), set(entries)
    while asked:
        rows = list(StayEvent.objects.filter(Q(entry__in=asked) | Q(corrects__in=asked)))
        found |= {row.entry: row for row in rows}
        asked = ({row.entry for row in rows} | {row.corrects for row in rows if row.corrects}) - seen
        seen |= asked
    return list(found.values())


def consent_stated(entries: Sequence[Any]) -> None:
    meet(entries)
    write(Consent, entries, lambda p: {"evacuee": who(p["person"]), "item": p["item"], "given": p["given"]})


def consent_withdrawn(entries: Sequence[Any]) -> None:
    meet(entries)
    write(Consent, entries, lambda p: {"evacuee": who(p["person"]), "item": p["item"], "given": False})


def protection_asked(entries: Sequence[Any]) -> None:
    """Hide them at once. The ledger's row has the entry's id: made once, never again, also after it was lifted."""
    meet(entries)
    write(ProtectionAsked, entries, lambda p: {"evacuee": who(p["person"])})
    asked = {who(e.payload["person"]) for e in entries}
    authors = accounts(e.actor for e in entries)
    in_ledger = set(Person.objects.filter(pk__in=asked).values_list("pk", flat=True))
    Protection.objects.bulk_create(
        [
            Protection(
                id=e.uuid,
                evacuee=who(e.payload["person"]),
                person_id=who(e.payload["person"]) if who(e.payload["person"]) in in_ledger else None,
                atena_no=e.payload["person"].get("atena_no") or None,
                source=Protection.Source.DESK,
                asked_at=e.occurred_at,
                asked_by=authors.get(e.actor),
            )
            for e in entries
        ],
        ignore_conflicts=True,
    )


def protection_lifted(entries: Sequence[Any]) -> None:
    """Headquarters' named supervisor lifted what an entry had asked for: here, too, it hides nobody any more. Where it was
    lifted the row says so already."""
    meet(entries)
    for e in entries:
        if e.payload.get("entry"):
            rows = Protection.objects.filter(pk=e.payload["entry"], lifted_at=None)
            rows.update(lifted_at=e.received_at, lifted_entry=e.uuid)


def note_added(entries: Sequence[Any]) -> None:
    meet(entries)
    write(
        Note,
        entries,
        lambda p: {
            "evacuee": who(p["person"]) if p.get("person") else None,
            "opening": p.get("opening"),
            "text": p["text"],
        },
    )


def merged(entries: Sequence[Any]) -> None:
    """Two evacuees are one: from now on `into` is asked in place of the other. Their own entries stay as they are."""
    entries = [e for e in entries if who(e.payload["person"]) != who(e.payload["into"])]
    meet(entries)
    write(Merge, entries, lambda p: {"evacuee": who(p["person"]), "into": who(p["into"]), "carried": p.get("carried")})


def told_apart(entries: Sequence[Any]) -> None:
    """Two records that look like one person are two."""
    meet(entries)
    write(ToldApart, entries, lambda p: {"evacuee": who(p["person"]), "other": who(p["other"])})


def contact_made(entries: Sequence[Any]) -> None:
    meet(entries)
    texts = ("how", "result", "note", "next_by", "next_on")
    write(Contact, entries, lambda p: {"evacuee": who(p["person"]), **{key: p.get(key, "") for key in texts}})


def person_status(entries: Sequence[Any]) -> None:
    """Where somebody is, as told: it goes down into the ledger like a stay."""
    meet(entries)
    texts = ("status", "place", "plate", "told_by")
    write(Status, entries, lambda p: {"evacuee": who(p["person"]), **{key: p.get(key, "") for key in texts}})
    _tell_where(who(e.payload["person"]) for e in entries)


def unmerged(entries: Sequence[Any]) -> None:
    """They are two after all, as known from now on."""
    for e in entries:
        _take_back(Merge, [UUID(e.payload["entry"])], e.received_at)


def void(targets: Sequence[Any], at: datetime) -> None:
    """Take back what these entries did, as known from `at` on; the first to take back counts."""
    for table in TABLES:
        _take_back(table, [target.uuid for target in targets], at)
    stays = [target.uuid for target in targets if target.kind.startswith("stay.")]
    for start in range(0, len(stays), 500):
        _take_back(StayEvent, [event.entry for event in _family(stays[start : start + 500])], at)
    ids = [target.uuid for target in targets]
    ended = set(StayEvent.objects.filter(entry__in=ids).values_list("evacuee", flat=True))
    _tell_where(ended | set(Status.objects.filter(entry__in=ids).values_list("evacuee", flat=True)))


def _take_back(table: Any, entries: list[UUID], at: datetime) -> None:
    rows = table.objects.filter(entry__in=entries)
    rows.filter(Q(voided_at__isnull=True) | Q(voided_at__gt=at)).update(voided_at=at)


def retimed(times: Mapping[UUID, datetime]) -> None:
    """What these entries left behind was so at another time: the clock by which they were written was wrong. What follows
    from the order of things goes down into the ledger again."""
    retime(TABLES, times)
    entries = list(times)
    for start in range(0, len(entries), 500):
        rows = [table.objects.filter(entry__in=entries[start : start + 500]) for table in (StayEvent, Status)]  # type: ignore[attr-defined]
        _tell_where(evacuee for found in rows for evacuee in found.values_list("evacuee", flat=True))
        said = dict(Details.objects.filter(entry__in=entries[start : start + 500]).values_list("entry", "evacuee"))
        actors = Entry.objects.filter(uuid__in=list(said)).values_list("uuid", "actor")
        _hand_down({said[entry]: actor for entry, actor in actors if entry})


def drop() -> None:
    for table in (*TABLES, Evacuee):
        table.objects.all().delete()  # type: ignore[attr-defined]


# What entries speak of (journal.models.Topic): by this each laptop is given its part. ------------------------------------

Topics = list[tuple[str, UUID | None]]


_place_id = lru_cache(maxsize=2000)(UUID)


def about_person(payload: dict[str, Any]) -> Topics:
    found: Topics = [("person", who(payload[key])) for key in ("person", "into", "other") if key in payload]
    found += [("place", _place_id(payload[key])) for key in ("opening", "from", "to") if payload.get(key)]
    return found


def about_person_and_entry(payload: dict[str, Any]) -> Topics:
    return about_person(payload) + (about_entry(payload) if payload.get("entry") else [])


def about_evacuee(payload: dict[str, Any]) -> Topics:
    return [("person", UUID(payload["evacuee"]))]


def about_entry(payload: dict[str, Any]) -> Topics:
    return [("entry", UUID(payload["entry"]))]
