"""Who belongs to which household: as of the disaster as it counts, on any day, and today; set-based, already masked.

For whoever may not see somebody under protection, a decision about them is not there: they stand where the register
had them, counted without a name, and neither the household they went to nor that they went can be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from backend.core.clock import today, tokyo_date
from backend.core.dates import era
from backend.ledger.models import (
    Disaster,
    Household,
    HouseholdDecision,
    HouseholdDescent,
    HouseholdLine,
    Person,
)
from backend.ledger.protected import is_under_protection, own_typed, sees_protected

from .belonging import FOUNDED, goes_by, moved_on

# The moment at which it is asked who was struck: the register of that day, and what was decided about it.
DISASTER = "disaster"
Moment = date | str


@dataclass(frozen=True)
class Member:
    """Somebody in a household at a moment."""

    person: Person
    is_head: bool
    relationship: str
    position: int
    since: date | None = None  # the day they came by a decision; None: as the register has it


def live_lines() -> QuerySet[HouseholdLine]:
    return HouseholdLine.objects.filter(undone_at=None)


def covering(at: Moment) -> QuerySet[HouseholdLine]:
    """The lines that say where people are at a moment, for all who are not where the register had them."""
    moves = live_lines().filter(moves=True)
    if at == DISASTER:
        newer = moves.filter(as_of_disaster=True, person=OuterRef("person"), pk__gt=OuterRef("pk"))
        return moves.filter(as_of_disaster=True).exclude(Exists(newer))
    return moves.filter(since__lte=at).filter(Q(until=None) | Q(until__gt=at))


# What may be seen ----------------------------------------------------------------------------------------------------


def unseen_people(staff: Any, people: Iterable[UUID]) -> set[UUID]:
    if sees_protected(staff):
        return set()
    hidden = Person.objects.filter(pk__in=set(people)).filter(is_under_protection())
    return set(hidden.values_list("pk", flat=True)) - own_typed(staff)


def unseen_households(staff: Any, households: Iterable[UUID]) -> set[UUID]:
    """Those of these households that do not exist for this person: nobody of them may be shown."""
    wanted = set(households)
    if sees_protected(staff) or not wanted:
        return set()
    people = goes_by(wanted)
    hidden = unseen_people(staff, {person for those in people.values() for person in those})
    return {home for home, those in people.items() if those and those <= hidden}


def successors(household: Household, staff: Any) -> list[Household]:
    """Where those stand now, as far as this person may see them, whom the register put out of a household."""
    people = moved_on([household.pk])[household.pk]
    shown = people - unseen_people(staff, people)
    homes = Household.objects.filter(members__in=shown).exclude(pk=household.pk).distinct()
    hidden = unseen_households(staff, homes.values_list("pk", flat=True))
    return [home for home in homes.order_by("number") if home.pk not in hidden]


def seen(lines: Iterable[HouseholdLine], staff: Any) -> list[HouseholdLine]:
    """Those of these lines that are there for this person."""
    rows = list(lines)
    if sees_protected(staff):
        return rows
    people = unseen_people(staff, (row.person_id for row in rows))
    homes = unseen_households(staff, {pk for row in rows for pk in (row.from_household_id, row.into_household_id)})
    return [
        row
        for row in rows
        if row.person_id not in people and not {row.from_household_id, row.into_household_id} & homes
    ]


# Who is where ------------------------------------------------------------------------------------------------------


def households_of(people: Iterable[UUID], *, at: Moment | None = None, staff: Any) -> dict[UUID, UUID]:
    """person -> household at a moment (today if none is said), in a fixed number of queries. 世帯未定 are left out."""
    wanted = list(people)
    found = dict(Person.objects.filter(pk__in=wanted).exclude(household=None).values_list("pk", "household_id"))
    for line in seen(covering(at or today()).filter(person__in=wanted), staff):
        found[line.person_id] = line.into_household_id
    return found  # type: ignore[return-value]


def household_of(person: UUID, *, at: Moment | None = None, staff: Any) -> UUID | None:
    """The household of one person at a moment, today if none is said."""
    return households_of([person], at=at, staff=staff).get(person)


def compositions(
    households: Iterable[UUID], *, at: Moment | None = None, staff: Any, everybody: bool = False
) -> dict[UUID, list[Member]]:
    """household -> its members at a moment, in a fixed number of queries; without those this person may not see.

    `everybody`: with those of the register who may not be shown, for counting.
    """
    wanted = set(households)
    moment = at or today()
    found: dict[UUID, list[Member]] = {pk: [] for pk in wanted}
    lines = seen(
        covering(moment)
        .filter(Q(person__household__in=wanted) | Q(into_household__in=wanted))
        .select_related("person", "person__household"),
        staff,
    )
    gone = {line.person_id for line in lines}
    registered = list(Person.objects.filter(household__in=wanted, ended_at=None).order_by("position", "pk"))
    hidden = set() if everybody else unseen_people(staff, (person.pk for person in registered))
    heads, roles = _roles(wanted, moment, staff)
    for person in registered:
        if person.pk not in gone and person.pk not in hidden:
            home: UUID = person.household_id  # type: ignore[assignment]
            is_head = heads.get(home, person.pk if person.is_head else None) == person.pk
            role = roles.get((home, person.pk))
            kin = role.relationship if role else person.relationship
            found[home].append(Member(person, is_head, kin, person.position))
    for line in sorted(lines, key=lambda row: (row.since, row.pk)):
        if (home := line.into_household_id) in wanted:
            role = roles.get((home, line.person_id), line)
            is_head = heads.get(home) == line.person_id
            found[home].append(Member(line.person, is_head, role.relationship, line.position, line.since))
    for members in found.values():
        members.sort(key=lambda member: (not member.is_head, member.since is not None, member.position))
    return found


def _roles(
    households: set[UUID], at: Moment, staff: Any
) -> tuple[dict[UUID, UUID], dict[tuple[UUID, UUID], HouseholdLine]]:
    """What decisions say of heads (household -> person) and of each member's relationship, at a moment."""
    said = live_lines().filter(into_household__in=households)
    said = said.filter(as_of_disaster=True) if at == DISASTER else said.filter(since__lte=at)
    heads, roles = {}, {}
    for line in seen(said.order_by("since", "-as_of_disaster", "pk"), staff):
        roles[line.into_household_id, line.person_id] = line
        if line.is_head:
            heads[line.into_household_id] = line.person_id
    return heads, roles


