"""Pages: all shelters, one shelter at work, opening and closing, head counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound
from backend.core.forms import times
from backend.core.templatetags.tasuki import tokyo_short
from backend.facilities import queries as facilities
from backend.ledger import queries as ledger

from . import disasters, queries, services
from .day import queries as day
from .forms import CloseForm, HeadCountForm, OpenForm
from .frontdesk.queries import absent, away_count
from .household import left_since
from .pages import (
    SESSION_KEY,
    attempt,
    chosen_shelter,
    crumbs,
    posted,
    shelter_crumbs,
    shelter_or_404,
)


@needs("shelters.counts")
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """All shelters as of a time, with people by roster and as reported. Nobody is named."""
    form, as_of, known_at = times(request)
    at = as_of or now()
    found = queries.counts_by_shelter(at, known_at, closed=True)
    opened = [s for s in found if s.shelter.is_open]
    context = {
        "form": form,
        "at": at,
        "known_at": known_at,
        "table": _table(found, link=may(request.user, "shelters.read")),
        "cards": _cards(opened),
        "can_write": may(request.user, "shelters.write"),
        "may_help": may(request.user, "shelters.read"),
    }
    return render(request, "shelters/index.html", context)


def _cards(opened: list[queries.ShelterCount]) -> list[dict[str, Any]]:
    reported = [s.shelter.people for s in opened if s.shelter.people is not None]
    return [
        {"label": "開設中の避難所", "value": len(opened), "unit": "か所"},
        {"label": "避難者（名簿）", "value": sum(s.count.people for s in opened), "unit": "人"},
        {"label": "避難所外（名簿）", "value": sum(s.count.outside for s in opened), "unit": "人"},
        {
            "label": "避難者（報告）",
            "value": sum(reported),
            "unit": "人",
            "note": f"{len(reported)}か所の最後の報告の合計",
        },
    ]


def _table(found: list[queries.ShelterCount], *, link: bool) -> dict[str, Any]:
    columns = [
        {"label": "避難所"},
        {"label": "状態"},
        {"label": "名簿の人数", "number": True},
        {"label": "世帯", "number": True},
        {"label": "避難所外", "number": True},
        {"label": "報告の人数", "number": True},
        {"label": "報告の時点"},
        {"label": "開設"},
    ]
    return {"columns": columns, "rows": [_row(s, link) for s in sorted(found, key=lambda s: not s.shelter.is_open)]}


def _row(found: queries.ShelterCount, link: bool) -> dict[str, Any]:
    shelter, count = found.shelter, found.count
    state = {"text": "開設中", "badge": "success"} if shelter.is_open else {"text": "閉鎖", "badge": "neutral"}
    name = {"text": shelter.name, "url": reverse("shelters:shelter", args=[shelter.opening])} if link else shelter.name
    cells = [
        name,
        state,
        count.people,
        count.households,
        count.outside,
        "報告なし" if shelter.people is None else shelter.people,
        shelter.observed_at or "",
        shelter.opened_at,
    ]
    return {"cells": cells, "muted": not shelter.is_open}


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def open_(request: HttpRequest) -> HttpResponse:
    already = [s.facility.pk for s in facilities.open_shelters()]
    form = OpenForm(posted(request), exclude=already)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        opening = attempt(
            form,
            lambda: services.open_shelter(by=request.user, facility=data["facility"], occurred_at=data["occurred_at"]),
        )
        if opening:
            messages.success(request, f"「{data['facility'].name}」を開設しました。")
            return redirect("shelters:shelter", opening)
    context = {"form": form, "heading": "避難所を開設する", "crumbs": crumbs(("開設する", "")), "submit": "開設する"}
    return render(request, "shelters/form.html", context | {"back_url": reverse("shelters:index")})


@needs("shelters.read")
@require_GET
def shelter(request: HttpRequest, opening: UUID) -> HttpResponse:
    """A shelter at work: who is there now, with everything that is done there."""
    found = shelter_or_404(opening)
    roster = queries.roster(opening, staff=request.user)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(roster.rows))
    can_write = may(request.user, "shelters.write")
    if can_write and chosen_shelter(request) != str(opening):  # written when it changes, not with every look
        request.session[SESSION_KEY] = str(opening)
    away = away_count(opening, roster.as_of)
    wanted = request.GET.get("only", "")
    lines, filters = day.narrowed(roster, wanted, request.user)
    context = {
        "shelter": found,
        "roster": roster,
        "lines": lines,
        "filters": filters,
        # A narrowed list must not tell what somebody under protection needs.
        "hidden": 0 if any(one.chosen and one.key for one in filters) else roster.hidden,
        "crumbs": crumbs((found.name, "")),
        "can_write": can_write and found.is_open,
        "count_form": HeadCountForm(),
        "away": away,
        "gone": set(absent(opening, [line.row.face.id for line in lines])) if away else (),
        "tonight": max(0, roster.count.people - away),
        "cards": _shelter_cards(found, roster.count, day.since_morning(opening, roster.as_of), away),
        "disasters": _disasters(opening) if can_write else [],
        "left": left_since(opening, now() - timedelta(hours=24), request.user),
    }
    return render(request, "shelters/shelter.html", context)


def _disasters(opening: UUID) -> list[dict[str, Any]]:
    """The disasters that an opening may be for, where there are several, and which it is for now."""
    rows = list(ledger.disasters())
    chosen = disasters.disasters_of([opening])[opening]
    return [{"disaster": row, "chosen": row.pk == chosen} for row in rows] if len(rows) > 1 else []


@needs("shelters.write")
@require_POST
def say_disaster(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Headquarters says which disaster this opening is for."""
    found = shelter_or_404(opening)
    row = ledger.disaster_by_id(request.POST.get("disaster", ""))
    if row is None:
        raise NotFound("この災害はありません。")
    disasters.say_disaster(by=request.user, opening=found.opening, disaster=row)
    messages.success(request, f"「{row.name}」の避難所としました。")
    return redirect("shelters:shelter", opening)


