"""Headquarters' pages: which laptop was last heard of when, what was refused, and what contradicts itself."""

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
from backend.core.errors import NotFound, Refused
from backend.facilities.models import Facility

from . import packs, queries, settling, sticks, terminals
from .forms import NoteForm, ReadyForm, StickForm
from .models import Conflict, Entry, Terminal

SHOWN = 200
CLOCK_SLACK = 120  # seconds


@needs("journal.read")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    refused = list(queries.waiting_refused()[: SHOWN + 1])
    conflicts = list(queries.open_conflicts()[: SHOWN + 1])
    context = {
        "at": now(),
        "terminals": [_terminal(row) for row in Terminal.objects.order_by("made_at")],
        "columns": TERMINAL_COLUMNS,
        "gaps": queries.gaps(),
        "refused": [_refused(row) for row in refused[:SHOWN]],
        "conflicts": [_conflict(row) for row in conflicts[:SHOWN]],
        "more": len(refused) > SHOWN or len(conflicts) > SHOWN,
        "may_settle": may(request.user, "journal.settle"),
        "may_take": may(request.user, "journal.settle"),
        "may_ready": may(request.user, "devices.write"),
        "cards": [
            {"label": "端末", "value": Terminal.objects.filter(revoked_at=None).count(), "unit": "台"},
            {"label": "受け付けなかった記録", "value": queries.waiting_refused().count(), "unit": "件"},
            {"label": "食い違い", "value": queries.open_conflicts().count(), "unit": "件"},
        ],
    }
    return render(request, "journal/index.html", context)


TERMINAL_COLUMNS = [
    {"label": "端末"},
    {"label": "状態"},
    {"label": "最後の連絡"},
    {"label": "未送信（端末の申告）", "number": True},
    {"label": "時計のずれ"},
    {"label": "名簿の鍵"},
]


def _terminal(row: Terminal) -> dict[str, Any]:
    if row.revoked_at:
        state = {"text": "失効", "badge": "danger"}
    elif row.joined_at:
        state = {"text": "登録済み", "badge": "success"}
    else:
        state = {"text": "登録待ち", "badge": "neutral"}
    off = row.clock_off
    clock = "—" if off is None else "合っています" if abs(off) <= CLOCK_SLACK else queries.clock_off(off)
    return {
        "cells": [
            {"text": row.name, "url": reverse("journal:terminal", args=[row.pk])},
            state,
            row.seen_at or "まだありません",
            "—" if row.unsent is None else row.unsent,
            clock,
            "渡しました" if row.released_at else "まだ渡していません",
        ],
        "muted": row.revoked_at is not None,
    }


def _refused(row: Entry) -> dict[str, Any]:
    return {
        "number": row.pk,
        "title": queries.title(row.kind) if row.kind else "読めない記録",
        "device": row.device.name if row.device else "登録のない端末",
        "at": row.occurred_at,
        "received_at": row.received_at,
        "reason": row.reason,
        "readable": row.uuid is not None,
    }


def _conflict(row: Conflict) -> dict[str, Any]:
    entry = queries.entry(row.entry)
    return {
        "id": row.pk,
        "text": row.text,
        "title": queries.title(entry.kind) if entry else "",
        "device": entry.device.name if entry and entry.device else "",
        "at": entry.occurred_at if entry else None,
        "found_at": row.found_at,
    }


@needs("journal.settle")
@require_http_methods(["GET", "POST"])
def refused(request: HttpRequest, number: int) -> HttpResponse:
    """One refused entry with all that it says: take it over, or leave it with the reason."""
    row = Entry.objects.filter(pk=number, verdict=Entry.Verdict.REFUSED).first()
    if row is None:
        raise NotFound("その記録は見つかりません。")
    form = NoteForm(request.POST or None)
    secret = queries.withheld(row, request.user)
    if request.method == "POST":
        if "take" in request.POST:
            settling.take_over(by=request.user, received_no=number)
            messages.success(request, "本部の記録として受け付けました。")
            return redirect("journal:index")
        if form.is_valid():
            settling.leave(by=request.user, received_no=number, note=form.cleaned_data["note"])
            messages.success(request, "受け付けないことにしました。記録は残っています。")
            return redirect("journal:index")
    log_access(by=request.user, what="person", subject=f"entry:{number}", detail="refused entry")
    context = {
        "form": form,
        "readable": row.uuid is not None,
        "facts": [
            {"label": "種別", "value": queries.title(row.kind) if row.kind else "読めない記録"},
            {"label": "受け付けなかった理由", "value": row.reason},
            {"label": "端末", "value": row.device.name if row.device else "登録のない端末"},
            {"label": "あったとされる日時", "value": row.occurred_at or "—"},
            {"label": "届いた日時", "value": row.received_at},
        ],
        "content": "" if secret else bytes(row.raw)[:4000].decode("utf-8", errors="replace"),
        "secret": secret,
        "crumbs": [
            {"label": "端末と同期", "url": reverse("journal:index")},
            {"label": "受け付けなかった記録", "url": ""},
        ],
    }
    return render(request, "journal/refused.html", context)


