"""What pages ask of judgements: who waits for a confirmation, equal cases together, what a household's houses were judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, QuerySet
from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.damage.models import Judgement, SurveyPhoto
from backend.damage.surveys import queries as surveys
from backend.damage.surveys.rules import FAR
from backend.ledger.houses.queries import live_links
from backend.ledger.models import Disaster, HouseLink

LISTED = 200  # cases of a batch on one page


@dataclass(frozen=True)
class Equal:
    """Judgements of one method, class and edition that wait for a confirmation; `own`: made by who asks."""

    method: str
    damage_class: str
    edition: str
    count: int
    since: Any
    own: int


def waiting(disaster: Disaster | None) -> QuerySet[Judgement]:
    rows = Judgement.objects.filter(disaster=disaster, confirmed_at=None, rejected_at=None)
    return rows.select_related("survey", "made_by").order_by("made_at", "pk")


def equal_cases(disaster: Disaster | None, staff: Staff) -> list[Equal]:
    """The waiting by what makes them equal, the most first."""
    key = ("survey__method", "damage_class", "survey__edition")
    rows = waiting(disaster).order_by().values(*key).annotate(n=Count("pk"), first=Min("made_at")).order_by("-n", *key)
    own = {
        tuple(row[name] for name in key): row["n"]
        for row in waiting(disaster).filter(made_by=staff).order_by().values(*key).annotate(n=Count("pk"))
    }
    return [
        Equal(*(row[name] for name in key), row["n"], row["first"], own.get(tuple(row[name] for name in key), 0))
        for row in rows
    ]


def far_photos(disaster: Disaster | None) -> dict[tuple[str, str, str], int]:
    """(method, class, edition) -> how many of the waiting rest on photographs taken too far from their house."""
    key = ("survey__method", "damage_class", "survey__edition")
    far = SurveyPhoto.objects.filter(survey=OuterRef("survey"), distance__gt=FAR)
    rows = waiting(disaster).filter(Exists(far)).order_by().values(*key).annotate(n=Count("pk"))
    return {(row[key[0]], row[key[1]], row[key[2]]): row["n"] for row in rows}


def cases(disaster: Disaster | None, staff: Staff, *, method: str, damage_class: str, edition: str) -> list[Judgement]:
    """Those of a batch that this person may confirm, the longest waiting first; at most `LISTED`."""
    rows = waiting(disaster).filter(survey__method=method, damage_class=damage_class, survey__edition=edition)
    return list(rows.exclude(made_by=staff)[:LISTED])


def present(house_ids: Iterable[UUID], disaster: Disaster | None) -> dict[UUID, Judgement]:
    """house -> the judgement that counts."""
    rows = Judgement.objects.filter(
        house__in=list(house_ids), disaster=disaster, held_from__isnull=False, held_until=None
    )
    return {row.house_id: row for row in rows.select_related("survey")}


# What a household's page says ------------------------------------------------------------------------------------------


@dataclass
class HouseOfHome:
    """A house that the household lives in, with its judgements, the newest first."""

    link: HouseLink
    where: str
    present: Judgement | None = None
    judged: list[Judgement] = field(default_factory=list)
    asked: bool = False


def houses_of(household_id: UUID, staff: Staff) -> list[HouseOfHome]:
    """The houses that the household lives in and what they were judged; only by links that this person may see."""
    links = list(live_links(staff).filter(household=household_id, role="lives").select_related("household"))
    at = surveys.places(link.house_id for link in links)
    found = []
    for link in links:
        of = {"house": link.house_id, "disaster": link.household.disaster_id}
        rows = Judgement.objects.filter(**of).select_related("survey", "made_by", "confirmed_by").order_by("-made_at")
        home = HouseOfHome(link, at.get(link.house_id, ""), judged=list(rows))
        home.present = next((row for row in home.judged if row.state == "holds"), None)
        found.append(home)
    return found


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """When a class was confirmed for a house of this household, and when a later one took its place."""
    if not may(staff, "damage.read"):
        return []
    entries: list[dict[str, Any]] = []
    for home in houses_of(household_id, staff):
        url = reverse("damage_houses:house", args=[home.link.house_id])
        for row in home.judged:
            if row.confirmed_at is None:
                continue
            label = surveys.class_label(row.damage_class, row.survey)
            how = f"{row.survey.get_stage_display()}・{row.survey.get_method_display()}"
            # A reason that names the survey says all of that itself.
            how = "" if row.reason.startswith(row.survey.get_stage_display()) else how
            text = "　".join(part for part in (home.where, how, row.reason) if part)
            entries.append(
                {
                    "at": row.confirmed_at,
                    "title": f"被害の判定：{label}",
                    "text": text if home.link.confirmed_by_id else f"{text}　（居住は未確認）",
                    "by": str(row.confirmed_by),
                    "url": url,
                    "kind": "" if row.state == "holds" else "warning",
                }
            )
    return entries


def doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """One door a house that the household lives in, with its class."""
    if not may(staff, "damage.read"):
        return []
    return [_door(home) for home in houses_of(household_id, staff)]


def _door(home: HouseOfHome) -> dict[str, Any]:
    url = reverse("damage_houses:house", args=[home.link.house_id])
    if home.present is None:
        note = "確認待ちの判定があります" if any(row.state == "waiting" for row in home.judged) else "判定はまだです"
    else:
        note = surveys.class_label(home.present.damage_class, home.present.survey)
        earlier = sum(row.state == "past" for row in home.judged)
        note += f"（前の判定 {earlier}件）" if earlier else ""
    if home.link.confirmed_by_id is None:
        note += "　居住は未確認"
    return {"label": f"被害の程度　{home.where}", "url": url, "note": note}
