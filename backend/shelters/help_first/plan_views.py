"""Pages of 個別避難計画: taking a file over, and plans on paper, one page a person."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound, Refused

from ..pages import crumbs, posted
from . import plan_rules, plans, queries
from .forms import PlansForm
from .views import Shown


@needs("help.write")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = PlansForm(posted(request), request.FILES or None)
    result: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "plans.csv"
            with path.open("wb") as out:
                for chunk in form.cleaned_data["file"].chunks():
                    out.write(chunk)
            try:
                result = plans.import_plans(
                    by=request.user,  # type: ignore[arg-type]
                    path=path,
                    name=form.cleaned_data["file"].name,
                    columns=form.cleaned_data["columns"],
                )
            except Refused as refusal:
                form.add_error("file", refusal.message.removeprefix("plans.csv："))
    context = {
        "form": form,
        "result": result,
        "labels": [*plan_rules.LABELS.values()],
        "crumbs": crumbs(("要支援者の安否", reverse("shelters:help")), ("個別避難計画の取込", "")),
    }
    return render(request, "shelters/help_first/plan_upload.html", context, status=422 if form.errors else 200)


@needs("shelters.read")
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The plans of a district or of a responsible person, one page each, the most urgent first."""
    shown = Shown(request, "export")
    rows = [row for row in shown.rows if row.plan is not None]
    return _paper(request, rows, shown.title, f"{reverse('shelters:help')}?{shown.query}")


@needs("shelters.read")
@require_GET
def paper_of(request: HttpRequest, person: UUID) -> HttpResponse:
    rows = queries.people(request.user, only=person)  # type: ignore[arg-type]
    if not rows:
        raise NotFound("この方は名簿に見つかりません。")
    log_access(by=request.user, what="export", subject=f"evacuee:{rows[0].person.evacuee}")  # type: ignore[arg-type]
    return _paper(request, rows, "", reverse("shelters:help_person", args=[person]))


def _paper(request: HttpRequest, rows: list[queries.Asked], title: str, back: str) -> HttpResponse:
    context = {"rows": rows, "title": title, "as_of": now(), "printed_at": now(), "back_url": back}
    return render(request, "shelters/help_first/plan_print.html", context)
