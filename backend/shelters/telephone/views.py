"""Pages for the clerk at the telephone: many shelters on one, a new place on one, a list on paper on one."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import Refused

from ..headquarters.queries import board
from ..pages import attempt, crumbs, posted, shelter_crumbs, shelter_or_404, uuid_or_none
from ..queries import opening_names
from . import services
from .forms import CallForm, LineForm, ListForm, SpontaneousForm

LINES = 20
MOST_LINES = 100
NUMBER = re.compile("[0-9]{1,4}").fullmatch


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def calls(request: HttpRequest) -> HttpResponse:
    """One row a shelter, those not heard of for longest first; rows with a number are recorded together."""
    _, heard = board()
    rows = [
        {
            "line": line,
            "form": CallForm(posted(request), prefix=str(line.shelter.opening)),
            "phone": line.shelter.facility.phone,
        }
        for line in heard
    ]
    problem = ""
    if request.method == "POST":
        valid = [row["form"].is_valid() for row in rows]
        told = [
            services.Call(row["line"].shelter.opening, **row["form"].cleaned_data) for row in rows if row["form"].told
        ]
        gone = _closed_meanwhile(request, {str(row["line"].shelter.opening) for row in rows})
        if gone:
            problem = (
                f"入力している間に閉鎖された避難所があります：{'、'.join(gone)}。その人数は記録できません。"
                "まだ何も記録していません。ほかの避難所は、もう一度押すと記録します。"
            )
        elif all(valid):
            try:
                done = services.report_calls(by=request.user, calls=told)  # type: ignore[arg-type]
            except Refused as refusal:
                if refusal.status in (403, 404):
                    raise
                problem = refusal.message
            else:
                messages.success(request, f"{done}か所の人数を記録しました。")
                return redirect("centre:calls")
        else:
            problem = "赤い行を直してください。まだ何も記録していません。"
    context = {"rows": rows, "problem": problem, "at": now(), "crumbs": crumbs(("電話で聞いた人数", ""))}
    return render(request, "shelters/telephone/calls.html", context, status=422 if problem else 200)


def _closed_meanwhile(request: HttpRequest, shown: set[str]) -> list[str]:
    """Shelters of which a number was sent though they are not open any more, each with that number."""
    told = {key.removesuffix("-people"): text for key, text in request.POST.items() if key.endswith("-people")}
    sent = {pk: text for key, text in told.items() if text.strip() and key not in shown and (pk := uuid_or_none(key))}
    names = opening_names(sent)
    return [f"{names.get(pk, '避難所')}（{text.strip()[:10]}人）" for pk, text in sent.items()]


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def spontaneous(request: HttpRequest) -> HttpResponse:
    form = SpontaneousForm(posted(request))
    if request.method == "POST" and form.is_valid():
        opening = attempt(form, lambda: services.open_by_telephone(by=request.user, **form.cleaned_data))  # type: ignore[arg-type]
        if opening:
            messages.success(request, f"「{form.cleaned_data['name']}」を開設しました。")
            return redirect("centre:calls")
    context: dict[str, Any] = {"form": form, "heading": "指定外の避難所を電話で開設する", "submit": "開設する"}
    context |= {"crumbs": crumbs(("電話で聞いた人数", reverse("centre:calls")), ("開設する", ""))}
    return render(request, "shelters/form.html", context | {"back_url": reverse("centre:calls")})


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, opening: UUID) -> HttpResponse:
    """A list on paper, line by line with the keyboard alone; taken whole, or not at all."""
    shelter = shelter_or_404(opening)
    asked = request.POST.get("lines") or request.GET.get("lines") or ""
    count = min(int(asked), MOST_LINES) if NUMBER(asked) and int(asked) else LINES
    head = ListForm(posted(request))
    lines = [LineForm(posted(request), prefix=f"line{i}") for i in range(count)]
    if request.method == "POST":
        valid = [form.is_valid() for form in lines]
        if head.is_valid() and all(valid):
            typed = [
                services.Line(form.details(), form.cleaned_data["how"], form.cleaned_data["together"])
                for form in lines
                if form.cleaned_data.get("name")
            ]
            log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(typed))  # type: ignore[arg-type]
            done = attempt(
                head,
                lambda: services.type_list(by=request.user, opening=opening, lines=typed, at=head.cleaned_data["at"]),  # type: ignore[arg-type]
            )
            if done is not None:
                arrived, already = done
                more = f"{already}名は、すでに名簿にあります。" if already else ""
                messages.success(request, f"{arrived}名を受け付けました。{more}")
                return redirect("shelters:shelter", opening)
        elif not all(valid):
            head.add_error(None, "赤い行を直してください。まだ何も記録していません。")
    context = {
        "shelter": shelter,
        "head": head,
        "lines": lines,
        "count": count,
        "crumbs": shelter_crumbs(shelter, "紙の名簿を入力する"),
    }
    return render(request, "shelters/telephone/paper.html", context, status=422 if head.errors else 200)