def placed_otherwise(disaster: Disaster, *, at: datetime, staff: Any) -> list[HouseholdLine]:
    """Where people belong as of the disaster instead of where the register has them, by what was decided until an hour."""
    rows = HouseholdLine.objects.filter(decision__disaster=disaster, decision__decided_at__lte=at)
    rows = rows.filter(moves=True, as_of_disaster=True).exclude(undone_at__lte=at).select_related("person")
    last = {row.person_id: row for row in rows.order_by("pk")}
    return seen(last.values(), staff)


def members_of(household: Household, *, at: Moment | None = None, staff: Any) -> list[Member]:
    """The members of one household at a moment (today if none is said) whom this person may see."""
    return compositions([household.pk], at=at, staff=staff)[household.pk]


def counted_members(household: Household, *, staff: Any) -> list[Member]:
    """Who the household was when the disaster struck, as it counts: the register, and 実態世帯の認定."""
    return members_of(household, at=DISASTER, staff=staff)


def ever_in(household: Household) -> QuerySet[Person]:
    """Everybody who by the register or by any decision, undone ones too, is or was in a household."""
    came = HouseholdLine.objects.filter(into_household=household).values("person")
    return Person.objects.filter(Q(household=household) | Q(pk__in=came))


def touched(household: Household) -> bool:
    """Whether any decision is about a household or its people."""
    about = Q(into_household=household) | Q(from_household=household) | Q(person__household=household)
    return live_lines().filter(about).exists()


