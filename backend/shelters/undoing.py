"""Taking back what a page of this room wrote by mistake. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound
from backend.journal.models import Entry, Voiding
from backend.journal.services import record

from .acts import begin


@transaction.atomic
def undo(*, by: Staff | None, opening: UUID, entry: UUID, kinds: Sequence[str]) -> None:
    """An entry of one of these kinds about this shelter is taken back; it stays in the history."""
    begin(by)
    found = Entry.objects.filter(uuid=entry, kind__in=kinds, verdict=Entry.Verdict.ACCEPTED).first()
    if found is None or (found.payload or {}).get("opening") != str(opening):
        raise NotFound("その記録は見つかりません。")
    if Voiding.objects.filter(target=entry).exists():
        raise Conflict("その記録はすでに取り消されています。")
    record(kind="entry.voided", payload={"entry": str(entry)}, occurred_at=now(), by=by)
    audit(by=by, act="shelters.undo", subject=f"opening:{opening}", entry=str(entry), kind=found.kind)
