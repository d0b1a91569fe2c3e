"""Pages of houses: finding one, the queue of links to look at, a house with its households, a house that no roll has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, HouseLink

from . import map_queries, queries, services
from .forms import FindForm, HouseForm
from .tables import FOUND_COLUMNS, HISTORY_COLUMNS, facts, found_rows, history_rows

CHOSEN = "disaster"  # in the session: the disaster that is worked on
LAST = "house_decision"  # in the session: the link that was decided last, to take it back
CONFIDENCES = {"unsure": "要確認", "likely": "有力", "certain": "確実"}


def crumbs(*labels: str) -> list[dict[str, str]]:
    return [{"label": "家屋", "url": reverse("houses:index")}, *({"label": label} for label in labels)]


def working_disaster(request: HttpRequest) -> Disaster | None:
    return ledger.current_disaster(request.session.get(CHOSEN))


def _log(request: HttpRequest, what: str, subject: str, hits: int, detail: str = "") -> None:
    log_access(by=request.user, what=what, subject=subject, hits=hits, detail=detail)  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("houses.read")
def index(request: HttpRequest) -> HttpResponse:
    """How far linking is, and finding a house by address. What was typed comes by POST only."""
    disaster = working_disaster(request)
    form = FindForm(request.POST or None)
    found, more = None, False
    if request.method == "POST" and form.is_valid():
        found, more = queries.find(form.cleaned_data["text"])
        _log(request, AccessLog.What.SEARCH, "houses", len(found), "所在地")
        if len(found) == 1:
            return redirect("houses:house", found[0].house_id)
    context = {
        "form": form,
        "counts": queries.counts(disaster),
        "outlines": queries.outline_counts(),
        "disaster": disaster,
        "found_columns": FOUND_COLUMNS,
        "rows": found_rows(found) if found is not None else None,
        "more": more,
        "may_write": may(request.user, "houses.write"),
        "confidences": CONFIDENCES,
        "at": now(),
    }
    return render(request, "ledger/houses/index.html", context)


@require_safe
@never_cache
@needs("houses.write")
def queue(request: HttpRequest) -> HttpResponse:
    """One house with the households that may live in it: decided with one key each."""
    disaster = working_disaster(request)
    confidence = request.GET.get("confidence", "unsure")
    confidence = confidence if confidence in CONFIDENCES else "unsure"
    context: dict[str, Any] = {
        "confidence": confidence,
        "confidences": CONFIDENCES,
        "crumbs": crumbs("つながりの確認"),
        "last": _last_decision(request),
    }
    if disaster is None:
        return render(request, "ledger/houses/queue.html", {**context, "waiting": 0})
    house_id = _uuid(request.GET.get("house"))
    following, waiting = queries.queue(disaster, request.user, confidence, after=_uuid(request.GET.get("after")))
    if house_id is None or not queries.open_links(disaster, request.user, confidence).filter(house=house_id).exists():
        house_id = following
    context["waiting"] = waiting
    if house_id is not None:
        view = queries.house_page(house_id, disaster, request.user)
        _log(request, AccessLog.What.LIST, f"house:{house_id}", len(view.links), "家屋の候補世帯")
        lives = [link for link in view.links if link.link.role == HouseLink.Role.LIVES]
        asked = [link for link in lives if not link.decided and link.link.confidence == confidence]
        context |= {
            "view": view,
            "facts": facts(view),
            "asked": asked,
            "others": [link for link in lives if link not in asked],
        }
    return render(request, "ledger/houses/queue.html", context)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _last_decision(request: HttpRequest) -> HouseLink | None:
    key = _uuid(request.session.get(LAST))
    try:
        return queries.link(key, request.user) if key else None
    except NotFound:
        return None


@require_POST
@needs("houses.write")
def decide(request: HttpRequest, link_id: UUID) -> HttpResponse:
    """confirm, reject or undo one link; back to where it was decided."""
    link = queries.link(link_id, request.user)
    act = request.POST.get("act", "")
    confidence = request.POST.get("confidence", "")
    try:
        said = _decide(request, link, act)
    except Conflict as conflict:  # somebody was faster: said over what there is to decide now
        messages.warning(request, conflict.message)
        if confidence not in CONFIDENCES:
            return redirect("houses:house", link.house_id)
        return redirect(f"{reverse('houses:queue')}?confidence={confidence}&house={link.house_id}")
    messages.success(request, said)
    if act == "undo":
        request.session.pop(LAST, None)
    else:
        request.session[LAST] = str(link.pk)
    if confidence in CONFIDENCES:
        place = "house" if act == "undo" or _more_here(link, confidence, request) else "after"
        return redirect(f"{reverse('houses:queue')}?confidence={confidence}&{place}={link.house_id}")
    return redirect("houses:house", link.house_id)


def _decide(request: HttpRequest, link: HouseLink, act: str) -> str:
    """Do it, and say it. Raises `Conflict` where somebody else decided meanwhile."""
    number = link.household.disaster_number
    if act == "confirm":
        services.confirm(by=request.user, link=link)  # type: ignore[arg-type]
        return f"{number} の世帯を、この家屋の{link.get_role_display()}と確認しました。"
    if act == "reject":
        services.reject(by=request.user, link=link)  # type: ignore[arg-type]
        return f"{number} の世帯は、この家屋ではないとしました。"
    if act == "undo":
        services.undo(by=request.user, link=link)  # type: ignore[arg-type]
        return f"{number} の世帯についての判断を取り消しました。"
    raise Refused("確認・違う・取消のどれかを選んでください。")


def _more_here(link: HouseLink, confidence: str, request: HttpRequest) -> bool:
    links = queries.open_links(link.household.disaster, request.user, confidence)
    return links.filter(house=link.house_id).exists()


@require_safe
@never_cache
@needs("houses.read")
def house(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """A house: what is known of it, who lives in it, who owns it, what earlier rolls said."""
    return _house_page(request, house_id)


def _house_page(request: HttpRequest, house_id: UUID, error: str = "", number: str = "") -> HttpResponse:
    disaster = working_disaster(request)
    view = queries.house_page(house_id, disaster, request.user)
    _log(request, AccessLog.What.LIST, f"house:{house_id}", len(view.links), "家屋の世帯")
    context = {
        "view": view,
        "facts": facts(view),
        "on_map": map_queries.around(house_id) is not None,
        "history": history_rows(view.earlier),
        "history_columns": HISTORY_COLUMNS,
        "lives": [link for link in view.links if link.link.role == HouseLink.Role.LIVES],
        "owns": [link for link in view.links if link.link.role == HouseLink.Role.OWNS],
        "may_write": may(request.user, "houses.write"),
        "disaster": disaster,
        "number": number,
        "error": error,
        "crumbs": crumbs(view.house.property_no or "未登録家屋"),
    }
    return render(request, "ledger/houses/house.html", context, status=422 if error else 200)


@require_POST
@never_cache
@needs("houses.write")
def link_by_hand(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Link a household by its り災番号: shown first, then linked."""
    disaster = working_disaster(request)
    view = queries.house_page(house_id, disaster, request.user)
    if disaster is None:
        raise Refused("災害がまだ開設されていません。")
    number, role = request.POST.get("number", ""), request.POST.get("role", "lives")
    try:
        home = queries.household_by_number(disaster, number, request.user)
    except Refused as refusal:
        return _house_page(request, house_id, refusal.message, number)
    if "yes" in request.POST:
        services.link_by_hand(by=request.user, house=view.house, household=home.household, role=role)  # type: ignore[arg-type]
        messages.success(request, f"{home.household.disaster_number} の世帯をつなぎました。")
        return redirect("houses:house", house_id)
    _log(request, AccessLog.What.HOUSEHOLD, f"household:{home.household.pk}", len(home.members))
    head = home.head or next((member.person for member in home.members), None)
    label = HouseLink.Role(role).label if role in HouseLink.Role.values else ""
    context = {"view": view, "home": home, "head": head, "role": role, "label": label, "crumbs": crumbs("世帯をつなぐ")}
    return render(request, "ledger/houses/link.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("houses.write")
def add(request: HttpRequest) -> HttpResponse:
    """Enter a house that is in no roll."""
    form = HouseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = services.add_house(by=request.user, values=form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, "家屋を登録しました。住んでいる世帯を、り災番号でつなげます。")
        return redirect("houses:house", made.pk)
    context = {"form": form, "crumbs": crumbs("台帳にない家屋")}
    return render(request, "ledger/houses/add.html", context, status=422 if form.errors else 200)


@require_POST
@needs("houses.write")
def link_again(request: HttpRequest) -> HttpResponse:
    """Have the rules link all houses once more."""
    disaster = working_disaster(request)
    if disaster is None:
        raise Refused("災害がまだ開設されていません。")
    done = services.link_houses(disaster=disaster, by=request.user)  # type: ignore[arg-type]
    messages.success(request, f"照合しました。新しいつながり {done.new:,}件、終わったつながり {done.ended:,}件。")
    return redirect("houses:index")
