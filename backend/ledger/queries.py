"""What pages, the API and other rooms ask of the ledger. Whoever a person may not see is in no answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.dates import age_on, parse_date
from backend.core.errors import NotFound

from .households import queries as households
from .models import Disaster, Fact, Household, Person, Protection, SameAs
from .protected import (
    hidden_person_ids,
    is_protected,
    is_under_protection,
    live_links,
    live_protections,
    own_typed,
    protected_atena_numbers,
    protections_of,
    sees_protected,
    visible_persons,
)
from .search import LAST_PAGE, PAGE, Found, find
from .typed import Asked, disaster_number_in

__all__ = [
    "LAST_PAGE",
    "PAGE",
    "Asked",
    "Found",
    "disaster_number_in",
    "find",
    "hidden_person_ids",
    "is_protected",
    "is_under_protection",
    "live_links",
    "live_protections",
    "own_typed",
    "protected_atena_numbers",
    "protections_of",
    "search",
    "sees_protected",
    "visible_persons",
]

UNKNOWN_HOUSEHOLD = "この世帯はありません。番号を確かめてください。"


def disasters() -> QuerySet[Disaster]:
    return Disaster.objects.all()


def disaster_by_id(text: str) -> Disaster | None:
    """The disaster of an id as a form sends it."""
    try:
        return Disaster.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None


def current_disaster(session_id: str | None = None) -> Disaster | None:
    """The disaster chosen in the session, else the newest one."""
    if session_id:
        chosen = Disaster.objects.filter(pk=session_id).first()
        if chosen:
            return chosen
    return Disaster.objects.order_by("drill", "-occurred_at").first()


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
    is_head: bool = False
    relationship: str = ""
    since: date | None = None  # the day they came by a decision


@dataclass
class HouseholdView:
    """A household as this person may see it. `hidden`: how many members are not shown (ほか○名（秘匿）).

    `members` are those of the register; of a household that a decision made, those who are in it (or last were).
    `counted` and `today` are who it is as of the disaster and today after decisions; None where that is the same.
    """

    household: Household
    members: list[MemberView]
    hidden: int
    head: Person | None
    facts: dict[str, Fact] = field(default_factory=dict)
    links: dict[UUID, Person] = field(default_factory=dict)
    ended: list[Person] = field(default_factory=list)  # entered here once, and not in the ledger any more
    successors: list[Household] = field(default_factory=list)  # where those stand now who stood here
    counted: list[MemberView] | None = None
    today: list[MemberView] | None = None

    @property
    def disaster(self) -> Disaster:
        return self.household.disaster

    @property
    def under_protection(self) -> bool:
        return any(member.protected for member in self.members)

    @property
    def dead(self) -> list[MemberView]:
        return [member for member in self.members if member.died]

    @property
    def present(self) -> list[MemberView]:
        """Who the household is today."""
        if self.today is not None:
            return self.today
        return self.members if self.counted is None else self.counted

    @property
    def founded(self) -> bool:
        """Made by a decision, not by the register or by word of mouth."""
        return self.household.kind in households.FOUNDED


def register_is_there(disaster: Disaster) -> bool:
    """Whether the households of the register stand in the ledger; before that everybody in it is there on their own word."""
    return Household.objects.filter(disaster=disaster, kind=Household.Kind.RESIDENT).exists()


def household_page(household_id: UUID, staff: Any) -> HouseholdView:
    """The household as this person may see it. A household all of whose members are hidden does not exist for them."""
    household = Household.objects.select_related("disaster").filter(pk=household_id).first()
    if household is None:
        raise NotFound(UNKNOWN_HOUSEHOLD)
    ever = households.ever_in(household)
    protected = set(ever.filter(is_under_protection()).values_list("pk", flat=True))
    everybody = list(household.members.order_by("position", "id"))
    if household.pk in households.unseen_households(staff, [household.pk]):
        raise NotFound(UNKNOWN_HOUSEHOLD)
    guarded = bool(protected)
    protected -= own_typed(staff)
    visible = everybody if sees_protected(staff) else [p for p in everybody if p.pk not in protected]
    shown = [p for p in visible if p.ended_at is None]
    hidden = sum(p.ended_at is None for p in everybody) - len(shown)
    view = HouseholdView(household, [], hidden, None, ended=[p for p in visible if p.ended_at is not None])
    view.successors = households.successors(household, staff)
    registered = [households.Member(p, p.is_head, p.relationship, p.position) for p in shown]
    if household.kind in households.FOUNDED or households.touched(household):
        _after_decisions(view, registered, protected, staff)
    else:
        view.members = _member_views(view, registered, protected)
    view.head = next((m.person for m in view.today or view.members if m.is_head), None)
    # What is known of the household may be what a hidden member told: their new telephone, where they went.
    if sees_protected(staff) or not guarded:
        view.facts = current_facts(household=household)
    view.links = links_of([member.person for member in view.members])
    return view


def _after_decisions(
    view: HouseholdView, registered: list[households.Member], protected: set[UUID], staff: Any
) -> None:
    """The members of a household that decisions made or changed: in all, as of the disaster, and today."""
    household = view.household
    counted = households.counted_members(household, staff=staff)
    now = households.members_of(household, staff=staff)
    basis = registered
    if view.founded:
        basis = now or households.last_members(household, staff=staff)
    view.members = _member_views(view, basis, protected)
    if _differ(counted, basis) and not view.founded:
        view.counted = _member_views(view, counted, protected)
    if _differ(now, counted if view.counted is not None else basis):
        view.today = _member_views(view, now, protected)


def _differ(some: list[households.Member], others: list[households.Member]) -> bool:
    return {(m.person.pk, m.is_head, m.relationship) for m in some} != {
        (m.person.pk, m.is_head, m.relationship) for m in others
    }


def _member_views(view: HouseholdView, members: list[households.Member], protected: set[UUID]) -> list[MemberView]:
    died = deaths([member.person.pk for member in members])
    day = view.household.disaster.occurred_at
    return [
        MemberView(
            m.person,
            age_at(m.person, day),
            protected=m.person.pk in protected,
            died=died.get(m.person.pk, ""),
            is_head=m.is_head,
            relationship=m.relationship,
            since=m.since,
        )
        for m in members
    ]


def members(household: Household, staff: Any) -> list[Person]:
    """The members of today whom this person may see."""
    return [member.person for member in households.members_of(household, staff=staff)]


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


def overtaken(fact_ids: Iterable[UUID]) -> dict[UUID, Fact]:
    """Of these facts, those that hold no more -> the one that holds now instead.

    A room that decides something by a fact keeps its id: what this finds is to be decided, or computed, again.
    """
    found: dict[UUID, Fact] = {}
    wanted = {one: one for one in fact_ids}  # the end of a chain so far -> where it began
    while wanted:
        newer = {wanted[fact.replaces_id]: fact for fact in Fact.objects.filter(replaces__in=wanted)}
        found |= newer
        wanted = {fact.pk: begin for begin, fact in newer.items()}
    return found


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
    """What the ledger itself knows happened: opening, protection asked and lifted, facts entered by hand.

    What another room keeps in step (`kept`) that room tells itself, to those who may know it.
    """
    from .facts import KEPT, KINDS

    household = Household.objects.select_related("disaster").get(pk=household_id)
    rows: list[dict[str, Any]] = [
        {"at": household.disaster.occurred_at, "title": "発災", "text": household.disaster.name, "by": ""},
        {"at": household.created_at, "title": "被災者台帳に記載", "text": household.get_kind_display(), "by": ""},
    ]
    ever = households.ever_in(household)
    hidden = not sees_protected(staff) and ever.filter(is_under_protection()).exists()
    told = Fact.objects.none() if hidden else Fact.objects.filter(household=household).exclude(kind__in=KEPT)
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
    rows += households.timeline(household, staff)
    here = set(households.members_of(household, staff=staff, at=households.DISASTER))
    shown = visible_persons(staff).filter(Q(household=household) | Q(pk__in=[m.person.pk for m in here]))
    for person in shown:
        if person.changed_on and person.changed_by:
            rows.append(
                {"on": person.changed_on, "title": f"住民異動：{person.changed_by}", "text": person.name, "by": ""}
            )
    protections = Protection.objects.filter(person__in=shown)
    if not sees_protected(staff):
        protections = protections.exclude(lifted_at=None)
    for protection in protections.select_related("asked_by", "lifted_by"):
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
                {"at": protection.lifted_at, "title": "秘匿の解除", "text": "", "by": str(protection.lifted_by or "")}
            )
    return rows
