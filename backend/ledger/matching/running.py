"""Matching typed records with the register: a batch a transaction, and certain ones linked by themselves.

Imported only where matching runs: it needs the library of string distances, which a laptop does not have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.core.clock import now
from backend.core.pieces import pieces
from backend.core.progress import Progress
from backend.ledger.models import Disaster, MatchDecision, Person, Protection, SameAs, TypedRecord
from backend.ledger.queries import current_disaster, deaths, is_under_protection, live_protections

from . import candidates
from .links import key_of, links_of
from .records import BY_NUMBER, PIECE
from .rules import Candidate, Level, Likeness, Outcome, Rarity, Side, compare, decide

State = TypedRecord.Outcome
AUTOMATIC = "自動：氏名・生年月日ほか"


@dataclass
class Matched:
    """How many were linked by themselves, wait for a person, found nobody, or could not be matched yet."""

    certain: int = 0
    likely: int = 0
    none: int = 0
    waiting: int = 0


def match_records(ids: Sequence[UUID], *, progress: Progress | None = None) -> Matched:
    """Match these records (those that a person has decided are passed over); a transaction a batch."""
    total = Matched()
    for done, piece in enumerate(pieces(ids, PIECE), 1):
        _match_piece(piece, total)
        if progress:
            progress(min(done * PIECE, len(ids)), len(ids))
    return total


@transaction.atomic
def _match_piece(ids: Sequence[UUID], total: Matched) -> None:
    newest = current_disaster()
    if newest:
        TypedRecord.objects.filter(pk__in=ids, disaster=None).update(disaster=newest)
    rows = TypedRecord.objects.select_for_update(of=("self",)).filter(pk__in=ids).exclude(outcome=State.DECIDED)
    by_disaster: dict[UUID, list[TypedRecord]] = defaultdict(list)
    for record in rows.select_related("disaster").order_by("pk"):
        if record.disaster and record.disaster.filled_at:
            by_disaster[record.disaster.pk].append(record)
        else:
            total.waiting += 1
    for group in by_disaster.values():
        outcomes = outcomes_of(group[0].disaster, [record.pk for record in group])
        _write(group, outcomes, total)


def outcomes_of(disaster: Disaster | None, ids: Sequence[UUID]) -> dict[UUID, Outcome]:
    """What the rules say of each of these records of one disaster now. Writes nothing."""
    if disaster is None:
        return {}
    typed = candidates.sides(ids)
    found = candidates.same_day(ids)
    rarity = _rarity(disaster, found)
    compared = {pk: _compared(typed[pk], found.get(pk, {}), rarity) for pk in ids}
    open_ones = [pk for pk, rows in compared.items() if not any(row[2].level is Level.CERTAIN for row in rows)]
    if open_ones:
        found = candidates.wider(open_ones, {pk: found.get(pk, {}) for pk in open_ones})
        rarity = _rarity(disaster, found)
        compared |= {pk: _compared(typed[pk], found.get(pk, {}), rarity) for pk in open_ones}
    near = {row[0] for rows in compared.values() for row in rows if row[2].level is not Level.NO}
    gone, hidden, elsewhere = _dead(near), _protected(near), _typed(near)
    asked = _asked(ids)
    passed = _passed_over(ids)
    return {
        pk: decide(
            typed[pk],
            [
                Candidate(person, side, likeness, person in gone, person in hidden or pk in asked)
                for person, side, likeness in rows
                if person not in elsewhere and (pk, person) not in passed
            ],
        )
        for pk, rows in compared.items()
    }


def compared_with(record: TypedRecord, people: Sequence[UUID]) -> list[Candidate]:
    """The record beside these people, whoever they are: somebody looked them up."""
    if record.disaster is None or not people:
        return []
    typed = candidates.sides([record.pk])[record.pk]
    found = {record.pk: candidates.people(people)}
    gone, hidden = _dead(people), _protected(people)
    rows = _compared(typed, found[record.pk], _rarity(record.disaster, found))
    return [Candidate(pk, side, likeness, pk in gone, pk in hidden) for pk, side, likeness in rows]


def _rarity(disaster: Disaster, found: candidates.Found) -> Rarity:
    return candidates.rarity(disaster, (side for people in found.values() for side in people.values()))


def _compared(typed: Side, people: dict[UUID, Side], rarity: Rarity) -> list[tuple[UUID, Side, Likeness]]:
    return [(pk, side, compare(typed, side, rarity)) for pk, side in people.items()]


def _dead(ids: Iterable[UUID]) -> set[UUID]:
    return {pk for piece in pieces(ids, PIECE) for pk in deaths(piece)}


def _protected(ids: Iterable[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for piece in pieces(ids):
        found |= set(Person.objects.filter(pk__in=piece).filter(is_under_protection()).values_list("pk", flat=True))
    return found


def _asked(ids: Sequence[UUID]) -> set[UUID]:
    """Records of people under protection: whoever they may be in the register is treated as they are."""
    live = live_protections()
    return set(live.filter(evacuee__in=ids).values_list("evacuee", flat=True)) | _protected(ids)


def _typed(ids: Iterable[UUID]) -> set[UUID]:
    """Those who were typed by hand with a number that the register does not have: no side to be matched with."""
    return {
        pk
        for piece in pieces(ids, PIECE)
        for pk in TypedRecord.objects.filter(pk__in=piece).values_list("pk", flat=True)
    }


def _passed_over(ids: Sequence[UUID]) -> set[tuple[UUID, Any]]:
    """Pairs of which a person has said that they are two."""
    verdicts = [MatchDecision.Verdict.OTHER, MatchDecision.Verdict.APART]
    rows = MatchDecision.objects.filter(record__in=ids, until=None, verdict__in=verdicts)
    return set(rows.values_list("record", "into"))


# What follows from it ----------------------------------------------------------------------------------------------


def _write(group: list[TypedRecord], outcomes: dict[UUID, Outcome], total: Matched) -> None:
    held = links_of(record.pk for record in group)
    decided = set(
        MatchDecision.objects.filter(record__in=[r.pk for r in group], until=None).values_list("record", flat=True)
    )
    links: list[SameAs] = []
    ended: list[UUID] = []
    states: dict[tuple[str, bool], list[UUID]] = defaultdict(list)
    for record in group:
        outcome, link = outcomes[record.pk], held.get(record.pk)
        best = outcome.best
        certain = outcome.level is Level.CERTAIN and best is not None and record.pk not in decided
        if link and (_stands(link) or (certain and best and link.into_id == best.id)):
            state = State.DECIDED if link.confirmed_by_id else State.CERTAIN
        else:
            if link:
                ended.append(link.pk)
            state = State.CERTAIN if certain else State.LIKELY if outcome.candidates else State.NONE
            if certain and best:
                links.append(_link(record, best))
        guarded = any(candidate.protected for candidate in outcome.candidates)
        states[state, guarded].append(record.pk)
        if best and best.protected and best.likeness.level is Level.CERTAIN and record.pk not in decided:
            _hide(record, best.id)
        _count(total, state)
    SameAs.objects.filter(pk__in=ended).update(until=now())
    SameAs.objects.bulk_create(links, batch_size=PIECE)
    for (state, guarded), pks in states.items():
        TypedRecord.objects.filter(pk__in=pks).update(outcome=state, guarded=guarded)


def _stands(link: SameAs) -> bool:
    """Whether a link holds whatever the names say: a person confirmed it, or it is by the number."""
    return link.confirmed_by_id is not None or (link.ground == BY_NUMBER and link.into.ended_at is None)


def _link(record: TypedRecord, best: Candidate) -> SameAs:
    ground = "、".join(best.likeness.reasons)[:200] or AUTOMATIC
    return SameAs(into_id=best.id, ground=ground, **key_of(record))


def _hide(record: TypedRecord, person: UUID) -> None:
    """Somebody under protection is never linked by itself: the one would give away the other. Both are hidden,
    whichever of the two it was said of."""
    live = live_protections().order_by("asked_at")
    number = Person.objects.values_list("atena_no", flat=True).get(pk=person)
    mine = {"person_id": record.pk} if record.room == "ledger" else {"evacuee": record.pk}
    of_record = live.filter(**mine).first()
    of_person = live.filter(Q(person=person) | Q(atena_no=number)).first()
    if of_person is not None and of_record is None:
        _protect(of_person, mine)
    elif of_record is not None and of_person is None:
        _protect(of_record, {"person_id": person})


def _protect(like: Protection, whom: dict[str, UUID]) -> None:
    Protection.objects.create(
        source=like.source, expires_on=like.expires_on, asked_by=like.asked_by, derived=True, **whom
    )


def _count(total: Matched, state: str) -> None:
    name = {State.CERTAIN: "certain", State.DECIDED: "certain", State.LIKELY: "likely"}.get(state, "none")  # type: ignore[call-overload]
    setattr(total, name, getattr(total, name) + 1)
