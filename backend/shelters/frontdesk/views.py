"""Pages of the desk by day: nights away, visitors, parcels. A form above, the list below, one key an act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.permissions import may, needs, require
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound
from backend.shelters.forms import NoteForm
from backend.shelters.pages import attempt, posted, shelter_crumbs, shelter_or_404, uuid_or_none
from backend.shelters.undoing import undo
from backend.shelters.wishes import add_note

from . import queries, rules, services
from .forms import AwayForm, ParcelForm, VisitorForm

PAGES = {
    "note.added": "shelters:notes",
    "away.began": "shelters:away",
    "visitor.came": "shelters:visitors",
    "parcel.arrived": "shelters:parcels",
}
ENDS = {"away.ended": "shelters:away", "visitor.left": "shelters:visitors", "parcel.handed_over": "shelters:parcels"}


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def away(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Who sleeps elsewhere. People are found by name, or come ticked from the roster."""
    shelter = shelter_or_404(opening)
    chosen = [pk for value in request.POST.getlist("evacuee") if (pk := uuid_or_none(value))]
    text = request.POST.get("q", "").strip()[:200]
    form = AwayForm(request.POST if "go" in request.POST else None)
    if request.method == "POST":
        require(request.user, "shelters.write")
    if "go" in request.POST and form.is_valid():
        done = attempt(
            form,
            lambda: services.go_away(by=request.user, opening=opening, evacuees=chosen, **form.cleaned_data),  # type: ignore[arg-type]
        )
        if done is not None:
            messages.success(
                request, f"{done}名の外泊を記録しました。" if done else "すでに外泊として記録されています。"
            )
            return redirect("shelters:away", opening)
    rows = queries.present(opening, text, request.user) if text else []  # type: ignore[arg-type]
    if chosen and not text:
        rows = queries.roster(opening, staff=request.user, only=chosen).rows  # type: ignore[arg-type]
    gone, unseen = queries.away(opening, request.user)  # type: ignore[arg-type]
    hits = len(rows) + len(gone)
    log_access(by=request.user, what="search" if text else "list", subject=f"opening:{opening}", hits=hits)  # type: ignore[arg-type]
    context = {
        "form": form,
        "text": text,
        "rows": rows,
        "ticked": set(chosen) or ({rows[0].face.id} if len(rows) == 1 else set()),
        "gone": gone,
        "unseen": unseen,
    }
    return _page(request, shelter, "away", "外泊", context, form)


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def visitors(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Who came and asked. The page looks nobody up: what may be answered is the same for everybody."""
    shelter = shelter_or_404(opening)
    form = VisitorForm(posted(request))
    if request.method == "POST":
        require(request.user, "shelters.write")
        if form.is_valid() and attempt(
            form,
            lambda: services.visitor_came(by=request.user, opening=opening, **form.cleaned_data),  # type: ignore[arg-type]
        ):
            messages.success(request, "来訪者を記録しました。")
            return redirect("shelters:visitors", opening)
    lines = queries.visitors(opening)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(lines))  # type: ignore[arg-type]
    context = {"form": form, "lines": lines, "answer": rules.ANSWER, "results": rules.RESULTS}
    return _page(request, shelter, "visitors", "来訪者", context, form)


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def parcels(request: HttpRequest, opening: UUID) -> HttpResponse:
    shelter = shelter_or_404(opening)
    form = ParcelForm(posted(request))
    if request.method == "POST":
        require(request.user, "shelters.write")
        if form.is_valid() and attempt(
            form,
            lambda: services.parcel_came(by=request.user, opening=opening, **form.cleaned_data),  # type: ignore[arg-type]
        ):
            messages.success(request, "荷物を預かりました。")
            return redirect("shelters:parcels", opening)
    lines = queries.parcels(opening)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(lines))  # type: ignore[arg-type]
    context = {"form": form, "lines": lines, "handed": rules.HANDED, "waiting": sum(not line.ended for line in lines)}
    return _page(request, shelter, "parcels", "荷物の預かり", context, form)


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, opening: UUID) -> HttpResponse:
    """What one shift hands on to the next."""
    shelter = shelter_or_404(opening)
    form = NoteForm(posted(request))
    if request.method == "POST":
        require(request.user, "shelters.write")
        if form.is_valid():
            text = form.cleaned_data["text"]
            attempt(form, lambda: add_note(by=request.user, text=text, opening=opening))  # type: ignore[arg-type]
            if not form.errors:
                messages.success(request, "申し送りを記録しました。")
                return redirect("shelters:notes", opening)
    shifts = queries.notes(opening)
    hits = sum(len(shift.notes) for shift in shifts)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=hits)  # type: ignore[arg-type]
    return _page(request, shelter, "notes", "申し送り", {"form": form, "shifts": shifts}, form)


def _page(
    request: HttpRequest, shelter: Any, name: str, heading: str, context: dict[str, Any], form: Any
) -> HttpResponse:
    context |= {
        "shelter": shelter,
        "heading": heading,
        "at": now(),
        "crumbs": shelter_crumbs(shelter, heading),
        "can_write": may(request.user, "shelters.write") and shelter.is_open,
    }
    return render(request, f"shelters/frontdesk/{name}.html", context, status=422 if form.errors else 200)


@needs("shelters.write")
@require_POST
def end(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """Came back, left, handed over: one button a line."""
    kind = request.POST.get("kind", "")
    if kind not in ENDS:
        raise NotFound("その記録は見つかりません。画面を開き直してください。")
    said = {key: request.POST.get(key, "") for key in ("result", "note")}
    services.end(by=request.user, opening=opening, kind=kind, entry=entry, **said)  # type: ignore[arg-type]
    messages.success(request, "記録しました。")
    return redirect(ENDS[kind], opening)


@needs("shelters.write")
@require_POST
def take_back(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in PAGES and kind not in ENDS:
        raise NotFound("その記録は見つかりません。画面を開き直してください。")
    undo(by=request.user, opening=opening, entry=entry, kinds=(kind,))  # type: ignore[arg-type]
    messages.success(request, "取り消しました。")
    return redirect({**PAGES, **ENDS}[kind], opening)
