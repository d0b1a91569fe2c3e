"""The page of the seal: what is printed now, what waits for approval, and what was before."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.errors import NotFound, Refused
from backend.documents.models import SealImage

from . import services
from .forms import AskForm, EndForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("seals.ask")
def index(request: HttpRequest) -> HttpResponse:
    form = AskForm(request.POST or None, request.FILES or None)
    status, refusal = 200, None
    if request.method == "POST":
        if form.is_valid():
            try:
                data = form.cleaned_data["image"].read(services.MOST_BYTES + 1)
                services.ask(by=request.user, data=data, note=form.cleaned_data["note"])  # type: ignore[arg-type]
            except Refused as error:
                status, refusal = error.status, error
            else:
                messages.success(request, "公印の画像を申請しました。ほかの監督者が承認すると、証明書に印字されます。")
                return redirect("documents:seals")
        else:
            status = 422
    rows = list(SealImage.objects.select_related("asked_by", "approved_by", "ended_by"))
    context = {
        "crumbs": [{"label": "公印"}],
        "form": form,
        "refusal": refusal,
        "live": [row for row in rows if row.ended_at is None],
        "before": [
            {
                "cells": [
                    row.note,
                    row.asked_at,
                    str(row.asked_by),
                    str(row.approved_by or "（承認なし）"),
                    row.ended_at,
                    row.ended_reason,
                ]
            }
            for row in rows
            if row.ended_at
        ],
        "columns": [{"label": label} for label in ("説明", "申請", "申請者", "承認者", "終了", "終了の理由")],
        "may_approve": may(request.user, "seals.approve"),
    }
    return render(request, "documents/seals/index.html", context, status=status)


@require_safe
@never_cache
@needs("seals.ask")
def picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = SealImage.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("その公印の画像はありません。")
    return HttpResponse(bytes(found.image), content_type="image/png")


@require_POST
@needs("seals.approve")
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.approve(by=request.user, pk=pk)  # type: ignore[arg-type]
    messages.success(request, "公印の画像を承認しました。これから交付する証明書に印字されます。")
    return redirect("documents:seals")


@require_POST
@needs("seals.approve")
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    form = EndForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    services.end(by=request.user, pk=pk, reason=reason)  # type: ignore[arg-type]
    messages.success(request, "公印の画像の使用を終えました。")
    return redirect("documents:seals")
