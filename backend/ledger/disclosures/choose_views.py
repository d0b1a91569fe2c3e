"""Choosing whom a disclosure is about: by search, household, list of numbers, shelter, or consent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import may, needs
from backend.core.errors import Conflict, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disclosure
from backend.ledger.queries import Asked

from . import pages, queries, services, sources
from .forms import HouseholdNumberForm, NumbersForm, PeopleForm, PlaceForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """All ways on one page; what was typed comes by POST only."""
    row = queries.disclosure(pk)
    if row.status != Disclosure.Status.DRAFT:
        raise Conflict(f"この提供は「{row.get_status_display()}」です。対象者は変えられません。")
    way = request.POST.get("way", "") if request.method == "POST" else ""
    # Who is at which shelter is for those who may read its roster.
    places = sources.places() if may(request.user, "shelters.read") else []
    forms: dict[str, Any] = {
        "find": PeopleForm(request.POST if way == "find" else None),
        "household": HouseholdNumberForm(request.POST if way == "household" else None),
        "numbers": NumbersForm(request.POST if way == "numbers" else None),
        "place": PlaceForm(request.POST if way == "place" else None, places=places),
    }
    found = None
    try:
        if way == "find" and forms["find"].is_valid():
            found = _find(request, row, forms["find"].cleaned_data)
        elif way and way != "find" and _add(request, row, way, forms):
            return redirect("disclosures:choose", pk)
    except Refused as refusal:
        if way in forms:
            forms[way].add_error(None, refusal.message)
        else:
            messages.error(request, refusal.message)
    people = queries.people_of(row, request.user)  # type: ignore[arg-type]
    context = {
        "row": row,
        "forms": forms,
        "found": found,
        "chosen": {line.person.pk for line in people.lines},
        "people": people,
        "may_place": bool(places),
        "crumbs": pages.trail(row, "対象者を選ぶ"),
    }
    wrong = way in forms and forms[way].errors
    return render(request, "disclosures/choose.html", context, status=422 if wrong else 200)


def _find(request: HttpRequest, row: Disclosure, typed: dict[str, str]) -> ledger.Found:
    asked = Asked(text=typed["text"], kana=typed["kana"], birth=typed["birth"])
    found = ledger.search(asked, disaster=row.disaster, staff=request.user)
    pages.log(request, "search", "", len(found.people), asked.fields())
    return found


def _add(request: HttpRequest, row: Disclosure, way: str, forms: dict[str, Any]) -> bool:
    """Put the people of one way on the list. False where something was typed wrong."""
    staff: Any = request.user
    if way in forms and not forms[way].is_valid():
        return False
    unknown: list[str] = []
    if way == "search":
        ids = pages.uuids(request.POST.getlist("person"))
        unseen = ledger.hidden_person_ids(staff, ids)
        ids = [pk for pk in ids if pk not in unseen]
        if not ids:
            raise Refused("対象にする方を選んでください。")
    elif way == "household":
        ids, _ = queries.by_household(row.disaster, forms[way].cleaned_data["number"], staff)
    elif way == "numbers":
        ids, unknown = queries.by_numbers(row.disaster, forms[way].cleaned_data["numbers"], staff)
    elif way == "place":
        ids = sources.people_at(forms[way].cleaned_data["place"], row.disaster)
    elif way == "consented" and row.recipient:
        ids = queries.consented(row.disaster, row.recipient)
    else:
        raise Refused("選び方を読み取れません。画面を開き直してください。")
    before = queries.people_of(row, staff)
    services.choose(by=staff, disclosure=row, people=ids, way=way)
    new = len(queries.people_of(row, staff).lines) - len(before.lines)
    messages.success(request, f"{new:,}人を対象者に加えました。" if new else "新しく加わった方はいません。")
    if unknown:
        shown = "、".join(unknown[:20]) + ("ほか" if len(unknown) > 20 else "")
        messages.warning(request, f"台帳にない宛名番号が{len(unknown):,}件ありました：{shown}")
    return True
