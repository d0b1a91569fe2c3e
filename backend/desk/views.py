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
from django_htmx.http import HttpResponseClientRedirect, reselect, reswap, retarget

from backend.accounts.context import navigation
from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.came_from import came_from
from backend.core.clock import now
from backend.core.dates import parse_date
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger import services
from backend.ledger.facts import KINDS
from backend.ledger.models import Person, Protection
from backend.ledger.queries import Asked, HouseholdView

from . import queries
from .context import CHOSEN
from .forms import FactForm, HouseholdForm, LiftForm, Members, SearchForm


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
    disaster = ledger.current_disaster(request.session.get(CHOSEN))
    return render(request, "desk/home.html", {"cards": queries.board(request.user, disaster), "at": now()})


@needs("people.search")
@never_cache
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Search. What was typed comes by POST only, so that it stands in no address and no log."""
    may_add = may(request.user, "household.write")
    if request.method == "GET":
        return render(request, "desk/search.html", {"form": SearchForm(), "may_add": may_add})
    values = request.POST.copy()
    if "q" in values:
        values["text"] = values["q"]
    # A scanner types where the cursor stands: in the first box as well as in the last.
    scanned = next((values[name] for name in ("text", "kana", "birth") if queries.is_scan(values.get(name, ""))), None)
    if scanned is not None:
        return _open_scanned(request, scanned)
    form = SearchForm(values)
    if not form.is_valid():
        return _whole(request, render(request, "desk/search.html", {"form": form, "may_add": may_add}))
    if wanted := ledger.disaster_by_id(values.get("disaster", "")):
        request.session[CHOSEN] = str(wanted.pk)
    disaster = working_disaster(request)
    typed = form.cleaned_data
    asked = Asked(text=typed["text"], kana=typed["kana"], birth=typed["birth"])
    found = ledger.search(asked, disaster=disaster, staff=request.user, page=_page(values.get("page", "")))
    by_number = _only_household(found, asked, request.user)
    hits = len(found.people) or (0 if by_number is None else 1)
    log_access(by=request.user, what=AccessLog.What.SEARCH, hits=hits, detail=asked.fields())
    if (home := by_number) is not None:
        return _go(request, home)
    now = queries.households_now(found.people, request.user)
    answer = render(
        request,
        "desk/search.html",
        {
            "form": form,
            "found": found,
            "may_add": may_add,
            "searched": disaster,
            "others": [row for row in ledger.disasters() if row.pk != disaster.pk],
            "results": [_hit(person, disaster, now) for person in found.people],
            "previous": found.page - 1,
            "next": found.page + 1 if found.more and found.page < ledger.LAST_PAGE else None,
            "candidates": [
                {"label": home.disaster_number, "value": home.disaster_number} for home in found.did_you_mean
            ],
        },
    )
    return _whole(request, answer) if "whole" in values else answer


def _whole(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """For htmx: put the form with its errors, or without them again, in place too, and not the results alone."""
    return reswap(retarget(reselect(answer, "#finding"), "#finding"), "outerHTML") if request.htmx else answer


def _open_scanned(request: HttpRequest, text: str) -> HttpResponse:
    """The household of a certificate. One that is hidden is answered, and written down, like one that there isn't."""
    household_id = queries.household_of_scan(text, request.user)
    hits = 0 if household_id is None else 1
    log_access(by=request.user, what=AccessLog.What.SEARCH, hits=hits, detail="qr")
    if household_id is not None:
        return _go(request, household_id)
    found = ledger.Found(problem="読み取った証明書の世帯はありません。り災番号や氏名で探してください。")
    context = {"form": SearchForm(), "found": found, "may_add": may(request.user, "household.write")}
    return render(request, "desk/search.html", context)


