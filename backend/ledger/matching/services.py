"""What a person decides of typed records, one act a function: same, another, not in the register; undo; take apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.pieces import pieces
from backend.ledger.models import Disaster, Household, MatchDecision, Person, SameAs, TypedRecord
from backend.ledger.queries import own_typed, sees_protected, visible_persons

from . import hanging, links, queries
from .records import PIECE, ask_again, put_records, waiting

State = TypedRecord.Outcome
Verdict = MatchDecision.Verdict
AT_ONCE = 100  # records that are matched within the act that typed them; more are left to `match_people`
AGAIN_AT_ONCE = 1000  # the same of records that a change of the register concerns: some seconds
UNDO_WITHIN = timedelta(hours=12)


def runs_here() -> bool:
    """Whether this installation matches: a laptop has no library of string distances, and leaves it to the server."""
    return find_spec("rapidfuzz") is not None


def take_records(*, room: str, rows: Sequence[dict[str, Any]], disaster: Any = None) -> None:
    """Put down what was typed, and match it at once where it is little."""
    match_now(put_records(room=room, rows=rows, disaster=disaster))


def match_now(ids: Sequence[UUID]) -> None:
    if ids and len(ids) <= AT_ONCE and runs_here():
        from .running import match_records

        match_records(ids)


def concerned(people: Iterable[UUID]) -> set[UUID]:
    """The typed records that people of the register concern as their rows stand now.

    Whoever changes rows of the register's people asks before and after writing them, and hands both to `match_again`.
    """
    from . import candidates

    return {record for piece in pieces(people, PIECE) for record in candidates.concerned(piece)}


def match_again(*, disaster: Disaster | None = None, ids: Iterable[UUID] | None = None) -> None:
    """The register under a ledger has changed: what nobody has decided is matched anew (`ids`: of these records), at
    once where it is little, else by `match_people`."""
    asked = ask_again(disaster, ids)
    if len(asked) <= AGAIN_AT_ONCE and runs_here():
        from .running import match_records

        match_records(asked)


def match_waiting(*, by: Staff | None, most: int) -> int:
    """Match the oldest records that are waiting; return how many were tried."""
    if by is not None:
        require(by, "matching.decide")
    if not runs_here():
        raise Refused("この端末では名寄せを行えません。本部のサーバーで行ってください。")
    from .running import match_records

    ids = waiting()[:most]
    found = match_records(ids)
    with transaction.atomic():
        audit(by=by, act="ledger.match_people", records=len(ids), **vars(found))
    return len(ids) - found.waiting


# Decisions ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    *, by: Staff, record: UUID, verdict: str, into: UUID | None = None, proof: str = SameAs.Proof.RECORDS
) -> MatchDecision:
    """Decide of a typed record: `same` as or `other` than the person `into`, or `absent` from the register.

    `Conflict` when somebody was faster (the message says what they decided), `NotFound` for who may not be seen.
    """
    require(by, "matching.decide")
    row = _locked(record, by)
    held = _refuse_if_decided(row, by)
    person = _person(into, by) if verdict != Verdict.ABSENT else None
    if verdict not in (Verdict.SAME, Verdict.OTHER, Verdict.ABSENT):
        raise Refused("判断の選択が正しくありません。")
    if verdict == Verdict.ABSENT and held is not None:
        _end(held, by, "住民記録にない方")
    link = None
    if person is not None and verdict == Verdict.SAME:
        link = _join(row, person, held, by, proof)
    elif person is not None and held is not None and held.into_id == person.pk:
        _end(held, by, "別の方")
    # Somebody thought again of a pair that had been turned down.
    MatchDecision.objects.filter(record=row.pk, into=person, until=None).update(until=now(), undone_by=by)
    decision = MatchDecision.objects.create(record=row.pk, into=person, verdict=verdict, link=link, by=by)
    row.taken_at = row.taken_by = row.later_at = None
    row.outcome = State.DECIDED if verdict in (Verdict.SAME, Verdict.ABSENT) else _rest(row)
    if row.pk in own_typed(by):
        row.outcome = State.LIKELY  # whoever may see whom it is about decides still
    row.save(update_fields=["taken_at", "taken_by", "later_at", "outcome"])
    audit(by=by, act=f"ledger.match_{verdict}", subject=f"record:{row.pk}", into=str(into or ""))
    return decision


def _locked(record: UUID, by: Staff) -> TypedRecord:
    row = queries.records(by).select_for_update(of=("self",)).filter(pk=record).first()
    if row is None:
        raise NotFound(queries.UNKNOWN)
    return row


def _person(into: UUID | None, by: Staff) -> Person:
    person = visible_persons(by).filter(pk=into).exclude(atena_no=None).first() if into else None
    if person is None or (person.household and person.household.kind != Household.Kind.RESIDENT):
        raise NotFound("その方は住民記録に見つかりません。画面を開き直してください。")
    return person


def _refuse_if_decided(row: TypedRecord, by: Staff) -> SameAs | None:
    """The automatic link that stands so far. Raises where a person has decided already."""
    last = MatchDecision.objects.filter(record=row.pk, until=None, verdict__in=[Verdict.SAME, Verdict.ABSENT])
    if (done := last.select_related("by").first()) is not None:
        if row.guarded and done.verdict == Verdict.ABSENT and sees_protected(by) and not sees_protected(done.by):
            # They could not see who it may be.
            MatchDecision.objects.filter(pk=done.pk).update(until=now(), undone_by=by)
            return links.live_link(row)
        who = "ご自分で" if done.by_id == by.pk else f"{done.by} さんが"
        raise Conflict(f"この記録は、{who}「{done.get_verdict_display()}」と決めています。")
    link = links.live_link(row)
    if link is not None and link.confirmed_by_id:
        raise Conflict("この記録は、すでに確認して結び付けられています。")
    return link


def _join(row: TypedRecord, person: Person, held: SameAs | None, by: Staff, proof: str) -> SameAs:
    """A confirmed link in place of the automatic one, which ends."""
    if proof not in SameAs.Proof.values:
        raise Refused("確認の方法を選んでください。", fields={"proof": "選んでください。"})
    ground = held.ground if held is not None and held.into_id == person.pk else "職員が見比べて判断"
    if held is not None:
        _end(held, by, "確認")
    return SameAs.objects.create(into=person, ground=ground, by=by, confirmed_by=by, proof=proof, **links.key_of(row))


def _end(link: SameAs, by: Staff, reason: str) -> None:
    SameAs.objects.filter(pk=link.pk, until=None).update(until=now(), ended_by=by, ended_reason=reason[:200])


def _rest(row: TypedRecord) -> str:
    """Where a record stands after one candidate was turned down: the next is asked, or there is none left."""
    if not runs_here():
        return State.WAITING
    from .running import outcomes_of

    outcome = outcomes_of(row.disaster, [row.pk]).get(row.pk)
    return State.LIKELY if outcome and outcome.candidates else State.NONE


@transaction.atomic
def put_off(*, by: Staff, record: UUID) -> None:
    """Later: asked again after all others."""
    require(by, "matching.decide")
    row = _locked(record, by)
    row.later_at, row.taken_at, row.taken_by = now(), None, None
    row.save(update_fields=["later_at", "taken_at", "taken_by"])


@transaction.atomic
def take_next(*, by: Staff, after: UUID | None = None) -> UUID | None:
    """Give this person the next record of the queue that nobody else has before them; None when there is none.

    What has changed since it was matched (a new candidate, a protection) is seen before it is given.
    """
    require(by, "matching.decide")
    TypedRecord.objects.filter(taken_by=by).update(taken_at=None, taken_by=None)
    passed: list[UUID] = []
    while True:
        rows = queries.queue(by).exclude(pk__in=passed).select_for_update(of=("self",), skip_locked=queries.SKIPS)
        row = rows.first()
        if row is None:
            return None
        match_now([row.pk])
        fresh = queries.queue(by).filter(pk=row.pk).first()
        if fresh is not None:
            fresh.taken_at, fresh.taken_by = now(), by
            fresh.save(update_fields=["taken_at", "taken_by"])
            return fresh.pk
        passed.append(row.pk)


@transaction.atomic
def undo_last(*, by: Staff) -> UUID:
    """Take back the last decision of this person; the record is theirs to decide again. `NotFound` if there is none."""
    require(by, "matching.decide")
    own = MatchDecision.objects.select_for_update(of=("self",)).filter(by=by, until=None, since__gt=now() - UNDO_WITHIN)
    last = own.exclude(verdict=Verdict.APART).order_by("-since", "-pk").first()
    if last is None:
        raise NotFound("取り消せる判断がありません。")
    row = _locked(last.record, by)
    MatchDecision.objects.filter(pk=last.pk).update(until=now(), undone_by=by)
    if last.link is not None and last.link.until is None:
        _end(last.link, by, "取消")
    _ask_again(row)
    TypedRecord.objects.filter(pk=row.pk).update(taken_at=now(), taken_by=by)
    audit(by=by, act="ledger.match_undo", subject=f"record:{row.pk}", verdict=last.verdict)
    return row.pk


def _ask_again(row: TypedRecord) -> None:
    TypedRecord.objects.filter(pk=row.pk).update(outcome=State.WAITING, later_at=None)
    match_now([row.pk])


@transaction.atomic
def take_apart(*, by: Staff, record: UUID, reason: str) -> int:
    """The link was wrong: end it. What was written under it since goes to the list to assign; returns how much.

    The pair is not joined again by itself; a person may still say that they are one.
    """
    require(by, "matching.decide")
    row = _locked(record, by)
    link = links.live_link(row)
    if link is None:
        raise Conflict("この記録は、住民記録と結び付いていません。画面を開き直してください。")
    if not reason.strip():
        raise Refused("外す理由を入れてください。", fields={"reason": "理由を入れてください。"})
    _end(link, by, reason.strip())
    MatchDecision.objects.filter(record=row.pk, until=None, verdict=Verdict.SAME).update(until=now(), undone_by=by)
    MatchDecision.objects.filter(record=row.pk, into=link.into, until=None).update(until=now(), undone_by=by)
    MatchDecision.objects.create(
        record=row.pk, into=link.into, verdict=Verdict.APART, link=link, reason=reason.strip()[:200], by=by
    )
    count = hanging.list_up(link)
    _ask_again(row)
    audit(by=by, act="ledger.match_apart", subject=f"record:{row.pk}", into=str(link.into_id), to_assign=count)
    return count
