"""Pages of surveys: who waits, and the sheet to type."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster

from . import lost_views, queries, services, showing
from .forms import FilterForm, ScanForm, SheetForm, sheet_initial, today_short

CHOSEN = "disaster"  # in the session: the disaster that is worked on


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "家屋の調査", "url": reverse("surveys:index")}
    return [first, *({"label": label, "url": url} for label, url in more)]


def working_disaster(request: HttpRequest) -> Disaster | None:
    return ledger.current_disaster(request.session.get(CHOSEN))


def disaster_or_refuse(request: HttpRequest) -> Disaster:
    found = working_disaster(request)
    if found is None:
        raise Refused("災害がまだ開設されていません。")
    return found


def log(request: HttpRequest, subject: str, hits: int = 1, detail: str = "家屋の調査") -> None:
    log_access(by=request.user, what=AccessLog.What.LIST, subject=subject, hits=hits, detail=detail)  # type: ignore[arg-type]


def tell(form: Any, refusal: Refused) -> None:
    """The refusal at the fields that it names, else above the form."""
    for name, text in refusal.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if not refusal.fields:
        form.add_error(None, refusal.message)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    """Which houses wait for a survey, by district; a scanned sheet leads to its house."""
    disaster = working_disaster(request)
    scan = ScanForm(request.POST or None)
    found: list[Any] | None = None
    more = False
    if request.method == "POST" and scan.is_valid():
        text = scan.cleaned_data["scanned"]
        found, more = queries.houses_at(text)
        if not found:
            scan.add_error("scanned", services.UNKNOWN_HOUSE)
        else:
            log_access(by=request.user, what=AccessLog.What.SEARCH, subject="houses", hits=len(found), detail="所在地")  # type: ignore[arg-type]
            if len(found) == 1:
                return redirect("damage_houses:house", found[0].house_id)
    districts = queries.districts(disaster)
    chosen = FilterForm(request.GET, districts=[one.name for one in districts])
    chosen.is_valid()
    said = {key: chosen.cleaned_data.get(key, "") for key in ("stage", "district", "planned")}
    number = request.GET.get("page", "")
    page = queries.waiting(disaster, **said, page=int(number) if number.isdecimal() else 1)
    if page.object_list:
        log(request, "surveys", len(page.object_list), "調査を待つ家屋")
    context = {
        "disaster": disaster,
        "at": now(),
        "cards": showing.cards(queries.counts(disaster)),
        "district_columns": showing.DISTRICT_COLUMNS,
        "districts": showing.district_rows(districts),
        "filter": chosen,
        "scan": scan,
        "found_columns": showing.FOUND_COLUMNS,
        "found": showing.found_rows(found) if found is not None else None,
        "more": more,
        "page": page,
        "columns": showing.WAITING_COLUMNS,
        "rows": showing.waiting_rows(page.object_list),
        "base": f"?{urlencode({k: v for k, v in said.items() if v})}&",
        "may_write": may(request.user, "surveys.write"),
        "may_map": may(request.user, "houses.read"),
    }
    return render(request, "damage/surveys/index.html", context, status=422 if scan.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("surveys.write")
def sheet(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Type the sheet of a house, in its order; `again` is the survey that was typed wrong."""
    disaster = disaster_or_refuse(request)
    try:
        view = known(request, house_id)
    except NotFound:
        if request.method != "POST":
            raise
        return _without_house(request)
    wrong = next((row for row in view.surveys if str(row.pk) == request.GET.get("again")), None)
    if wrong is not None:
        initial = sheet_initial(wrong.answers)
    else:
        stage = view.open_requests[-1].stage if view.open_requests else "first"
        initial = {"stage": stage, "surveyed_on": today_short()}
    form = SheetForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            row = services.record(
                by=request.user,  # type: ignore[arg-type]
                disaster=disaster,
                house=house_id,
                sheet=form.sheet(),
                replaces=wrong.pk if wrong else None,
            )
        except Refused as refusal:
            tell(form, refusal)
        else:
            label = queries.class_label(row.damage_class, row)
            messages.success(request, f"調査を入力しました。区分は{label}です。写真があれば続けて入れてください。")
            return redirect("damage_houses:house", house_id)
    context = {
        "view": view,
        "form": form,
        "wrong": wrong,
        "thresholds": showing.thresholds(),
        "crumbs": crumbs((view.known.where, reverse("damage_houses:house", args=[house_id])), ("調査票の入力", "")),
    }
    return render(request, "damage/surveys/sheet.html", context, status=422 if form.errors else 200)


def _without_house(request: HttpRequest) -> HttpResponse:
    """What was typed is kept until a house is found for it, and shown on that house's own sheet before it is recorded."""
    other = lost_views.ask_for_house(request, crumbs(("調査票の入力", "")))
    if isinstance(other, HttpResponse):
        return other
    context = {
        "view": known(request, other),
        "form": SheetForm(request.POST),
        "moved": True,
        "action": reverse("surveys:sheet", args=[other]),
        "thresholds": showing.thresholds(),
        "crumbs": crumbs(("調査票の入力", "")),
    }
    return render(request, "damage/surveys/sheet.html", context)


def known(request: HttpRequest, house_id: UUID) -> queries.HouseView:
    try:
        view = queries.house_view(house_id, working_disaster(request), request.user)
    except NotFound as missing:
        raise NotFound(services.UNKNOWN_HOUSE) from missing
    log(request, f"house:{house_id}", len(view.known.links))
    return view
