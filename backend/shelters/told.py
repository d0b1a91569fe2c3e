"""What this room tells others of people, by the journal's plain attribute (`journal.people`). Nobody hidden is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff

from . import people
from .cards import queries as cards_of
from .cards import rules as card_rules
from .frontdesk.queries import present as in_roster
from .models import Evacuee
from .people import Face


def by_card(text: str) -> list[UUID] | None:
    card = card_rules.read(text)  # Misread is a ValueError
    return None if card is None else cards_of.evacuees_of(card)


def present(opening: UUID, text: str, staff: Staff) -> list[Face]:
    return [row.face for row in in_roster(opening, text, staff)]


def faces(ids: Iterable[UUID], staff: Staff) -> dict[UUID, Any]:
    wanted = set(ids)
    return people.faces(wanted - people.hidden(wanted, staff))


def cards(ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = Evacuee.objects.filter(pk__in=list(ids)).values_list("pk", "card")
    return {pk: card_rules.printed(card) for pk, card in rows}
