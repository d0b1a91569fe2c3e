"""What pages and other packages ask of applications: lists by state, one with what became of each house, duplicates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.core.errors import NotFound
from backend.damage.models import (
    Application,
    ApplicationHouse,
    DeclaredCertificate,
    Judgement,
    OnlineReceipt,
    RisaiCertificate,
    Survey,
)
from backend.damage.surveys import queries as surveys
from backend.gateway.applying.rules import read_number
from backend.ledger import queries as ledger
from backend.ledger.houses.keys import place_key
from backend.ledger.models import Disaster

from . import rules
from .rules import Said
from .visible import identity, unseen_homes, visible

PAGE = 50
UNKNOWN = "この申請はありません。番号を確かめるか、一覧から選んでください。"
LATEST = 50


def living() -> QuerySet[Application]:
    """Applications that count: the last row of each number, not withdrawn."""
    return Application.objects.filter(replaced_by=None, withdrawn_at=None)


def applied_houses(disaster: Disaster | None) -> QuerySet[ApplicationHouse]:
    """What is applied for, by everybody: for certificates, which ask for the confirmed household and house."""
    return ApplicationHouse.objects.filter(application__in=living(), application__disaster=disaster)


def _judged() -> QuerySet[Judgement]:
    """Of a house that was applied for (the outer row): the judgement that counts."""
    of = {"house": OuterRef("house"), "disaster": OuterRef("application__disaster")}
    return Judgement.objects.filter(**of, held_from__isnull=False, held_until=None)


def is_waiting() -> Q:
    """A dwelling has no judgement yet. Who applies for another survey waits for one confirmed after that."""
    dwellings = ApplicationHouse.objects.filter(application=OuterRef("pk"), what=rules.DWELLING)
    later = _judged().filter(confirmed_at__gt=OuterRef("application__received_at"))
    first = Q(stage="first") & Q(Exists(dwellings.filter(~Exists(_judged()))))
    return first | (~Q(stage="first") & Q(Exists(dwellings.filter(~Exists(later)))))


def with_state(rows: QuerySet[Application], staff: Any) -> QuerySet[Application]:
    """Rows with `state`, as far as this person may know: a household hidden from them is not matched yet.

    Who declares damage to what is no dwelling and lived in none needs no household for their paper.
    """
    dwellings = ApplicationHouse.objects.filter(application=OuterRef("pk"), what=rules.DWELLING)
    homeless = Q(household=None) & (~Q(applicant__in=rules.NEED_NO_HOME) | Q(Exists(dwellings)))
    unmatched = homeless | Q(Exists(dwellings.filter(house=None)))
    unseen = unseen_homes(staff)
    if unseen:
        unmatched |= Q(household__in=unseen)
    return rows.annotate(
        state=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(unmatched, then=Value("unmatched")),
            When(is_waiting(), then=Value("waiting")),
            default=Value("decided"),
            output_field=CharField(),
        )
    )


def last_cause(disaster: Disaster | None) -> str:
    """Of the newest application: nobody's own, so that it is asked of all of them."""
    rows = Application.objects.filter(disaster=disaster).order_by("-received_at")
    return rows.values_list("cause", flat=True).first() or ""


def listed(
    disaster: Disaster | None, staff: Any, *, state: str = "", day: date | None = None, channel: str = ""
) -> QuerySet[Application]:
    rows = with_state(visible(staff).filter(disaster=disaster, replaced_by=None), staff)
    if day:
        rows = rows.filter(applied_on=day)
    if channel:
        rows = rows.filter(channel=channel)
    return rows.filter(state=state) if state else rows


def counts(disaster: Disaster | None, staff: Any, *, day: date | None = None, channel: str = "") -> dict[str, int]:
    """How many applications are in which state."""
    rows = listed(disaster, staff, day=day, channel=channel).order_by().values("state").annotate(n=Count("pk"))
    return {state: 0 for state in rules.STATES} | {row["state"]: row["n"] for row in rows}


def page(disaster: Disaster | None, staff: Any, *, number: int = 1, **said: Any) -> Page:
    """A page of applications, the newest first, each with its places."""
    rows = listed(disaster, staff, **said).order_by("-applied_on", "-fiscal_year", "-number")
    return Paginator(rows.prefetch_related(_places()), PAGE).get_page(number)


def _places() -> Prefetch:
    return Prefetch("houses", ApplicationHouse.objects.select_related("request", "matched_by").order_by("position"))


