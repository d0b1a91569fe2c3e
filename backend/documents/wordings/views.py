"""The pages of the papers' words: every kind as it is now, other words asked for and approved, and what was before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.errors import NotFound, Refused
from backend.documents import kinds
from backend.documents.models import KindWording

from . import services
from .forms import ReasonForm, WordingForm

CRUMB = {"label": "証明書の文面"}


@never_cache
@require_safe
@needs("wordings.ask")
def index(request: HttpRequest) -> HttpResponse:
    """Each kind with the words that are printed now."""
    waiting = set(KindWording.objects.filter(approved_at=None, ended_at=None).values_list("kind", flat=True))
    found = [kinds.kind(key) for key in kinds.DEFAULTS]
    context = {
        "crumbs": [CRUMB],
        "kinds": [{"kind": kind, "facts": _facts(kind), "waits": kind.key in waiting} for kind in found],
    }
    return render(request, "documents/wordings/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("wordings.ask")
def kind(request: HttpRequest, key: str) -> HttpResponse:
    """The words of one kind: now, what waits for approval, a form for others, and all that were before."""
    if key not in kinds.DEFAULTS:
        raise NotFound("その種類の証明書はありません。")
    now_printed = kinds.kind(key)
    form = WordingForm(request.POST or None, initial=services.words_of(now_printed))
    status, refusal = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            words = dict(form.cleaned_data)
            try:
                services.ask(by=request.user, kind=key, why=words.pop("why"), words=words)  # type: ignore[arg-type]
            except Refused as error:
                status, refusal = error.status, error
            else:
                messages.success(
                    request, "文面の変更を申請しました。ほかの監督者が承認すると、次に交付する証明書から変わります。"
                )
                return redirect("documents:wording", key)
    rows = list(KindWording.objects.filter(kind=key).select_related("asked_by", "approved_by", "ended_by"))
    waiting = next((row for row in rows if row.approved_at is None and row.ended_at is None), None)
    context = {
        "crumbs": [CRUMB | {"url": reverse("documents:wordings")}, {"label": now_printed.title}],
        "kind": now_printed,
        "facts": _facts(now_printed),
        "form": form,
        "refusal": refusal,
        "waiting": waiting,
        "waiting_facts": _facts(waiting, now_printed) if waiting else [],
        "may_approve": may(request.user, "wordings.approve"),
        "is_own": waiting is not None and waiting.asked_by_id == request.user.pk,
        "columns": [{"label": label} for label in ("申請", "名称・文", "申請者と理由", "承認者", "終わり")],
        "rows": [{"cells": _history(row)} for row in rows if row is not waiting],
    }
    return render(request, "documents/wordings/kind.html", context, status=status)


@require_POST
@needs("wordings.approve")
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = services.approve(by=request.user, pk=pk)  # type: ignore[arg-type]
    messages.success(request, "文面を承認しました。これから交付する証明書に印字されます。")
    return redirect("documents:wording", found.kind_id)


@require_POST
@needs("wordings.ask")
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    found = services.turn_down(by=request.user, pk=pk, reason=reason)  # type: ignore[arg-type]
    messages.success(request, "文面の申請を取り下げました。")
    return redirect("documents:wording", found.kind_id)


def _facts(words: Any, before: Any = None) -> list[dict[str, object]]:
    """The words with their labels; beside another, what of them is new."""
    return [
        {
            "label": label,
            "value": getattr(words, name),
            "note": "変わります" if before is not None and getattr(words, name) != getattr(before, name) else "",
        }
        for name, label in services.LABELS.items()
    ]


def _history(row: KindWording) -> list[Any]:
    texts = [text for text in services.words_of(row).values() if text]
    end = f"{row.ended_reason}（{row.ended_by}）" if row.ended_at else "いまの文面"
    return [
        row.asked_at,
        "／".join(texts),
        f"{row.asked_by}　{row.why}",
        str(row.approved_by or "（承認なし）"),
        end,
    ]
