"""Pages of the door: one box, by keyboard alone. Search is by POST, so that no name stands in an address."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.errors import NotFound, Refused
from backend.core.kana import looks_like_kana
from backend.shelters import rules
from backend.shelters.forms import LeaveForm, NewPersonForm
from backend.shelters.pages import attempt, shelter_crumbs, shelter_or_404, uuid_or_none
from backend.shelters.people_views import KEYS, tell
from backend.shelters.prereg import rules as prereg
from backend.shelters.prereg import services as arriving

from . import queries, services

LONGEST = prereg.LONGEST + 200  # of a scan; whoever types writes less


@needs("shelters.write")
@never_cache
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest, opening: UUID) -> HttpResponse:
    """The box, what it finds, and whoever is ticked is checked in."""
    text = request.POST.get("q", "").strip()[:LONGEST]
    if prereg.is_code(text):
        return _preregistered(request, shelter_or_404(opening), text)
    if "/verify/" in text and (elsewhere := _desk_search()):
        return redirect(elsewhere, preserve_request=True)  # the QR of a certificate: the desk opens its household
    problem = ""
    if request.method == "POST" and "arrive" in request.POST:
        try:
            how = request.POST.get("how") or "inside"
            done = services.check_in(by=request.user, opening=opening, chosen=_chosen(request.POST), how=how)
            tell(request, done)
            return redirect("shelters:find", opening)
        except Refused as refusal:
            if refusal.status in (403, 404):
                raise
            problem = refusal.message
    new = "new" in request.POST
    if request.method == "POST" and "leave" in request.POST:
        return _leave(request, opening, text)
    shelter = shelter_or_404(opening)
    found = queries.find(text, opening, request.user) if text and not new else queries.Found()
    recent = [] if text or new else queries.recent(opening, request.user)
    if text and not new:
        log_access(by=request.user, what="search", subject=f"opening:{opening}", hits=found.people, detail="q")
    elif recent:
        log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(recent))
    context = {
        "shelter": shelter,
        "text": text,
        "problem": problem,
        "found": found,
        "nobody": bool(text) and not new and not found.families,
        "has_register": bool(text) or queries.has_register(opening),
        "new_form": _new_form(text) if new or (text and not found.families) else None,
        "recent": recent,
        "hows": rules.HOW,
        "crumbs": shelter_crumbs(shelter, "受付"),
    }
    return render(request, "shelters/door.html", context, status=422 if problem else 200)


def _preregistered(request: HttpRequest, shelter: Any, text: str) -> HttpResponse:
    """A family's own code: everybody in it is shown, ticked, and one key checks them in."""
    context: dict[str, Any] = {"shelter": shelter, "text": text, "hows": rules.HOW, "problem": "", "family": None}
    try:
        context["family"] = family = prereg.read(text)
    except prereg.Unreadable as wrong:
        context["problem"] = str(wrong)
    else:
        if "arrive" in request.POST:
            how = request.POST.get("how") or "inside"
            chosen = {pk for value in request.POST.getlist("evacuee") if (pk := uuid_or_none(value))}
            try:
                done = arriving.check_in(
                    by=request.user, opening=shelter.opening, family=family, chosen=chosen, how=how
                )
                tell(request, done)
                return redirect("shelters:find", shelter.opening)
            except Refused as refusal:
                if refusal.status == 403:
                    raise  # whoever is unknown here is unticked, and the others are checked in
                context["problem"] = refusal.message
    context["crumbs"] = shelter_crumbs(shelter, "事前登録の受付")
    return render(request, "shelters/prereg.html", context, status=422 if context["problem"] else 200)


def _leave(request: HttpRequest, opening: UUID, text: str) -> HttpResponse:
    """Where to, of the ticked people of what was found; then they leave. Also those of whom no arrival is written here."""
    shelter = shelter_or_404(opening)
    ticked = {*request.POST.getlist("member"), *request.POST.getlist("person"), *request.POST.getlist("evacuee")}
    members = [m for family in queries.find(text, opening, request.user).families for m in family.members]
    going = {m.value: m for m in members if m.value in ticked}
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(going))
    if not going:
        messages.warning(request, "退所する人を選んでください。数字の 1〜9 か Space で選びます。")
        return redirect("shelters:find", opening)
    form = LeaveForm(request.POST if "destination" in request.POST else None)
    if form.is_valid():
        said, chosen = form.cleaned_data, _chosen(request.POST)
        left = attempt(form, lambda: services.leave(by=request.user, opening=opening, chosen=chosen, **said))
        if left:
            messages.success(request, f"{left}名の退所を記録しました。")
            return redirect("shelters:find", opening)
    context = {
        "form": form,
        "shelter": shelter,
        "people": [m for m in going.values() if m.here],
        "unlisted": [m for m in going.values() if not m.here],
        "asked_at_the_door": {"q": text, "household": request.POST.get("household", ""), "leave": "1"},
        "keys": KEYS,
        "crumbs": shelter_crumbs(shelter, "退所"),
    }
    return render(request, "shelters/depart.html", context, status=422 if form.errors else 200)


def _new_form(text: str) -> NewPersonForm:
    """The form for somebody unknown, with what was typed as the name, or as the reading where it is kana alone."""
    named = {"name": text, "kana": text} if text and looks_like_kana(text) else {"name": text}
    form = NewPersonForm(initial=named)
    form.fields["name"].widget.attrs["autofocus"] = True
    return form


def _desk_search() -> str:
    """The desk's search where it is installed: a laptop has none."""
    try:
        return reverse("desk:search")
    except NoReverseMatch:
        return ""


def _chosen(posted: QueryDict) -> services.Chosen:
    def ids(name: str) -> list[UUID]:
        try:
            return [UUID(value) for value in posted.getlist(name) if value]
        except ValueError as error:
            raise NotFound("選んだ人が見つかりません。画面を開き直してください。") from error

    home: Any = ids("household")
    residents = [number[:15] for number in posted.getlist("person")]
    return services.Chosen(home[0] if home else None, ids("member"), residents, ids("evacuee"))
