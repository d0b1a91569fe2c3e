"""The two acts: deciding about households, and undoing a decision. Nothing of the register's own is touched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now
from backend.core.dates import era
from backend.core.errors import Conflict, NotFound, Refused
from backend.ledger.models import Disaster, Household, HouseholdDecision, HouseholdDescent, HouseholdLine

from . import hanging, queries
from . import plan as plans

CHANGED = "確認している間に、ほかの職員がこの世帯を変更しました。もう一度、結果を確かめてください。"


@transaction.atomic
def decide(
    *,
    by: Staff,
    household: Household,
    kind: str,
    ground: str,
    evidence: str,
    people: list[UUID],
    other: Household | None = None,
    day: date | None = None,
    heads: Mapping[str, UUID] | None = None,
    kin: Mapping[UUID, str] | None = None,
    seen: str = "",
) -> HouseholdDecision:
    """Decide which household counts, or what became of one. `seen`: the fingerprint of the plan that was shown.

    Raises `Refused` (saying what is missing or impossible), and `Conflict` when it changed since it was shown.
    """
    require(by, "household.decide")
    fields = {
        name: "入力してください。" for name, text in (("ground", ground), ("evidence", evidence)) if not text.strip()
    }
    if fields:
        raise Refused("根拠と、確認した資料を入れてください。", fields=fields)
    # One decision after the other: the running number, and who is where, are read under this lock.
    disaster = Disaster.objects.select_for_update().get(pk=household.disaster_id)
    plan = plans.make(
        staff=by, household=household, kind=kind, people=people, other=other, day=day, heads=heads, kin=kin
    )
    if seen and seen != plan.seen:
        raise Conflict(CHANGED)
    decision = HouseholdDecision.objects.create(
        disaster=disaster,
        kind=kind,
        effective_on=plan.day,
        ground=ground.strip()[:200],
        evidence=evidence.strip()[:300],
        by=by,
    )
    for result in plan.results:
        _write(decision, plan, result, disaster)
    audit(
        by=by,
        act="ledger.decide_household",
        subject=f"household:{household.pk}",
        decision=str(decision.pk),
        kind=kind,
        people=sum(line.moves for result in plan.results for line in result.lines),
    )
    return decision


def _write(decision: HouseholdDecision, plan: plans.Plan, result: plans.Result, disaster: Disaster) -> None:
    lines = [line for line in result.lines if line.moves or result.asks_head]
    if not lines:
        return
    moving = [line for line in lines if line.moves]
    into = result.household or _found(disaster, moving[0], plan)
    queries.live_lines().filter(moves=True, until=None, person__in=[line.person for line in moving]).update(
        until=plan.day
    )
    first = 1 if result.household is None else 1 + max((line.member.position for line in result.lines), default=0)
    order = sorted(moving, key=lambda line: line.person.pk != result.head)
    places = {line.person.pk: first + place for place, line in enumerate(order)}
    HouseholdLine.objects.bulk_create(
        [
            HouseholdLine(
                decision=decision,
                person=line.person,
                from_household=line.origin if line.moves else into,
                into_household=into,
                moves=line.moves,
                as_of_disaster=plan.kind.as_of_disaster,
                since=plan.day,
                is_head=result.asks_head and line.person.pk == result.head,
                relationship=line.relationship,
                position=places.get(line.person.pk, line.member.position),
            )
            for line in lines
        ]
    )
    HouseholdDescent.objects.bulk_create(
        [
            HouseholdDescent(decision=decision, household=into, origin_id=origin, founds=result.household is None)
            for origin in dict.fromkeys(line.origin.pk for line in moving)
        ]
    )


def _found(disaster: Disaster, first: plans.Line, plan: plans.Plan) -> Household:
    disaster.last_number += 1
    disaster.save(update_fields=["last_number"])
    person, origin = first.person, first.origin
    return Household.objects.create(
        disaster=disaster,
        number=disaster.last_number,
        disaster_number=format_disaster_number(disaster.code, disaster.last_number),
        kind=Household.Kind.ACTUAL if plan.kind.as_of_disaster else Household.Kind.LATER,
        postal_code=origin.postal_code if person.address == origin.address else "",
        address=person.address,
        building=person.building,
    )


@transaction.atomic
def undo(*, by: Staff, decision: HouseholdDecision, reason: str) -> HouseholdDecision:
    """Undo a decision: its lines end, everybody stands where they stood before. A household it made keeps its number.

    What was written there meanwhile goes to the list to assign (`hanging`).
    Raises `Refused` where a later decision stands on it, `Conflict` when it was undone already.
    """
    require(by, "household.decide")
    if not reason.strip():
        raise Refused("取り消す理由を入れてください。", fields={"reason": "理由を入れてください。"})
    Disaster.objects.select_for_update().get(pk=decision.disaster_id)
    row = HouseholdDecision.objects.select_for_update().get(pk=decision.pk)
    if row.undone_at:
        raise Conflict("この認定・異動は、すでに取り消されています。")
    lines = list(row.lines.order_by("pk"))
    if len(queries.seen(lines, by)) < len(lines):
        if not queries.seen(lines, by):
            raise NotFound("この認定・異動はありません。")
        raise Refused("この認定・異動は、監督者だけが取り消せます。監督者に依頼してください。")
    later = plans.later_lines(lines)
    if later:
        first = later[0].decision
        raise Refused(
            f"この後に「{first.get_kind_display()}」（{era(first.effective_on)}）が決められています。"
            "先にそれを取り消してください。"
        )
    row.undone_at, row.undone_by, row.undone_reason = now(), by, reason.strip()[:200]
    row.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    row.lines.update(undone_at=row.undone_at)
    for line in lines:
        if line.moves:
            before = queries.live_lines().filter(person=line.person_id, moves=True, pk__lt=line.pk).order_by("-pk")
            HouseholdLine.objects.filter(pk__in=list(before.values_list("pk", flat=True)[:1])).update(until=None)
    waiting = hanging.list_up(row, lines)
    audit(by=by, act="ledger.undo_household_decision", subject=f"decision:{row.pk}", kind=row.kind, to_assign=waiting)
    return row
