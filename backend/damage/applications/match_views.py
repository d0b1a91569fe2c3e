"""Pages on which a person says which household an application is of, and which house of the roll a place is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.errors import Refused
from backend.damage.models import Application, ApplicationHouse
from backend.ledger import queries as ledger
from backend.ledger.houses import queries as houses
from backend.ledger.models import HouseRecord

from . import papers, queries, services, showing
from .forms import FindForm, FindHouseForm, HomeForm, Members, home_initial
from .views import crumbs, log


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def household(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Households that the applicant's words lead to; one is chosen by a person."""
    view = queries.application_page(application_id, request.user)
    refusal = ""
    chosen = _uuid(request.POST.get("household", ""))
    if chosen is not None:
        try:
            row = services.match_household(by=request.user, application=application_id, household=chosen)  # type: ignore[arg-type]
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, "申請を世帯と照合しました。")
            seen = queries.visible(request.user).filter(pk=row.pk).exists()
            return redirect("applications:page", row.pk) if seen else redirect("applications:index")
    form = FindForm(request.POST if request.method == "POST" and chosen is None else None)
    typed = form.cleaned_data["text"] if form.is_bound and form.is_valid() else ""
    found = _candidates(request, view.row, typed)
    log(request, f"application:{application_id}")
    context = {
        "view": view,
        "row": view.row,
        "applicant": showing.applicant_facts(view.row),
        "form": form,
        "refusal": refusal,
        "typed": bool(typed),
        "may_open": may(request.user, "household.write"),
        "papers": papers.papers_for(view, request.user),
        **found,
        "crumbs": crumbs(
            (view.row.number_text, reverse("applications:page", args=[application_id])), ("世帯との照合", "")
        ),
    }
    return render(request, "damage/applications/match_household.html", context, status=422 if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def open_household(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Nobody in the ledger is the applicant: their household is entered by hand, with what they said filled in."""
    row = queries.application(application_id, request.user)
    log(request, f"application:{application_id}")
    said, people = home_initial(row)
    posted = request.POST if request.method == "POST" else None
    form, members = HomeForm(posted, initial=said), Members(posted, initial=people, prefix="member")
    if request.method == "POST" and all([form.is_valid(), members.is_valid()]):
        try:
            made = services.open_household(
                by=request.user,  # type: ignore[arg-type]
                application=application_id,
                people=[one.cleaned_data for one in members if one.cleaned_data.get("name")],
                **form.cleaned_data,
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            number = made.household.disaster_number if made.household else ""
            messages.success(request, f"世帯 {number} を登録し、申請と照合しました。")
            seen = queries.visible(request.user).filter(pk=made.pk).exists()
            return redirect("applications:page", made.pk) if seen else redirect("applications:index")
    page, match = (reverse(f"applications:{name}", args=[row.pk]) for name in ("page", "match_household"))
    context = {
        "row": row,
        "form": form,
        "members": members,
        "back": match,
        "crumbs": crumbs((row.number_text, page), ("世帯との照合", match), ("台帳にない世帯の登録", "")),
    }
    status = 422 if form.errors or members.total_error_count() else 200
    return render(request, "damage/applications/open_household.html", context, status=status)


def _candidates(request: HttpRequest, row: Application, typed: str) -> dict[str, Any]:
    """People found by what was typed; else by reading and birth date, then by name, until somebody is found."""
    tries = [ledger.Asked(text=typed)] if typed else _from_words(row)
    people: list[Any] = []
    problem = ""
    for asked in tries:
        found = ledger.search(asked, disaster=row.disaster, staff=request.user)
        people, problem = [one for one in found.people if one.household_id], found.problem
        log_access(by=request.user, what=AccessLog.What.SEARCH, hits=len(people), detail=asked.fields())  # type: ignore[arg-type]
        if people:
            break
    return {"people": [_person(one, row) for one in people], "problem": problem if typed else ""}


def _from_words(row: Application) -> list[ledger.Asked]:
    tries = []
    if row.kana and row.birth:
        tries.append(ledger.Asked(kana=row.kana, birth=row.birth))
    if row.birth:
        tries.append(ledger.Asked(text=row.name, birth=row.birth))
    tries.append(ledger.Asked(text=row.name))
    if row.head_name:
        tries.append(ledger.Asked(text=row.head_name))
    return tries


def _person(person: Any, row: Application) -> dict[str, Any]:
    """A candidate beside the applicant's words: what is the same, and what is not."""
    return {
        "person": person,
        "birth": showing.birth(person.birth),
        "same_birth": bool(row.birth) and person.birth == row.birth,
        "same_name": "".join(person.name.split()) == "".join(row.name.split()),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def house(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """Houses of the household and at the place in words; one is chosen by a person."""
    line = queries.line(line_id, request.user)
    view = queries.application_page(line.application_id, request.user)
    refusal = ""
    chosen = _uuid(request.POST.get("house", ""))
    if chosen is not None:
        try:
            found = services.match_house(by=request.user, line=line_id, house=chosen)  # type: ignore[arg-type]
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, _matched(found))
            return redirect("applications:page", found.application_id)
    form = FindHouseForm(request.POST if request.method == "POST" and chosen is None else None)
    typed = form.cleaned_data["text"] if form.is_bound and form.is_valid() else ""
    records, more = houses.find(typed or line.place)
    of_home = _of_home(view, request.user) if not typed else []
    listed = [one for one in records if one.house_id not in {record.house_id for record in of_home}]
    log(request, f"application:{line.application_id}")
    context = {
        "view": view,
        "row": view.row,
        "line": line,
        "form": form,
        "refusal": refusal,
        "of_home": of_home,
        "records": listed,
        "more": more,
        "crumbs": crumbs(
            (view.row.number_text, reverse("applications:page", args=[line.application_id])), ("家屋との照合", "")
        ),
    }
    status = 422 if refusal or form.errors else 200
    return render(request, "damage/applications/match_house.html", context, status=status)


def _of_home(view: queries.ApplicationView, staff: Any) -> list[HouseRecord]:
    """The houses of the household that was matched; those where it lives first."""
    return [one["record"] for one in houses.houses_of(view.household.pk, staff)] if view.household else []


def _matched(line: ApplicationHouse) -> str:
    if line.request is not None and line.request.until is None:
        return f"家屋と照合し、{line.request.get_stage_display()}を依頼しました。"
    if line.what == "dwelling":
        return "家屋と照合しました。この家屋の第1次調査は済んでいます。"
    return "家屋と照合しました。"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
