"""Pages: headquarters' view of all shelters, and the contradictions that it settles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound
from backend.core.templatetags.tasuki import tokyo_short
from backend.journal import queries as journal

from .. import merging
from ..curve.rules import total
from ..pages import crumbs
from . import queries, services


@needs("shelters.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    counted_at, heard = queries.board()
    found = queries.conflicts(request.user)  # type: ignore[arg-type]
    pairs = queries.twice(request.user)  # type: ignore[arg-type]
    named = sum(row.face is not None for row in found) + 2 * len(pairs)
    log_access(by=request.user, what="list", subject="headquarters", hits=named)  # type: ignore[arg-type]
    waiting = queries.counts()
    silent = sum(row.silent for row in heard)
    context = {
        "at": counted_at,
        "cards": [
            {"label": "開設中の避難所", "value": len(heard), "unit": "か所"},
            {"label": "避難者", "value": total(row.heads.people for row in heard) or 0, "unit": "人"},
            {
                "label": "6時間以上連絡のない避難所",
                "value": silent,
                "unit": "か所",
                "kind": "warning" if silent else "",
            },
            {"label": "端末のない避難所", "value": sum(not row.terminals for row in heard), "unit": "か所"},
            {"label": "受け付けなかった記録", "value": waiting["refused"], "unit": "件", "url": "#refused"},
            {"label": "食い違い", "value": waiting["conflicts"], "unit": "件", "url": "#conflicts"},
        ],
        "columns": COLUMNS,
        "rows": [_heard(row) for row in heard],
        "gaps": journal.gaps(),
        "conflicts": found,
        "more": waiting["conflicts"] > len(found),
        "pairs": pairs,
        "refused": [_refused(row) for row in queries.refused()],
        "may_settle": may(request.user, "journal.settle"),
        "may_merge": may(request.user, "shelters.write"),
        "can_write": may(request.user, "shelters.write"),
    }
    return render(request, "shelters/headquarters/page.html", context)


COLUMNS = [
    {"label": "避難所"},
    {"label": "連絡"},
    {"label": "最後に分かった時刻"},
    {"label": "避難者", "number": True},
    {"label": "端末"},
    {"label": "未送信（端末の申告）", "number": True},
]


def _heard(row: queries.Heard) -> dict[str, Any]:
    mark = {"text": "連絡が必要", "badge": "warning"} if row.silent else {"text": "連絡あり", "badge": "success"}
    return {
        "cells": [
            {"text": row.shelter.name, "url": reverse("shelters:shelter", args=[row.shelter.opening])},
            mark,
            row.heard_at or "まだありません",
            "不明" if row.heads.people is None else row.heads.people,
            "、".join(t.name for t in row.terminals) or "端末なし（電話）",
            "—" if row.unsent is None else row.unsent,
        ]
    }


def _refused(row: Any) -> dict[str, Any]:
    return {
        "number": row.pk,
        "title": journal.title(row.kind) if row.kind else "読めない記録",
        "device": row.device.name if row.device else "登録のない端末",
        "received_at": row.received_at,
        "reason": row.reason,
    }


@needs("journal.settle")
@require_POST
def settle(request: HttpRequest, conflict: int) -> HttpResponse:
    services.settle(
        by=request.user,  # type: ignore[arg-type]
        conflict=conflict,
        act=request.POST.get("act", ""),
        note=request.POST.get("note", ""),
    )
    messages.success(request, "解決しました。どう解決したかは記録に残ります。")
    return redirect(reverse("centre:headquarters") + "#conflicts")


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def same(request: HttpRequest, one: UUID, two: UUID) -> HttpResponse:
    """Two records side by side: one person, or two."""
    found = queries.pair(one, two, request.user)  # type: ignore[arg-type]
    if found is None:
        raise NotFound("この組は、すでに解決されたか、開けません。")
    for face in (found.one, found.two):
        log_access(by=request.user, what="person", subject=f"evacuee:{face.id}")  # type: ignore[arg-type]
    if request.method == "POST":
        if "apart" in request.POST:
            services.tell_apart(by=request.user, one=one, two=two)  # type: ignore[arg-type]
            messages.success(request, "別の方として記録しました。")
        else:
            # Whoever is of the register stands for both, else the record that was made first.
            keep, other = sorted((found.one, found.two), key=lambda face: (face.atena_no is None, face.id))
            merging.merge(by=request.user, evacuee=other.id, into=keep.id)  # type: ignore[arg-type]
            messages.success(request, "二つの記録を一つにしました。居場所は新しい方に合わせました。")
        return redirect(reverse("centre:headquarters") + "#twice")
    at = tokyo_short(now())
    context = {"pair": found, "at": at, "crumbs": crumbs(("本部", reverse("centre:headquarters")), ("同じ方か", ""))}
    return render(request, "shelters/headquarters/same.html", context)