def by_number(disaster: Disaster | None, text: str, staff: Any) -> Application | None:
    """The application of a receipt number: `2026-123`, `123` of the newest year, as it is printed, or the online one."""
    online = read_number(text)
    if online:
        same = OnlineReceipt.objects.filter(number=online).values("application__fiscal_year", "application__number")[:1]
        rows = visible(staff).filter(disaster=disaster, replaced_by=None)
        of = {"fiscal_year": Subquery(same.values("application__fiscal_year"))}
        found = rows.filter(number=Subquery(same.values("application__number")), **of).first()
        if found is not None:
            return found
    parts = [int(part) for part in _digits(text)]
    if not parts or len(parts) > 2 or max(parts) >= 2**31:
        return None
    rows = visible(staff).filter(disaster=disaster, number=parts[-1], replaced_by=None)
    if len(parts) == 2:
        rows = rows.filter(fiscal_year=parts[0])
    return rows.order_by("-fiscal_year").first()


def _digits(text: str) -> list[str]:
    return re.findall(r"[0-9]+", unicodedata.normalize("NFKC", text))


# One application -----------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """A place of an application with what became of it."""

    row: ApplicationHouse
    where: str = ""
    surveys: list[Survey] = field(default_factory=list)
    present: Judgement | None = None
    waiting: Judgement | None = None


@dataclass
class ApplicationView:
    """An application as this person may see it. `household` is empty where that is hidden from them."""

    row: Application
    state: str
    lines: list[Line]
    household: Any = None
    earlier: list[Application] = field(default_factory=list)
    later: Application | None = None
    same: list[Application] = field(default_factory=list)
    online: OnlineReceipt | None = None


def application(application_id: UUID, staff: Any) -> Application:
    """The row, if this person may know of it. Raises `NotFound`."""
    rows = with_state(visible(staff), staff).select_related(
        "disaster", "household", "by", "matched_by", "withdrawn_by", "replaces"
    )
    row = rows.prefetch_related(_places()).filter(pk=application_id).first()
    if row is None:
        raise NotFound(UNKNOWN)
    return row


def application_page(application_id: UUID, staff: Any) -> ApplicationView:
    row = application(application_id, staff)
    view = ApplicationView(row, row.state, lines_of(row))  # type: ignore[attr-defined]
    if row.household_id and row.household_id not in unseen_homes(staff):
        view.household = row.household
    same = visible(staff).filter(fiscal_year=row.fiscal_year, number=row.number).select_related("by")
    view.earlier = list(same.filter(version__lt=row.version).order_by("-version"))
    view.later = same.filter(version__gt=row.version).order_by("-version").first()
    came = OnlineReceipt.objects.filter(application__fiscal_year=row.fiscal_year, application__number=row.number)
    view.online = came.defer("package").first()
    if view.later is None and row.withdrawn_at is None:
        view.same = duplicates(
            _as_said(row), disaster=row.disaster, household=home_of(view), staff=staff, besides=row.pk
        )
    return view


def home_of(view: ApplicationView) -> UUID | None:
    return view.household.pk if view.household else None


def _as_said(row: Application) -> Said:
    """As much of it as tells whether another one is for the same."""
    places = [rules.Place(line.place, line.what, line.house_id) for line in row.houses.all()]
    return Said(
        channel=row.channel,
        applicant=row.applicant,
        name=row.name,
        kana=row.kana,
        birth=row.birth,
        cause=row.cause,
        applied_on=row.applied_on,
        stage=row.stage,
        places=places,
    )


def lines_of(row: Application) -> list[Line]:
    rows = list(row.houses.all())
    known = [line.house_id for line in rows if line.house_id]
    at = surveys.places(known)
    found = {line.pk: Line(line, at.get(line.house_id, "")) for line in rows}  # type: ignore[arg-type]
    of = {"house__in": known, "disaster": row.disaster_id}
    done: dict[UUID, list[Survey]] = {}
    for one in Survey.objects.filter(**of, replaced_by=None).order_by("-surveyed_on", "-at"):
        done.setdefault(one.house_id, []).append(one)
    judged = list(Judgement.objects.filter(**of, rejected_at=None).select_related("survey").order_by("made_at"))
    for line in found.values():
        if line.row.house_id is None:
            continue
        line.surveys = done.get(line.row.house_id, [])
        mine = [one for one in judged if one.house_id == line.row.house_id]
        line.present = next((one for one in mine if one.state == "holds"), None)
        line.waiting = next((one for one in mine if one.state == "waiting"), None)
    return list(found.values())


def line(line_id: UUID, staff: Any) -> ApplicationHouse:
    """A place of an application that this person may know of. Raises `NotFound`."""
    found = ApplicationHouse.objects.select_related("application__disaster").filter(pk=line_id).first()
    if found is None or not visible(staff).filter(pk=found.application_id).exists():
        raise NotFound(UNKNOWN)
    return found


