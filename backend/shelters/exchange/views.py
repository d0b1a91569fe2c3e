"""Pages: what went out and came in; giving to a body or to home municipalities; looking at a file, taking it, and its people."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import downloads
from backend.core.clock import TOKYO, now
from backend.core.errors import NotFound, Refused

from ..pages import attempt, posted
from . import layouts, queries, services
from .forms import ExportForm, ReceiveForm
from .models import ExchangeFile

PAGE = 100
SAMPLE = 20
FILES = 50


def _crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "他機関とのやりとり", "url": reverse("centre:exchange")}
    return [{"label": "本部", "url": reverse("centre:headquarters")}, first, *({"label": t, "url": u} for t, u in way)]


@needs("exchange.read")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """All files, the newest first; numbers only."""
    context = {
        "at": now(),
        "columns": [
            {"label": "日時"},
            {"label": "向き"},
            {"label": "相手"},
            {"label": "人数", "number": True},
            {"label": "情報の時点"},
            {"label": "状態"},
            {"label": "職員"},
        ],
        "rows": [_file_row(file) for file in queries.files()[:FILES]],
        "may_send": may(request.user, services.SEND),
        "may_take": may(request.user, services.TAKE),
        "crumbs": _crumbs()[:1],
    }
    return render(request, "shelters/exchange/page.html", context)


def _file_row(file: ExchangeFile) -> dict[str, Any]:
    out = file.direction == "out"
    state: Any = {"text": "提供済み", "badge": "neutral"}
    if not out:
        state = {"text": "取込済み", "badge": "success"} if file.taken_at else {"text": "確認中", "badge": "warning"}
    partner: Any = file.partner
    if not out:
        partner = {"text": file.partner, "url": reverse("centre:exchange_file", args=[file.pk])}
    return {
        "cells": [
            file.made_at,
            file.get_direction_display(),
            partner,
            file.rows,
            file.as_of,
            state,
            str(file.made_by or ""),
        ]
    }


# Out ---------------------------------------------------------------------------------------------------------------------


@needs("exchange.send")
@require_http_methods(["GET", "POST"])
def export(request: HttpRequest) -> HttpResponse:
    """Evacuees who agreed, in the columns of another body."""
    known = layouts.shipped()
    stem = request.POST.get("layout") or request.GET.get("layout") or "prefecture"
    if stem not in known:
        raise NotFound("この対応表はありません。")
    form = ExportForm(posted(request), chosen=known[stem], initial={"layout": stem})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done = attempt(
            form,
            lambda: services.export(
                by=request.user,  # type: ignore[arg-type]
                layout=said["chosen"],
                partner=said["partner"],
                columns=said["columns"],
                encoding=said["encoding"],
            ),
        )
        if done:
            return _download(request, done, f"避難者_{said['partner']}")
    found = queries.to_tell()
    context = {
        "form": form,
        "layouts": [(key, layout.name, key == stem, layout.verified) for key, layout in known.items()],
        "told": len(found.people),
        "refused": found.refused,
        "crumbs": _crumbs(("県などへの提供", "")),
    }
    return render(request, "shelters/exchange/export.html", context, status=422 if form.errors else 200)


def _download(request: HttpRequest, done: services.Written, stem: str) -> HttpResponse:
    log_access(by=request.user, what="export", subject=f"exchange:{done.file.pk}", hits=done.file.rows)  # type: ignore[arg-type]
    name = f"{stem}_{done.file.as_of.astimezone(TOKYO):%Y%m%d-%H%M}.csv"
    return downloads.answer(request, done.content, done.losses, name)


@needs("exchange.send")
@require_http_methods(["GET", "POST"])
def homes(request: HttpRequest) -> HttpResponse:
    """Evacuees from elsewhere by their home municipality; one file each."""
    problem = ""
    if request.method == "POST":
        home = request.POST.get("home", "")
        try:
            done = services.export(
                by=request.user,  # type: ignore[arg-type]
                layout=layouts.shipped()["home"],
                partner=home,
                home=home,
                encoding=downloads.asked_encoding(request),
            )
        except Refused as refusal:
            if refusal.status in (403, 404):
                raise
            problem = refusal.message
        else:
            return _download(request, done, f"避難者の報告_{home}")
    last: dict[str, ExchangeFile] = {}
    for file in queries.files("out"):
        last.setdefault(file.partner, file)
    context = {
        "at": now(),
        "problem": problem,
        "rows": [(home, told, refused, last.get(home)) for home, told, refused in queries.homes()],
        "crumbs": _crumbs(("避難元の市町村への報告", "")),
    }
    return render(request, "shelters/exchange/homes.html", context, status=422 if problem else 200)


# In ----------------------------------------------------------------------------------------------------------------------


@needs("exchange.take")
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    form = ReceiveForm(posted(request), request.FILES or None, initial={"layout": "home"})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.csv"
            with path.open("wb") as out:
                for chunk in said["file"].chunks():
                    out.write(chunk)
            file = attempt(
                form,
                lambda: services.receive(
                    by=request.user,  # type: ignore[arg-type]
                    path=path,
                    layout=said["chosen"],
                    partner=said["partner"],
                    as_of=said["as_of"],
                    name=said["file"].name,
                ),
            )
        if file:
            if file.taken_at:
                messages.warning(request, "このファイルは、すでに取り込まれています。何も変えていません。")
            return redirect("centre:exchange_file", file.pk)
    context = {"form": form, "crumbs": _crumbs(("受け取ったファイルを取り込む", ""))}
    return render(request, "shelters/exchange/receive.html", context, status=422 if form.errors else 200)


@needs("exchange.read")
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, file: UUID) -> HttpResponse:
    """A file that came in: looked at before it is taken, and what became of its people."""
    found = queries.files("in").filter(pk=file).first()
    if found is None:
        raise NotFound("このファイルは見つかりません。")
    if request.method == "POST":
        if "discard" in request.POST:
            services.discard(by=request.user, file=file)  # type: ignore[arg-type]
            messages.success(request, "取り込まずに捨てました。")
            return redirect("centre:exchange")
        services.take(by=request.user, file=file)  # type: ignore[arg-type]
        messages.success(request, f"{found.rows}人を取り込みました。住民記録と照らし合わせています。")
        return redirect("centre:exchange_file", file)
    told = queries.told(request.user, file=file)  # type: ignore[arg-type]
    listed = Paginator(told, PAGE if found.taken_at else SAMPLE).get_page(request.GET.get("page"))
    log_access(by=request.user, what="list", subject=f"exchange:{file}", hits=len(listed.object_list))  # type: ignore[arg-type]
    context = {
        "file": found,
        "rows": listed.object_list,
        "page": listed,
        "sample": not found.taken_at,
        "may_take": may(request.user, services.TAKE),
        "may_match": may(request.user, "matching.evacuees"),
        "crumbs": _crumbs((found.partner, "")),
    }
    return render(request, "shelters/exchange/file.html", context)


@needs("exchange.read")
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody others told of, by their newest file; those whose link was confirmed first."""
    told = queries.told(request.user)  # type: ignore[arg-type]
    listed = Paginator(told, PAGE).get_page(request.GET.get("page"))
    log_access(by=request.user, what="list", subject="exchange", hits=len(listed.object_list))  # type: ignore[arg-type]
    context = {
        "at": now(),
        "rows": listed.object_list,
        "page": listed,
        "count": len(told),
        "waiting": sum(t.waits for t in told),
        "may_put": may(request.user, "contacts.write"),
        "may_match": may(request.user, "matching.evacuees"),
        "crumbs": _crumbs(("報告された方", "")),
    }
    return render(request, "shelters/exchange/people.html", context)


@needs("contacts.write")
@require_POST
def put_down(request: HttpRequest) -> HttpResponse:
    done, left = services.put_down(by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"{done}名の居場所を記録しました。" if done else "記録する方はいません。")
    if left:
        messages.warning(request, f"うち{left}名は避難所の名簿にいたので、退所も記録しました。")
    return redirect("centre:exchange_people")
