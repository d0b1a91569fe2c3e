"""What pages, the API and other rooms ask of the ledger. Whoever a person may not see is in no answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, UUIDField
from django.db.models.functions import Coalesce

from backend.core.dates import age_on, parse_date
from backend.core.errors import NotFound

from .models import Disaster, Fact, Household, Person, Protection, SameAs
from .search import LAST_PAGE, PAGE, Found, find
from .typed import Asked, disaster_number_in

__all__ = ["LAST_PAGE", "PAGE", "Asked", "Found", "disaster_number_in", "find", "search"]

UNKNOWN_HOUSEHOLD = "この世帯はありません。番号を確かめてください。"


def disasters() -> QuerySet[Disaster]:
    return Disaster.objects.all()


def current_disaster(session_id: str | None = None) -> Disaster | None:
    """The disaster chosen in the session, else the newest one."""
    if session_id:
        chosen = Disaster.objects.filter(pk=session_id).first()
        if chosen:
            return chosen
    return Disaster.objects.order_by("drill", "-occurred_at").first()


# Protection ------------------------------------------------------------------------------------------------------


def live_protections() -> QuerySet[Protection]:
    """支援措置 and 秘匿希望 that nobody has lifted; an expiry that has passed changes nothing."""
    return Protection.objects.filter(lifted_at=None)


def live_links() -> QuerySet[SameAs]:
    """Links alive now, each with `typed`: the id of what was typed, be it a person of the ledger or another room's."""
    return SameAs.objects.filter(until=None).annotate(typed=Coalesce("person", "record", output_field=UUIDField()))


def is_under_protection() -> Q:
    """The condition, for a queryset of Person, that somebody is under address protection, as it is at this moment.

    Said of them, of their 宛名番号 in whichever disaster, or of a record they are linked to by a link alive now: those
    who were typed by hand and the person of the register are hidden together, whoever of them it was said of.

    The thousands whom the register protects are left to one subquery; the few said by hand or reached by links are
    looked up first, so that a search over a million people keeps to its index.
    """
    condition = Q(atena_no__in=_protected_numbers())
    ids, numbers = _reached_by_hand()
    if numbers:
        condition |= Q(atena_no__in=numbers)
    return condition | Q(pk__in=ids) if ids else condition


def _protected_numbers() -> QuerySet:
    return live_protections().exclude(atena_no=None).values("atena_no")


def _reached_by_hand() -> tuple[set[UUID], set[str]]:
    """Persons of whom it was said by hand, whom links tie to anybody protected, and the 宛名番号 of all of these."""
    links = live_links()
    said = _protected_numbers()
    ids = set(live_protections().exclude(person=None).values_list("person", flat=True))
    ids |= set(live_protections().exclude(evacuee=None).values_list("evacuee", flat=True))
    pairs = set(links.filter(Q(person__atena_no__in=said) | Q(into__atena_no__in=said)).values_list("typed", "into"))
    while True:
        ids |= {one for pair in pairs for one in pair}
        if not ids:
            return set(), set()
        numbers = set(Person.objects.filter(pk__in=ids).exclude(atena_no=None).values_list("atena_no", flat=True))
        touching = Q(person__in=ids) | Q(record__in=ids) | Q(into__in=ids)
        touching |= Q(person__atena_no__in=numbers) | Q(into__atena_no__in=numbers)
        more = set(links.filter(touching).values_list("typed", "into"))
        if more <= pairs:
            return ids, numbers  # type: ignore[return-value]
        pairs |= more


def protections_of(people: Iterable[Person]) -> list[Protection]:
    """All that hides any of these people now, oldest first: said of them, of their number, or of a linked record."""
    ids = {person.pk for person in people}
    links = live_links()
    for one, other in links.filter(Q(person__in=ids) | Q(record__in=ids) | Q(into__in=ids)).values_list(
        "typed", "into"
    ):
        ids |= {one, other}
    ids |= set(links.filter(into__in=ids).values_list("typed", flat=True))
    numbers = set(Person.objects.filter(pk__in=ids).exclude(atena_no=None).values_list("atena_no", flat=True))
    said = live_protections().filter(
        Q(person__in=ids) | Q(evacuee__in=ids) | Q(atena_no__in=numbers) | Q(person__atena_no__in=numbers)
    )
    return list(said.order_by("asked_at", "id"))


