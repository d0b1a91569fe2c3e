"""Taking one exchange back: the person is again who they were in the emergency register."""

from __future__ import annotations

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict
from backend.ledger import words
from backend.ledger.matching import services as matching
from backend.ledger.models import Disaster, ExchangeCandidate, Household, NumberExchange, Person
from backend.ledger.opening.revising import state
from backend.registry import queries as registry
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from .placing import COLUMNS


@transaction.atomic
def undo(*, by: Staff, exchange: NumberExchange) -> NumberExchange:
    """Take back that a person is that one of the real register. What hangs on the person stays with them.

    Both stand on the list to decide again. Raises `Conflict` where it was taken back already, the person has changed,
    or others of the real register stand in the household that was theirs.
    """
    require(by, "disaster.open")
    disaster = Disaster.objects.select_for_update().get(pk=exchange.disaster_id)
    row = NumberExchange.objects.select_for_update().get(pk=exchange.pk)
    person = Person.objects.select_for_update().get(pk=row.person_id)
    if row.undone_at is not None:
        raise Conflict("この入れ替えは、すでに取り消されています。")
    row.undone_at, row.undone_by = now(), by
    row.save(update_fields=["undone_at", "undone_by"])
    if row.new_no:
        if person.atena_no != row.new_no:
            raise Conflict("この方の宛名番号は、その後に変わっています。取り消せません。")
        before = words.words_of([person])
        concerned = matching.concerned([person.pk])
        _give_back(disaster, row, person)
        words.count(disaster, before, words.words_of([person]))
        matching.match_again(disaster=disaster, ids=concerned | matching.concerned([person.pk]))
        ExchangeCandidate.objects.update_or_create(
            person=person, atena_no=row.new_no, defaults={"disaster": disaster, "settled_at": None}
        )
    audit(by=by, act="ledger.undo_exchange", subject=f"person:{person.pk}")
    return row


def _give_back(disaster: Disaster, row: NumberExchange, person: Person) -> None:
    said = _emergency_row(disaster, row.old_no)
    left, home = person.household, row.household_from
    if home is not None:
        home = Household.objects.select_for_update().get(pk=home.pk)
        if home.members.filter(ended_at=None).exclude(pk=person.pk).exists():
            raise Conflict(
                "この方のり災番号の世帯には、ほかの方も入っています。先にその方々の入れ替えを取り消してください。"
            )
        home.household_no, home.ended_at = said["household_no"], None
        home.postal_code, home.address, home.building = (
            said[column] for column in ("postal_code", "address", "building")
        )
    for column in COLUMNS:
        setattr(person, column, said[column])
    person.atena_no, person.former_no = row.old_no, None
    person.household, person.position, person.is_head = home, 1, False
    state.make_keys(person)
    state.save([person], [home] if home else [])
    if left is not None and left != home and not left.members.filter(ended_at=None).exists():
        left.ended_at = row.undone_at
        left.save(update_fields=["ended_at"])


def _emergency_row(disaster: Disaster, number: str) -> register.Row:
    """What the emergency register said of them."""
    revisions = AsOfRevision.objects.filter(code=disaster.code).select_related("base").order_by("-number")
    for revision in revisions:
        if registry.has_own_numbers(revision.base):
            there, _ = register.rows(revision, [number])
            if number in there:
                return there[number]
    raise Conflict("緊急用の住民記録にこの方の行がないため、取り消せません。")
