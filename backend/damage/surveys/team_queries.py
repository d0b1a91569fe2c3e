"""What pages ask of teams: the day's teams with their load, one team's houses, appointments that nobody has planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from backend.core.errors import NotFound
from backend.core.qr import path as qr_path
from backend.damage.models import Survey, SurveyRequest, Team, Visit
from backend.ledger.models import Disaster, HouseRecord

from . import paper
from .queries import Waiting, open_requests, places, planned_visits, with_places

OFFERED = 60  # houses that one page offers to be planned


def teams(disaster: Disaster | None, day: date) -> QuerySet[Team]:
    counted = Team.objects.filter(disaster=disaster, day=day).annotate(
        planned=Count("visits"),
        done=Count("visits", filter=Q(visits__result="surveyed")),
        absent=Count("visits", filter=Q(visits__result="absent")),
    )
    return counted.order_by("name")


def team(team_id: UUID) -> Team:
    row = Team.objects.select_related("disaster").filter(pk=team_id).first()
    if row is None:
        raise NotFound("この調査班はありません。画面を開き直してください。")
    return row


@dataclass(frozen=True)
class Call:
    """A call of a team with the place of its house."""

    row: Visit
    where: str
    house: UUID
    surveyed: bool


def calls(row: Team) -> list[Call]:
    visits = list(row.visits.select_related("request", "result_by").order_by("place", "pk"))
    at = places(visit.request.house_id for visit in visits)
    return [
        Call(visit, at.get(visit.request.house_id, ""), visit.request.house_id, visit.request.until is not None)
        for visit in visits
    ]


def offered(disaster: Disaster | None, *, district: str = "", stage: str = "") -> list[Waiting]:
    """Waiting houses that no team goes to, in the order of the district and its numbers."""
    rows = open_requests(disaster, district=district, stage=stage)
    rows = rows.exclude(pk__in=planned_visits().values("request")).order_by("district", "since", "pk")
    return with_places(rows[:OFFERED])


def appointments(disaster: Disaster | None) -> list[tuple[Visit, str]]:
    """Agreed for a day, and no team is planned for it yet; the nearest first."""
    rows = Visit.objects.filter(team__disaster=disaster, appointment_on__isnull=False, request__until=None)
    planned = Visit.objects.filter(result="").values("request")
    rows = (
        rows.exclude(request__in=planned).select_related("request", "team").order_by("appointment_on", "appointment_at")
    )
    latest: dict[UUID, Visit] = {}
    for visit in rows:
        held = latest.get(visit.request_id)
        if held is None or (visit.result_at and held.result_at and visit.result_at > held.result_at):
            latest[visit.request_id] = visit
    at = places(visit.request.house_id for visit in latest.values())
    return [(visit, at.get(visit.request.house_id, "")) for visit in latest.values()]


# On paper --------------------------------------------------------------------------------------------------------------


def usual_cause(disaster: Disaster) -> str:
    """The kind of disaster of most surveys so far; empty before the first, and for those of no kind with a sheet."""
    rows = Survey.objects.filter(disaster=disaster, cause__in=paper.HEADINGS).values("cause").annotate(n=Count("pk"))
    most = rows.order_by("-n", "cause").first()
    return most["cause"] if most else ""


def sheets(visits: list[Call], address: str, cause: str) -> list[dict[str, Any]]:
    """A survey sheet a house, to be filled in by hand: what the roll says of it, the lines of its kind, the QR of its page."""
    records = {r.house_id: r for r in HouseRecord.objects.filter(house__in=[call.house for call in visits], until=None)}
    requests = SurveyRequest.objects.in_bulk([call.row.request_id for call in visits])
    made = []
    for call in visits:
        record = records.get(call.house)
        side, path = qr_path(f"{address}{reverse('damage_houses:house', args=[call.house])}")
        build = paper.build_of(record.structure if record else "")
        stage = requests[call.row.request_id].stage
        made.append(
            {
                "call": call,
                "record": record,
                "request": requests[call.row.request_id],
                "side": side,
                "path": path,
                "paper": paper.sheet(cause=cause, build=build, stage=stage),
            }
        )
    return made
