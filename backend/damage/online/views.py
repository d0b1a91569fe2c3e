"""The page of applications online: open and close, take a file that was carried in, what could not be taken."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.errors import Refused
from backend.core.forms import JapaneseForm
from backend.damage.applications.views import crumbs
from backend.damage.surveys.views import disaster_or_refuse, working_disaster

from . import queries, services


class FileForm(JapaneseForm):
    file = forms.FileField(
        label="運んできたファイル",
        help_text="インターネット側で export_forms が書いたもの。同じファイルを二度読み込んでも、二重には受け付けません。",
        error_messages={"empty": "ファイルが空です。"},
    )


@require_safe
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    return _page(request, FileForm())


def _page(request: HttpRequest, form: FileForm) -> HttpResponse:
    disaster = working_disaster(request)
    context: dict[str, Any] = {
        "disaster": disaster,
        "desk": queries.desk_of(disaster),
        "counts": queries.counts(),
        "troubles": queries.troubles(),
        "form": form,
        "may_write": may(request.user, "applications.write"),
        "crumbs": crumbs(("オンライン申請", "")),
    }
    return render(request, "damage/online/index.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
@needs("applications.write")
def open_desk(request: HttpRequest) -> HttpResponse:
    services.open_desk(by=request.user, disaster=disaster_or_refuse(request))  # type: ignore[arg-type]
    messages.success(
        request,
        "オンライン申請の受付を始めました。次の公開用の束から、住民の画面に出ます。公開サイトの入口は、次の公表で出ます。",
    )
    return redirect("online:index")


@require_POST
@never_cache
@needs("applications.write")
def close_desk(request: HttpRequest) -> HttpResponse:
    services.close_desk(by=request.user, disaster=disaster_or_refuse(request))  # type: ignore[arg-type]
    messages.success(request, "オンライン申請の受付を終わりました。すでに送られた申請は、この後も読み込めます。")
    return redirect("online:index")


@require_POST
@never_cache
@needs("applications.write")
def take(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form)
    with NamedTemporaryFile() as copy:
        for chunk in form.cleaned_data["file"].chunks():
            copy.write(chunk)
        copy.flush()
        try:
            came = services.take_file(path=Path(copy.name), by=request.user)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error("file", refusal.message)
            return _page(request, form)
    _tell(request, came)
    return redirect("online:index")


@require_POST
@never_cache
@needs("applications.write")
def again(request: HttpRequest) -> HttpResponse:
    _tell(request, services.take_again(by=request.user))  # type: ignore[arg-type]
    return redirect("online:index")


def _tell(request: HttpRequest, came: dict[str, int]) -> None:
    text = f"{came['taken']}件を受け付けました。"
    text += f"{came['before']}件は、前に受け付けたものです。" if came["before"] else ""
    if came["trouble"]:
        messages.warning(request, f"{text}{came['trouble']}件は受け付けられません。理由は下にあります。")
    else:
        messages.success(request, text)