@needs("journal.settle")
@require_POST
def settle(request: HttpRequest, conflict: int) -> HttpResponse:
    form = NoteForm(request.POST)
    if form.is_valid():
        settling.settle_conflict(by=request.user, conflict=conflict, note=form.cleaned_data["note"])
        messages.success(request, "解決済みにしました。")
    else:
        messages.error(request, "どう解決したかを入力してください。")
    return redirect("journal:index")


@needs("devices.write")
@require_http_methods(["GET", "POST"])
def ready(request: HttpRequest) -> HttpResponse:
    """Make a laptop ready: the words that join it, and the code for the envelope, shown once."""
    form = ReadyForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "crumbs": _crumbs("端末を準備する")}
    if request.method == "POST" and form.is_valid():
        place: Facility = form.cleaned_data["facility"]
        made, token = terminals.make_ready(
            by=request.user, facility=place.pk, name=form.cleaned_data["name"], area=form.cleaned_data["area"]
        )
        context |= {
            "terminal": made,
            "token": token,
            "code": packs.envelope_code(made),
            "address": request.build_absolute_uri("/").rstrip("/"),
            "people": packs.sealed_people(made) if made.area else None,
        }
    return render(request, "journal/ready.html", context)


def _crumbs(here: str) -> list[dict[str, str]]:
    return [{"label": "端末と同期", "url": reverse("journal:index")}, {"label": here, "url": ""}]


@needs("devices.write")
@require_http_methods(["GET", "POST"])
def terminal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One laptop: give out the key of its excerpt, or cut it off."""
    row = Terminal.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound("その端末は登録されていません。")
    if request.method == "POST":
        if "revoke" in request.POST:
            terminals.revoke(by=request.user, terminal=row)
            messages.success(request, f"「{row.name}」を失効させました。")
        elif "release" in request.POST:
            terminals.release(by=request.user, terminals=[row])
            messages.success(request, f"「{row.name}」に名簿の鍵を渡します。次の連絡で開きます。")
        return redirect("journal:terminal", pk)
    place = Facility.objects.filter(pk=row.facility).first()
    gap = next((found for found in queries.gaps() if found.terminal == row), None)
    context = {
        "gap": gap,
        "terminal": row,
        "facts": [
            {"label": "避難所", "value": place.name if place else "—"},
            {"label": "名簿の写しの町", "value": row.area or "全住民"},
            {"label": "登録", "value": row.joined_at or "まだです"},
            {"label": "最後の連絡", "value": row.seen_at or "まだありません"},
            {"label": "未送信（端末の申告）", "value": "—" if row.unsent is None else f"{row.unsent:,}件"},
            {"label": "名簿の鍵", "value": row.released_at or "まだ渡していません"},
            {"label": "失効", "value": row.revoked_at or "していません"},
            {"label": "版", "value": row.version or "—"},
        ],
        "crumbs": _crumbs(row.name),
    }
    return render(request, "journal/terminal.html", context)


@needs("journal.settle")
@require_http_methods(["GET", "POST"])
def stick(request: HttpRequest) -> HttpResponse:
    """A laptop's file from a USB stick comes in; what became of it, and the file to carry back."""
    form = StickForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            if given.size > sticks.LARGEST:
                raise Refused("ファイルが大きすぎます。")
            brought = sticks.take_stick(by=request.user, data=given.read())
        except Refused as refusal:
            form.add_error("file", refusal.message)
        else:
            sticks.keep_answer(brought)
            log_access(
                by=request.user,
                what="export",
                subject=f"terminal:{brought.terminal.pk}",
                hits=brought.given,
                detail="usb",
            )
            return render(request, "journal/brought.html", _brought(brought))
    context = {"form": form, "crumbs": _crumbs("USB メモリーで受け取る")}
    return render(request, "journal/stick.html", context, status=422 if form.errors else 200)


def _brought(brought: sticks.Brought) -> dict[str, Any]:
    waiting = reverse("journal:index")
    return {
        "terminal": brought.terminal,
        "retry": brought.retry,
        "earlier_first": sticks.EARLIER_FIRST,
        "facts": [
            {"label": "受け付けた記録", "value": f"{brought.accepted:,}件"},
            {"label": "すでに届いていた記録", "value": f"{brought.duplicate:,}件"},
            {
                "label": "受け付けなかった記録（本部の確認待ち）",
                "value": f"{brought.refused:,}件",
                "url": f"{waiting}#refused" if brought.refused else "",
            },
            {"label": "前の部分を待っている記録", "value": f"{brought.retry:,}件"},
            {"label": "端末へ運ぶ記録", "value": f"{brought.given:,}件"},
        ],
        "crumbs": _crumbs("USB メモリーで受け取る"),
    }


@needs("journal.settle")
@require_safe
def stick_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The file to carry back to a laptop, as it was made when its stick came."""
    data = sticks.kept_answer(pk)
    log_access(by=request.user, what="export", subject=f"terminal:{pk}", detail="usb")
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="back-{pk}.tasuki"'
    return answer
