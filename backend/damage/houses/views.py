"""The page of a house: what is known of it, who lives there, requests, surveys, photographs, judgements; and its short acts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.errors import NotFound, Refused
from backend.damage.applications.queries import for_house
from backend.damage.surveys import queries, rules, services
from backend.damage.surveys.forms import AskForm, InspectionForm, PhotoForm, ReasonForm, today_short
from backend.damage.surveys.views import crumbs, disaster_or_refuse, log, tell, working_disaster
from backend.ledger.houses.map_queries import around
from backend.ledger.houses.tables import facts as house_facts

from . import showing


@require_safe
@never_cache
@needs("damage.read")
def house(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """A house: what is known of it, who lives there, requests, surveys, photographs, the judgement."""
    return house_page(request, house_id)


def house_page(request: HttpRequest, house_id: UUID, **typed: Any) -> HttpResponse:
    """`typed`: forms that could not be taken, by their name in the page."""
    disaster = working_disaster(request)
    try:
        view = queries.house_view(house_id, disaster, request.user)
    except NotFound as missing:
        raise NotFound(services.UNKNOWN_HOUSE) from missing
    log(request, f"house:{house_id}", len(view.known.links))
    staff = request.user
    context = {
        "view": view,
        "disaster": disaster,
        "crumbs": crumbs((view.known.where, "")),
        "facts": house_facts(view.known),
        "lives": [link for link in view.known.links if link.link.role == "lives"],
        "owns": [link for link in view.known.links if link.link.role == "owns"],
        "present": showing.present(view),
        "applied": for_house(house_id, disaster, staff),
        "may_apply": may(staff, "applications.write"),
        "requests": showing.requests(view),
        "surveys": showing.surveys(view),
        "photos": showing.photos(view, staff),
        "inspections": view.inspections,
        "judgements": showing.judgements(view, staff),
        "on_map": around(house_id) is not None and may(staff, "houses.map"),
        "may_write": may(staff, "surveys.write") and disaster is not None,
        "may_make": may(staff, "judgements.make"),
        "may_open_household": may(staff, "household.read"),
        "may_certificates": may(staff, "certificates.read"),
        "may_houses": may(staff, "houses.read"),
        "ask": AskForm(initial={"stage": "second" if view.surveys else "first"}),
        "inspection": InspectionForm(initial={"inspected_on": today_short()}),
        "withdraw": ReasonForm(auto_id="withdraw_%s"),
        "photo_form": PhotoForm(surveys=showing.survey_choices(view)),
        **typed,
    }
    return render(request, "damage/houses/house.html", context, status=422 if typed else 200)


@require_POST
@never_cache
@needs("surveys.write")
def ask(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Have the house surveyed."""
    form = AskForm(request.POST)
    if form.is_valid():
        try:
            made = services.ask(
                by=request.user,  # type: ignore[arg-type]
                disaster=disaster_or_refuse(request),
                house=house_id,
                stage=form.cleaned_data["stage"],
                reason=form.cleaned_data["reason"],
                source="damage:desk",
            )
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            if made is None:
                messages.warning(request, "この家屋の第1次調査は済んでいます。第2次調査か再調査を選んでください。")
            else:
                messages.success(request, f"{rules.STAGES[made.stage]}を依頼しました。")
            return redirect("damage_houses:house", house_id)
    return house_page(request, house_id, ask=form)


@require_POST
@never_cache
@needs("surveys.write")
def withdraw(request: HttpRequest, house_id: UUID, request_id: UUID) -> HttpResponse:
    """Take a request back, with the reason."""
    form = ReasonForm(request.POST, auto_id="withdraw_%s")
    if not form.is_valid():
        return house_page(request, house_id, withdraw=form)
    services.withdraw(by=request.user, request=request_id, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    messages.success(request, "調査の依頼を取り下げました。")
    return redirect("damage_houses:house", house_id)


@require_POST
@never_cache
@needs("surveys.write")
def inspect(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Note a 応急危険度判定."""
    form = InspectionForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.inspect(
                by=request.user,  # type: ignore[arg-type]
                disaster=disaster_or_refuse(request),
                house=house_id,
                colour=said["colour"],
                inspected_on=said["inspected_on"],
                inspector=said["inspector"],
                note=said["inspection_note"],
            )
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            messages.success(request, "応急危険度判定を記録しました。被害の程度には使いません。")
            return redirect("damage_houses:house", house_id)
    return house_page(request, house_id, inspection=form)
