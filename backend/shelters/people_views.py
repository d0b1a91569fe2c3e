"""Pages: checking in, leaving and moving, and one person with their wishes and their history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import today
from backend.core.errors import NotFound
from backend.core.templatetags.tasuki import tokyo
from backend.facilities import queries as facilities
from backend.ledger.matching import confirming
from backend.ledger.matching.queries import states as link_states
from backend.ledger.queries import household_page, sees_protected

from . import household as leaf
from . import merging, queries, rules, services, wishes
from .acts import DETAILS
from .cards import rules as card_rules
from .forms import (
    CheckInForm,
    ConsentForm,
    CorrectForm,
    DetailsForm,
    LeaveForm,
    MoveForm,
    NewPersonForm,
    NoteForm,
    VoidForm,
)
from .needs import services as needing
from .needs.queries import needs_of
from .pages import attempt, chosen_shelter, crumbs, posted, shelter_crumbs, shelter_or_404, uuid_or_none
from .people import evacuee_of, hidden, protected
from .places import queries as places
from .said import said_of
from .welfare.queries import marks

# One key each, in the order of `rules.DESTINATIONS`; to another shelter is a move.
KEYS = [*zip("123456789abcde", [(k, v) for k, v in rules.DESTINATIONS.items() if k != "unknown"], strict=False)]
KEYS.append(("0", ("unknown", rules.DESTINATIONS["unknown"])))
UNCONFIRMED = "同じ方と確認するまで、ここで聞いた同意によって住民記録の方の情報を提供することはありません。"


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, household: UUID) -> HttpResponse:
    """Those members of a ledger household who have arrived, by keyboard alone."""
    view = household_page(household, request.user)
    log_access(by=request.user, what="household", subject=f"household:{household}", hits=len(view.members))
    shelters = facilities.open_shelters()
    members = [(str(m.person.pk), m.person) for m in view.present]
    places = queries.where_are([evacuee_of(p) for _, p in members], staff=request.user)
    choices = [(pk, _member(person, places)) for pk, person in members]
    form = CheckInForm(
        posted(request), members=choices, shelters=shelters, initial={"opening": chosen_shelter(request)}
    )
    form.fields["persons"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form,
            lambda: services.check_in_household(
                by=request.user,
                opening=UUID(data["opening"]),
                household=household,
                persons=[UUID(pk) for pk in data["persons"]],
                occurred_at=data["occurred_at"],
                how=data["how"],
            ),
        )
        if done:
            tell(request, done)
            return redirect("shelters:shelter", data["opening"])
    context = {"form": form, "view": view, "shelters": shelters, "crumbs": crumbs(("世帯を受け付ける", ""))}
    return render(request, "shelters/check_in.html", context)


def _member(person: Any, places: dict[UUID, queries.Place]) -> str:
    place = places.get(evacuee_of(person))
    here = f"　いま {place.name}" if place and place.present else ""
    return f"{person.name}（{person.relationship or '続柄不明'}）{here}"


def tell(request: HttpRequest, done: services.CheckedIn) -> None:
    """What became of those who were checked in, in words."""
    if done.arrived:
        messages.success(request, f"{len(done.arrived)}名を受け付けました。")
    if done.moved:
        unseen = hidden(done.moved, request.user)  # type: ignore[arg-type]
        known = {place for pk, place in done.moved.items() if pk not in unseen}
        names = "、".join(sorted(queries.opening_names(known).values()))
        whence = f"（{names} から）" if names else ""
        messages.success(request, f"{len(done.moved)}名を移動として受け付けました{whence}。")
    if done.already:
        messages.warning(request, f"{len(done.already)}名はすでにこの避難所で受付済みです。記録は増やしていません。")


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def check_in_new(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Somebody from elsewhere, or of whom nothing is known."""
    found = shelter_or_404(opening)
    form = NewPersonForm(posted(request))
    form.fields["name"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form,
            lambda: services.check_in_new(
                by=request.user,
                opening=opening,
                details=form.details(),
                occurred_at=data["occurred_at"],
                how=data["how"],
                where=form.where(),
            ),
        )
        if done:
            evacuee, result = done
            for item in data["consents"]:
                wishes.state_consent(by=request.user, evacuee=evacuee, item=item, given=True)
            if said := form.stated():
                needing.state(by=request.user, evacuee=evacuee, needs=said)
            if data["secret"]:
                wishes.ask_protection(by=request.user, evacuee=evacuee)
            tell(request, result)
            return redirect("shelters:find", opening)
    context = {"form": form, "shelter": found, "crumbs": shelter_crumbs(found, "台帳にない人")}
    return render(request, "shelters/new.html", context, status=422 if form.errors else 200)


