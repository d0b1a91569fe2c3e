"""What a laptop is given: its own shelter's entries, those of the people known there, and what everybody may know.

Nobody under protection is in it, except in what the laptop itself wrote, and in the word that they are hidden now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from backend.facilities.models import Opening

from .marks import mark
from .models import FIRST_PREV, Entry, Head, Terminal, Topic

PAGE = 2000


@dataclass(frozen=True)
class Part:
    """Entries in the order in which this database took them, up to `cursor`; `more` when others follow."""

    entries: list[Entry]
    cursor: str
    more: bool


def cursor_at(received_no: int, history: str) -> str:
    """A place in this server's history, which only this server can have given out."""
    return f"{received_no}.{history[:16]}.{mark(f'cursor:{received_no}:{history[:16]}')[:16]}"


def start_of(cursor: str) -> int | None:
    """The number after which to go on; None when this database's history is another one: it was restored, or is not the
    one that the laptop spoke with."""
    if not cursor:
        return 0
    try:
        number, history, mac = cursor.split(".")
        received_no = int(number)
    except ValueError:
        return None
    if cursor_at(received_no, history) != f"{received_no}.{history}.{mac}":
        return None
    if received_no == 0:
        return 0
    found = Entry.objects.filter(pk=received_no).values_list("history", flat=True).first()
    return received_no if found and found.startswith(history) else None


def part_for(terminal: Terminal, after: int, page: int = PAGE, leave: UUID | None = None) -> Part:
    """The next part of what this laptop is to know. Asking again gives the same, and what came since.

    `leave`: the chain that it still has itself, and need not be given.
    """
    head = Head.objects.first() or Head(received_no=0, history=FIRST_PREV)
    if after == head.received_no:
        return Part([], cursor_at(head.received_no, head.history), False)
    openings = list(Opening.objects.filter(facility=terminal.facility).values_list("opening", flat=True))
    people = known_at(openings)
    concerned = Topic.objects.filter(received_no__gt=after, received_no__lte=head.received_no).filter(
        Q(of=Topic.Of.ALL) | Q(topic__in=openings) | Q(topic__in=people)
    )
    if leave is not None:
        concerned = concerned.exclude(received_no__in=Entry.objects.filter(device=leave).values("received_no"))
    numbers = set(concerned.order_by("received_no").values_list("received_no", flat=True).distinct()[: page + 1])
    # What it wrote itself it may have lost.
    own = Entry.objects.filter(device__terminal=terminal, verdict=Entry.Verdict.ACCEPTED)
    own = own.filter(pk__gt=after, pk__lte=head.received_no).exclude(device=leave).order_by("pk")
    numbers = sorted(numbers | set(own.values_list("pk", flat=True)[: page + 1]))
    more = len(numbers) > page
    numbers = numbers[:page]
    upto = numbers[-1] if more else head.received_no
    # Whom it has just met it may have met by an entry of its own.
    left_out = Entry.objects.filter(device=leave, verdict=Entry.Verdict.ACCEPTED, pk__gt=after, pk__lte=upto)
    met_by = numbers if leave is None else [*numbers, *left_out.values_list("pk", flat=True)]
    wanted = set(numbers) | _earlier(openings, met_by, after) | _withheld(numbers, after)
    wanted |= _referring(wanted, upto)
    entries = [entry for entry in visible(_entries(wanted), terminal) if entry.device_id != leave]
    history = head.history
    if upto != head.received_no:
        history = Entry.objects.values_list("history", flat=True).get(pk=upto)
    return Part(entries, cursor_at(upto, history), more)


def known_at(openings: list[UUID]) -> QuerySet:
    """Everybody of whom an entry of this shelter speaks, and whoever was found to be one with them."""
    there = Topic.objects.filter(topic__in=openings).values("received_no")
    spoken_of = Topic.objects.filter(of=Topic.Of.PERSON)
    direct = spoken_of.filter(received_no__in=there).values("topic")
    merges = Entry.objects.filter(kind="evacuee.merged", verdict=Entry.Verdict.ACCEPTED).values("received_no")
    together = spoken_of.filter(topic__in=direct, received_no__in=merges).values("received_no")
    return spoken_of.filter(Q(received_no__in=there) | Q(received_no__in=together)).values("topic")


def _earlier(openings: list[UUID], numbers: list[int], after: int) -> set[int]:
    """What was written before of people who have just become known there."""
    if not after or not numbers:
        return set()
    there = Topic.objects.filter(topic__in=openings, received_no__lte=after).values("received_no")
    met = Topic.objects.filter(of=Topic.Of.PERSON, received_no__in=there).values("topic")
    found: set[int] = set()
    for start in range(0, len(numbers), 500):
        people = Topic.objects.filter(of=Topic.Of.PERSON, received_no__in=numbers[start : start + 500])
        ids = list(people.exclude(topic__in=met).values_list("topic", flat=True).distinct())
        for begin in range(0, len(ids), 500):
            rows = Topic.objects.filter(topic__in=ids[begin : begin + 500], received_no__lte=after)
            found |= set(rows.values_list("received_no", flat=True))
    return found


