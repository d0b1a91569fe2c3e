"""What stands beside a household of a report: facts, papers, stays, payments. Shown and asked for, never altered.

Facts are the ledger's own. Other rooms offer theirs as `ledger_beside` of their AppConfig, the dotted path of a function
of (household ids, person ids) that gives dicts of household, person (ids or None), at, title and text; read without
importing them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q
from django.utils.module_loading import import_string

from backend.ledger.facts import FROM_REGISTER, KEPT, KINDS
from backend.ledger.models import Fact, Protection, SameAs


@dataclass(frozen=True)
class Beside:
    """One thing that hangs on a household or on a person."""

    household: UUID | None
    person: UUID | None
    at: datetime
    title: str
    text: str


def of(homes: Iterable[UUID], people: Iterable[UUID]) -> list[Beside]:
    """Everything that stands beside these households and people, oldest first."""
    homes, people = set(homes), set(people)
    facts = Fact.objects.filter(Q(household__in=homes) | Q(person__in=people), replaced_by=None)
    facts = facts.exclude(kind__in=KEPT)  # told by their rooms below
    found = [
        Beside(fact.household_id, fact.person_id, fact.recorded_at, _label(fact), str(fact.value.get("text", "")))
        for fact in facts
    ]
    for config in apps.get_app_configs():
        path = getattr(config, "ledger_beside", None)
        if path:
            found += [Beside(**row) for row in import_string(path)(homes, people)]
    return sorted(found, key=lambda row: row.at)


def _label(fact: Fact) -> str:
    kind = KINDS.get(fact.kind)
    return kind.label if kind else fact.kind


def since(moment: datetime, *, homes: set[str], people: set[str], but: set[str]) -> list[str]:
    """In words, what was recorded of these households and people after a moment; `but`: facts and links that don't count."""
    home_ids, person_ids = {UUID(pk) for pk in homes}, {UUID(pk) for pk in people}
    newer: dict[str, Any] = {}
    facts = Fact.objects.filter(Q(household__in=home_ids) | Q(person__in=person_ids), recorded_at__gt=moment)
    # Where the register has them today follows the register, whatever is accepted of it.
    by_itself = Q(kind="register_address", source_id=FROM_REGISTER)
    for fact in facts.exclude(pk__in=but).exclude(by_itself).exclude(kind__in=KEPT):
        newer[_label(fact)] = True
    for config in apps.get_app_configs():
        path = getattr(config, "ledger_beside", None)
        for row in import_string(path)(home_ids, person_ids) if path else []:
            if row["at"] > moment:
                newer[row["title"]] = True
    if Protection.objects.filter(person__in=person_ids, asked_at__gt=moment, lifted_at=None).exists():
        newer["秘匿"] = True
    # A link that nobody has confirmed is matched anew and hangs on nothing.
    links = SameAs.objects.filter(Q(person__in=person_ids) | Q(into__in=person_ids), since__gt=moment, until=None)
    links = links.exclude(confirmed_by=None)
    if links.exclude(pk__in=but).exists():
        newer["照合"] = True
    return list(newer)