def sees_protected(staff: Any) -> bool:
    return bool(getattr(staff, "sees_protected", False))


def visible_persons(staff: Any) -> QuerySet[Person]:
    """The people whom this person may see: for most, nobody under protection."""
    people = Person.objects.all()
    return people if sees_protected(staff) else people.exclude(is_under_protection())


def protected_atena_numbers() -> set[str]:
    """Every 宛名番号 that is hidden, whatever it was said of."""
    numbers = live_protections().exclude(atena_no=None).values_list("atena_no", flat=True)
    of_persons = live_protections().exclude(person__atena_no=None).values_list("person__atena_no", flat=True)
    return {*numbers, *of_persons, *_reached_by_hand()[1]}  # type: ignore[arg-type]


def hidden_person_ids(staff: Any, person_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the ids whom this person may not see."""
    if sees_protected(staff):
        return set()
    people = Person.objects.filter(pk__in=list(person_ids)).filter(is_under_protection())
    return set(people.values_list("pk", flat=True))


def is_protected(person: Person) -> bool:
    return Person.objects.filter(pk=person.pk).filter(is_under_protection()).exists()


# Search ----------------------------------------------------------------------------------------------------------


def search(asked: Asked, *, disaster: Disaster, staff: Any, page: int = 1) -> Found:
    """A page of the people whom this person may see and for whom everything typed is true."""
    return find(asked, disaster=disaster, people=visible_persons(staff).select_related("household"), page=page)


# The household page --------------------------------------------------------------------------------------------------


@dataclass
class MemberView:
    """A member as the household page shows them."""

    person: Person
    age: int | None
    protected: bool = False
    died: str = ""  # the day as the register has it, with unknown parts 00; "?" if no day is known


@dataclass
class HouseholdView:
    """A household as this person may see it. `hidden`: how many members are not shown (ほか○名（秘匿）)."""

    household: Household
    members: list[MemberView]
    hidden: int
    head: Person | None
    facts: dict[str, Fact] = field(default_factory=dict)
    links: dict[UUID, Person] = field(default_factory=dict)

    @property
    def disaster(self) -> Disaster:
        return self.household.disaster

    @property
    def under_protection(self) -> bool:
        return any(member.protected for member in self.members)

    @property
    def dead(self) -> list[MemberView]:
        return [member for member in self.members if member.died]


def household_page(household_id: UUID, staff: Any) -> HouseholdView:
    """The household as this person may see it. A household all of whose members are hidden does not exist for them."""
    household = Household.objects.select_related("disaster").filter(pk=household_id).first()
    if household is None:
        raise NotFound(UNKNOWN_HOUSEHOLD)
    everybody = list(household.members.order_by("position", "id"))
    protected = set(household.members.filter(is_under_protection()).values_list("pk", flat=True))
    shown = everybody if sees_protected(staff) else [p for p in everybody if p.pk not in protected]
    if everybody and not shown:
        raise NotFound(UNKNOWN_HOUSEHOLD)
    died = deaths([p.pk for p in shown])
    day = household.disaster.occurred_at
    members = [MemberView(p, age_at(p, day), protected=p.pk in protected, died=died.get(p.pk, "")) for p in shown]
    head = next((p for p in shown if p.is_head), None)
    # What is known of the household may be what a hidden member told: their new telephone, where they went.
    facts = current_facts(household=household) if len(shown) == len(everybody) else {}
    return HouseholdView(household, members, len(everybody) - len(shown), head, facts, links_of(shown))


def members(household: Household, staff: Any) -> list[Person]:
    """The members whom this person may see, in the register's order."""
    return list(visible_persons(staff).filter(household=household).order_by("position", "id"))


def age_at(person: Person, moment: Any) -> int | None:
    """Full years on the day of the disaster; None if the birth date doesn't tell."""
    from backend.core.clock import tokyo_date

    try:
        return age_on(parse_date(person.birth), tokyo_date(moment))
    except ValueError:
        return None


def deaths(person_ids: list[UUID]) -> dict[UUID, str]:
    """person -> the day of death as far as it is known ("?" if not at all), of those who have died."""
    result: dict[UUID, str] = {}
    facts = Fact.objects.filter(person__in=person_ids, kind="life_status", replaced_by=None).order_by("recorded_at")
    for fact in facts:
        if fact.value.get("status") == "dead":
            result[fact.person_id] = fact.value.get("on") or "?"  # type: ignore[index]
        else:
            result.pop(fact.person_id, None)  # type: ignore[arg-type]
    return result


def current_facts(
    *, household: Household | None = None, person: Person | None = None, kinds: Iterable[str] | None = None
) -> dict[str, Fact]:
    """kind -> the fact that holds now: the newest one that none replaces."""
    facts = Fact.objects.filter(household=household, person=person, replaced_by=None)
    if kinds is not None:
        facts = facts.filter(kind__in=list(kinds))
    return {fact.kind: fact for fact in facts.order_by("recorded_at", "id")}


def same_as(person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whoever was typed (a person of the ledger, or by the id of another room) -> the person of the register that they
    are, by the links alive now. For reading only: see `confirmed_same_as`."""
    wanted = list(person_ids)
    links = live_links().filter(Q(person__in=wanted) | Q(record__in=wanted))
    return dict(links.values_list("typed", "into_id"))


def confirmed_same_as(person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The same by links that a person or a document has confirmed: what papers, payments and disclosures may rely on."""
    wanted = list(person_ids)
    links = live_links().filter(Q(person__in=wanted) | Q(record__in=wanted)).exclude(confirmed_by=None)
    return dict(links.values_list("typed", "into_id"))


def links_of(people: list[Person]) -> dict[UUID, Person]:
    """Of people entered by word of mouth: the person of the register they are linked to."""
    links = SameAs.objects.filter(person__in=people, until=None).select_related("into")
    return {link.person_id: link.into for link in links}


def timeline(household_id: UUID, staff: Any) -> list[dict[str, Any]]:
    """What the ledger itself knows happened: opening, protection asked and lifted, facts entered by hand."""
    from .facts import KINDS

    household = Household.objects.select_related("disaster").get(pk=household_id)
    rows: list[dict[str, Any]] = [
        {"at": household.disaster.occurred_at, "title": "発災", "text": household.disaster.name, "by": ""},
        {"at": household.created_at, "title": "被災者台帳に記載", "text": household.get_kind_display(), "by": ""},
    ]
    hidden = not sees_protected(staff) and household.members.filter(is_under_protection()).exists()
    told = Fact.objects.none() if hidden else Fact.objects.filter(household=household)
    for fact in told.select_related("by"):
        kind = KINDS.get(fact.kind)
        label = kind.label if kind else fact.kind
        rows.append(
            {
                "at": fact.recorded_at,
                "title": f"{label}の記入",
                "text": str(fact.value.get("text", "")),
                "by": str(fact.by) if fact.by else "",
            }
        )
    shown = visible_persons(staff).filter(household=household)
    for person in shown:
        if person.changed_on and person.changed_by:
            rows.append(
                {"on": person.changed_on, "title": f"住民異動：{person.changed_by}", "text": person.name, "by": ""}
            )
    for protection in Protection.objects.filter(person__in=shown).select_related("asked_by", "lifted_by"):
        rows.append(
            {
                "at": protection.asked_at,
                "title": protection.get_source_display(),
                "text": "",
                "by": str(protection.asked_by or ""),
            }
        )
        if protection.lifted_at:
            rows.append(
                {"at": protection.lifted_at, "title": "秘匿の解除", "text": "", "by": str(protection.lifted_by)}
            )
    return rows
