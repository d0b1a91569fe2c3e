"""The page of the 町字: what is in force, and taking a newer list."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import may, needs, require
from backend.core.errors import Refused
from backend.registry import staging

from .forms import TownsForm
from .models import TownList
from .services import take_towns

LARGEST = 100 * 1024 * 1024
COLUMNS = [
    {"label": "ファイル名"},
    {"label": "町字", "number": True},
    {"label": "受領"},
    {"label": "担当"},
    {"label": "状態"},
]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("register.read")
def index(request: HttpRequest) -> HttpResponse:
    """The lists that were taken; the newest one is what addresses are held against."""
    form = TownsForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        require(request.user, "register.write")
        if form.is_valid():
            try:
                taken, again = _take(request, form.cleaned_data["file"])
            except Refused as refusal:
                form.add_error("file", refusal.message)
            else:
                messages.success(
                    request, "取込済みの一覧です。" if again else f"町字を{taken.rows:,}件取り込みました。"
                )
                return redirect("registry:towns")
    lists = list(TownList.objects.select_related("received_by")[:50])
    context = {
        "form": form,
        "columns": COLUMNS,
        "rows": [_row(one, in_force=number == 0) for number, one in enumerate(lists)],
        "may_take": may(request.user, "register.write"),
        "crumbs": [{"label": "住民記録", "url": reverse("registry:index")}, {"label": "町字"}],
    }
    return render(request, "registry/towns.html", context, status=422 if form.errors else 200)


def _take(request: HttpRequest, upload: Any) -> tuple[TownList, bool]:
    if upload.size > LARGEST:
        raise Refused("100MBを超えています。町字の一覧かどうかを確認してください。")
    path = staging.private_path(".csv")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY), "wb") as file:
            for piece in upload.chunks():
                file.write(piece)
        return take_towns(path=Path(path), by=request.user, name=upload.name)  # type: ignore[arg-type]
    finally:
        path.unlink(missing_ok=True)


def _row(one: TownList, *, in_force: bool) -> dict[str, Any]:
    who = one.received_by.display_name if one.received_by else "コマンド"
    state = {"text": "使用中", "badge": "success"} if in_force else "前の一覧"
    return {"cells": [one.name, one.rows, one.received_at, who, state]}
