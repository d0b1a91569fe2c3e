"""Addresses and telephones with their history, where letters go, and whose letters are held; set-based, masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.accounts.permissions import may
from backend.core.pieces import pieces
from backend.ledger import queries as ledger
from backend.ledger.facts import CONTACTS, KINDS
from backend.ledger.households import queries as households
from backend.ledger.households.elsewhere import unseen_facts
from backend.ledger.models import Disaster, Fact, Household, Person, ReturnedMail
from backend.ledger.protected import is_under_protection, own_typed, sees_protected

from . import rules

PIECE = 1000  # households in one round: SQLite takes only so many values in a statement


@dataclass(frozen=True)
class Contact:
    """One thing said of a household or one of its people, as it stands or stood."""

    fact: Fact
    label: str
    whose: str  # empty: the whole household
    holds: bool

    @property
    def text(self) -> str:
        if left := self.fact.value.get("left"):
            return f"{left}（この市町村の住民票はありません）"
        return str(self.fact.value.get("text") or "（空にした）")

    @property
    def source(self) -> str:
        return str(self.fact.value.get("source") or "")


def contacts(view: ledger.HouseholdView, staff: Any) -> list[Contact]:
    """All contact facts of a household and of whom this person may see of it, what holds first, then the newest.

    Of a household with somebody hidden in it, what is known of the whole household is not shown.
    """
    people = {m.person.pk: m.person.name for m in [*view.members, *(view.counted or []), *(view.today or [])]}
    kinds = [*CONTACTS, *(["whereabouts"] if may(staff, "shelters.read") else [])]
    rows = Fact.objects.filter(kind__in=kinds).select_related("by")
    mine = ledger.own_typed(staff)  # of these what others wrote is not shown
    facts = [f for f in rows.filter(person__in=list(people)) if f.person_id not in mine or f.by_id == staff.pk]
    if not unseen_facts([view.household.pk], staff):
        facts += list(rows.filter(household=view.household))
    replaced = set(Fact.objects.filter(replaces__in=[fact.pk for fact in facts]).values_list("replaces", flat=True))
    found = [
        Contact(fact, KINDS[fact.kind].label, people.get(fact.person_id, ""), fact.pk not in replaced)  # type: ignore[arg-type]
        for fact in facts
    ]
    return sorted(found, key=lambda c: (c.holds, c.fact.recorded_at), reverse=True)


# Where letters go ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Destination:
    """Where the letters of a household go. `restricted`: only for those who may see people under protection."""

    household: UUID
    choice: rules.Choice
    restricted: bool


def where_letters_go(household_ids: Iterable[UUID], *, staff: Any) -> dict[UUID, Destination]:
    """household -> where its letters go and why, or what is missing; in a fixed number of queries a thousand.

    Households that this person may not know of are left out. Where somebody is under protection in it, those who may not
    see them get no address: the letter is another's to send.
    """
    wanted = list(dict.fromkeys(household_ids))
    found: dict[UUID, Destination] = {}
    for piece in pieces(wanted, PIECE):
        found |= _destinations(piece, staff)
    return found


def _destinations(wanted: list[UUID], staff: Any) -> dict[UUID, Destination]:
    unseen = households.unseen_households(staff, wanted)
    homes = {home.pk: home for home in Household.objects.filter(pk__in=wanted) if home.pk not in unseen}
    today = households.compositions(homes, staff=staff, everybody=True)
    people = {m.person.pk for members in today.values() for m in members}
    dead = set(ledger.deaths(list(people)))
    protected = set(Person.objects.filter(pk__in=people).filter(is_under_protection()).values_list("pk", flat=True))
    mine = own_typed(staff)
    protected -= mine
    of_home, of_person = _said(homes, people - mine)
    for pk in unseen_facts(homes, staff):
        of_home.pop(pk, None)
    returned = held_returns(homes.values())
    result = {}
    for pk, home in homes.items():
        members = today[pk]
        head = next((m for m in members if m.is_head), None)
        living = [m for m in members if m.person.pk not in dead]
        gone = {m.person.pk: left for m in living if (left := of_person.get(m.person.pk, {}).get("left"))}
        to = _addressee(head, living, gone, of_person)
        restricted = any(m.person.pk in protected for m in members)
        mine = of_person.get(to.person.pk, {}) if to else {}
        known = rules.Known(
            people=len(members),
            living=len(living),
            addressee=to.person.name if to else "",
            head_died=bool(head and head.person.pk in dead),
            protected=restricted,
            mailing=of_home[pk].get("mailing_address") or mine.get("mailing_address", ""),
            residence=of_home[pk].get("residence") or mine.get("residence", ""),
            register_today=mine.get("register_address") or of_home[pk].get("register_address", ""),
            registered=_registered(home, to),
            left=gone.get(to.person.pk, "") if to and len(gone) == len(living) else "",
            head_left=gone.get(head.person.pk, "") if head and head is not to else "",
            elsewhere=tuple(
                m.person.name for m in living if m is not to and of_person.get(m.person.pk, {}).get("mailing_address")
            ),
            returned=returned[pk].get_reason_display() if pk in returned else "",
        )
        choice = rules.choose(known)
        if restricted and not sees_protected(staff):
            choice = rules.Choice(missing=["秘匿の方がいます。送付は、支援措置対象者を見られる職員が行います。"])
        result[pk] = Destination(pk, choice, restricted)
    return result


def _addressee(
    head: households.Member | None,
    living: list[households.Member],
    gone: dict[UUID, str],
    said: dict[UUID, dict[str, str]],
) -> households.Member | None:
    """The head; if they died, or left the municipality without a word of where to, the first of those who are there."""
    reached = [
        m
        for m in living
        if m.person.pk not in gone or said[m.person.pk].get("mailing_address") or said[m.person.pk].get("residence")
    ]
    there = reached or living
    return next((m for m in there if m is head), there[0] if there else None)


def _registered(home: Household, to: households.Member | None) -> str:
    """The address as of the disaster: the household's, else that of whom is written to."""
    place = home if home.address or to is None else to.person
    postal = f"〒{home.postal_code}　" if home.postal_code and place is home else ""
    text = "　".join(part for part in (place.address, place.building) if part)
    return postal + text if text else ""


