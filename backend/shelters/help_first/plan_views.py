"""Pages of 個別避難計画: taking a file over, and plans on paper, one page a person."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound

from ..pages import crumbs, posted
from . import plan_rules, plans, queries, rules
from .forms import PlansForm
from .views import Shown, taken_over


@needs("help.write")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = PlansForm(posted(request), request.FILES or None)
    context = {
        "form": form,
        "result": taken_over(request, form, plans.import_plans),
        "headings": rules.headings(plan_rules.COLUMNS),
        "devices": [label for label, _ in rules.DEVICES.values()],
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
