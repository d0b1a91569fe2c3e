"""Links that nobody has confirmed, for pages whose work may not rest on them, with the one step that confirms them there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from backend.accounts.models import AccessLog, Division
from backend.accounts.permissions import RIGHTS, may
from backend.accounts.services import log_access
from backend.ledger.models import Person, SameAs, TypedRecord
from backend.ledger.queries import hidden_person_ids

from .queries import records
from .services import runs_here
from .showing import COLUMNS, pair

MOST = 20  # on one page; the others come when these are done


@dataclass(frozen=True)
class Unconfirmed:
    """What was typed, and the person of the register that it was linked to by the machine alone."""

    record: TypedRecord
    into: Person
    ground: str


def unconfirmed(ids: Iterable[UUID], staff: Any) -> list[Unconfirmed]:
    """The links alive that no person has confirmed of these people, typed or of the register, oldest first.

    Without those of whom this person may not see either side.
    """
    wanted = list(ids)
    about = Q(person__in=wanted) | Q(record__in=wanted) | Q(into__in=wanted)
    links = list(SameAs.objects.filter(about, until=None, confirmed_by=None).select_related("into").order_by("since"))
    if not links:
        return []
    typed = records(staff).in_bulk([link.person_id or link.record for link in links])
    hidden = hidden_person_ids(staff, {link.into_id for link in links})
    return [
        Unconfirmed(typed[key], link.into, link.ground)
        for link in links
        if (key := link.person_id or link.record) in typed and link.into_id not in hidden
    ]


def panel(request: HttpRequest, ids: Iterable[UUID], *, why: str) -> dict[str, Any] | None:
    """For `matching/_unconfirmed.html`: both sides of each link, `why` they matter here; None where there are none.

    Showing both sides is a look at both, and is logged.
    """
    found = unconfirmed(ids, request.user)
    if not found:
        return None
    sees = may(request.user, "matching.read")
    shown = found[:MOST] if sees else []
    for one in shown:
        for subject in (f"record:{one.record.pk}", f"person:{one.into.pk}"):
            log_access(by=request.user, what=AccessLog.What.PERSON, subject=subject, detail="名寄せの確認")  # type: ignore[arg-type]
    return {
        "why": why,
        "back": request.path,
        "columns": COLUMNS[:3],
        "rows": [
            {"record": one.record, "into": one.into, "ground": one.ground, "lines": pair(one.record, one.into)}
            for one in shown
        ],
        "more": len(found) - len(shown),
        "may": may(request.user, "matching.decide") and runs_here(),
        "who_may": "・".join(str(division.label) for division in Division if division in RIGHTS["matching.decide"][1]),
    }
