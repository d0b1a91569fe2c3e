"""Pages of 一括交付: what it would do, the work, its files and who was left out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import work as works
from backend.core import work_pages
from backend.core.clock import now
from backend.core.errors import Refused
from backend.damage.certificates.queries import KIND, RISAI
from backend.documents import kinds
from backend.ledger import queries as ledger

from . import queries, work
from .forms import BulkForm

STAYS = work_pages.DOING | {
    "act": "一括交付",
    "stopped": "一括交付をやめました",
    "untouched": "番号を付けた分は記録されています。もう一度始めると、続きから行います。",
    "again": "",
    "keeps": "やめても、番号を付けた分は残ります。もう一度始めると、続きから行います。",
}


PAGES = {KIND: "damage:bulk", RISAI: "damage:bulk_risai"}


def _crumbs(kind: str, *more: tuple[str, str]) -> list[dict[str, str]]:
    title = f"{kinds.kind(kind).title}の一括交付"
    trail = [("証明書", reverse("damage:index")), (title, reverse(PAGES[kind])), *more]
    return [{"label": label, "url": url} for label, url in trail]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates.issue")
def index(request: HttpRequest, kind: str = KIND) -> HttpResponse:
    """How many have none, the form that begins, and the rounds so far of one kind of paper."""
    disaster = ledger.current_disaster(request.session.get("disaster"))
    form = BulkForm(request.POST or None)
    token = request.POST.get("token", "")
    begun = works.find(token)
    if begun and (begun.goes_on or begun.state == "done"):  # the second click
        return redirect("damage:bulk_work", token)
    status, refusal = 200, None
    if request.method == "POST" and disaster and works.TOKEN.match(token):
        if form.is_valid():
            work_pages.keep_session(request)
            try:
                work.begin(token=token, by=request.user, disaster=disaster, kind=kind, **form.cleaned_data)  # type: ignore[arg-type]
            except Refused as error:
                status, refusal = error.status, error
            else:
                return redirect("damage:bulk_work", token)
        else:
            status = 422
    rounds = queries.runs(disaster, kind) if disaster else []
    title = kinds.kind(kind).title
    context = {
        "crumbs": [*_crumbs(kind)[:1], {"label": f"{title}の一括交付"}],
        "kind": kind,
        "title": title,
        "page": reverse(PAGES[kind]),
        "begin_label": "申請した世帯に交付する" if kind == RISAI else "すべての世帯に交付する",
        "others": [(kinds.kind(other).title, reverse(page)) for other, page in PAGES.items() if other != kind],
        "disaster": disaster,
        "form": form,
        "refusal": refusal,
        "token": works.new_token(),
        "counts": queries.counts(disaster, kind, request.user) if disaster else None,
        "open": next((one for one in rounds if one.ended_at is None), None),
        "running": works.running(work.KIND),
        "columns": [{"label": "開始"}, {"label": "状態"}, {"label": "通数", "number": True}, {"label": "職員"}],
        "rows": [
            {
                "cells": [
                    {"text": _moment(one.began_at), "url": reverse("damage:bulk_run", args=[one.pk])},
                    {"text": "終了", "badge": "success"} if one.ended_at else {"text": "途中", "badge": "warning"},
                    sum(file.count for file in one.files.all()),
                    str(one.by),
                ]
            }
            for one in rounds
        ],
    }
    return render(request, "damage/certificates/bulk/index.html", context, status=status)


@require_safe
@never_cache
@needs("certificates.issue")
def work_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far it is; leads on to the round when it is done."""

    def done(found: works.Work) -> HttpResponse:
        said = found.result
        messages.success(request, f"{said['certificates']:,}通を交付しました。除いた世帯は{said['held']:,}です。")
        return redirect("damage:bulk_run", said["run"])

    at = work.find(token)
    kind = at.about.get("kind", KIND)
    return work_pages.page(
        request,
        at,
        done=done,
        words=STAYS,
        stop_url=reverse("damage:bulk_stop", args=[token]),
        back_url=reverse(PAGES[kind]),
        back_label="一括交付へ",
        crumbs=_crumbs(kind, ("作業の状況", "")),
    )


@require_POST
@needs("certificates.issue")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    work.find(token)  # work of another kind is another's to stop
    return work_pages.stop(request, token, "damage:bulk_work")


