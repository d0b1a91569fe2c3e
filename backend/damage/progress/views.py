"""Pages: where we stand, and what is reported upward; on the screen, on paper and as files, as of any hour."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.accounts.permissions import needs
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.damage.surveys.views import log, working_disaster

from . import queries, reporting, rules, showing
from .forms import HourForm, ReportForm
from .queries import Progress
from .showing import Table

TABLES = ("days", "stages", "unasked", "longest", "teams", "classes")


def local(moment: datetime) -> str:
    return moment.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _asked(request: HttpRequest) -> tuple[datetime, dict[str, str]]:
    """The hour and the choices of the address; what can't be read is left out, and the form says so."""
    form = HourForm(request.GET)
    form.is_valid()
    said = getattr(form, "cleaned_data", {})
    chosen = {"stage": said.get("stage") or "", "district": request.GET.get("district", "")}
    return said.get("at") or now(), chosen


def _table(key: str, found: Progress, request: HttpRequest, chosen: dict[str, str], *, most: int | None) -> Table:
    disaster = working_disaster(request)
    if key == "days":
        return showing.by_day(found.days, found.at)
    if key == "stages":
        return showing.by_stage(found)
    if key == "unasked":
        return showing.unasked(found)
    if key == "longest":
        rows = queries.longest(found, most=most, **chosen)
        if rows:
            log(request, "applications", len(rows), "長く待っている申請")
        return showing.longest(rows, found, linked=most is not None)
    if key == "teams":
        return showing.by_team(list(queries.teams(disaster, found.at, lately=most is not None)))
    return showing.by_class(queries.found_classes(disaster, found.at))


@require_safe
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    """Where we stand at an hour."""
    at, chosen = _asked(request)
    disaster = working_disaster(request)
    found = queries.progress(disaster, request.user, at)
    form = HourForm(request.GET or None, districts=found.districts)
    wrong = form.is_bound and not form.is_valid()
    query = urlencode({key: value for key, value in {"at": local(at), **chosen}.items() if value})
    context = {
        "disaster": disaster,
        "at": at,
        "asked": form.is_bound,
        "form": form,
        "cards": showing.cards(found),
        "tables": [_table(key, found, request, chosen, most=queries.LONGEST) for key in TABLES] if disaster else [],
        "query": query,
    }
    return render(request, "damage/progress/index.html", context, status=422 if wrong else 200)


@require_safe
@never_cache
@needs("damage.read")
def paper(request: HttpRequest) -> HttpResponse:
    """The same on A4."""
    at, chosen = _asked(request)
    disaster = working_disaster(request)
    found = queries.progress(disaster, request.user, at)
    context = {
        "disaster": disaster,
        "as_of": at,
        "printed_at": now(),
        "landscape": True,
        "tables": [_table(key, found, request, chosen, most=queries.LONGEST) for key in TABLES] if disaster else [],
        "back_url": f"{reverse('progress:index')}?{request.GET.urlencode()}",
    }
    return render(request, "damage/progress/print.html", context)


@require_safe
@never_cache
@needs("damage.read")
def csv(request: HttpRequest, table: str) -> HttpResponse:
    """One of the tables, all of its rows."""
    if table not in TABLES:
        raise NotFound("この表はありません。進みぐあいの画面から選んでください。")
    at, chosen = _asked(request)
    found = queries.progress(working_disaster(request), request.user, at)
    made = _table(table, found, request, chosen, most=None)
    stamp = at.astimezone(TOKYO).strftime("%Y%m%d-%H%M")
    return csv_answer(request, made.file(), f"{made.title}_{stamp}.csv")


# Reports upward ----------------------------------------------------------------------------------------------------------


def _reports(request: HttpRequest) -> tuple[ReportForm, dict[str, Any]]:
    form = ReportForm(request.GET or None)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    disaster = working_disaster(request)
    found = reporting.report(disaster, request.user, said.get("at") or now())
    before = reporting.report(disaster, request.user, said["before"]) if said.get("before") else None
    parts = {"at": local(found.at), "before": local(before.at) if before else ""}
    return form, {
        "disaster": disaster,
        "report": found,
        "before": before,
        "tables": [showing.dwellings(found, before), showing.others(found, before)],
        "rule": rules.FORM_NOTE,
        "form_name": rules.FORM,
        "query": urlencode({key: value for key, value in parts.items() if value}),
    }


@require_safe
@never_cache
@needs("damage.read")
def report(request: HttpRequest) -> HttpResponse:
    """What is reported upward as of an hour, with what changed since an earlier one."""
    form, context = _reports(request)
    context |= {
        "form": form,
        "asked": form.is_bound,
        "crumbs": [{"label": "進みぐあい", "url": reverse("progress:index")}, {"label": "被害の報告"}],
    }
    return render(request, "damage/progress/report.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs("damage.read")
def report_paper(request: HttpRequest) -> HttpResponse:
    _, context = _reports(request)
    context |= {
        "as_of": context["report"].at,
        "printed_at": now(),
        "back_url": f"{reverse('progress:report')}?{request.GET.urlencode()}",
    }
    return render(request, "damage/progress/report_print.html", context)


@require_safe
@never_cache
@needs("damage.read")
def report_csv(request: HttpRequest) -> HttpResponse:
    _, context = _reports(request)
    found = context["report"]
    stamp = found.at.astimezone(TOKYO).strftime("%Y%m%d-%H%M")
    return csv_answer(request, showing.report_file(found, context["before"]), f"被害の報告_{stamp}.csv")
