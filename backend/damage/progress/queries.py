"""Where we stand, as of any hour: day by day, by stage and district, the longest waiting, teams, classes. Counts, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Substr

from backend.core.clock import tokyo_date
from backend.damage.models import ApplicationHouse, Team
from backend.damage.surveys import queries as surveys
from backend.damage.surveys import rules as survey_rules
from backend.ledger.models import Disaster, HouseRecord

from . import rules, standing
from .standing import Houses, Line

LONGEST = 20
TEAM_DAYS = 10  # that the page shows
SAID = ("place", "house", *(f"application__{name}" for name in ("fiscal_year", "number", "received_at")))
Table = dict[str, Counter[str]]  # district -> what -> how many


@lru_cache(maxsize=20_000)
def _day(hour: str) -> date:
    return tokyo_date(datetime.fromisoformat(f"{hour}:00+00:00"))


def day_of(moment: str) -> date:
    """The day in Japan of a moment (or its hour) as both databases write it, which is in UTC."""
    return _day(moment[:13])


def _days(hours: Iterable[tuple[str, int]]) -> Counter[date]:
    """Hours of Japan are hours of UTC: a few hundred of them are turned into days, not all rows."""
    found: Counter[date] = Counter()
    for hour, number in hours:
        found[day_of(hour)] += number
    return found


def _by_day(rows: QuerySet, moment: str) -> Counter[date]:
    hours = rows.order_by().annotate(hour_of_it=Substr(Cast(moment, CharField()), 1, 13))
    return _days(hours.values_list("hour_of_it").annotate(n=Count("pk")))


@dataclass
class Days:
    """What was done on each day, in the order of the days."""

    until: date
    applications: Counter[date] = field(default_factory=Counter)
    taken: Counter[date] = field(default_factory=Counter)  # dwellings
    others: Counter[date] = field(default_factory=Counter)  # that no survey is made for
    withdrawn: Counter[date] = field(default_factory=Counter)  # dwellings
    surveyed: Counter[date] = field(default_factory=Counter)
    judged: Counter[date] = field(default_factory=Counter)
    issued: Counter[date] = field(default_factory=Counter)  # dwellings for which a certificate is out

    @property
    def days(self) -> list[date]:
        known = (self.applications, self.surveyed, self.judged)
        return rules.all_days({day for found in known for day in found}, self.until)

    @property
    def left(self) -> list[int]:
        """Dwellings that waited at the end of each day."""
        taken, gone, done = (rules.rising(self.days, one) for one in (self.taken, self.withdrawn, self.issued))
        return [one - other - third for one, other, third in zip(taken, gone, done, strict=True)]


# since when, its own number, district, stage, the line: in the order in which they wait
Waits = tuple[str, str, str, str, Line]


@dataclass
class Progress:
    """All that the page shows of one hour."""

    at: datetime
    days: Days
    applied: Table = field(default_factory=dict)  # dwellings that were applied for, by stage
    unasked: Table = field(default_factory=dict)  # houses that none of the applications is for, by stage
    waiting: list[Waits] = field(default_factory=list)

    @property
    def stages(self) -> Counter[str]:
        return sums(self.applied)

    @property
    def districts(self) -> list[str]:
        """Those where the most waits first."""
        names = {*self.applied, *self.unasked}
        return sorted(names, key=lambda name: (-self._open(name), name))

    def _open(self, name: str) -> int:
        both = (self.applied.get(name, Counter()), self.unasked.get(name, Counter()))
        return sum(number for found in both for stage, number in found.items() if stage != "issued")


def sums(table: Table) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in table.values():
        found.update(row)
    return found


def progress(disaster: Disaster | None, staff: Any, at: datetime) -> Progress:
    found = Progress(at, Days(tokyo_date(at)))
    if disaster is None:
        return found
    known = standing.houses(disaster, at)
    lots = _lots(disaster, at)
    hours: dict[str, Counter[str]] = {
        name: Counter() for name in ("applications", "taken", "others", "withdrawn", "issued")
    }
    applied: set[str] = set()
    standing_at: Counter[tuple[str, str]] = Counter()
    for line in standing.lines(disaster, staff, at):
        hour = line.received[:13]
        hours["applications"][hour] += line.position == 1
        if not standing.is_dwelling(line):
            hours["others"][hour] += 1
            continue
        hours["taken"][hour] += 1
        if line.withdrawn:
            hours["withdrawn"][line.withdrawn[:13]] += 1
            continue
        stage, issued = known.stage(line)
        if stage == "taken":
            district = rules.UNMATCHED
        else:
            applied.add(line.house or "")
            district = lots.get(line.house or "", "") if line.district is None else line.district
        standing_at[district, stage] += 1
        if stage == "issued":
            hours["issued"][issued[:13]] += 1
        else:
            found.waiting.append((line.received, line.id, district or rules.NO_DISTRICT, stage, line))
    for (district, stage), number in standing_at.items():
        _add(found.applied, district, stage, number)
    for name, counted in hours.items():
        setattr(found.days, name, _days((hour, number) for hour, number in counted.items() if number))
    found.days.surveyed = _by_day(standing.surveys(disaster, at), "at")
    found.days.judged = _days(known.confirmed.items())
    for district, stage in _unasked(known, applied, lots):
        _add(found.unasked, district, stage)
    found.waiting.sort()
    return found


def _lots(disaster: Disaster, at: datetime) -> dict[str, str]:
    """The districts of houses that no survey was asked for: judged with their area, or surveyed before somebody applied."""
    asked_by_none = ApplicationHouse.objects.filter(application__disaster=disaster, request=None).values("house")
    surveyed = standing.surveys(disaster, at).filter(request=None).values("house")
    rows = HouseRecord.objects.filter(Q(house__in=surveyed) | Q(house__in=asked_by_none), until=None).order_by()
    listed = rows.annotate(one=standing.text("house")).values_list("one", "lot").iterator(chunk_size=standing.CHUNK)
    return {house: district_of(lot) for house, lot in listed}


def district_of(lot: str | None) -> str:
    return survey_rules.district(lot or "", settings.MUNICIPALITY)


def _unasked(known: Houses, applied: set[str], lots: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Houses that were asked for, surveyed or judged though none of the applications that are shown is for them.

    Each at the farthest that it has come since: what is asked again of a judged house waits for that.
    """
    for house, stage, asked_in in known.requests:
        if house not in applied:
            yield asked_in, stage
    passed = applied | {house for house, _, _ in known.requests}
    for stage, rows in (("to_confirm", known.to_confirm), ("surveyed", known.surveyed)):
        for house, (_, district) in rows.items():
            if house not in passed:
                yield (lots.get(house, "") if district is None else district), stage
        passed |= set(rows)


