"""The laptop's screen (QR, fingerprint, PINs, list of devices), and the page on which a device gives its PIN."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.permissions import needs
from backend.core import qr
from backend.core.clock import now
from backend.journal import queries as journal
from offline_client.forms import DeviceForm
from offline_client.models import Guest

from . import certificate, devices, front, gate
from .addresses import choice

COOKIE_HOLDS = 60 * 24 * 3600
LATEST = 50


@needs("shelters.write")
@never_cache
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """How to come in, who is in; let one more in."""
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = devices.let_in(by=request.user, name=form.cleaned_data["name"])  # type: ignore[arg-type]
        messages.success(request, f"「{made.name}」の PIN を出しました。30分のうちに、その機器で入れてください。")
        return redirect("laptop:share")
    running = front.running
    url = running.url if running else ""
    side, path = qr.path(url) if url else (0, "")
    rows = devices.listed()
    moment = now()
    context: dict[str, Any] = {
        "running": running,
        "url": url,
        "side": side,
        "path": path,
        "fingerprint": certificate.printed(running.sha256) if running and running.sha256 else [],
        "choices": choice.there,
        "choice": choice.now,
        "changed": choice.changed,
        "form": form,
        "open": [row for row in rows if row.pin and row.pin_until and row.pin_until > moment and not _locked(row)],
        "devices": [{"row": row, "state": _state(row)} for row in rows],
        "some": any(row.cut_at is None for row in rows),
    }
    return render(request, "laptop/share.html", context, status=422 if form.errors else 200)


def _locked(row: Guest) -> bool:
    return row.wrong_pins >= devices.ALL_TRIES


def _state(row: Guest) -> tuple[str, str]:
    """In words, with the kind of badge."""
    if row.cut_at is not None:
        return ("切断（ログインの間違い）", "danger") if row.wrong_logins >= devices.LOGINS else ("切断", "neutral")
    if row.pin:
        if _locked(row):
            return "PIN の間違いが多く、止めました", "warning"
        return ("PIN 待ち", "info") if row.pin_until and row.pin_until > now() else ("PIN の期限切れ", "warning")
    return "使用中", "success"


@needs("shelters.write")
@require_POST
def use_address(request: HttpRequest) -> HttpResponse:
    """Which of the laptop's networks the devices are in."""
    if choice.choose(request.POST.get("address", "")):
        messages.success(request, "使う網を変えました。数秒で新しい QR になります。")
    else:
        messages.warning(request, "その住所はいま使えません。網につながっているかを確かめてください。")
    return redirect("laptop:share")


@needs("shelters.write")
@require_POST
def cut_all(request: HttpRequest) -> HttpResponse:
    """One key for all."""
    count = devices.cut_all(by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"すべての機器（{count}台）を切りました。この端末だけで使えます。")
    return redirect("laptop:share")


@needs("shelters.write")
@never_cache
@require_http_methods(["GET", "POST"])
def device(request: HttpRequest, guest: UUID) -> HttpResponse:
    """One device: what was written on it; cut it, or let it in again."""
    if request.method == "POST":
        if "again" in request.POST:
            row = devices.let_in_again(by=request.user, guest=guest)  # type: ignore[arg-type]
            messages.success(request, f"「{row.name}」の新しい PIN を出しました。")
        else:
            row = devices.cut(by=request.user, guest=guest)  # type: ignore[arg-type]
            messages.success(request, f"「{row.name}」を切りました。")
        return redirect("laptop:share")
    row = devices.found(guest)
    written = row.written.order_by("-at", "-entry")[:LATEST]
    entries = journal.entries([one.entry for one in written])
    authors = journal.authors(entries.values())
    lines = []
    for one in written:
        entry = entries.get(one.entry)
        if entry is not None:
            lines.append({"cells": [one.at, journal.title(entry.kind), authors[entry.actor]]})
    context = {
        "row": row,
        "state": _state(row),
        "columns": [{"label": "日時"}, {"label": "記録"}, {"label": "ログインしていた人"}],
        "lines": lines,
        "latest": LATEST,
    }
    return render(request, "laptop/share_device.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """At the device: the PIN, once."""
    if not gate.is_shared(request):
        return redirect("laptop:share")
    wrong = ""
    if request.method == "POST":
        given = "".join(filter(str.isdecimal, request.POST.get("pin", "")))
        try:
            token = devices.enter(
                pin=str(int(given)).zfill(devices.PIN_DIGITS) if given else "", address=_from(request)
            )
        except devices.WrongPin as refusal:
            wrong = refusal.message
        else:
            request.session.flush()
            response = redirect("shelters:index")
            response.set_cookie(
                gate.COOKIE, token, max_age=COOKIE_HOLDS, path="/", secure=True, httponly=True, samesite="Strict"
            )
            return response
    # Without the request: nobody is signed in here.
    page = render_to_string(
        "laptop/pin.html", {"wrong": wrong, "csrf_token": get_token(request), "municipality": settings.MUNICIPALITY}
    )
    return HttpResponse(page, status=422 if wrong else 200)


def _from(request: HttpRequest) -> str:
    return str(request.META[front.SHARED])
