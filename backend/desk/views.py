"""The desk: home, search, and the page of a household."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.dates import parse_date
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger import services
from backend.ledger.models import Protection
from backend.ledger.queries import Asked

from . import queries
from .context import CHOSEN
from .forms import HouseholdForm, LiftForm, Members, SearchForm


def working_disaster(request: HttpRequest) -> Any:
    """The disaster that is worked on; raises `Refused` where none has been opened."""
    found = ledger.current_disaster(request.session.get(CHOSEN))
    if found is None:
        raise Refused("災害がまだ開設されていません。住民記録班が「災害」の画面で開設すると、使えるようになります。")
    return found


@never_cache
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The first page after log-in: the doors that this division may open."""
    return render(request, "desk/home.html", {"cards": home_cards(request)})


def home_cards(request: HttpRequest) -> list[dict[str, Any]]:
    found = ledger.current_disaster(request.session.get(CHOSEN))
    if found is None:
        return []
    return [
        {"label": "台帳世帯", "value": found.households.count(), "unit": "世帯"},
        {"label": "被災者（台帳）", "value": found.persons.count(), "unit": "人"},
    ]


@needs("people.search")
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Search. What was typed comes by POST only, so that it stands in no address and no log."""
    if request.method == "GET":
        return render(
            request, "desk/search.html", {"form": SearchForm(), "may_add": may(request.user, "household.write")}
        )
    values = request.POST.copy()
    if "q" in values:
        values["text"] = values["q"]
    form = SearchForm(values)
    if not form.is_valid():
        return render(request, "desk/search.html", {"form": form})
    text = form.cleaned_data["text"]
    household_id = queries.household_of_scan(text)
    if household_id is not None:
        log_access(by=request.user, what=AccessLog.What.SEARCH, detail="qr")
        return redirect("desk:household", household_id)
    disaster = working_disaster(request)
    asked = Asked(text=text, kana=form.cleaned_data["kana"], birth=form.cleaned_data["birth"])
    page = _page(values.get("page", ""))
    found = ledger.search(asked, disaster=disaster, staff=request.user, page=page)
    log_access(
        by=request.user,
        what=AccessLog.What.SEARCH,
        hits=len(found.people),
        detail=asked.fields(),
    )
    if found.people and len({person.household_id for person in found.people}) == 1 and _is_number(found, text):
        return redirect("desk:household", found.people[0].household_id)
    return render(
        request,
        "desk/search.html",
        {
            "form": form,
            "found": found,
            "may_add": may(request.user, "household.write"),
            "results": [_hit(person, disaster) for person in found.people],
            "previous": found.page - 1,
            "next": found.page + 1 if found.more else None,
            "candidates": [
                {"label": home.disaster_number, "value": home.disaster_number} for home in found.did_you_mean
            ],
        },
    )


def _page(text: str) -> int:
    return min(max(int(text), 1), 50) if text.isdigit() else 1


def _is_number(found: ledger.Found, text: str) -> bool:
    """A typed or scanned り災番号 opens its household at once."""
    number = found.people[0].household.disaster_number if found.people[0].household else ""
    plain = "".join(ch for ch in text.upper() if ch.isalnum())
    return bool(number) and len(plain) >= 13 and page_is_first(found)


def page_is_first(found: ledger.Found) -> bool:
    return found.page == 1 and not found.more


def _hit(person: Any, disaster: Any) -> dict[str, Any]:
    return {
        "person": person,
        "birth": parse_date(person.birth) if person.birth else None,
        "age": ledger.age_at(person, disaster.occurred_at),
        "sex": queries.SEX.get(person.sex, ""),
    }


@needs("household.read")
@never_cache
@require_GET
def household(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """The page of a household: who they are, what happened, the doors to the other rooms."""
    try:
        view = ledger.household_page(household_id, request.user)
    except NotFound:
        # Asked for somebody who is hidden, or for nobody: the same answer, and the same line in the log.
        log_access(
            by=request.user,
            what=AccessLog.What.HOUSEHOLD,
            subject=f"household:{household_id}",
            hits=0,
        )
        raise
    log_access(
        by=request.user,
        what=AccessLog.What.HOUSEHOLD,
        subject=f"household:{household_id}",
        hits=len(view.members),
    )
    return render(
        request,
        "desk/household.html",
        {
            "view": view,
            "disaster": view.disaster,
            "facts": queries.facts(view),
            "members": [queries.member(member) for member in view.members],
            "timeline": queries.timeline(household_id, request.user),
            "doors": queries.doors(household_id, request.user),
            "links": queries.links(view, request.user),
            "by_hand": queries.by_hand(view) if may(request.user, "household.write") else [],
            "may_ask": may(request.user, "protection.ask"),
            "may_lift": may(request.user, "protection.lift") and request.user.sees_protected,
            "askable": [m for m in view.members if not m.protected],
            "protections": _protections(view) if request.user.sees_protected else [],
        },
    )


def _protections(view: ledger.HouseholdView) -> list[Protection]:
    people = [member.person for member in view.members]
    numbers = [person.atena_no for person in people if person.atena_no]
    live = ledger.live_protections()
    return list(live.filter(person__in=people)) + list(live.filter(atena_no__in=numbers))


@needs("household.write")
@require_POST
def write_fact(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Enter a mailing address, a telephone number or a note."""
    view = ledger.household_page(household_id, request.user)
    services.write_by_hand(
        by=request.user,
        household=view.household,
        kind=request.POST.get("kind", ""),
        text=request.POST.get("text", ""),
    )
    messages.success(request, "記入しました。")
    return redirect("desk:household", household_id)