def _withheld(numbers: list[int], after: int) -> set[int]:
    """What was written before of people who are hidden no more: it may have been kept back. What is there already does no
    harm."""
    lifted = Entry.objects.filter(kind="protection.lifted", pk__in=numbers) if after else Entry.objects.none()
    people = Topic.objects.filter(of=Topic.Of.PERSON, received_no__in=lifted.values("pk")).values("topic")
    rows = Topic.objects.filter(of=Topic.Of.PERSON, topic__in=people, received_no__lte=after)
    return set(rows.values_list("received_no", flat=True))


def _referring(numbers: set[int], upto: int) -> set[int]:
    """What takes back or corrects any of these."""
    found: set[int] = set()
    ordered = sorted(numbers)
    for start in range(0, len(ordered), 500):
        targets = Entry.objects.filter(pk__in=ordered[start : start + 500]).values("uuid")
        rows = Topic.objects.filter(of=Topic.Of.ENTRY, topic__in=targets, received_no__lte=upto)
        found |= set(rows.values_list("received_no", flat=True))
    more = found - numbers
    return found | _referring(more, upto) if more else found


def _entries(numbers: set[int]) -> list[Entry]:
    ordered = sorted(numbers)
    rows: list[Entry] = []
    for start in range(0, len(ordered), 500):
        rows += Entry.objects.filter(pk__in=ordered[start : start + 500]).order_by("pk").select_related("device")
    return rows


def hidden_people(people: set[UUID]) -> set[UUID]:
    """Those of them who are under protection, as the rooms that know people say."""
    found: set[UUID] = set()
    for config in apps.get_app_configs():
        path = getattr(config, "journal_hidden", None)
        if path and people:
            found |= set(import_string(path)(people))
    return found


def names(entries: list[Entry]) -> dict[str, str]:
    """What the devices are called that wrote these. Where somebody asked to be hidden is where they are: it is not told."""
    told = [entry for entry in entries if entry.device and not entry.kind.startswith("protection.")]
    hiding = {str(entry.device_id): "" for entry in entries if entry.device}
    return hiding | {str(entry.device_id): entry.device.name for entry in told if entry.device}


def people_of(topics: Iterable[tuple[str, UUID | None]]) -> set[UUID]:
    """Everybody of whom these speak, also by way of the entries that they correct."""
    people = {topic for of, topic in topics if of == Topic.Of.PERSON and topic}
    asked = {topic for of, topic in topics if of == Topic.Of.ENTRY and topic}
    seen: set[UUID] = set()
    while asked:
        seen |= asked
        numbers = Entry.objects.filter(uuid__in=asked, verdict=Entry.Verdict.ACCEPTED).values("received_no")
        rows = Topic.objects.filter(received_no__in=numbers, topic__isnull=False).values_list("of", "topic")
        found = list(rows)
        people |= {topic for of, topic in found if of == Topic.Of.PERSON}
        asked = {topic for of, topic in found if of == Topic.Of.ENTRY} - seen
    return people


def visible(entries: list[Entry], terminal: Terminal) -> list[Entry]:
    people: dict[int, set[UUID]] = {}
    numbers = [entry.pk for entry in entries]
    by_uuid = {entry.uuid: entry.pk for entry in entries}
    references: list[tuple[int, UUID]] = []
    for start in range(0, len(numbers), 500):
        rows = Topic.objects.filter(received_no__in=numbers[start : start + 500], of__in=["person", "entry"])
        for number, of, topic in rows.values_list("received_no", "of", "topic"):
            if of == Topic.Of.PERSON:
                people.setdefault(number, set()).add(topic)
            else:
                references.append((number, topic))
    hidden = hidden_people({pk for found in people.values() for pk in found})
    if not hidden:
        return entries
    for number, target in references:
        people.setdefault(number, set()).update(people.get(by_uuid.get(target, 0), set()))
    told = {pk for entry in entries if _own(entry, terminal) for pk in people.get(entry.pk, ())}
    return [
        entry
        for entry in entries
        if _own(entry, terminal)
        or not people.get(entry.pk, set()) & hidden
        or (
            entry.kind.startswith("protection.")
            and people[entry.pk] <= told | _told_before(entry, terminal, people[entry.pk])
        )
    ]


def _own(entry: Entry, terminal: Terminal) -> bool:
    return entry.device is not None and entry.device.terminal_id == terminal.pk


def _told_before(entry: Entry, terminal: Terminal, people: set[UUID]) -> set[UUID]:
    """Those of an entry's people of whom this shelter knew before it, and who must be hidden there from now on."""
    openings = Opening.objects.filter(facility=terminal.facility).values("opening")
    there = Topic.objects.filter(topic__in=openings, received_no__lt=entry.pk).values("received_no")
    rows = Topic.objects.filter(of=Topic.Of.PERSON, topic__in=people, received_no__in=there)
    return set(rows.values_list("topic", flat=True))