def last_members(household: Household, *, staff: Any) -> list[Member]:
    """Those who last were in a household that nobody is in any more, as they came into it."""
    lines = HouseholdLine.objects.filter(into_household=household, moves=True).select_related("person")
    return [
        Member(line.person, line.is_head, line.relationship, line.position, line.since)
        for line in seen(lines.order_by("position", "pk"), staff)
    ]


def spells(household: Household, *, staff: Any) -> dict[UUID, list[tuple[date | None, date | None]]]:
    """person -> the spans of days on which they belong to a household: (None: from the beginning, None: to this day)."""
    lines = seen(
        live_lines()
        .filter(moves=True)
        .filter(Q(into_household=household) | Q(from_household=household))
        .order_by("since", "pk"),
        staff,
    )
    found: dict[UUID, list[tuple[date | None, date | None]]] = {
        pk: [(None, None)] for pk in Person.objects.filter(household=household).values_list("pk", flat=True)
    }
    day = tokyo_date(household.disaster.occurred_at)
    for line in lines:
        spans = found.setdefault(line.person_id, [])
        if line.into_household_id == household.pk:
            # Whoever counts to it as of the disaster does from the beginning.
            spans.append((None if line.as_of_disaster else line.since, None))
        elif spans and spans[-1][1] is None:
            begun = spans.pop()[0]
            if not line.as_of_disaster or (begun or day) < line.since:
                spans.append((begun, line.since))
    return {pk: spans for pk, spans in found.items() if spans}


# Descent -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Descent:
    """A line of descent as this person may see it."""

    origin: Household
    household: Household
    decision: HouseholdDecision
    founds: bool
    people: int


def family(household: Household, *, staff: Any) -> list[Descent]:
    """All lines of descent that a household is part of, up and down, the oldest first; by level, not row by row."""
    found: dict[int, HouseholdDescent] = {}
    fresh = {household.pk}
    known = set(fresh)
    rows = HouseholdDescent.objects.filter(decision__undone_at=None).select_related("household", "origin", "decision")
    while fresh:
        near = [row for row in rows.filter(Q(household__in=fresh) | Q(origin__in=fresh)) if row.pk not in found]
        people = _people_of(near, staff)
        near = [row for row in near if people.get((row.decision_id, row.origin_id, row.household_id))]
        found |= {row.pk: row for row in near}
        fresh = {pk for row in near for pk in (row.household_id, row.origin_id)} - known
        known |= fresh
    people = _people_of(found.values(), staff)
    descents = [
        Descent(
            row.origin,
            row.household,
            row.decision,
            row.founds,
            people[row.decision_id, row.origin_id, row.household_id],
        )
        for row in found.values()
    ]
    return sorted(descents, key=lambda d: (d.decision.effective_on, d.decision.decided_at, d.origin.number))


def _people_of(descents: Iterable[HouseholdDescent], staff: Any) -> dict[tuple[UUID, UUID, UUID], int]:
    counts: dict[tuple[UUID, UUID, UUID], int] = defaultdict(int)
    decisions = {row.decision_id for row in descents}
    for line in seen(HouseholdLine.objects.filter(decision__in=decisions, moves=True), staff):
        counts[line.decision_id, line.from_household_id, line.into_household_id] += 1
    return counts


def related(households: Iterable[UUID]) -> set[UUID]:
    """All households that these descend from or that descend from these, by decisions alive or undone; themselves too."""
    known = set(households)
    fresh = set(known)
    while fresh:
        pairs = HouseholdDescent.objects.filter(Q(household__in=fresh) | Q(origin__in=fresh))
        fresh = {pk for pair in pairs.values_list("household", "origin") for pk in pair} - known
        known |= fresh
    return known


