"""The auditor's two books as pages and as CSV. Looking at them is written into the access log like any other look."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.core.clock import today
from backend.core.downloads import asked_encoding, csv_answer
from backend.core.spreadsheets import harmless

from . import queries
from .forms import ActFilter, BookFilter, LookFilter
from .models import AccessLog, AuditRow, Division
from .permissions import needs
from .services import log_access

PAGE = 100
TOKYO = ZoneInfo("Asia/Tokyo")
DIVISIONS = dict(Division.choices)


@require_safe
@never_cache
@needs("logs.read")
def access_log(request: HttpRequest) -> HttpResponse:
    """Who looked at whom."""
    return _book(
        request,
        name="access_log",
        title="閲覧記録",
        form=LookFilter(request.GET),
        rows=queries.looks,
        columns=["日時", "職員", "部署", "種別", "対象", "件数", "理由", "条件の種類"],
        cells=_look_cells,
        numbers={"件数"},
    )


@require_safe
@never_cache
@needs("logs.read")
def audit_log(request: HttpRequest) -> HttpResponse:
    """Who did what."""
    return _book(
        request,
        name="audit_log",
        title="操作記録",
        form=ActFilter(request.GET),
        rows=queries.acts,
        columns=["日時", "職員", "部署", "行為", "対象", "内容"],
        cells=_act_cells(queries.act_labels()),
        numbers=set(),
    )


def _book(
    request: HttpRequest,
    *,
    name: str,
    title: str,
    form: BookFilter,
    rows: Callable[..., QuerySet],
    columns: list[str],
    cells: Callable[[Any], list[Any]],
    numbers: set[str],
) -> HttpResponse:
    as_csv = request.GET.get("format") == "csv" or "encoding" in request.GET
    valid = form.is_valid()
    chosen = form.chosen() if valid else {}
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.EXPORT if as_csv and valid else AccessLog.What.LIST,
        subject=name,
        detail="、".join(str(form.fields[field].label) for field in chosen),
    )
    found = rows(**chosen) if valid else rows().none()
    if as_csv and valid:
        return _csv(request, f"{name}_{today():%Y%m%d}.csv", columns, (cells(row) for row in found.iterator(2000)))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query.pop("format", None)
    query.pop("encoding", None)
    context = {
        "title": title,
        "book": name,
        "form": form,
        "page": page,
        "columns": [{"label": label, "number": label in numbers} for label in columns],
        "rows": [{"cells": cells(row)} for row in page],
        "base": f"?{query.urlencode()}&" if query else "?",
    }
    return render(request, "accounts/book.html", context, status=200 if valid else 422)


def _moment(row: Any) -> str:
    return row.at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S")


def _look_cells(row: AccessLog) -> list[Any]:
    return [
        _moment(row),
        f"{row.staff.display_name}（{row.staff.username}）",
        DIVISIONS.get(row.division, row.division),
        row.get_what_display(),
        row.subject,
        row.hits,
        row.reason,
        row.detail,
    ]


def _act_cells(labels: dict[str, str]) -> Callable[[AuditRow], list[Any]]:
    def cells(row: AuditRow) -> list[Any]:
        who = f"{row.staff.display_name}（{row.staff.username}）" if row.staff else "コマンド（運用担当）"
        division = row.staff.get_division_display() if row.staff else ""
        return [_moment(row), who, division, labels.get(row.act, row.act), row.subject, _in_words(row.detail)]

    return cells


def _in_words(detail: dict[str, Any]) -> str:
    return "、".join(
        f"{key}={'・'.join(map(str, value)) if isinstance(value, list) else value}" for key, value in detail.items()
    )


class _Line:
    def write(self, text: str) -> str:
        return text


def _csv(request: HttpRequest, name: str, columns: list[str], rows: Iterable[list[Any]]) -> HttpResponse:
    """A CSV download in UTF-8 with a byte order mark, as the offices' spreadsheet wants it."""
    if asked_encoding(request) == "shift_jis":
        return csv_answer(request, chain([columns], ([harmless(str(cell)) for cell in row] for row in rows)), name)
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield "\ufeff" + str(writer.writerow(columns))
        for row in rows:
            yield str(writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in row]))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response  # type: ignore[return-value]
