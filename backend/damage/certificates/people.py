"""Who of a household may be printed, and for whom: the one place where address protection meets the certificate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.dates import PartialDate, era, parse_date
from backend.core.errors import NotFound
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.models import Household, Person, SameAs


@dataclass(frozen=True)
class Printable:
    """A household as its certificate may show it. `hidden` people are counted and not named.

    `elsewhere`: another office has to be asked before (somebody among them may be under protection, which is not said).
    `instead`: the り災番号 of the households that stand for its people, where it is not this one that counts.
    """

    household: Household
    members: list[Person]
    hidden: int
    head: Person | None
    instead: list[str] = field(default_factory=list)
    elsewhere: bool = False

    @property
    def address(self) -> str:
        return "　".join(part for part in (self.household.address, self.household.building) if part)


def printable(household_id: UUID, staff: Staff, *, restricted: bool = False) -> Printable:
    """The household with those members that may be printed: who it was when the disaster struck, as it counts.

    People under protection are left out, also for staff who may see them: the paper goes to somebody else.
    `restricted` is the paper for a protected person themself: everybody is on it, and only staff who may see
    protected people can have it. `NotFound` when all members are hidden from this person, as for an unknown number.
    """
    household = Household.objects.select_related("disaster").filter(pk=household_id).first()
    if household is None or household.pk in households.unseen_households(staff, [household.pk]):
        raise NotFound("その世帯はありません。")
    at = households.DISASTER
    counted = households.compositions([household.pk], at=at, staff=staff, everybody=True)[household.pk]
    protected = protected_ids(member.person for member in counted)
    own = protected & ledger.own_typed(staff)
    protected -= own
    if restricted and not (staff.sees_protected and protected):
        raise NotFound("その世帯はありません。")
    shown = [m for m in counted if restricted or m.person.pk not in protected]
    head = next((m.person for m in shown if m.is_head), None)
    for member in shown:
        member.person.relationship = member.relationship  # as the household that counts has it; never saved
    instead = [] if counted else _instead(household, staff)
    return Printable(household, [m.person for m in shown], len(counted) - len(shown), head, instead, bool(own))


def _instead(household: Household, staff: Staff) -> list[str]:
    """Where the people of a household that does not count for a certificate stood on the day."""
    people = [m.person.pk for m in households.members_of(household, staff=staff)]
    people += list(household.members.values_list("pk", flat=True))
    homes = set(households.households_of(people, at=households.DISASTER, staff=staff).values()) - {household.pk}
    homes -= households.unseen_households(staff, homes)
    rows = Household.objects.filter(pk__in=homes).order_by("number")
    return list(rows.values_list("disaster_number", flat=True))


def protected_ids(persons: Iterable[Person]) -> set[UUID]:
    """Those of these people who are under 支援措置 or 秘匿希望, by themselves or by a record they are joined to."""
    people = Person.objects.filter(pk__in=[person.id for person in persons])
    return set(people.filter(ledger.is_under_protection()).values_list("pk", flat=True))


def names_protected(person_ids: Iterable[str]) -> bool:
    """Whether somebody among these is under protection now."""
    return bool(protected_ids(Person.objects.filter(pk__in=list(person_ids))))


def birth_in_words(text: str) -> str:
    """`昭和45年1月2日`; what can't be read stays as it stands in the register."""
    try:
        return era(parse_date(text) if text else PartialDate())
    except ValueError:
        return text


def typed_as(persons: Iterable[Person]) -> list[SameAs]:
    """Links alive now from people entered by word of mouth, with their household, to these people of the register."""
    links = SameAs.objects.filter(into__in=[person.id for person in persons], until=None)
    return list(links.exclude(person__household=None).select_related("person"))


def residents(persons: Iterable[Person]) -> list[UUID]:
    """The households of the register of those among these, entered by word of mouth, who were confirmed to be in it."""
    into = ledger.confirmed_same_as(person.id for person in persons).values()
    homes = Person.objects.filter(pk__in=list(into)).exclude(household=None)
    return list(homes.order_by("household__number").values_list("household", flat=True).distinct())


def unconfirmed(persons: Iterable[Person]) -> list[UUID]:
    """Those among these whom only the machine has linked to somebody of the register."""
    ids = [person.id for person in persons]
    return list(ledger.same_as(ids).keys() - ledger.confirmed_same_as(ids).keys())
