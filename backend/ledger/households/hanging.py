"""What was written on a household while a decision held that was undone since: to be assigned to a household that stands.

Nothing is re-pointed, as with links between people that were wrong (`matching.hanging`): a fact that belongs to another
household is put down there anew, and what held before holds again where it was written. Papers are withdrawn and issued
by the room whose they are; the list says that they are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.ledger.fact_services import put_fact
from backend.ledger.facts import FROM_REGISTER, KEPT, KINDS
from backend.ledger.models import Disaster, Fact, Household, HouseholdDecision, HouseholdLine, HouseholdToAssign

from . import queries
from .elsewhere import unseen_facts

Row = dict[str, Any]


def list_up(decision: HouseholdDecision, lines: Iterable[HouseholdLine]) -> int:
    """Put what was written on the households that people came into, since they did, on the list; returns how much."""
    into = {line.into_household_id for line in lines if line.moves}
    rows = [
        HouseholdToAssign(decision=decision, household_id=home, **row)
        for home in sorted(into, key=str)
        for row in [*_facts(home, decision), *_of_rooms(home, decision)]
    ]
    HouseholdToAssign.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _facts(home: UUID, decision: HouseholdDecision) -> Iterator[Row]:
    written = Fact.objects.filter(household=home, received_at__gte=decision.decided_at, replaced_by=None)
    by_itself = Q(kind__in=KEPT) | Q(source_id=FROM_REGISTER)
    for fact in written.exclude(by=None).exclude(by_itself).order_by("received_at", "pk"):
        kind = KINDS.get(fact.kind)
        title = f"{kind.label if kind else fact.kind}の記入"
        yield {"room": "ledger", "source_id": str(fact.pk), "title": title, "written_at": fact.received_at}


def _of_rooms(home: UUID, decision: HouseholdDecision) -> Iterator[Row]:
    """What rooms offer as `written_since`, of the household itself (see `matching.hanging`)."""
    for config in apps.get_app_configs():
        if path := getattr(config, "written_since", None):
            for row in import_string(path)(people=[], ids=[], households=[home], since=decision.decided_at):
                yield {"room": config.label, **row}


@dataclass
class ToAssignView:
    """A row with what it says and the households that it may belong to."""

    row: HouseholdToAssign
    text: str = ""
    choices: list[Household] = field(default_factory=list)


def of_decision(view: queries.DecisionView, staff: Any) -> list[ToAssignView]:
    """What of this decision is still to be assigned. Nothing where this person does not see all of whom it was about."""
    decision = view.decision
    rows = list(
        HouseholdToAssign.objects.filter(decision=decision, settled_at=None)
        .select_related("household")
        .order_by("written_at", "pk")
    )
    homes = {row.household_id for row in rows} | {line.from_household_id for line in view.moved}
    if not rows or len(view.lines) < decision.lines.count() or unseen_facts(homes, staff):
        return []
    facts = Fact.objects.in_bulk([UUID(row.source_id) for row in rows if row.room == "ledger"])
    origins: dict[UUID, dict[UUID, Household]] = {}
    for line in view.moved:
        origins.setdefault(line.into_household_id, {})[line.from_household_id] = line.from_household
    found = []
    for row in rows:
        fact = facts.get(UUID(row.source_id)) if row.room == "ledger" else None
        text = str(fact.value.get("text", "")) if fact else ""
        choices = sorted(origins.get(row.household_id, {}).values(), key=lambda home: home.number)
        found.append(ToAssignView(row, text, choices))
    return found


def open_counts(disaster: Disaster, staff: Any) -> dict[UUID, int]:
    """decision -> how much is still to be assigned, of the decisions that this person sees whole."""
    rows = HouseholdToAssign.objects.filter(decision__disaster=disaster, settled_at=None)
    found = {}
    for decision in set(rows.values_list("decision", flat=True)):
        view = queries.decision(decision, staff)
        if view and (waiting := of_decision(view, staff)):
            found[decision] = len(waiting)
    return found


@transaction.atomic
def assign(*, by: Staff, row: UUID, into: UUID | None) -> HouseholdToAssign:
    """Say whose it is: a household that the people came from, or (None) the one on which it was written.

    A fact of another household is put down there, and what held before holds again here.
    """
    require(by, "household.decide")
    found = HouseholdToAssign.objects.select_for_update(of=("self",)).select_related("decision").filter(pk=row).first()
    if found is not None and found.settled_at:
        raise Conflict("この行は、すでに振り分けられています。")
    view = queries.decision(found.decision_id, by) if found else None
    shown = next((item for item in of_decision(view, by) if item.row.pk == row), None) if view else None
    if found is None or shown is None:
        raise NotFound("その行は見つかりません。画面を開き直してください。")
    target = next((home for home in shown.choices if home.pk == into), None)
    if into is not None and target is None:
        raise Refused("どの世帯のものかを選んでください。")
    if target is not None and found.room == "ledger":
        _move_fact(found, target, by)
    found.into, found.settled_at, found.settled_by = target, now(), by
    found.save(update_fields=["into", "settled_at", "settled_by"])
    audit(
        by=by,
        act="ledger.assign_of_household",
        subject=f"household:{found.household_id}",
        into=str(into or ""),
        room=found.room,
    )
    return found


def _move_fact(row: HouseholdToAssign, target: Household, by: Staff) -> None:
    fact = Fact.objects.select_related("household", "replaces", "disaster").filter(pk=row.source_id).first()
    if fact is None or Fact.objects.filter(replaces=fact).exists():
        return  # a newer one holds already
    _put(fact, target, fact.value, by)
    # What held before holds again; where nothing did, an empty one follows.
    _put(fact, row.household, fact.replaces.value if fact.replaces else {"text": ""}, by)


def _put(fact: Fact, household: Household, value: dict[str, Any], by: Staff) -> None:
    put_fact(
        by=by,
        disaster=fact.disaster,
        kind=fact.kind,
        value=value,
        room=fact.source_room,
        household=household,
        effective_on=fact.effective_on,
        source_id=str(fact.pk),
    )
