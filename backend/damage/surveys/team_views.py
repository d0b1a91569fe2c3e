"""Pages of teams: the day's teams, one team's houses, what became of each call, and the sheets on paper."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs, require
from backend.core.clock import now, today
from backend.core.dates import era_short
from backend.core.errors import NotFound, Refused
from backend.damage.models import Team, Visit

from . import paper, queries, rules, team_queries, teams
from .forms import TeamForm, VisitForm
from .views import crumbs, disaster_or_refuse, log, tell, working_disaster

COLUMNS = [
    {"label": "班"},
    {"label": "班長・班員"},
    {"label": "担当地区"},
    {"label": "電話"},
    {"label": "計画", "number": True},
    {"label": "調査済票", "number": True},
    {"label": "不在票", "number": True},
]
APPOINTMENTS = [{"label": "約束"}, {"label": "家屋"}, {"label": "前の訪問"}, {"label": "覚え書き"}]


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    """The teams of a day, appointments that wait, and a team to add."""
    disaster, day = working_disaster(request), _day(request)
    form = TeamForm(request.POST or None, initial={"day": era_short(day)})
    if request.method == "POST":
        require(request.user, "surveys.write")
        if form.is_valid():
            try:
                made = teams.make_team(by=request.user, disaster=disaster_or_refuse(request), **form.cleaned_data)  # type: ignore[arg-type]
            except Refused as refusal:
                tell(form, refusal)
            else:
                messages.success(request, f"{made.name}を登録しました。回る家屋を選んでください。")
                return redirect("surveys:team", made.pk)
    found = list(team_queries.teams(disaster, day))
    agreed = team_queries.appointments(disaster)
    if agreed:
        log(request, "appointments", len(agreed), "調査の約束")
    context = {
        "disaster": disaster,
        "day": day,
        "before": date.fromordinal(day.toordinal() - 1),
        "after": date.fromordinal(day.toordinal() + 1),
        "columns": COLUMNS,
        "rows": [_team_row(team) for team in found],
        "appointment_columns": APPOINTMENTS,
        "appointments": [_appointment_row(visit, where) for visit, where in agreed],
        "form": form,
        "may_write": may(request.user, "surveys.write") and disaster is not None,
        "crumbs": crumbs(("調査班と計画", "")),
    }
    return render(request, "damage/surveys/teams.html", context, status=422 if form.errors else 200)


def _team_row(team: Any) -> dict[str, Any]:
    return {
        "cells": [
            {"text": team.name, "url": reverse("surveys:team", args=[team.pk])},
            "、".join([team.lead, *team.members]),
            team.district or "―",
            {"text": team.telephone or "―"},
            team.planned,
            team.done,
            team.absent,
        ]
    }


def _appointment_row(visit: Visit, where: str) -> dict[str, Any]:
    at = f" {visit.appointment_at:%H:%M}" if visit.appointment_at else ""
    return {
        "cells": [
            f"{era_short(visit.appointment_on)}{at}",  # type: ignore[arg-type]
            {"text": where, "url": reverse("damage_houses:house", args=[visit.request.house_id])},
            f"{era_short(visit.team.day)} {visit.team.name}",
            visit.note or "―",
        ]
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("damage.read")
def team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """A team's houses in their order; waiting houses to be planned for it."""
    row = team_queries.team(team_id)
    if request.method == "POST":
        require(request.user, "surveys.write")
        chosen = [UUID(text) for text in request.POST.getlist("request") if _is_uuid(text)]
        try:
            planned, left_out = teams.plan(by=request.user, team=team_id, requests=chosen)  # type: ignore[arg-type]
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            more = f"{left_out}棟は、調査済みか、ほかの班の計画に入っています。" if left_out else ""
            messages.success(request, f"{planned}棟を計画に入れました。{more}")
        return redirect("surveys:team", team_id)
    return _team_page(request, row)


def _team_page(
    request: HttpRequest, row: Team, form: VisitForm | None = None, visit: UUID | None = None
) -> HttpResponse:
    district = request.GET.get("district", row.district)
    calls = team_queries.calls(row)
    log(request, f"team:{row.pk}", len(calls), "調査班の計画")
    context = {
        "team": row,
        "calls": calls,
        "form": form or VisitForm(),
        "wrong": visit,
        "offered": team_queries.offered(row.disaster, district=district) if row.day >= today() else [],
        "district": district,
        "districts": [one.name for one in queries.districts(row.disaster) if one.name],
        "may_write": may(request.user, "surveys.write"),
        "crumbs": crumbs(("調査班と計画", f"{reverse('surveys:teams')}?day={row.day:%Y-%m-%d}"), (row.name, "")),
    }
    return render(request, "damage/surveys/team.html", context, status=422 if form else 200)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@require_POST
@never_cache
@needs("surveys.write")
def close(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """What became of a call."""
    row = Visit.objects.select_related("team__disaster").filter(pk=visit_id).first()
    if row is None:
        raise NotFound("この訪問はありません。画面を開き直してください。")
    form = VisitForm(request.POST)
    if form.is_valid():
        try:
            done = teams.close(by=request.user, visit=visit_id, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refusal:
            tell(form, refusal)
        else:
            messages.success(request, f"「{done.get_result_display()}」と記録しました。")
            return redirect("surveys:team", row.team_id)
    return _team_page(request, row.team, form, visit_id)


@require_safe
@never_cache
@needs("surveys.write")
def sheets(request: HttpRequest, team_id: UUID) -> HttpResponse:
    """The day's plan and a sheet a house on A4, each with the QR of its page."""
    row = team_queries.team(team_id)
    calls = [call for call in team_queries.calls(row) if not call.row.result]
    cause = request.GET.get("cause", team_queries.usual_cause(row.disaster))
    cause = cause if cause in paper.HEADINGS else ""
    made = team_queries.sheets(calls, request.build_absolute_uri("/").rstrip("/"), cause)
    log(request, f"team:{team_id}", len(calls), "調査票の印刷")
    context = {
        "team": row,
        "disaster": row.disaster,
        "sheets": made,
        "cause": cause,
        "kinds": [("", "災害の種類を書かない"), *((key, f"{label}の調査票") for key, label in paper.HEADINGS.items())],
        "edition": rules.edition_on(row.day).title,
        "printed_at": now(),
        "back_url": reverse("surveys:team", args=[team_id]),
    }
    return render(request, "damage/surveys/sheets_print.html", context)


SLIPS = {"surveyed": "調査済票", "absent": "不在票"}
ON_A_PAGE = 4


@require_safe
@never_cache
@needs("surveys.write")
def slips(request: HttpRequest, team_id: UUID, kind: str) -> HttpResponse:
    """調査済票 or 不在票 to be left at the houses, four on A4, with place and date; a page without places where none is planned."""
    if kind not in SLIPS:
        raise NotFound("この票はありません。班の画面から選んでください。")
    row = team_queries.team(team_id)
    calls = [call for call in team_queries.calls(row) if not call.row.result]
    log(request, f"team:{team_id}", len(calls), f"{SLIPS[kind]}の印刷")
    places = [(call.where, call.row.request.get_stage_display()) for call in calls]
    places += [("", "")] * (-len(places) % ON_A_PAGE or (0 if places else ON_A_PAGE))
    context = {
        "team": row,
        "kind": kind,
        "title": SLIPS[kind],
        "disaster": row.disaster,
        "pages": [places[at : at + ON_A_PAGE] for at in range(0, len(places), ON_A_PAGE)],
        "telephone": settings.SURVEY_TELEPHONE,
        "back_url": reverse("surveys:team", args=[team_id]),
    }
    return render(request, "damage/surveys/slips_print.html", context)
