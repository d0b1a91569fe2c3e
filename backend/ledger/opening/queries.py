"""What the pages of disasters ask: counts, what was flagged, who has no certain household yet.

Of the register only what it says about itself is read here (files, revisions, names of flags); its people come into
the ledger through `opening` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import NoReverseMatch, reverse

from backend.core.check_digits import CheckDigitError, parse_disaster_number
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Household, OpeningFlag, Person
from backend.registry import layout, page_queries
from backend.registry.models import AsOfRevision


@dataclass
class Line:
    """A disaster with its counts."""

    disaster: Disaster
    households: int
    persons: int
    open_flags: int


def lines() -> list[Line]:
    """All disasters, the newest first."""
    disasters = list(Disaster.objects.select_related("opened_by"))
    households = _by_disaster(Household.objects.filter(ended_at=None))
    persons = _by_disaster(Person.objects.filter(ended_at=None))
    flags = _by_disaster(OpeningFlag.objects.filter(settled_at=None))
    return [Line(d, households.get(d.pk, 0), persons.get(d.pk, 0), flags.get(d.pk, 0)) for d in disasters]


def _by_disaster(rows: QuerySet) -> dict[UUID, int]:
    return dict(rows.order_by().values_list("disaster").annotate(n=Count("pk")))


def disaster(pk: UUID) -> Disaster:
    """One disaster; raises `NotFound`."""
    found = Disaster.objects.select_related("opened_by").filter(pk=pk).first()
    if found is None:
        raise NotFound("この災害は開設されていません。")
    return found


def revision(of: Disaster) -> AsOfRevision | None:
    """The revision of the register that this ledger was filled from."""
    return AsOfRevision.objects.select_related("base").filter(pk=of.register_revision).first()


def household_counts(of: Disaster) -> dict[str, int]:
    return dict(of.households.filter(ended_at=None).order_by().values_list("kind").annotate(n=Count("pk")))


@dataclass(frozen=True)
class FlagCount:
    code: str
    label: str
    total: int
    open: int


def flag_counts(of: Disaster) -> list[FlagCount]:
    """What was flagged, by kind, most of what is open first."""
    rows = of.flags.order_by().values("code").annotate(total=Count("pk"), open=Count("pk", filter=Q(settled_at=None)))
    counts = [FlagCount(r["code"], flag_label(r["code"]), r["total"], r["open"]) for r in rows]
    return sorted(counts, key=lambda c: (-c.open, -c.total, c.code))


def flag_label(code: str) -> str:
    return layout.FLAG_LABELS.get(code, code)


def flags(of: Disaster, staff: Any, *, code: str = "", settled: bool = False) -> tuple[QuerySet[OpeningFlag], int]:
    """The flags that this person may see, and how many more there are that they may not.

    Flags of somebody under protection are hidden, and those of everybody in the same household: the household's
    number would say where to look.
    """
    rows = of.flags.filter(settled_at__isnull=not settled)
    if code:
        rows = rows.filter(code=code)
    rows = rows.select_related("settled_by").order_by("code", "household_no", "atena_no", "pk")
    if ledger.sees_protected(staff):
        return rows, 0
    hidden = _hidden_flags(of)
    return rows.exclude(hidden), rows.filter(hidden).count()


def flag(of: Disaster, staff: Any, pk: int) -> OpeningFlag:
    """One flag that this person may see; raises `NotFound`."""
    rows = of.flags.filter(pk=pk)
    if not ledger.sees_protected(staff):
        rows = rows.exclude(_hidden_flags(of))
    found = rows.first()
    if found is None:
        raise NotFound("この確認事項はありません。")
    return found


def _hidden_flags(of: Disaster) -> Q:
    numbers = ledger.protected_atena_numbers()
    homes: set[str | None] = set(
        Person.objects.filter(disaster=of, atena_no__in=numbers).values_list("household__household_no", flat=True)
    )
    protections = ledger.live_protections().filter(person__disaster=of)
    homes.update(protections.values_list("person__household__household_no", flat=True))
    homes.update(of.flags.filter(atena_no__in=numbers).values_list("household_no", flat=True))
    return Q(atena_no__in=numbers) | Q(household_no__in=homes - {None, ""})


@dataclass
class FlagRow:
    """A flag with whom it is about, as far as the ledger has them."""

    flag: OpeningFlag
    label: str
    person: Person | None
    household: Household | None
    url: str


def flag_rows(of: Disaster, page: Any) -> list[FlagRow]:
    found = list(page)
    people = {
        p.atena_no: p
        for p in Person.objects.filter(disaster=of, atena_no__in={f.atena_no for f in found} - {""}).select_related(
            "household"
        )
    }
    numbers = {f.household_no for f in found} - {""}
    homes = {h.household_no: h for h in Household.objects.filter(disaster=of, household_no__in=numbers)}
    rows = []
    for one in found:
        person = people.get(one.atena_no)
        home = person.household if person and person.household else homes.get(one.household_no)
        rows.append(FlagRow(one, flag_label(one.code), person, home, household_url(home)))
    return rows


def household_url(household: Household | None) -> str:
    """The household page, where there is a desk."""
    if household is None:
        return ""
    try:
        return reverse("desk:household", args=[household.pk])
    except NoReverseMatch:
        return ""


# People of no certain household ---------------------------------------------------------------------------------


def undecided(of: Disaster, staff: Any) -> tuple[QuerySet[Person], int]:
    """People of no certain household whom this person may see, and how many more there are."""
    everybody = Person.objects.filter(disaster=of, household=None, ended_at=None)
    shown = ledger.visible_persons(staff).filter(disaster=of, household=None, ended_at=None).order_by("atena_no", "pk")
    return shown, everybody.count() - shown.count()


def undecided_person(pk: UUID, staff: Any) -> Person:
    """One of them; raises `NotFound` for anybody else."""
    found = (
        ledger.visible_persons(staff).select_related("disaster").filter(pk=pk, household=None, ended_at=None).first()
    )
    if found is None:
        raise NotFound("この方はいないか、世帯がすでに決まっています。一覧を開き直してください。")
    return found


def placed_person(pk: UUID, staff: Any) -> Person | None:
    """Somebody who has a household, if this person may see them."""
    people = ledger.visible_persons(staff).select_related("household")
    return people.filter(pk=pk).exclude(household=None).first()


def candidates(person: Person, staff: Any) -> list[ledger.HouseholdView]:
    """Households in which those stood who are with this person by the register's later rows."""
    if not person.atena_no:
        return []
    numbers = page_queries.companions(person.atena_no)
    near = ledger.visible_persons(staff).filter(disaster=person.disaster_id, atena_no__in=numbers)
    homes = near.exclude(household=None).values_list("household", flat=True).distinct()
    return [ledger.household_page(pk, staff) for pk in list(homes)[:10]]


def household_by_number(of: Disaster, text: str, staff: Any) -> ledger.HouseholdView:
    """The household of a り災番号 or 世帯番号, if this person may see it. Raises `Refused` or `NotFound`."""
    text = text.strip()
    try:
        number = parse_disaster_number(text).text
    except CheckDigitError as error:
        raise Refused(str(error)) from error
    except ValueError:
        home = of.households.filter(household_no=text).first()
    else:
        home = of.households.filter(disaster_number=number).first()
    if home is None:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    return ledger.household_page(home.pk, staff)
