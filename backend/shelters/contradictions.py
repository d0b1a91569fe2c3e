"""What an entry contradicts, asked before it is applied: it is taken all the same, and waits in a queue for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from backend.core import sql

from .apply import who
from .models import Merge, StayEvent
from .people import pieces
from .said import clashes_of

Found = list[tuple[UUID, str, str]]  # entry, code of the conflict, what it says to people


def check_corrected(entries: Sequence[Any]) -> Found:
    """Another entry gives the same field another value, and neither was written knowing of the other."""
    here = {e.uuid for e in entries}
    found = {}
    for piece in pieces(list({who(e.payload["person"]) for e in entries})):
        for clashes in clashes_of(piece).values():
            found |= {clash.newcomer.entry: None for clash in clashes if clash.newcomer.entry in here}
    return [(entry, "corrected_apart", "同じ方の同じ項目が、別々に違う内容へ訂正されています") for entry in found]


def check_merged(entries: Sequence[Any]) -> Found:
    """Merged already, or the one into which they are merged is itself merged away."""
    named = {who(e.payload[key]) for e in entries for key in ("person", "into")}
    away: dict[UUID, int] = {}
    for evacuee, number in Merge.objects.filter(voided_at=None, evacuee__in=named).values_list(
        "evacuee", "received_no"
    ):
        away[evacuee] = min(number, away.get(evacuee, number))
    return [
        (e.uuid, "merged_twice", "すでに別の記録と一つにされている避難者です")
        for e in entries
        if any(away.get(who(e.payload[key]), e.received_no) < e.received_no for key in ("person", "into"))
    ]


def check_unmerged(entries: Sequence[Any]) -> Found:
    ended = dict(
        Merge.objects.filter(entry__in=[e.payload["entry"] for e in entries]).values_list("entry", "voided_at")
    )
    return [
        (e.uuid, "unmerge_of_nothing", "一つにした記録がないか、すでに分けられています")
        for e in entries
        if (at := ended.get(UUID(e.payload["entry"]))) is None or at < e.received_at
    ]


def check_arrived(entries: Sequence[Any]) -> Found:
    """An unknown opening, or somebody who is in another shelter at that time, or arrived in one since without leaving."""
    found, around = _unknown_and_around(entries, "opening")
    for e, before, after in around:
        here = UUID(e.payload["opening"])
        elsewhere = before is not None and before != here
        if elsewhere or (after is not None and after.kind == "arrived" and after.opening != here):
            found.append((e.uuid, "in_two_shelters", "別の避難所にいる人が到着しました"))
    return found


def check_moved(entries: Sequence[Any]) -> Found:
    found, around = _unknown_and_around(entries, "from", "to")
    for e, before, _ in around:
        if str(before) != e.payload["from"]:
            found.append((e.uuid, "moved_from_elsewhere", "移動元の避難所にいない人が移動しました"))
    return found


def check_left(entries: Sequence[Any]) -> Found:
    """An unknown opening, or somebody who was not there."""
    found, around = _unknown_and_around(entries, "opening")
    for e, before, _ in around:
        if str(before) != e.payload["opening"]:
            found.append((e.uuid, "left_without_arriving", "その避難所にいない人が退所しました"))
    return found


def check_stay_corrected(entries: Sequence[Any]) -> Found:
    done = dict(StayEvent.objects.filter(entry__in=[e.uuid for e in entries]).values_list("entry", "voided_at"))
    return [
        (e.uuid, "correction_of_nothing", "訂正する相手の記録がないか、すでに取り消されています")
        for e in entries
        if e.uuid not in done or ((at := done[e.uuid]) is not None and at <= e.received_at)
    ]


class _Event(NamedTuple):
    """As much of a stay as its neighbours ask."""

    entry: UUID
    kind: str
    opening: UUID


Around = tuple[Any, UUID | None, _Event | None]  # the entry, where its person was before, what they did next

_STAYS = (
    "SELECT evacuee, entry, kind, opening, occurred_at FROM shelters_stayevent WHERE evacuee IN %s AND voided_at IS NULL"
    " UNION ALL SELECT NULL, NULL, NULL, opening, NULL FROM facilities_opening WHERE opening IN %s ORDER BY 5, 2"
)


def _unknown_and_around(entries: Sequence[Any], *keys: str) -> tuple[Found, Iterator[Around]]:
    """Openings (named under these keys) that nobody recorded, and what lies around each entry: one query for both."""
    people = {who(e.payload["person"]) for e in entries}
    asked = {UUID(e.payload[key]) for e in entries for key in keys}
    known: set[str] = set()
    events: dict[UUID, list[_Event]] = defaultdict(list)
    for piece in pieces(list(people)):
        for evacuee, entry, kind, opening, _ in sql.fetch(_STAYS, piece, asked):
            if evacuee is None:
                known.add(str(sql.uuid_of(opening)))
            else:
                event = _Event(sql.uuid_of(entry), kind, sql.uuid_of(opening))
                events[sql.uuid_of(evacuee)].append(event)
    unknown = [
        (e.uuid, "opening_unknown", "開設の記録がない避難所です")
        for e in entries
        if any(e.payload[key] not in known for key in keys)
    ]
    return unknown, _around(entries, events)


def _around(entries: Sequence[Any], events: dict[UUID, list[_Event]]) -> Iterator[Around]:
    """Each entry with the place where its person was just before, and with what they did next.

    Entries that were taken back or corrected meanwhile are left out.
    """
    for e in entries:
        history = events[who(e.payload["person"])]
        at = next((i for i, event in enumerate(history) if event.entry == e.uuid), None)
        if at is not None:
            yield e, _place_after(history[:at]), history[at + 1] if at + 1 < len(history) else None


def _place_after(history: list[_Event]) -> UUID | None:
    """Where these events leave somebody: the last arrival or move, without a departure from there since."""
    place = None
    for event in history:
        if event.kind != "left":
            place = event.opening
        elif event.opening == place:
            place = None
    return place
