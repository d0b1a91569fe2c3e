"""What pages and rooms ask of the matching. Whoever a person may not see is in no answer and no count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from backend.accounts.permissions import may
from backend.core.clock import now
from backend.core.errors import NotFound
from backend.ledger.models import MatchDecision, Person, SameAs, TypedRecord
from backend.ledger.queries import (
    hidden_person_ids,
    is_under_protection,
    live_protections,
    own_typed,
    sees_protected,
    visible_persons,
)

from .links import links_of, live_link

UNKNOWN = "この記録はありません。画面を開き直してください。"
TAKEN_FOR = timedelta(minutes=10)  # a case that somebody opened and left is given to another one after that
SKIPS = connection.features.has_select_for_update_skip_locked
# Records of a room are shown to those who may read them there, and to whoever keeps the register.
RIGHT_OF_ROOM = {"shelters": "matching.evacuees"}
State = TypedRecord.Outcome


def records(staff: Any) -> QuerySet[TypedRecord]:
    """The typed records that this person may see."""
    rows = TypedRecord.objects.all()
    closed = [room for room, right in RIGHT_OF_ROOM.items() if not may(staff, right)]
    if closed:
        rows = rows.exclude(room__in=closed)
    return rows if sees_protected(staff) else rows.exclude(pk__in=hidden_records() - own_typed(staff))


def hidden_records() -> set[UUID]:
    """Records of people under protection: said of them, or of somebody they are linked to."""
    live = live_protections()
    ids = set(live.exclude(evacuee=None).values_list("evacuee", flat=True))
    ids |= set(live.exclude(person=None).values_list("person", flat=True))
    links = SameAs.objects.filter(until=None, record__isnull=False)
    hidden = Person.objects.filter(is_under_protection())
    ids |= set(links.filter(into__in=hidden).values_list("record", flat=True))
    typed = TypedRecord.objects.filter(room="ledger").values("pk")
    ids |= set(hidden.filter(pk__in=typed).values_list("pk", flat=True))
    return ids


def queue(staff: Any) -> QuerySet[TypedRecord]:
    """What this person is to decide, the next first: what was put off comes last."""
    free = Q(taken_at=None) | Q(taken_by=staff) | Q(taken_at__lt=now() - TAKEN_FOR)
    rows = records(staff).filter(free, outcome=State.LIKELY)
    if not sees_protected(staff):
        rows = rows.filter(guarded=False)
    return rows.order_by(F("later_at").asc(nulls_first=True), "typed_at", "pk")


@dataclass
class Counts:
    """How many records are in which state, as far as this person may know."""

    waiting: int = 0
    likely: int = 0
    later: int = 0
    certain: int = 0
    none: int = 0
    decided: int = 0


def counts(staff: Any) -> Counts:
    rows = records(staff)
    open_ones = rows.filter(outcome=State.LIKELY)
    found = Counts(
        waiting=rows.filter(outcome=State.WAITING).count(),
        certain=rows.filter(outcome=State.CERTAIN).count(),
        none=rows.filter(outcome=State.NONE).count(),
        decided=rows.filter(outcome=State.DECIDED).count(),
    )
    if not sees_protected(staff):
        # To them it looks as if nobody had been found.
        found.none += open_ones.filter(guarded=True).count()
        open_ones = open_ones.filter(guarded=False)
    found.likely, found.later = open_ones.count(), open_ones.exclude(later_at=None).count()
    return found


@dataclass
class CandidateView:
    """A person of the register as a candidate: what speaks for and against them."""

    person: Person
    likeness: Any  # rules.Likeness
    dead: bool = False
    protected: bool = False


@dataclass
class CaseView:
    """A typed record with its candidates, best first, its link, and what was decided."""

    record: TypedRecord
    candidates: list[CandidateView] = field(default_factory=list)
    held: str = ""
    link: SameAs | None = None
    decision: MatchDecision | None = None
    taken_by: Any = None
    protected: bool = False


def case(pk: UUID, staff: Any, *, also: Iterable[UUID] = ()) -> CaseView:
    """One record for the page; `NotFound` for one that this person may not see. `also`: people to compare it with."""
    record = records(staff).select_related("disaster", "taken_by").filter(pk=pk).first()
    if record is None:
        raise NotFound(UNKNOWN)
    view = CaseView(record, link=live_link(record))
    if view.link is not None and hidden_person_ids(staff, [view.link.into_id]):
        view.link = None
    done = MatchDecision.objects.filter(record=pk, until=None).exclude(verdict=MatchDecision.Verdict.OTHER)
    view.decision = done.select_related("by").order_by("-since").first()
    view.protected = sees_protected(staff) and pk in hidden_records()
    if record.taken_by_id and record.taken_by_id != staff.pk and record.taken_at > now() - TAKEN_FOR:  # type: ignore[operator]
        view.taken_by = record.taken_by
    if record.disaster and record.disaster.filled_at and find_spec("rapidfuzz"):
        _find_candidates(view, staff, [*also, *([view.link.into_id] if view.link else [])])
    return view


def _find_candidates(view: CaseView, staff: Any, also: list[UUID]) -> None:
    from .running import compared_with, outcomes_of

    outcome = outcomes_of(view.record.disaster, [view.record.pk])[view.record.pk]
    found = {candidate.id: candidate for candidate in outcome.candidates}
    others = [pk for pk in also if pk not in found]
    found |= {candidate.id: candidate for candidate in compared_with(view.record, others)}
    visible = visible_persons(staff).filter(pk__in=list(found)).select_related("household")
    people = visible.in_bulk()
    for pk, c in found.items():
        if pk in people:
            view.candidates.append(CandidateView(people[pk], c.likeness, c.dead, c.protected))
    if view.candidates and outcome.best and view.candidates[0].person.pk == outcome.best.id:
        view.held = outcome.held


def listed(staff: Any, state: str) -> QuerySet[TypedRecord]:
    """The records in one state, as far as this person may know; the guarded look as if nobody had been found."""
    rows = records(staff)
    guarded = Q(outcome=State.LIKELY, guarded=True)
    if sees_protected(staff):
        rows = rows.filter(outcome=state)
    elif state == State.NONE:
        rows = rows.filter(Q(outcome=state) | guarded)
    else:
        rows = rows.filter(outcome=state).exclude(guarded)
    return rows.order_by("-typed_at", "pk")


# For the pages of other rooms ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkState:
    """What a page says of a typed record: its words, and whether papers and payments may rely on it."""

    record: UUID
    text: str
    kind: str
    confirmed: bool = False
    into: Person | None = None


def states(ids: Iterable[UUID], staff: Any, *, checked: bool = False) -> dict[UUID, LinkState]:
    """Record -> how far it is matched, for people of any room; who was never typed is missing.

    `checked`: the caller has left out who this person may not see, also by way of links.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    rows = (TypedRecord.objects.all() if checked else records(staff)).filter(pk__in=wanted).in_bulk()
    links = links_of(rows)
    hidden = set() if checked or not links else hidden_person_ids(staff, [link.into_id for link in links.values()])
    found = {}
    for pk, record in rows.items():
        link = links.get(pk)
        if link is None or link.into_id in hidden:
            found[pk] = LinkState(pk, *_words(record, staff))
            continue
        done = link.confirmed_by_id is not None
        how = f"結び付け済み（{link.get_proof_display() or '職員が確認'}）" if done else "自動で結び付け（未確認）"
        found[pk] = LinkState(pk, f"住民記録と{how}", "success" if done else "info", done, link.into)
    return found


def _words(record: TypedRecord, staff: Any) -> tuple[str, str]:
    if record.outcome == State.DECIDED:
        return "住民記録にない方", "neutral"
    if record.outcome == State.LIKELY and (sees_protected(staff) or not record.guarded):
        return "住民記録との照合：確認待ち", "warning"
    if record.outcome == State.WAITING:
        return "住民記録との照合待ち", "neutral"
    return "住民記録に候補なし", "neutral"


def linked_into(people: Iterable[Person], staff: Any) -> list[tuple[Person, TypedRecord, SameAs]]:
    """What was typed by hand of these people of the register, by the links alive now."""
    by_id = {person.pk: person for person in people}
    links = list(SameAs.objects.filter(into__in=by_id, until=None).order_by("since"))
    rows = records(staff).in_bulk([link.person_id or link.record for link in links])
    return [(by_id[link.into_id], rows[key], link) for link in links if (key := link.person_id or link.record) in rows]