def _said(
    homes: Iterable[UUID], people: Iterable[UUID]
) -> tuple[dict[UUID, dict[str, str]], dict[UUID, dict[str, str]]]:
    """What holds now: household -> kind -> text, person -> kind -> text."""
    of_home: dict[UUID, dict[str, str]] = defaultdict(dict)
    of_person: dict[UUID, dict[str, str]] = defaultdict(dict)
    rows = Fact.objects.filter(kind__in=CONTACTS, replaced_by=None).order_by("recorded_at", "id")
    for fact in rows.filter(household__in=list(homes)):
        of_home[fact.household_id][fact.kind] = str(fact.value.get("text") or "")  # type: ignore[index]
    for piece in pieces(people):
        for fact in rows.filter(person__in=piece):
            of_person[fact.person_id][fact.kind] = str(fact.value.get("text") or "")  # type: ignore[index]
            if fact.value.get("left"):
                of_person[fact.person_id]["left"] = str(fact.value["left"])  # type: ignore[index]
    return of_home, of_person


# Returned mail ------------------------------------------------------------------------------------------------------


def held_returns(homes: Iterable[Household]) -> dict[UUID, ReturnedMail]:
    """household -> the last letter that came back, where that still holds their letters."""
    wanted = [home.pk for home in homes]
    live = ReturnedMail.objects.filter(household__in=wanted, settled_at=None).order_by("recorded_at", "id")
    last = {row.household_id: row for row in live}
    return {pk: row for pk, row in last.items() if pk in _held(last)}


def _held(last: dict[UUID, ReturnedMail]) -> set[UUID]:
    """A mailing address of the household, or of one of its people, that was entered later lets the letters go again."""
    held = set(last)
    newer = Fact.objects.filter(kind="mailing_address", replaced_by=None)
    rows = [(fact.household_id, fact) for fact in newer.filter(household__in=list(last))]
    members = households.compositions(last, staff=_Everybody(), everybody=True)
    heads = {m.person.pk: pk for pk, those in members.items() for m in those if m.is_head}
    rows += [(heads[fact.person_id], fact) for fact in newer.filter(person__in=list(heads))]  # type: ignore[index]
    for pk, fact in rows:
        if fact.value.get("text") and fact.recorded_at > last[pk].recorded_at:  # type: ignore[index]
            held.discard(pk)  # type: ignore[arg-type]
    return held


class _Everybody:
    """Who counts and shows nobody: the question whether letters are held has nothing to do with who asks."""

    sees_protected = True


def returns(disaster: Disaster, staff: Any) -> QuerySet[ReturnedMail]:
    """Letters that came back, of households that this person may know of, the newest first."""
    rows = ReturnedMail.objects.filter(disaster=disaster).select_related("household", "by")
    hidden = households.unseen_households(staff, set(rows.values_list("household", flat=True)))
    return rows.exclude(household__in=hidden) if hidden else rows


@dataclass(frozen=True)
class Held:
    """A household whose letters are held, with whom a letter would be for."""

    row: ReturnedMail
    name: str
    missing: list[str]


def held(disaster: Disaster, staff: Any) -> list[Held]:
    """Households whose letters are held because mail came back, the longest first."""
    rows = list(returns(disaster, staff).filter(settled_at=None).order_by("returned_on", "recorded_at"))
    holding = held_returns({row.household for row in rows})
    targets = where_letters_go(holding, staff=staff)
    return [
        Held(row, targets[pk].choice.addressee, targets[pk].choice.missing)
        for pk, row in sorted(holding.items(), key=lambda item: (item[1].returned_on, item[1].recorded_at))
        if pk in targets
    ]


def of_household(household: Household) -> QuerySet[ReturnedMail]:
    return ReturnedMail.objects.filter(household=household).select_related("by", "settled_by")