def _add(table: Table, district: str | None, key: str, number: int = 1) -> None:
    table.setdefault(district or rules.NO_DISTRICT, Counter())[key] += number


# Who waits longest -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A dwelling that waits, with the application that it is of."""

    row: ApplicationHouse
    stage: str
    district: str
    where: str
    days: int


def longest(found: Progress, *, stage: str = "", district: str = "", most: int | None = LONGEST) -> list[Waiting]:
    """Since when they were applied for, the longest first; `most` None: all of them."""
    chosen = [
        (where, reached, line)
        for _, _, where, reached, line in found.waiting
        if stage in ("", reached) and district in ("", where)
    ][:most]
    rows: dict[UUID, ApplicationHouse] = {}
    ids = [UUID(line.id) for _, _, line in chosen]
    for start in range(0, len(ids), standing.CHUNK):
        part = ApplicationHouse.objects.filter(pk__in=ids[start : start + standing.CHUNK])
        rows |= {row.pk: row for row in part.select_related("application").only(*SAID)}
    places: dict[UUID, str] = {}
    houses = [row.house_id for row in rows.values() if row.house_id]  # type: ignore[attr-defined]
    for start in range(0, len(houses), standing.CHUNK):
        places |= surveys.places(houses[start : start + standing.CHUNK])
    today = tokyo_date(found.at)
    return [
        Waiting(
            rows[pk],
            reached,
            where,
            # What the applicant called the place, until a person has said which house it is.
            rows[pk].place if reached == "taken" else places.get(rows[pk].house_id, rows[pk].place),  # type: ignore[attr-defined]
            rules.days_waited(day_of(line.received), today),
        )
        for pk, (where, reached, line) in zip(ids, chosen, strict=True)
    ]


# Teams -------------------------------------------------------------------------------------------------------------------


def teams(disaster: Disaster | None, at: datetime, *, lately: bool = False) -> QuerySet[Team]:
    """The teams with their calls, the newest day first. A plan has no hour of its own: it is the one known now.

    `lately`: only those of the last days.
    """

    def result(*names: str) -> Count:
        return Count("visits", filter=Q(visits__result__in=names, visits__result_at__lte=at))

    rows = Team.objects.filter(disaster=disaster, at__lte=at)
    if lately:
        rows = rows.filter(day__gt=tokyo_date(at) - timedelta(days=TEAM_DAYS))
    rows = rows.annotate(
        planned=Count("visits"),
        surveyed=result("surveyed"),
        absent=result("absent"),
        other=result("not_found", "cancelled"),
    )
    return rows.annotate(open=F("planned") - F("surveyed") - F("absent") - F("other")).order_by("-day", "name")


# Classes -----------------------------------------------------------------------------------------------------------------


def found_classes(disaster: Disaster | None, at: datetime) -> Table:
    """district -> class -> houses, by the judgement that held at the hour."""
    rows = standing.holding_judgements(disaster, at).order_by()
    found: Table = {}
    asked = rows.exclude(survey__request=None).values_list("survey__request__district", "damage_class")
    for district, code, number in asked.annotate(n=Count("pk")):
        _add(found, district, code, number)
    lots = HouseRecord.objects.filter(house=OuterRef("house"), until=None).values("lot")[:1]
    unasked = rows.filter(survey__request=None).annotate(lot=Subquery(lots))
    for lot, code, number in unasked.values_list("lot", "damage_class").annotate(n=Count("pk")):
        _add(found, district_of(lot), code, number)
    return found
