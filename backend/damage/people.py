"""Who of a household may be printed, and for whom: the one place where address protection meets the certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.dates import PartialDate, era, parse_date
from backend.core.errors import NotFound
from backend.ledger import queries as ledger
from backend.ledger.models import Household, Person, SameAs


@dataclass(frozen=True)
class Printable:
    """A household as its certificate may show it. `hidden` people are counted and not named."""

    household: Household
    members: list[Person]
    hidden: int
    head: Person | None

    @property
    def address(self) -> str:
        return "　".join(part for part in (self.household.address, self.household.building) if part)


def printable(household_id: UUID, staff: Staff, *, restricted: bool = False) -> Printable:
    """The household with those members that may be printed.

    People under protection are left out, also for staff who may see them: the paper goes to somebody else.
    `restricted` is the paper for a protected person themself: everybody is on it, and only staff who may see
    protected people can have it. `NotFound` when all members are hidden from this person, as for an unknown number.
    """
    household = Household.objects.select_related("disaster").filter(pk=household_id).first()
    members = list(household.members.order_by("position", "id")) if household else []
    protected = protected_ids(members)
    if household is None or (restricted and not staff.sees_protected) or (restricted and not protected):
        raise NotFound("その世帯はありません。")
    if members and len(protected) == len(members) and not staff.sees_protected:
        raise NotFound("その世帯はありません。")
    shown = members if restricted else [m for m in members if m.id not in protected]
    head = next((m for m in shown if m.is_head), None)
    return Printable(household, shown, len(members) - len(shown), head)


def protected_ids(persons: Iterable[Person]) -> set[UUID]:
    """Those of these people who are under 支援措置 or 秘匿希望, by themselves or by a record they are joined to."""
    people = Person.objects.filter(pk__in=[person.id for person in persons])
    return set(people.filter(ledger.is_under_protection()).values_list("pk", flat=True))


def hidden_households(household_ids: Iterable[UUID], staff: Staff) -> set[UUID]:
    """Those households whose members are all hidden from this person: for them they don't exist."""
    if staff.sees_protected:
        return set()
    persons = list(Person.objects.filter(household__in=set(household_ids)))
    protected = protected_ids(persons)
    open_ones = {p.household_id for p in persons if p.id not in protected}
    return {p.household_id for p in persons} - open_ones


def names_protected(person_ids: Iterable[str]) -> bool:
    """Whether somebody among these is under protection now."""
    return bool(protected_ids(Person.objects.filter(pk__in=list(person_ids))))


def birth_in_words(text: str) -> str:
    """`昭和45年1月2日`; what can't be read stays as it stands in the register."""
    try:
        return era(parse_date(text) if text else PartialDate())
    except ValueError:
        return text


def typed_households(persons: Iterable[Person]) -> set[UUID]:
    """The households in which these people of the register were entered by word of mouth, by links alive now."""
    links = SameAs.objects.filter(into__in=[person.id for person in persons], until=None)
    return set(links.exclude(person__household=None).values_list("person__household", flat=True))


def are_joined(persons: Iterable[Person]) -> bool:
    """Whether somebody among these, entered by word of mouth, is joined to a person of the register."""
    return bool(ledger.same_as(person.id for person in persons))