@require_safe
@never_cache
@needs("certificates.issue")
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One round: its files, its lists, and who was left out."""
    found = queries.run(pk)
    left = queries.left_out(found, request.user)  # type: ignore[arg-type]
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject=f"disaster:{found.disaster_id}",
        hits=len(left),
        detail="certificates in bulk",
    )
    files = queries.files(found)
    held = queries.held_back(found).count()
    silent = found.held.count() - held
    context: dict[str, Any] = {
        "crumbs": _crumbs(found.kind, (_moment(found.began_at), "")),
        "found": found,
        "title": kinds.kind(found.kind).title,
        "page": reverse(PAGES[found.kind]),
        "cards": [
            {"label": "交付", "value": sum(line["file"].count for line in files), "unit": "通"},
            {"label": "ファイル", "value": len(files), "unit": "個"},
            {"label": "除いた世帯", "value": held, "unit": "世帯", "kind": "warning"},
            *([{"label": "申請のない世帯", "value": silent, "unit": "世帯"}] if silent else []),
        ],
        "file_columns": [
            {"label": "ファイル"},
            {"label": "番号"},
            {"label": "印刷", "number": True},
            {"label": "ページ", "number": True},
        ],
        "file_rows": [_file_row(found, line) for line in files],
        "lists": [
            {"label": label, "url": reverse("damage:bulk_file", args=[found.pk, name])}
            for name, label in queries.LISTS.items()
            if found.ended_at and (work.folder_of(found) / name).is_file()
        ],
        "left_columns": [{"label": "り災番号"}, {"label": "理由"}, {"label": "説明"}],
        "left_rows": [_left_row(found.kind, line, may(request.user, "certificates.issue")) for line in left],
        "more": max(held - len(left), 0),
    }
    return render(request, "damage/certificates/bulk/run.html", context)


@require_safe
@never_cache
@needs("certificates.issue")
def file(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """A print file or a list of a round."""
    found = queries.run(pk)
    path = queries.path_of(found, name)
    count = found.files.filter(name=name).values_list("count", flat=True).first() or 1
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.EXPORT,
        subject=f"disaster:{found.disaster_id}",
        hits=count,
        detail="certificates in bulk",
    )
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@never_cache
@needs("certificates.issue")
def control(request: HttpRequest, pk: UUID) -> HttpResponse:
    """管理票 on A4: it goes with the files to the printer and comes back signed."""
    found = queries.run(pk)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject=f"disaster:{found.disaster_id}",
        detail="certificates in bulk",
    )
    sheet = queries.control(found)
    context = {
        "found": found,
        "title": kinds.kind(found.kind).title,
        "sheet": sheet,
        "columns": [
            {"label": "ファイル"},
            {"label": "最初の番号"},
            {"label": "最後の番号"},
            {"label": "交付", "number": True},
            {"label": "印刷", "number": True},
            {"label": "ページ", "number": True},
            {"label": "指紋（はじめの8桁）"},
        ],
        "rows": [_control_row(line) for line in sheet.files],
        "totals": ["合計", "", "", *(f"{count:,}" for count in (sheet.papers, sheet.copies, sheet.pages)), ""],
        "steps": ("印刷", "封入", "郵便局に差し出し"),
        "disaster": found.disaster,
        "as_of": found.ended_at,
        "printed_at": now(),
        "back_url": reverse("damage:bulk_run", args=[found.pk]),
    }
    return render(request, "damage/certificates/bulk/control.html", context)


def _control_row(line: dict[str, Any]) -> dict[str, Any]:
    one = line["file"]
    ends = [f"{one.first_number:06d}", f"{one.last_number:06d}"]
    return {"cells": [one.name, *ends, one.count, line["printed"], one.pages or 0, one.sha256[:8]]}


def _moment(at: Any) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def _file_row(found: Any, line: dict[str, Any]) -> dict[str, Any]:
    one = line["file"]
    name: dict[str, Any] = {"text": one.name}
    if line["is_here"] and one.written_at:
        name["url"] = reverse("damage:bulk_file", args=[found.pk, one.name])
    numbers = f"{one.first_number:06d}〜{one.last_number:06d}"
    return {"cells": [name, numbers, line["printed"], one.pages or 0]}


def _left_row(kind: str, line: queries.LeftOut, may_issue: bool) -> dict[str, Any]:
    number: dict[str, Any] = {"text": "（表示しません）"}
    if line.household:
        number = {"text": line.household.disaster_number}
        if may_issue:
            number["url"] = reverse("damage:risai" if kind == RISAI else "damage:issue", args=[line.household.pk])
    text = line.row.text if line.household else ""
    return {"cells": [number, line.row.get_reason_display(), text]}