def _go(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """To the page of a household; htmx would put that page into the list of results."""
    if request.htmx:
        return HttpResponseClientRedirect(reverse("desk:household", args=[household_id]))
    return redirect("desk:household", household_id)


def _page(text: str) -> int:
    return min(max(int(text[:4]), 1), ledger.LAST_PAGE) if text.isdecimal() else 1


def _only_household(found: ledger.Found, asked: Asked, staff: Any) -> UUID | None:
    """A typed or scanned り災番号, and nothing else, opens its household at once."""
    if asked.fields() != "text" or not (number := ledger.disaster_number_in(asked.text)):
        return None
    if (home := queries.household_of_number(number, staff)) is not None:
        return home
    homes = {person.household_id for person in found.people}  # thirteen digits may be a 宛名番号
    return homes.pop() if len(homes) == 1 and found.page == 1 and not found.more else None


def _hit(person: Any, disaster: Any, now: dict[UUID, Any]) -> dict[str, Any]:
    return {
        "person": person,
        "birth": parse_date(person.birth) if person.birth else None,
        "age": ledger.age_at(person, disaster.occurred_at),
        "sex": queries.SEX.get(person.sex, ""),
        "now": now.get(person.pk),
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
    return _household_page(request, view)


def _household_page(request: HttpRequest, view: HouseholdView, typed: FactForm | None = None) -> HttpResponse:
    """`typed`: what could not be entered, shown again with the reason."""
    staff, household_id = request.user, view.household.pk
    by_hand = queries.by_hand(view) if may(staff, "household.write") else []
    if typed is not None:
        by_hand = [typed if form.kind == typed.kind else form for form in by_hand]
    return render(
        request,
        "desk/household.html",
        {
            "view": view,
            "disaster": view.disaster,
            "heading": queries.heading(view),
            "facts": queries.facts(view),
            "unreadable": queries.unreadable(view),
            "groups": queries.groups(view),
            "descent": queries.descent(view, staff),
            "held": queries.held(view),
            "elsewhere": queries.elsewhere(view, staff),
            "other_chosen": _other_chosen(request, view),
            "may_decide": may(staff, "household.decide"),
            "timeline": queries.timeline(household_id, staff),
            "doors": queries.doors(household_id, staff),
            "houses": queries.houses(view, staff),
            "links": queries.links(view, staff),
            "may_match": may(staff, "matching.read"),
            "by_hand": by_hand,
            "may_ask": may(staff, "protection.ask"),
            "may_lift": may(staff, "protection.lift") and staff.sees_protected,
            "askable": [m for m in view.members if not m.protected],
            "protections": _protections(view) if staff.sees_protected else [],
        },
        status=200 if typed is None else 422,
    )


def _other_chosen(request: HttpRequest, view: HouseholdView) -> Any:
    """The disaster that is worked on, where this household belongs to another one."""
    chosen = ledger.current_disaster(request.session.get(CHOSEN))
    return chosen if chosen and chosen.pk != view.disaster.pk else None


@needs("people.search")
@require_POST
def choose_disaster(request: HttpRequest) -> HttpResponse:
    """Work on another disaster from now on; back to the page one came from where a door of the menu leads to it."""
    chosen = ledger.disaster_by_id(request.POST.get("disaster", ""))
    if chosen is None:
        raise NotFound("この災害はありません。")
    request.session[CHOSEN] = str(chosen.pk)
    messages.info(request, f"いまから「{chosen.name}」の仕事をします。")
    doors = [reverse("desk:home"), *(door["url"] for door in navigation(request)["nav"])]
    back = came_from(request)
    return redirect(back if back.partition("?")[0] in doors else reverse("desk:search"))


def _protections(view: HouseholdView) -> list[Protection]:
    return ledger.protections_of(member.person for member in view.members)


@needs("household.write")
@require_POST
def write_fact(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Enter a mailing address, a telephone number or a note."""
    view = ledger.household_page(household_id, request.user)
    kind = KINDS.get(request.POST.get("kind", ""))
    if kind is None or not kind.by_hand:
        raise Refused("この項目は、この画面では記入できません。")
    form = FactForm(request.POST, kind=kind)
    if not form.is_valid():
        subject = f"household:{household_id}"
        log_access(by=request.user, what=AccessLog.What.HOUSEHOLD, subject=subject, hits=len(view.members))
        return _household_page(request, view, form)
    text = form.cleaned_data["text"]
    services.write_by_hand(by=request.user, household=view.household, kind=kind.name, text=text)
    messages.success(request, f"{kind.label}を記入しました。" if text else f"{kind.label}を空にしました。")
    return redirect("desk:household", household_id)


@needs("protection.ask")
@never_cache
@require_http_methods(["GET", "POST"])
def ask_protection(request: HttpRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """秘匿希望, at once and without any proof: the page afterwards may no longer show the person to this very clerk.

    Asked once more before, since a slip of the hand would need a supervisor to undo.
    """
    view = ledger.household_page(household_id, request.user)
    person = next((m.person for m in view.members if m.person.pk == person_id), None)
    if person is None:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    if request.method == "GET":
        return _confirm_ask(request, view, person)
    services.ask_protection(by=request.user, person=person)
    messages.success(request, "秘匿希望を受け付けました。この方は、この画面にも名簿にも表示されません。")
    left = len(view.members) > 1 or request.user.sees_protected
    return redirect("desk:household", household_id) if left else redirect("desk:search")


def _confirm_ask(request: HttpRequest, view: HouseholdView, person: Person) -> HttpResponse:
    log_access(by=request.user, what=AccessLog.What.HOUSEHOLD, subject=f"household:{view.household.pk}")
    return render(
        request,
        "layout/confirm.html",
        {
            "heading": "秘匿希望の受付",
            "question": "この方の秘匿希望を受け付けますか。",
            "text": "本人の申し出だけで、すぐに受け付けます。受け付けると検索・一覧・世帯画面に出なくなり、"
            "元に戻せるのは監督者だけです。",
            "facts": [
                {"label": "氏名", "value": person.name, "kind": "name", "kana": person.kana},
                {"label": "り災番号", "value": view.household.disaster_number, "kind": "code"},
            ],
            "action": request.path,
            "confirm_label": "秘匿希望を受け付ける",
            "back_url": reverse("desk:household", args=[view.household.pk]),
        },
    )


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
        if _protections(ledger.household_page(household_id, request.user)):
            messages.info(request, "秘匿を1件解除しました。この世帯には、ほかの秘匿が残っています。")
        else:
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