@needs("shelters.write")
@require_POST
def depart(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Leave or move, for those ticked on the roster: first asks where to, then does it."""
    found = shelter_or_404(opening)
    chosen = {pk for text in request.POST.getlist("evacuee") if (pk := uuid_or_none(text))}
    rows = queries.roster(opening, staff=request.user, only=chosen).rows
    if not rows:
        messages.warning(request, "名簿で人を選んでください。")
        return redirect("shelters:shelter", opening)
    log_access(by=request.user, what="list", subject=f"opening:{opening}", hits=len(rows))
    moving = request.POST.get("act") == "move"
    data = request.POST if request.POST.get("asked") or request.POST.get("destination") else None
    others = [s for s in facilities.open_shelters() if s.opening != opening]
    form: Any = MoveForm(data, shelters=others) if moving else LeaveForm(data)
    if data and form.is_valid() and _departed(request, opening, form, [r.face.id for r in rows], moving):
        return redirect("shelters:shelter", opening)
    people = [{"field": "evacuee", "value": r.face.id, "name": r.face.name, "kana": r.face.kana} for r in rows]
    context = {"form": form, "shelter": found, "people": people, "moving": moving, "keys": KEYS}
    context |= {"crumbs": shelter_crumbs(found, "移動" if moving else "退所")}
    return render(request, "shelters/depart.html", context)


def _departed(request: HttpRequest, opening: UUID, form: Any, people: list[UUID], moving: bool) -> bool:
    said = form.cleaned_data
    if moving:
        values = {"to": UUID(said["to"]), "occurred_at": said["occurred_at"]}
        done = attempt(form, lambda: services.move(by=request.user, opening=opening, evacuees=people, **values))
    else:
        done = attempt(form, lambda: services.leave(by=request.user, opening=opening, evacuees=people, **said))
    if done:
        messages.success(request, f"{done}名の{'移動' if moving else '退所'}を記録しました。")
    return bool(done)


def known_here(request: HttpRequest, opening: UUID, evacuee: UUID) -> Any:
    """Somebody who is or was at this shelter, and whom this person may see; everybody else is unknown."""
    if not leaf.was_at(opening, evacuee, request.user):
        raise NotFound("その避難者は見つかりません。")
    return leaf.face(evacuee)


@needs("shelters.read")
@require_GET
def person(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    """One evacuee: who, where, what they agreed to, and all that was written of their stay."""
    found = shelter_or_404(opening)
    face = known_here(request, opening, evacuee)
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")
    said = leaf.consents_said(evacuee)
    merged = merging.merged_here(evacuee, request.user)
    context = {
        "shelter": found,
        "face": face,
        "age": face.age(today()),
        "card": card_rules.printed(card_rules.card_of(evacuee)),
        "place": queries.where_is(evacuee, staff=request.user),
        "welfare": marks([evacuee], request.user).get(evacuee),
        "told": _told(evacuee),
        "chain": places.chain([evacuee]),
        "history": leaf.history([evacuee, *(other.id for other in merged)]),
        "link": link_states([evacuee], request.user).get(evacuee),
        "may_match": may(request.user, "matching.read"),
        "unconfirmed": confirming.panel(request, [evacuee], why=UNCONFIRMED),
        "others": merging.others_of(evacuee, request.user),
        "merged": merged,
        "needs": needs_of([evacuee]).get(evacuee, []),
        "notes": leaf.notes(evacuee),
        "protected": sees_protected(request.user) and bool(protected([evacuee])),
        "consents": [
            {
                "label": label,
                "value": "未確認（いいえとして扱う）" if item not in said else "はい" if said[item].given else "いいえ",
                "note": "" if item not in said else _when(said[item]),
            }
            for item, label in rules.CONSENTS.items()
        ],
        "consent_form": ConsentForm(said={item: row.given for item, row in said.items()}),
        "details_form": None if face.household else DetailsForm(initial=_details(face)),
        "corrections": leaf.corrections([evacuee, *(other.id for other in merged)]),
        "note_form": NoteForm(),
        "can_write": may(request.user, "shelters.write"),
        "crumbs": shelter_crumbs(found, face.name),
    }
    return render(request, "shelters/person.html", context)


def _told(evacuee: UUID) -> places.Now | None:
    """Where somebody was told to be since, when that is newer than their stay."""
    now = places.current([evacuee]).get(evacuee)
    return now if now is not None and now.told_by else None


def _when(said: Any) -> str:
    return f"{tokyo(said.occurred_at)} に確認"


def _details(face: Any) -> dict[str, str]:
    said = said_of([face.id]).get(face.id, face)
    return {key: getattr(said, key) for key in DETAILS}


def _back(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    return redirect("shelters:person", opening, evacuee)


@needs("shelters.write")
@require_POST
def return_(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    tell(request, services.return_(by=request.user, opening=opening, evacuee=evacuee))
    return redirect("shelters:shelter", opening)


@needs("shelters.write")
@require_POST
def consent(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    known_here(request, opening, evacuee)
    form = ConsentForm(request.POST, said={})
    if form.is_valid():
        for item, given in form.answers().items():
            wishes.state_consent(by=request.user, evacuee=evacuee, item=item, given=given)
        messages.success(request, "同意の確認を記録しました。")
    return _back(request, opening, evacuee)


@needs("shelters.write")
@require_POST
def details(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    face = known_here(request, opening, evacuee)
    form = DetailsForm(request.POST)
    if form.is_valid():
        shown = {key: request.POST[f"was-{key}"] for key in DETAILS if f"was-{key}" in request.POST}
        if wishes.correct_details(by=request.user, evacuee=evacuee, details=form.details(), shown=shown):
            messages.success(request, "記載を訂正しました。")
        else:
            messages.info(request, "変わったところがないので、記録は増やしていません。")
        return _back(request, opening, evacuee)
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")
    context = {
        "form": form,
        "heading": f"{face.name} の記載を訂正する",
        "crumbs": shelter_crumbs(shelter_or_404(opening), "記載の訂正"),
        "submit": "訂正する",
        "back_url": reverse("shelters:person", args=[opening, evacuee]),
    }
    return render(request, "shelters/form.html", context, status=422)


@needs("shelters.write")
@require_POST
def note(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    known_here(request, opening, evacuee)
    form = NoteForm(request.POST)
    if form.is_valid():
        wishes.add_note(by=request.user, evacuee=evacuee, text=form.cleaned_data["text"])
        messages.success(request, "覚え書きを加えました。")
    return _back(request, opening, evacuee)


@needs("protection.ask")
@require_http_methods(["GET", "POST"])
def protect(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    """秘匿希望: asks once more, since whoever writes it may not see the person afterwards."""
    face = known_here(request, opening, evacuee)
    if request.method == "POST":
        wishes.ask_protection(by=request.user, evacuee=evacuee)
        messages.success(request, "秘匿希望を受け付けました。ただちに、名簿・検索・出力に出なくなります。")
        return redirect("shelters:shelter", opening)
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")
    context = {
        "heading": "秘匿希望を受け付ける",
        "question": f"{face.name} さんの居場所を、だれにも知らせないようにしますか。",
        "text": "本人の申し出だけで受け付けます。解除できるのは、指名された監督者だけです。",
        "action": request.path,
        "confirm_label": "受け付ける",
        "back_url": reverse("shelters:person", args=[opening, evacuee]),
        "danger": True,
    }
    return render(request, "layout/confirm.html", context)


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def void(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """Take back a wrong arrival, move or departure, after asking."""
    line = leaf.line_of(entry, request.user)
    form = VoidForm(posted(request))
    if request.method == "POST" and form.is_valid():
        services.void(by=request.user, entry=entry, reason=form.cleaned_data["reason"])
        messages.success(request, "記録を取り消しました。")
        return redirect("shelters:shelter", opening)
    return _ask(request, opening, line, form, "記録を取り消す", "取り消す", danger=True)


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """Correct when it was, and where to."""
    line = leaf.line_of(entry, request.user)
    initial = {"occurred_at": line.event.occurred_at, "destination": line.event.destination}
    form = CorrectForm(posted(request), left=line.event.kind == "left", initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        attempt(form, lambda: services.correct_stay(by=request.user, entry=entry, **data))
        if not form.errors:
            messages.success(request, "記録を訂正しました。")
            return redirect("shelters:shelter", opening)
    return _ask(request, opening, line, form, "日時・行き先を訂正する", "訂正する")


def _ask(
    request: HttpRequest,
    opening: UUID,
    line: queries.StayLine,
    form: Any,
    heading: str,
    label: str,
    *,
    danger: bool = False,
) -> HttpResponse:
    evacuee = line.event.evacuee
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")
    context = {
        "heading": heading,
        "question": f"{leaf.face(evacuee).name} さんの次の記録を{label.removesuffix('する')}しますか。"
        if not danger
        else f"{leaf.face(evacuee).name} さんの次の記録を取り消しますか。",
        "text": "もとの記録も、だれがいつ直したかも、残ります。",
        "facts": leaf.facts_of(line),
        "form": form,
        "action": request.path,
        "confirm_label": label,
        "back_url": reverse("shelters:person", args=[opening, evacuee]),
        "danger": danger,
    }
    return render(request, "layout/confirm.html", context)