# Decisions ---------------------------------------------------------------------------------------------------------


@dataclass
class DecisionView:
    """A decision as this person may see it, with its lines."""

    decision: HouseholdDecision
    lines: list[HouseholdLine] = field(default_factory=list)

    @property
    def is_undone(self) -> bool:
        return self.decision.undone_at is not None

    @property
    def moved(self) -> list[HouseholdLine]:
        return [line for line in self.lines if line.moves]

    @property
    def homes(self) -> list[Household]:
        """The households it is about, the oldest number first."""
        found = {home.pk: home for line in self.lines for home in (line.from_household, line.into_household)}
        return sorted(found.values(), key=lambda home: home.number)

    @property
    def names(self) -> str:
        shown = self.moved or [line for line in self.lines if line.is_head]
        return "、".join(line.person.name for line in shown)


def decisions_of(household: Household, staff: Any) -> list[DecisionView]:
    """Every decision that touches a household, undone ones too, the newest first."""
    touching = HouseholdLine.objects.filter(Q(into_household=household) | Q(from_household=household))
    return _views(HouseholdDecision.objects.filter(pk__in=touching.values("decision")), staff)


def decisions(disaster: Disaster, staff: Any, *, most: int = 200) -> list[DecisionView]:
    """The last decisions of a disaster, the newest first."""
    newest = HouseholdDecision.objects.filter(disaster=disaster).order_by("-decided_at", "-id")[:most]
    return _views(HouseholdDecision.objects.filter(pk__in=list(newest.values_list("pk", flat=True))), staff)


def decision(pk: UUID, staff: Any) -> DecisionView | None:
    """One decision; None if there is none that this person may know of."""
    found = _views(HouseholdDecision.objects.filter(pk=pk), staff)
    return found[0] if found else None


def _views(rows: QuerySet[HouseholdDecision], staff: Any) -> list[DecisionView]:
    views = {row.pk: DecisionView(row) for row in rows.select_related("by", "undone_by", "disaster")}
    lines = HouseholdLine.objects.filter(decision__in=list(views)).select_related(
        "person", "from_household", "into_household"
    )
    for line in seen(lines.order_by("position", "pk"), staff):
        views[line.decision_id].lines.append(line)
    shown = [view for view in views.values() if view.lines]
    return sorted(shown, key=lambda view: (view.decision.decided_at, view.decision.pk), reverse=True)


def founded(decision_id: UUID) -> list[Household]:
    """The households that a decision made."""
    return list(
        Household.objects.filter(descents_from__decision=decision_id, descents_from__founds=True)
        .distinct()
        .order_by("number")
    )


def is_undone(household: Household) -> bool:
    """Whether the decision that made this household was undone."""
    return (
        household.kind in FOUNDED and not household.descents_from.filter(founds=True, decision__undone_at=None).exists()
    )


def timeline(household: Household, staff: Any) -> list[dict[str, Any]]:
    """Decisions about a household, for its time line; one that was undone stands there as taken back."""
    rows = []
    for view in decisions_of(household, staff):
        row = view.decision
        into = sorted({line.into_household.disaster_number for line in view.moved} - {household.disaster_number})
        to = f"　→ {'、'.join(into)}" if into else ""
        entry: dict[str, Any] = {
            "at": row.decided_at,
            "title": row.get_kind_display(),
            "text": f"{view.names}{to}　{_day(row)}　{row.ground}",
            "by": str(row.by),
            "url": reverse("households:decision", args=[row.pk]),
        }
        if view.is_undone:
            entry["kind"] = "void"
            rows.append(
                {
                    "at": row.undone_at,
                    "title": f"{row.get_kind_display()}の取消",
                    "text": row.undone_reason,
                    "by": str(row.undone_by),
                }
            )
        rows.append(entry)
    return rows


def _day(decision: HouseholdDecision) -> str:
    return f"{era(decision.effective_on)}から"
