"""Who of the typed is linked to whom in the register now."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from backend.ledger.models import SameAs, TypedRecord


def key_of(record: TypedRecord) -> dict[str, UUID]:
    """How a link names the record: people of the ledger as persons, all others by their id."""
    return {"person_id": record.pk} if record.room == "ledger" else {"record": record.pk}


def links_of(ids: Iterable[UUID]) -> dict[UUID, SameAs]:
    """Record -> its link alive now. Hidden people too: ask before showing anybody."""
    wanted = list(ids)
    links = SameAs.objects.filter(Q(person__in=wanted) | Q(record__in=wanted), until=None)
    return {link.person_id or link.record: link for link in links.select_related("into", "confirmed_by")}  # type: ignore[misc]


def live_link(record: TypedRecord) -> SameAs | None:
    return links_of([record.pk]).get(record.pk)
