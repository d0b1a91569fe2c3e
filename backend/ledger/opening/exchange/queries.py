"""What the page of the exchange asks: who is still to be decided, with both sides, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from backend.core.errors import NotFound
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, ExchangeCandidate, NumberExchange, Person
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from . import rules


@dataclass(frozen=True)
class Counts:
    exchanged: int
    open: int


def _waiting(of: Disaster) -> QuerySet[Person]:
    """People of the ledger who still have a number of the emergency register, and of whom nobody has decided."""
    decided = NumberExchange.objects.filter(person=OuterRef("pk"), undone_at=None)
    own = Person.objects.filter(disaster=of, ended_at=None, atena_no__gte=str(rules.FIRST_OWN))
    return own.filter(atena_no__regex=r"^9[0-9]{14}$").exclude(Exists(decided))


def counts(of: Disaster) -> Counts:
    return Counts(
        NumberExchange.objects.filter(disaster=of, undone_at=None).exclude(new_no="").count(), _waiting(of).count()
    )


def waiting(of: Disaster, staff: Any) -> tuple[QuerySet[Person], int]:
    """Those of whom somebody must decide and whom this person may see, those with candidates first; and how many more."""
    everybody = _waiting(of)
    candidates = ExchangeCandidate.objects.filter(person=OuterRef("pk"), settled_at=None)
    shown = everybody if ledger.sees_protected(staff) else everybody.exclude(ledger.is_under_protection())
    ordered = shown.annotate(possible=Exists(candidates)).select_related("household").order_by("-possible", "atena_no")
    return ordered, everybody.count() - shown.count()


@dataclass
class Both:
    """Somebody of the emergency register, and those of the real one who may be them."""

    person: Person
    candidates: list[dict[str, str]] = field(default_factory=list)


def both_sides(of: Disaster, staff: Any, people: list[Person]) -> list[Both]:
    rows = ExchangeCandidate.objects.filter(person__in=people, settled_at=None).values_list("person", "atena_no")
    hidden = set() if ledger.sees_protected(staff) else ledger.protected_atena_numbers()
    pairs = [(person, number) for person, number in rows if number not in hidden]
    revision = AsOfRevision.objects.select_related("base").filter(pk=of.register_revision).first()
    there = register.rows(revision, [number for _, number in pairs])[0] if revision else {}
    found = {person.pk: Both(person) for person in people}
    for person, number in sorted(pairs, key=lambda pair: pair[1]):
        if number in there:
            found[person].candidates.append(there[number])
    return list(found.values())


def waiting_person(of: Disaster, staff: Any, pk: UUID) -> Person:
    """One of them whom this person may see; raises `NotFound`."""
    found = waiting(of, staff)[0].filter(pk=pk).first()
    if found is None:
        raise NotFound("この方はいないか、すでに決まっています。一覧を開き直してください。")
    return found


def candidate(person: Person, staff: Any, number: str) -> str:
    """A number that stands beside the person on the page; raises `NotFound` for any other."""
    both = both_sides(person.disaster, staff, [person])[0]
    if number not in {row["atena_no"] for row in both.candidates}:
        raise NotFound("この候補はありません。一覧を開き直してください。")
    return number


def exchanges(of: Disaster, staff: Any, *, number: str = "") -> list[NumberExchange]:
    """What was decided by people, newest first; or whatever was exchanged under a number, old or new."""
    rows = NumberExchange.objects.filter(disaster=of, undone_at=None).select_related("person", "by")
    rows = rows.filter(Q(old_no=number) | Q(new_no=number)) if number else rows.exclude(ground="四情報")
    if not ledger.sees_protected(staff):
        rows = rows.filter(person__in=ledger.visible_persons(staff).filter(disaster=of))
    return list(rows.order_by("-at", "-pk")[:50])


def exchange(of: Disaster, staff: Any, pk: int) -> NumberExchange:
    """One exchange whose person this person may see; raises `NotFound`."""
    found = NumberExchange.objects.filter(disaster=of, pk=pk).select_related("person").first()
    if found is None or ledger.hidden_person_ids(staff, [found.person_id]):
        raise NotFound("この入れ替えはありません。")
    return found
