"""Pages of what the opening left to a person: flags to look at, and people of no certain household."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Household, Person

from . import placing, queries
from .forms import FlagFilter
from .views import crumbs

PAGE = 50


def _log(request: HttpRequest, disaster: Disaster, hits: int, detail: str) -> None:
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject=f"disaster:{disaster.pk}",
        hits=hits,
        detail=detail,
    )


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default


@require_safe
@never_cache
@needs("register.read")
def flags(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was flagged, 50 a page; those under protection are counted and not shown."""
    disaster = queries.disaster(pk)
    kinds = [(c.code, f"{c.label}（未確認{c.open:,} / 全{c.total:,}）") for c in queries.flag_counts(disaster)]
    form = FlagFilter(request.GET, codes=kinds)
    chosen = form.cleaned_data if form.is_valid() else {"code": "", "state": ""}
    settled = chosen["state"] == "settled"
    rows, hidden = queries.flags(disaster, request.user, code=chosen["code"], settled=settled)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = queries.flag_rows(disaster, page)
    if shown:
        _log(request, disaster, len(shown), "要確認の一覧")
    query = {name: value for name, value in chosen.items() if value}
    context = {
        "disaster": disaster,
        "form": form,
        "rows": shown,
        "page": page,
        "hidden": hidden,
        "settled": settled,
        "base": f"?{urlencode(query)}&" if query else "?",
        # After a flag is settled the focus stands on the one that took its place: Enter goes on with it.
        "focus_on": min(_whole(request.GET.get("at"), -1), len(shown)) if "at" in request.GET else -1,
        "may_settle": may(request.user, "disaster.open"),
        "crumbs": crumbs(disaster, "要確認"),
    }
    return render(request, "ledger/flags.html", context)


@require_POST
@needs("disaster.open")
def settle(request: HttpRequest, pk: UUID, flag: int) -> HttpResponse:
    """One flag was looked at (or, with `undo`, was not)."""
    disaster = queries.disaster(pk)
    row = queries.flag(disaster, request.user, flag)
    act = placing.reopen_flag if "undo" in request.POST else placing.settle_flag
    act(by=request.user, flag=row)  # type: ignore[arg-type]
    codes = [(count.code, count.label) for count in queries.flag_counts(disaster)]
    form = FlagFilter(request.POST, codes=codes)
    query: dict[str, Any] = (
        {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    )
    query |= {"page": _whole(request.POST.get("page"), 1), "at": _whole(request.POST.get("at"), 1)}
    return redirect(f"{reverse('ledger:flags', args=[disaster.pk])}?{urlencode(query)}")


@require_safe
@never_cache
@needs("register.read")
def undecided(request: HttpRequest, pk: UUID) -> HttpResponse:
    """People of no certain household."""
    disaster = queries.disaster(pk)
    people, hidden = queries.undecided(disaster, request.user)
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    if page.object_list:
        _log(request, disaster, len(page.object_list), "世帯未定の一覧")
    context = {
        "disaster": disaster,
        "page": page,
        "hidden": hidden,
        "may_place": may(request.user, "disaster.open"),
        "crumbs": crumbs(disaster, "世帯未定"),
    }
    return render(request, "ledger/undecided.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disaster.open")
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give one person a household: one that is shown first, or one of their own. POST `number` only looks it up."""
    placed = queries.placed_person(pk, request.user)
    if placed:  # a second click, or somebody else was faster
        messages.info(request, f"この方の世帯は決まっています（り災番号 {placed.household.disaster_number}）。")  # type: ignore[union-attr]
        return redirect("ledger:undecided", placed.disaster_id)
    person = queries.undecided_person(pk, request.user)
    if request.method == "POST" and "into" in request.POST:
        home = _household(person, request)
        placing.place_into(by=request.user, person=person, household=home)  # type: ignore[arg-type]
        return _placed(request, person, home)
    if request.method == "POST" and "alone" in request.POST:
        return _placed(request, person, placing.place_alone(by=request.user, person=person))  # type: ignore[arg-type]
    found, error = None, ""
    number = request.POST.get("number", "")
    if number:
        try:
            found = queries.household_by_number(person.disaster, number, request.user)
        except Refused as refusal:
            error = refusal.message
    near = queries.candidates(person, request.user)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.PERSON,
        subject=f"person:{person.pk}",
        detail="世帯の決定",
    )
    for view in [*near, *([found] if found else [])]:
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.HOUSEHOLD,
            subject=f"household:{view.household.pk}",
            hits=len(view.members),
            detail="世帯の決定",
        )
    context = {
        "disaster": person.disaster,
        "person": person,
        "number": number,
        "error": error,
        "found": found,
        "near": near,
        "crumbs": [
            *crumbs(person.disaster),
            {"label": "世帯未定", "url": reverse("ledger:undecided", args=[person.disaster_id])},
            {"label": "世帯を決める"},
        ],
    }
    return render(request, "ledger/place.html", context, status=422 if error else 200)


def _household(person: Person, request: HttpRequest) -> Household:
    """The household that was shown, if it still may be."""
    try:
        key = UUID(request.POST.get("household", ""))
    except ValueError as error:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD) from error
    return ledger.household_page(key, request.user).household


def _placed(request: HttpRequest, person: Person, home: Household) -> HttpResponse:
    messages.success(request, f"り災番号 {home.disaster_number} の世帯に入れました。")
    return redirect("ledger:undecided", person.disaster_id)
