"""Pages of the tables that houses are found by: what is in force, and taking a file."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core import work, work_pages

from . import queries, tables, taking_work
from .forms import TableForm
from .views import crumbs

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("houses.read")
def index(request: HttpRequest) -> HttpResponse:
    """The tables that were taken, and the form that takes one (for those who may)."""
    may_take = may(request.user, "houses.write")
    form = TableForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        return _take(request, form)
    page = Paginator(queries.tables(), PAGE).get_page(request.GET.get("page"))
    return _page(request, form, page, may_take=may_take)


@needs("houses.write")
def _take(request: HttpRequest, form: TableForm) -> HttpResponse:
    if form.is_valid():
        values = form.cleaned_data
        work_pages.keep_session(request)
        token = taking_work.begin(
            by=request.user,  # type: ignore[arg-type]
            kind=values["kind"],
            name=values["file"].name[:200],
            pieces=values["file"].chunks(),
            replace=values["replace"],
        )
        found = taking_work.find(token)
        if found.state != "refused":
            return redirect("houses:table_work", token)
        form.add_error("file", found.message)
    return _page(request, form, Paginator(queries.tables(), PAGE).get_page(1), may_take=True, status=422)


def _page(request: HttpRequest, form: TableForm, page: object, *, may_take: bool, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "page": page,
        "columns": tables.TABLE_COLUMNS,
        "rows": [tables.table_row(table) for table in page],  # type: ignore[attr-defined]
        "problems": [table for table in page if table.problems and table.until is None],  # type: ignore[attr-defined]
        "may_take": may_take,
        "running": work.running(taking_work.KIND),
        "crumbs": crumbs("対応表・外形"),
    }
    return render(request, "ledger/houses/tables.html", context, status=status)


@require_safe
@never_cache
@needs("houses.write")
def work_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far taking a table is; leads on to the list when it is done."""
    return work_pages.page(
        request,
        taking_work.find(token),
        done=lambda found: _to_list(request, found),
        words=work_pages.TAKING,
        stop_url=reverse("houses:table_stop", args=[token]),
        back_url=reverse("houses:tables"),
        back_label="一覧へ",
        choose_url=reverse("houses:tables"),
        crumbs=crumbs("取込の状況"),
    )


def _to_list(request: HttpRequest, found: work.Work) -> HttpResponse:
    said = "取込済みのファイルです。何も変わりません。" if found.result.get("again") else "取り込みました。"
    messages.success(request, said)
    return redirect("houses:tables")


@require_POST
@needs("houses.write")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    return work_pages.stop(request, token, "houses:table_work")