def _shelter_cards(
    found: facilities.Shelter, count: queries.HeadCount, today: tuple[int, int], away: int
) -> list[dict[str, Any]]:
    households = f"{count.households}世帯" + (f"、うち外泊 {away}人" if away else "")
    cards: list[dict[str, Any]] = [
        {"label": "いまいる人（名簿）", "value": count.people, "unit": "人", "note": households},
        {"label": "避難所外（名簿）", "value": count.outside, "unit": "人", "note": "車中泊・テント・在宅"},
        {"label": "今日来た人", "value": today[0], "unit": "人", "note": f"今日出た人 {today[1]}人"},
    ]
    if found.people is None:
        return [*cards, {"label": "報告の人数", "value": "報告なし", "unit": ""}]
    note = f"{tokyo_short(found.observed_at)} 時点"
    return [*cards, {"label": "報告の人数", "value": found.people, "unit": "人", "note": note}]


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Close a shelter, saying where those still there go."""
    found = shelter_or_404(opening)
    roster = queries.roster(opening, staff=request.user)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(roster.rows))
    others = [s for s in facilities.open_shelters() if s.opening != opening]
    people = len(roster.rows) + roster.hidden
    form = CloseForm(posted(request), shelters=others, people=people)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form,
            lambda: services.close_shelter(
                by=request.user,
                opening=opening,
                occurred_at=data["occurred_at"],
                destination=data.get("destination", ""),
                move_to=UUID(data["move_to"]) if data.get("move_to") else None,
            ),
        )
        if done is not None:
            messages.success(request, f"「{found.name}」を閉鎖しました。")
            return redirect("shelters:index")
    context = {"form": form, "shelter": found, "roster": roster, "people": people}
    return render(request, "shelters/close.html", context | {"crumbs": shelter_crumbs(found, "閉鎖する")})


@needs("shelters.write")
@require_POST
def head_count(request: HttpRequest, opening: UUID) -> HttpResponse:
    found = shelter_or_404(opening)
    form = HeadCountForm(request.POST)
    if form.is_valid():
        done = attempt(form, lambda: services.report_head_count(by=request.user, opening=opening, **form.cleaned_data))
        if done:
            messages.success(request, f"「{found.name}」の人数 {form.cleaned_data['people']}人を記録しました。")
            return redirect("shelters:shelter", opening)
    context = {"form": form, "heading": "人数を報告する", "submit": "報告する"}
    context |= {"crumbs": shelter_crumbs(found, "人数を報告する")}
    return render(request, "shelters/form.html", context | {"back_url": reverse("shelters:shelter", args=[opening])})