@needs("protection.ask")
@require_POST
def ask_protection(request: HttpRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """秘匿希望, at once and without any proof: the page afterwards may no longer show the person to this very clerk."""
    view = ledger.household_page(household_id, request.user)
    person = next((m.person for m in view.members if m.person.pk == person_id), None)
    if person is None:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    services.ask_protection(by=request.user, person=person)
    messages.success(request, "秘匿希望を受け付けました。この方は、この画面にも名簿にも表示されません。")
    left = len(view.members) > 1 or request.user.sees_protected
    return redirect("desk:household", household_id) if left else redirect("desk:search")


@needs("protection.lift")
@require_http_methods(["GET", "POST"])
def lift_protection(request: HttpRequest, household_id: UUID, protection_id: UUID) -> HttpResponse:
    """Lift a protection, with a reason: a named supervisor only."""
    view = ledger.household_page(household_id, request.user)
    protection = next((p for p in _protections(view) if p.pk == protection_id), None)
    if protection is None or not request.user.sees_protected:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.lift_protection(by=request.user, protection=protection, reason=form.cleaned_data["reason"])
        messages.success(request, "秘匿を解除しました。")
        return redirect("desk:household", household_id)
    return render(
        request,
        "layout/confirm.html",
        {
            "heading": "秘匿の解除",
            "question": "この方の秘匿を解除しますか。",
            "text": "解除すると、検索・一覧・世帯画面に出るようになります。解除した人と理由が残ります。",
            "facts": [
                {"label": "種別", "value": protection.get_source_display()},
                {"label": "受付", "value": protection.asked_at},
            ],
            "action": request.path,
            "form": form,
            "confirm_label": "解除する",
            "back_url": reverse("desk:household", args=[household_id]),
            "danger": True,
        },
    )


@needs("household.write")
@require_http_methods(["GET", "POST"])
def add_household(request: HttpRequest) -> HttpResponse:
    """Enter a household on its own word: from elsewhere, or before the register is there."""
    disaster = working_disaster(request)
    form = HouseholdForm(request.POST or None)
    members = Members(request.POST or None, prefix="member")
    if request.method == "POST" and form.is_valid() and members.is_valid():
        try:
            made = services.add_household(
                by=request.user,
                disaster=disaster,
                people=[f.cleaned_data for f in members if f.cleaned_data],
                kind=form.cleaned_data["kind"],
                address=form.cleaned_data["address"],
            )
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"登録しました。り災番号は {made.disaster_number} です。")
            return redirect("desk:household", made.pk)
    return render(request, "desk/add_household.html", {"form": form, "members": members})
