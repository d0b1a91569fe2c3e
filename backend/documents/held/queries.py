"""What waits, whose it is (as the ledger lets this person know), and what has been decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.characters import faces
from backend.characters import queries as characters
from backend.characters.models import Source
from backend.core.errors import NotFound
from backend.documents.models import CharacterDecision, HeldCharacter
from backend.documents.settling import Whose, decision, how

MOST = 2_000  # rows that a page looks at; a town with more has a font or a map missing


@dataclass(frozen=True)
class Line:
    """A row of the queue with whose it is, and what settles it now (empty: it waits)."""

    row: HeldCharacter
    who: dict[str, Any]
    settled: str

    @property
    def codes(self) -> str:
        return faces.codes(self.row.cluster)

    @property
    def pieces(self) -> list[characters.Piece]:
        return characters.pieces(self.row.cluster, self.row.source)

    @property
    def source_label(self) -> str:
        return str(Source(self.row.source).label)

    @property
    def issue_url(self) -> str:
        return issue_page(self.row.kind_id, self.row.household)


def issue_page(kind: str, household: UUID) -> str:
    """Where a paper of this kind is issued (`paper_pages` of an AppConfig)."""
    for config in apps.get_app_configs():
        name = getattr(config, "paper_pages", {}).get(kind)
        if name:
            try:
                return reverse(name, args=[household])
            except NoReverseMatch:
                return ""
    return ""


def people(staff: Staff, households: Iterable[UUID], persons: Iterable[UUID]) -> dict[UUID, dict[str, Any]]:
    """Names as the room that knows them gives them; who is hidden from this person is not in it."""
    households, persons, found = list(households), list(persons), {}
    for config in apps.get_app_configs():
        name = getattr(config, "people_on_papers", None)
        if name:
            found |= import_string(name)(staff, households, persons)
    return found


def lines(staff: Staff, *, closed: bool = False) -> list[Line]:
    """The queue, oldest first, or what has left it, newest first: without those whom this person may not see."""
    rows = HeldCharacter.objects.select_related("kind", "held_by", "closed_by").filter(closed_at__isnull=not closed)
    found = list(rows.order_by("-closed_at" if closed else "held_at", "id")[:MOST])
    known = people(staff, {row.household for row in found}, {row.person for row in found if row.person})
    return [
        Line(row, who, _settled(row)) for row in found if (who := known.get(row.person or row.household)) is not None
    ]


def waiting_for(kind: str, household: UUID, staff: Staff) -> list[Line]:
    """What one paper still waits for, in the order in which it was found."""
    rows = HeldCharacter.objects.select_related("kind", "held_by", "closed_by")
    rows = rows.filter(kind=kind, household=household, closed_at=None).order_by("held_at", "id")
    found = list(rows)
    known = people(staff, [household], [row.person for row in found if row.person])
    lines = [Line(row, who, _settled(row)) for row in found if (who := known.get(row.person or household)) is not None]
    return [line for line in lines if not line.settled]


def held(held_id: UUID, staff: Staff) -> Line:
    """One row; `NotFound` too when it is of somebody whom this person may not see."""
    row = HeldCharacter.objects.select_related("kind", "held_by", "closed_by").filter(pk=held_id).first()
    known = people(staff, [row.household], [row.person] if row.person else []) if row else {}
    who = known.get(row.person or row.household) if row else None
    if row is None or who is None:
        raise NotFound("その保留はありません。")
    return Line(row, who, _settled(row))


def _settled(row: HeldCharacter) -> str:
    owner = Whose(household=row.household, person=row.person, source=row.source)
    if characters.way(row.cluster, row.source) is not None:
        return "書体・対応表にある"
    if how(row.cluster, owner) is None:
        return ""
    found = decision(row.cluster, owner)
    return found.get_how_display() if found else ""


def suggestion(row: HeldCharacter) -> str:
    """The shape that is most likely agreed to: the base of a variant, or of what the map says."""
    said = characters.meaning(row.cluster, row.source)
    text = (said.text if said else row.cluster)[:1]
    return text if text and characters.is_ordinary(text) and faces.chain().index(text) is not None else ""


def may_see_decision(found: CharacterDecision, staff: Staff) -> bool:
    if found.scope == CharacterDecision.Scope.ALL or found.subject is None:
        return True
    is_person = found.scope == CharacterDecision.Scope.PERSON
    known = people(staff, [] if is_person else [found.subject], [found.subject] if is_person else [])
    return found.subject in known


def decision_of(decision_id: UUID, staff: Staff) -> CharacterDecision:
    found = CharacterDecision.objects.select_related("decided_by", "ended_by").filter(pk=decision_id).first()
    if found is None or not may_see_decision(found, staff):
        raise NotFound("その決定はありません。")
    return found


def decisions(staff: Staff) -> list[tuple[CharacterDecision, dict[str, Any]]]:
    """All decisions, newest first, each with whose it is; those of hidden people left out."""
    rows = list(CharacterDecision.objects.select_related("decided_by", "ended_by")[:MOST])
    by_scope = {
        scope: {r.subject for r in rows if r.scope == scope and r.subject}
        for scope in (CharacterDecision.Scope.PERSON, CharacterDecision.Scope.HOUSEHOLD)
    }
    known = people(staff, by_scope[CharacterDecision.Scope.HOUSEHOLD], by_scope[CharacterDecision.Scope.PERSON])
    return [(row, known.get(row.subject, {})) for row in rows if row.subject is None or row.subject in known]