def for_house(house: UUID, disaster: Disaster | None, staff: Any) -> list[ApplicationHouse]:
    """The lines of living applications, that this person may see, that were found to be this house; the newest first."""
    rows = visible(staff).filter(disaster=disaster, replaced_by=None, withdrawn_at=None)
    lines = ApplicationHouse.objects.filter(house=house, what=rules.DWELLING, application__in=rows)
    return list(lines.select_related("application").order_by("-application__received_at"))


def next_stage(found: ApplicationHouse) -> str:
    """Which survey one applies for after those that the house has had."""
    if found.house_id is None:
        return "first"
    of = {"house": found.house_id, "disaster": found.application.disaster_id}
    done = set(Survey.objects.filter(**of).values_list("stage", flat=True))
    return "again" if "second" in done else "second" if done else "first"


def certificates(row: Application, staff: Any) -> list[RisaiCertificate | DeclaredCertificate]:
    """The certificates that were given for this application, in whichever version it was; newest first."""
    of = {"application__fiscal_year": row.fiscal_year, "application__number": row.number}
    if not ledger.sees_protected(staff):
        of["issue__restricted"] = False
    given = [
        one
        for table in (RisaiCertificate, DeclaredCertificate)
        for one in table.objects.filter(**of).select_related("issue")
    ]
    return sorted(given, key=lambda one: one.issue.issued_at, reverse=True)


# Duplicates ------------------------------------------------------------------------------------------------------------


def duplicates(
    said: Said, *, disaster: Disaster, household: UUID | None, staff: Any, besides: UUID | None = None
) -> list[Application]:
    """Living applications, that this person may know of, for the same survey of the same: the household and one of its
    houses, or where nothing is matched yet the applicant's own words."""
    rows = visible(staff).filter(disaster=disaster, stage=said.stage, replaced_by=None, withdrawn_at=None)
    rows = rows.exclude(pk=besides).prefetch_related(_places()).select_related("by")
    asked = {one.house for one in said.places if one.house}
    words = {_plain(one.place) for one in said.places}
    found = []
    applicant = identity(said.name, said.kana, said.birth)
    same = Q(household=household) if household else Q(pk=None)
    told = Q(name=said.name.strip()) | (Q(birth=said.birth) if said.birth else Q(pk=None))
    for row in rows.filter(same | told).order_by("-received_at")[:LATEST]:
        if household and row.household_id and row.household_id != household:
            continue
        of_home = household is not None and row.household_id == household
        if not of_home and not identity(row.name, row.kana, row.birth).may_be(applicant):
            continue
        lines = list(row.houses.all())
        if any(line.house_id in asked if line.house_id and asked else _plain(line.place) in words for line in lines):
            found.append(row)
    return found


def _plain(text: str) -> str:
    return place_key(text) or "".join(text.split())


# What a household's page says ------------------------------------------------------------------------------------------


def of_household(household_id: UUID, staff: Staff) -> list[Application]:
    """The last row of each application of a household that this person may see, the newest first."""
    # Most households have none: their pages don't look up who is hidden.
    if not Application.objects.filter(household=household_id).exists() or household_id in unseen_homes(staff):
        return []
    rows = with_state(visible(staff).filter(household=household_id, replaced_by=None), staff)
    return list(rows.select_related("by", "withdrawn_by").prefetch_related(_places()).order_by("-received_at"))


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """When the household applied, and when that was withdrawn."""
    if not may(staff, "damage.read"):
        return []
    entries: list[dict[str, Any]] = []
    for row in of_household(household_id, staff):
        url = reverse("applications:page", args=[row.pk])
        text = f"{row.number_text}　{places_text(row.houses.all())}"
        title = f"罹災証明書の申請（{row.get_stage_display()}）"
        entries.append({"at": row.received_at, "title": title, "text": text, "by": str(row.by), "url": url})
        if row.withdrawn_at:
            text = f"{row.number_text}　{row.withdrawn_reason}"
            by = str(row.withdrawn_by)
            entries.append({"at": row.withdrawn_at, "title": "申請の取下げ", "text": text, "by": by, "url": url})
    return entries


def places_text(lines: Iterable[ApplicationHouse]) -> str:
    return "、".join(line.place for line in lines)


def doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """To apply with everything filled in, and to each application there is."""
    if not may(staff, "damage.read"):
        return []
    rows = of_household(household_id, staff)
    found = [
        {
            "label": f"申請　{row.number_text}",
            "url": reverse("applications:page", args=[row.pk]),
            "note": f"{row.get_stage_display()}　{rules.STATES[row.state]}",  # type: ignore[attr-defined]
        }
        for row in rows
    ]
    if may(staff, "applications.write"):
        note = "申請はまだありません" if not rows else "別の家屋の申請、第2次調査・再調査の申請"
        url = reverse("applications:new_of", args=[household_id])
        found.insert(0, {"label": "罹災証明書の申請を受け付ける", "url": url, "note": note})
    return found
