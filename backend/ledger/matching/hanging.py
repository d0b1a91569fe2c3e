"""What hangs on a link that was wrong: everything written under the joined identity since, to be assigned to one side.

Nothing is re-pointed: a fact that belongs to the other side is put down there anew, and the one before holds again where
it was written. What other rooms wrote (papers, stays) is theirs to withdraw or correct; the list says what there is.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from backend.ledger.models import Fact, Person, SameAs, ToAssign
from backend.ledger.queries import hidden_person_ids

from .queries import records

Row = dict[str, Any]


def list_up(link: SameAs) -> int:
    """Put what was written since the link began on the list to assign; return how many rows there are."""
    rows = [*_facts(link), *_of_rooms(link)]
    ToAssign.objects.bulk_create([ToAssign(link=link, **row) for row in rows], ignore_conflicts=True)
    return len(rows)


def _sides(link: SameAs) -> list[Person]:
    return [person for person in (link.into, link.person) if person is not None]


def _facts(link: SameAs) -> Iterator[Row]:
    people = _sides(link)
    homes = [person.household_id for person in people if person.household_id]
    written = Fact.objects.filter(Q(person__in=people) | Q(household__in=homes), received_at__gte=link.since)
    # What follows a room's own entries, or the register, belongs to whom these name.
    by_itself = Q(kind__in=KEPT) | Q(source_id=FROM_REGISTER)
    for fact in written.exclude(by=None).exclude(by_itself).order_by("received_at"):
        kind = KINDS.get(fact.kind)
        yield {
            "room": "ledger",
            "source_id": str(fact.pk),
            "title": f"{kind.label if kind else fact.kind}の記入",
            "written_at": fact.received_at,
        }


def _of_rooms(link: SameAs) -> Iterator[Row]:
    """Rooms may offer `written_since`: the dotted path of a function of persons, other ids and a time, giving rows of
    `source_id`, `title` (no names) and `written_at`."""
    people = _sides(link)
    ids = [*(person.pk for person in people), *([link.record] if link.record else [])]
    homes = [person.household_id for person in people if person.household_id]
    for config in apps.get_app_configs():
        if path := getattr(config, "written_since", None):
            for row in import_string(path)(people=people, ids=ids, households=homes, since=link.since):
                yield {"room": config.label, **row}


def open_rows(staff: Any) -> list[ToAssign]:
    """What is still to be assigned, the oldest first, without what concerns people whom this person may not see."""
    rows = list(
        ToAssign.objects.filter(settled_at=None)
        .select_related("link__into__household", "link__person__household")
        .order_by("written_at", "pk")
    )
    hidden = hidden_person_ids(
        staff, {row.link.into_id for row in rows} | {row.link.person_id for row in rows} - {None}
    )
    seen = set(
        records(staff).filter(pk__in=[r.link.record for r in rows if r.link.record]).values_list("pk", flat=True)
    )
    return [
        row
        for row in rows
        if not {row.link.into_id, row.link.person_id} & hidden and (row.link.record is None or row.link.record in seen)
    ]


@transaction.atomic
def assign(*, by: Staff, row: UUID, side: str) -> ToAssign:
    """Say whose it is. A fact of the other side is put down there, and what held before holds again here."""
    require(by, "matching.decide")
    found = ToAssign.objects.select_for_update(of=("self",)).filter(pk=row).first()
    if found is None or found.pk not in {open_row.pk for open_row in open_rows(by)}:
        if found is not None and found.settled_at:
            raise Conflict("この行は、すでに振り分けられています。")
        raise NotFound("その行は見つかりません。画面を開き直してください。")
    if side not in ToAssign.Side.values:
        raise Refused("どちらのものかを選んでください。")
    if found.room == "ledger":
        _move_fact(found, side, by)
    found.side, found.settled_at, found.settled_by = side, now(), by
    found.save(update_fields=["side", "settled_at", "settled_by"])
    audit(by=by, act="ledger.match_assign", subject=f"same_as:{found.link_id}", side=side, room=found.room)
    return found


def _move_fact(row: ToAssign, side: str, by: Staff) -> None:
    """`here` is where the fact was written, `there` the other side (none where that is no person of the ledger)."""
    fact = Fact.objects.select_related("household", "person", "replaces").filter(pk=row.source_id).first()
    if fact is None or Fact.objects.filter(replaces=fact).exists():
        return  # a newer one holds already
    typed, register = row.link.person, row.link.into
    at_typed = typed is not None and _is_of(fact, typed)
    here, there = (typed, register) if at_typed else (register, typed)
    if side == (ToAssign.Side.TYPED if at_typed else ToAssign.Side.REGISTER):
        return
    if there is not None:
        _put(fact, there, fact.value, by)
    if side != ToAssign.Side.BOTH and here is not None:
        # What held before holds again; where nothing did, an empty one follows.
        _put(fact, here, fact.replaces.value if fact.replaces else {"text": ""}, by)


def _is_of(fact: Fact, person: Person) -> bool:
    return fact.person_id == person.pk or (fact.household_id is not None and fact.household_id == person.household_id)


def _put(fact: Fact, person: Person, value: dict[str, Any], by: Staff) -> None:
    subject: dict[str, Any] = {"household": person.household} if fact.household_id else {"person": person}
    if subject.get("household", person) is None:
        return
    put_fact(
        by=by,
        disaster=fact.disaster,
        kind=fact.kind,
        value=value,
        room=fact.source_room,
        effective_on=fact.effective_on,
        source_id=str(fact.pk),
        **subject,
    )
