"""The laptop's own pages: unlock, and how it stands with headquarters. All others are the rooms' own."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.csrf import csrf_failure
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.defaults import server_error

from backend.accounts.permissions import needs
from backend.core.clock import device_now
from backend.core.errors import Refused
from backend.journal import sticks
from backend.journal.queries import clock_off

from . import bundle, disk, held, keyring, queries, running, sync
from .forms import CodeForm, StickForm
from .models import Exchange, Refusal
from .share.gate import is_shared

COLUMNS = [
    {"label": "日時"},
    {"label": "方法"},
    {"label": "送った記録", "number": True},
    {"label": "受け取った記録", "number": True},
    {"label": "本部の確認待ち", "number": True},
    {"label": "結果"},
]
REASONS = {
    "revoked": "端末が失効しています",
    "chain": "記録の続き番号が合いません",
    "device": "登録のない端末です",
    "municipality": "ほかの市区町村です",
    "unreadable": "読めない記録です",
    "same_id": "同じ番号の別の記録があります",
    "not_theirs": "端末からは受け付けない記録です",
}


@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """The passphrase opens the laptop."""
    if keyring.is_unlocked():
        return redirect(held.back(request, request.GET.get("next", "")) or "shelters:index")
    wrong = False
    if request.method == "POST":
        if keyring.unlock(request.POST.get("passphrase", "")):
            running.opened()
            return redirect(held.back(request, request.POST.get("next", "")) or "shelters:index")
        wrong = True
        time.sleep(1)
    wanted = request.POST.get("next") or request.GET.get("next", "")
    typed = held.of(request) is not None
    context = {"wrong": wrong, "now": device_now(), "csrf_token": get_token(request), "next": wanted, "typed": typed}
    # Without the request: who is signed in stands in the database that is still closed.
    page = render_to_string("laptop/unlock.html", context)
    return HttpResponse(page, status=422 if wrong else 200, headers={"Cache-Control": "no-store"})


@needs("shelters.counts")
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """What went and what came; try again now; open the excerpt with the code of the envelope."""
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        from backend.journal.packs import WrongCode

        try:
            count = sync.open_sealed(form.cleaned_data["code"])
            messages.success(request, f"名簿の写しを開きました（{count:,}人）。")
            return redirect("laptop:state")
        except WrongCode as refusal:
            form.add_error("code", refusal.message)
    return _state(request, form=form)


def _state(request: HttpRequest, **forms: Any) -> HttpResponse:
    found = queries.summary()
    context: dict[str, Any] = {
        "found": found,
        "guest": is_shared(request),
        "form": CodeForm(),
        "stick_form": StickForm(),
        "columns": COLUMNS,
        "rows": [{"cells": _cells(row)} for row in Exchange.objects.order_by("-pk")[:30]],
        "refusals": [
            {"at": row.at, "reason": REASONS.get(row.reason, row.reason)}
            for row in Refusal.objects.order_by("-at")[:30]
        ],
        "clock_off": clock_off(-found.clock_seconds) if abs(found.clock_seconds) > 120 else "",
        "free_megabytes": free // 2**20 if (free := disk.free()) < disk.LITTLE else None,
    } | forms
    wrong = any(form.errors for form in forms.values())
    return render(request, "laptop/state.html", context, status=422 if wrong else 200)


def _cells(row: Exchange) -> list[Any]:
    return [row.began_at, row.get_way_display(), row.sent, row.received, row.refused, row.problem or row.note or "済み"]


@needs("shelters.write")
@require_POST
def now(request: HttpRequest) -> HttpResponse:
    """Exchange at once."""
    row = running.exchange()
    if row.problem:
        messages.warning(request, row.problem)
    else:
        messages.success(request, f"本部とやり取りしました。送った記録 {row.sent}件、受け取った記録 {row.received}件。")
    return redirect("laptop:state")


@needs("shelters.write")
@never_cache
@require_POST
def stick_there(request: HttpRequest) -> HttpResponse:
    """The file to headquarters, for a USB stick. Nothing is taken for sent before the answer has been carried back."""
    data, _ = bundle.made()
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{bundle.name()}"'
    return answer


@needs("shelters.write")
@require_POST
def stick_back(request: HttpRequest) -> HttpResponse:
    """The file that came back from headquarters."""
    form = StickForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["file"]
        try:
            if given.size > sticks.LARGEST:
                raise Refused("ファイルが大きすぎます。")
            row = running.kept_stick(lambda: bundle.take(given.read()))
        except (Refused, sync.Stopped) as problem:
            form.add_error("file", getattr(problem, "message", "") or str(problem))
        else:
            said = f"受け取りました。本部に届いた記録 {row.sent}件、新しい記録 {row.received}件。"
            messages.success(request, said)
            return redirect("laptop:state")
    return _state(request, stick_form=form)


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    keyring.lock()
    return redirect("/unlock/")


@needs("shelters.write")
@never_cache
@require_http_methods(["GET", "POST"])
def half_typed(request: HttpRequest) -> HttpResponse:
    """What was sent while the laptop was locked or nobody was signed in: to be looked at, and sent, or dropped."""
    kept = held.of(request)
    if request.method == "POST" or kept is None:
        messages.info(request, "書きかけの入力を捨てました。" if kept else "書きかけの入力はありません。")
        return held.forget(request, redirect("shelters:index"))
    return render(request, "laptop/held.html", {"held": kept, "shown": held.shown(kept)})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page from before somebody signed in anew: its content is not lost. Anything else is refused as everywhere."""
    if held.worth(request):
        return held.hold(request, redirect("laptop:held"))
    return csrf_failure(request, reason)


def failed(request: HttpRequest) -> HttpResponse:
    """A full disk is named; other errors get the page of all errors."""
    if not disk.is_full(sys.exc_info()[1]):
        return server_error(request)
    return HttpResponse(render_to_string("laptop/full.html"), status=507)
