"""The publicity clerk's page: what everybody would see now, one button, and what was published before."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.core.templatetags.tasuki import tokyo
from backend.ledger.models import Disaster

from . import pages, queries, rules, services

COLUMNS = [
    {"label": "避難所"},
    {"label": "所在地"},
    {"label": "電話"},
    {"label": "開設"},
    {"label": "避難者", "number": True},
    {"label": "世帯", "number": True},
    {"label": "出所"},
    {"label": "人数の確認"},
    {"label": "空き状況"},
]
RUN_COLUMNS = [
    {"label": "公表した時刻"},
    {"label": "時点"},
    {"label": "災害"},
    {"label": "公表先"},
    {"label": "避難所", "number": True},
    {"label": "ファイル", "number": True},
    {"label": "大きさ（kB）", "number": True},
    {"label": "公表した人"},
]
ROOMS = {"満員": "danger", "残りわずか": "warning", "空きあり": "success"}


@needs("publication.read")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    disasters = queries.disasters()
    chosen = _chosen(disasters, request.GET.get("disaster", ""))
    board = queries.board(chosen) if chosen else None
    page = Paginator(queries.runs(), 20).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "disasters": disasters,
        "chosen": chosen,
        "disaster": chosen,
        "board": board,
        "columns": COLUMNS,
        "rows": [{"cells": _cells(line)} for line in board.lines] if board else [],
        "cards": _cards(board) if board else [],
        "may_publish": may(request.user, "publication.write"),
        "page": page,
        "base": f"?disaster={chosen.pk}&" if chosen else "?",
        "run_columns": RUN_COLUMNS,
        "runs": [{"cells": _run_cells(run)} for run in page],
    }
    return render(request, "publication/index.html", context)


@needs("publication.read")
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The table of the page as CSV, for whoever needs it in an office: also in Shift_JIS."""
    chosen = _chosen(queries.disasters(), request.GET.get("disaster", ""))
    if chosen is None:
        raise NotFound("災害がまだ開設されていません。")
    board = queries.board(chosen)
    return csv_answer(request, pages.records(board), f"避難所_{tokyo(board.as_of)}.csv")


@needs("publication.write")
@require_POST
def publish(request: HttpRequest) -> HttpResponse:
    chosen = _chosen(queries.disasters(), request.POST.get("disaster", ""))
    if chosen is None:
        raise NotFound("災害がまだ開設されていません。")
    result = services.publish(code=chosen.code, to=settings.PUBLICATION_DIR, by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"公表しました（避難所 {result['shelters']:,}か所、{result['files']}ファイル）。")
    return redirect(f"{reverse('publication:index')}?disaster={chosen.pk}")


def _chosen(disasters: list[Disaster], wanted: str) -> Disaster | None:
    if not wanted:
        return disasters[0] if disasters else None
    found = next((disaster for disaster in disasters if str(disaster.pk) == wanted), None)
    if found is None:
        raise NotFound("その災害はありません。")
    return found


def _cells(line: rules.Line) -> list[Any]:
    count = line.count
    return [
        line.name,
        line.address,
        line.phone,
        line.opened_at,
        "不明" if count.people is None else count.people,
        "不明" if count.households is None else count.households,
        count.source,
        count.at or "",
        {"text": line.room, "badge": ROOMS.get(line.room, "neutral")},
    ]


def _cards(board: queries.Board) -> list[dict[str, Any]]:
    people = {"value": "不明"} if board.people is None else {"value": board.people, "unit": "人"}
    cards = [
        {"label": "開設中の避難所", "value": len(board.lines), "unit": "か所"},
        {"label": "避難者", **people},
        {"label": "発災後に閉鎖した避難所", "value": board.closed, "unit": "か所"},
    ]
    if board.uncounted:
        cards.append({"label": "人数が分からない避難所", "value": board.uncounted, "unit": "か所", "kind": "warning"})
    return cards


def _run_cells(run: Any) -> list[Any]:
    return [
        run.at,
        run.as_of,
        run.disaster.name,
        run.target,
        run.shelters,
        run.files,
        -(-run.bytes // 1000),
        run.by.display_name if run.by else "コマンド",
    ]
