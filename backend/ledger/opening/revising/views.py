"""Pages of reports: making one, reading it household by household, accepting and taking back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import work, work_pages
from backend.core.errors import Refused
from backend.core.forms import JapaneseForm
from backend.ledger.models import RevisionReport
from backend.ledger.opening import queries as opening
from backend.ledger.opening import work as opening_work
from backend.ledger.opening.views import crumbs

from . import accepting, queries, rules, tables, undoing

PAGE = 20


class LineFilter(JapaneseForm):
    """Which lines are listed."""

    kind = forms.ChoiceField(label="区分", required=False)
    state = forms.ChoiceField(
        label="状態", required=False, choices=[("", "すべて"), ("open", "未処理"), ("accepted", "受入済み")]
    )

    def __init__(self, data: Any, *, kinds: dict[str, int]) -> None:
        super().__init__(data)
        choices = [(kind, f"{rules.LABELS[kind]}（{number:,}件）") for kind, number in kinds.items()]
        self.fields["kind"].choices = [("", "発災日現在の内容が変わるもの"), *choices]  # type: ignore[attr-defined]


def _crumbs(report: RevisionReport, *more: str) -> list[dict[str, str]]:
    url = reverse("ledger:revision", args=[report.pk])
    last = (
        {"label": f"改訂の報告 第{report.number}版", "url": url}
        if more
        else {"label": f"改訂の報告 第{report.number}版"}
    )
    return [*crumbs(report.disaster), last, *({"label": label} for label in more)]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("register.read")
def index(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All reports of a disaster; POST makes one."""
    disaster = opening.disaster(pk)
    token = request.POST.get("token", "")
    if request.method == "POST" and work.TOKEN.match(token):
        work_pages.keep_session(request)
        opening_work.begin_revise(token=token, by=request.user, disaster=disaster, anew="anew" in request.POST)  # type: ignore[arg-type]
        return redirect("ledger:work", token)
    found = queries.reports(disaster)
    context = {
        "disaster": disaster,
        "token": work.new_token(),
        "unread": queries.unread_files(disaster),
        "columns": tables.REPORT_COLUMNS,
        "rows": [tables.report_row(report, queries.counts(report)) for report in found],
        "may_make": may(request.user, "disaster.open") and disaster.register_revision is not None,
        "crumbs": crumbs(disaster, "住民記録の改訂"),
    }
    return render(request, "ledger/revising/index.html", context)


@require_safe
@never_cache
@needs("register.read")
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A report, household by household; those of people under protection are counted and not shown."""
    found = queries.report(pk)
    counts = queries.counts(found)
    form = LineFilter(request.GET, kinds=counts.kinds)
    chosen = form.cleaned_data if form.is_valid() else {"kind": "", "state": ""}
    rows, hidden = queries.lines(found, request.user, **chosen)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = queries.views_of(page)
    if shown:
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.LIST,
            subject=f"disaster:{found.disaster_id}",
            hits=len(shown),
            detail="改訂の報告",
        )
    newest = queries.newest(found.disaster)
    query = {name: value for name, value in chosen.items() if value}
    context = {
        "report": found,
        "disaster": found.disaster,
        "cards": tables.cards(counts),
        "counts": counts,
        "form": form,
        "lines": [tables.line(view) for view in shown],
        "columns": tables.COLUMNS,
        "page": page,
        "hidden": hidden,
        "base": f"?{urlencode(query)}&" if query else "?",
        "query": urlencode({**query, "page": page.number}),
        "newest": newest if newest and newest.pk != found.pk else None,
        "may_accept": may(request.user, "disaster.open") and newest == found,
        "crumbs": _crumbs(found),
    }
    return render(request, "ledger/revising/report.html", context)


def _back(request: HttpRequest, found: RevisionReport) -> HttpResponse:
    """Back to the place in the list; only what the filter knows is taken from the form."""
    form = LineFilter(request.POST, kinds=dict.fromkeys(rules.ORDER, 0))
    query: dict[str, Any] = {k: v for k, v in form.cleaned_data.items() if v} if form.is_valid() else {}
    number = request.POST.get("page", "")
    if number.isdecimal() and len(number) < 8:
        query["page"] = number
    return redirect(f"{reverse('ledger:revision', args=[found.pk])}?{urlencode(query)}")


@require_POST
@needs("disaster.open")
def accept_line(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """One household (or several between which people move) is taken into the ledger."""
    found = queries.report(pk)
    row = queries.line(found, request.user, line)
    try:
        accepting.accept(by=request.user, report=found, line=row)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "台帳に受け入れました。")
    return _back(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disaster.open")
def accept_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything that is open is taken into the ledger, after asking."""
    found = queries.report(pk)
    counts = queries.counts(found)
    if request.method == "POST":
        token = request.POST.get("token", "")
        if not work.TOKEN.match(token):
            return redirect("ledger:revision", found.pk)
        work_pages.keep_session(request)
        opening_work.begin_accept(token=token, by=request.user, report=found, lines=counts.open)  # type: ignore[arg-type]
        return redirect("ledger:work", token)
    context = {
        "report": found,
        "counts": counts,
        "token": work.new_token(),
        "kinds": [(rules.LABELS[kind], number) for kind, number in counts.kinds.items()],
        "crumbs": _crumbs(found, "すべて受け入れる"),
    }
    return render(request, "ledger/revising/accept_all.html", context)


@require_POST
@needs("disaster.open")
def undo_line(request: HttpRequest, pk: UUID, line: UUID) -> HttpResponse:
    """An acceptance is taken back."""
    found = queries.report(pk)
    row = queries.acceptance(found, request.user, line)
    try:
        undoing.undo(by=request.user, acceptance=row)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "受入を取り消しました。台帳は受入前の内容に戻りました。")
    return _back(request, found)
