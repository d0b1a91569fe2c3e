"""What a laptop may say of others' entries: it is believed about its own shelter and the people known there.

A laptop may be stolen and its program altered. Which kinds ask for what stands with them (`kinds.Kind.told_by`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from backend.facilities.models import Opening

from . import circle
from .content import Read
from .kinds import all_kinds
from .models import Entry, Terminal, Topic

Topics = Sequence[tuple[str, UUID | None]]
DEEPEST = 8  # a correction of a correction of …


def may_say(got: Read, terminal: Terminal | None, batch: Iterable[tuple[Entry, Topics]]) -> bool:
    """Whether this laptop is believed in this. `batch`: what is being taken with it, and stands in no table yet."""
    kind = all_kinds().get((got.kind, got.v))
    if kind is None or kind.told_by == "anybody":
        return True
    if kind.told_by == "headquarters" or terminal is None:
        return False
    fresh = {entry.uuid: (entry, topics) for entry, topics in batch if entry.verdict == Entry.Verdict.ACCEPTED}
    target = UUID(got.payload["entry"])
    entry = fresh[target][0] if target in fresh else _accepted(target)
    if entry is None:
        return True  # of what nobody has brought yet it undoes nothing; that is named as a contradiction
    if entry.device is not None and entry.device.terminal_id == terminal.pk:
        return True
    return kind.told_by == "shelter" and _concerns(terminal, target, fresh)


def _accepted(uuid: UUID) -> Entry | None:
    return Entry.objects.filter(uuid=uuid, verdict=Entry.Verdict.ACCEPTED).select_related("device").first()


def _concerns(terminal: Terminal, target: UUID, fresh: dict[UUID, tuple[Entry, Topics]]) -> bool:
    """Whether an entry speaks of the laptop's shelter or of somebody known there, itself or in what it corrects."""
    openings = set(Opening.objects.filter(facility=terminal.facility).values_list("opening", flat=True))
    places, people = _speaks_of(target, fresh)
    if places & openings:
        return True
    known = circle.known_at(list(openings)).filter(topic__in=people)
    return bool(people) and (known.exists() or bool(people & _met_in(fresh, openings)))


def _speaks_of(target: UUID, fresh: dict[UUID, tuple[Entry, Topics]]) -> tuple[set[UUID], set[UUID]]:
    places: set[UUID] = set()
    people: set[UUID] = set()
    asked = {target}
    for _ in range(DEEPEST):
        deeper: set[UUID] = set()
        for of, topic in [pair for uuid in asked for pair in _topics(uuid, fresh) if pair[1] is not None]:
            {Topic.Of.PLACE: places, Topic.Of.PERSON: people, Topic.Of.ENTRY: deeper}[Topic.Of(of)].add(topic)
        if not deeper:
            break
        asked = deeper
    return places, people


def _topics(uuid: UUID, fresh: dict[UUID, tuple[Entry, Topics]]) -> list[tuple[str, UUID]]:
    if uuid in fresh:
        return [(of, topic) for of, topic in fresh[uuid][1] if topic is not None]
    number = Entry.objects.filter(uuid=uuid, verdict=Entry.Verdict.ACCEPTED).values("received_no")
    return list(Topic.objects.filter(received_no__in=number, topic__isnull=False).values_list("of", "topic"))


def _met_in(fresh: dict[UUID, tuple[Entry, Topics]], openings: set[UUID]) -> set[UUID]:
    met: set[UUID] = set()
    for _, topics in fresh.values():
        if any(topic in openings for _, topic in topics):
            met |= {topic for of, topic in topics if of == Topic.Of.PERSON and topic is not None}
    return met
