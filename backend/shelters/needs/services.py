"""Writing down what somebody needs, and that it is settled. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import NotFound, Refused
from backend.journal.services import Draft, record_many
from backend.shelters.acts import begin, moment, references

from . import rules
from .queries import needs_of


@transaction.atomic
def state(
    *, by: Staff | None, evacuee: UUID, needs: Iterable[tuple[str, str]], occurred_at: datetime | None = None
) -> int:
    """Add what somebody needs: (need of `rules.NEEDS`, words or ""). What stands there already is not written again.

    Returns how many were new.
    """
    begin(by)
    person = references([evacuee], by)[evacuee]
    said = rules.together(needs)
    if any(need not in rules.NEEDS or len(text) > rules.LONGEST for need, text in said):
        raise Refused("配慮の項目が正しくありません。")
    have = {(one.need, one.text) for one in needs_of([evacuee]).get(evacuee, [])}
    new = [item for item in said if item not in have]
    if new:
        at = moment(occurred_at)
        drafts = [
            Draft("need.stated", {"person": person, "need": need} | ({"text": text} if text else {}), at)
            for need, text in new
        ]
        record_many(drafts=drafts, by=by)
        audit(by=by, act="shelters.state_need", subject=f"evacuee:{evacuee}", needs=len(new))
    return len(new)


@transaction.atomic
def meet(*, by: Staff | None, evacuee: UUID, need: str, text: str = "", note: str = "") -> None:
    """What somebody needed is settled, or was not so: every entry that says it is answered."""
    begin(by)
    references([evacuee], by)
    found = next((one for one in needs_of([evacuee]).get(evacuee, []) if (one.need, one.text) == (need, text)), None)
    if found is None:
        raise NotFound("その記録は見つかりません。画面を開き直してください。")
    more = {"note": note[:200]} if note else {}
    drafts = [Draft("need.met", {"entry": str(entry), **more}, moment(None)) for entry in found.entries]
    record_many(drafts=drafts, by=by)
    audit(by=by, act="shelters.meet_need", subject=f"evacuee:{evacuee}", need=need)
