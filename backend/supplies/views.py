"""Pages: what shelters ask for and what came, of one and of all; handing out by scanning cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs, require
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound, Refused
from backend.core.forms import times
from backend.core.spreadsheets import harmless
from backend.facilities import queries as facilities
from backend.facilities.queries import Shelter
from backend.journal import people

from . import queries, rules, services
from .forms import ReceiptForm, RequestForm, ThingForm

SESSION_KEY = "handing_out"


def _crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": "物資", "url": reverse("supplies:index")}, *({"label": t, "url": u} for t, u in way)]


@needs("supplies.read")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Open requests of all shelters, the most urgent first, and what they come to; then what was answered or has come."""
    form, as_of, known_at = times(request)
    asked = queries.requests(None, as_of, known_at, still_open=True)
    context = {
        "form": form,
        "is_past": bool(as_of or known_at),
        "at": as_of or now(),
        "known_at": known_at,
        "query": request.GET.urlencode(),
        "asked": asked,
        "settled": queries.requests(None, as_of, known_at, settled=True)[: queries.SHOWN],
        "wanted": queries.wanted(asked),
        "more": len(asked) == queries.MOST,
        "shelters": facilities.open_shelters(),
        "can_write": may(request.user, "supplies.write") and not (as_of or known_at),
    }
    return render(request, "supplies/index.html", context)


@needs("supplies.read")
@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    _, as_of, known_at = times(request)
    stamp = (as_of or now()).astimezone(TOKYO)

    def rows() -> Any:
        yield ["避難所", "品目", "数量", "単位", "急ぎ", "いつまでに", "覚え書き", "要望した日時", "届いた数", "時点"]
        for one in queries.requests(None, as_of, known_at, still_open=True, most=None):
            row = one.row
            at = row.occurred_at.astimezone(TOKYO).isoformat(timespec="minutes")
            said = (one.place, row.what, str(row.quantity), row.unit, one.urgency, row.until, row.note, at)
            yield [harmless(cell) for cell in (*said, str(one.received), stamp.isoformat(timespec="minutes"))]

    return csv_answer(request, rows(), f"物資の要望_{stamp:%Y%m%d-%H%M}.csv")


@needs("supplies.read")
@require_http_methods(["GET", "POST"])
def shelter(request: HttpRequest, opening: UUID) -> HttpResponse:
    """What one shelter asks for."""
    found = facilities.shelter_or_404(opening)
    form = RequestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require(request.user, "supplies.write")
        if form.is_valid():
            try:
                services.request(by=request.user, opening=opening, **form.cleaned_data)  # type: ignore[arg-type]
                messages.success(request, f"「{form.cleaned_data['what']}」を要望しました。")
                return redirect("supplies:shelter", opening)
            except Refused as refusal:
                _say(form, refusal)
    return _shelter_page(request, found, form)


def _shelter_page(
    request: HttpRequest, found: Shelter, form: RequestForm, receipt: ReceiptForm | None = None
) -> HttpResponse:
    times_form, as_of, known_at = times(request)
    is_past = bool(as_of or known_at)
    context = {
        "shelter": found,
        "times_form": times_form,
        "is_past": is_past,
        "at": as_of or now(),
        "known_at": known_at,
        "form": form,
        "receipt_form": receipt or ReceiptForm(auto_id="id_receipt_%s"),
        "asked": queries.requests(found.opening, as_of, known_at),
        "came": queries.receipts(found.opening, as_of, known_at),
        "common": rules.COMMON,
        "can_write": may(request.user, "supplies.write") and found.is_open and not is_past,
        "crumbs": _crumbs((found.name, "")),
    }
    wrong = form.errors or (receipt and receipt.errors)
    return render(request, "supplies/shelter.html", context, status=422 if wrong else 200)


@needs("supplies.write")
@require_POST
def receive(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Something came: for a request (its number may be less than was asked for), or anything else."""
    found = facilities.shelter_or_404(opening)
    asked = request.POST.get("request", "")
    if asked:
        quantity = request.POST.get("quantity", "")
        done = services.receive(
            by=request.user,  # type: ignore[arg-type]
            opening=opening,
            request=_uuid(asked),
            quantity=int(quantity) if quantity.isascii() and quantity.isdecimal() and len(quantity) < 10 else 0,
        )
    else:
        form = ReceiptForm(request.POST, auto_id="id_receipt_%s")
        if not form.is_valid():
            return _shelter_page(request, found, RequestForm(), form)
        done = services.receive(by=request.user, opening=opening, **form.cleaned_data)  # type: ignore[arg-type]
    row = queries.receipt(done)
    messages.success(request, f"「{row.what}」{row.quantity:,}{row.unit}が届いたと記録しました。")
    return redirect("supplies:shelter", opening)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("その要望は見つかりません。") from error


@needs("supplies.write")
@require_POST
def undo_receipt(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    services.undo(by=request.user, opening=opening, entry=entry)  # type: ignore[arg-type]
    messages.success(request, "届いた記録を取り消しました。")
    return redirect("supplies:shelter", opening)


def _say(form: Any, refusal: Refused) -> None:
    if refusal.status in (403, 404):
        raise refusal
    for field, text in refusal.fields.items():
        form.add_error(field if field in form.fields else None, text)
    form.add_error(None, refusal.message)


@needs("supplies.write")
@require_POST
def answer(request: HttpRequest, entry: UUID) -> HttpResponse:
    state, note = request.POST.get("state", ""), request.POST.get("note", "")
    services.answer(by=request.user, request=entry, state=state, note=note)  # type: ignore[arg-type]
    messages.success(request, f"「{rules.STATES[state]}」と記録しました。")
    back = request.POST.get("back", "")
    found = next((s for s in facilities.open_shelters() if str(s.opening) == back), None)
    return redirect("supplies:shelter", found.opening) if found else redirect("supplies:index")


@needs("supplies.write")
@never_cache
@require_http_methods(["GET", "POST"])
def hand_out(request: HttpRequest, opening: UUID) -> HttpResponse:
    """Choose the thing once, then scan, scan, scan; who has none of a card is found by name."""
    found = facilities.shelter_or_404(opening)
    kept = request.session.get(SESSION_KEY) or {}
    if "thing" in request.POST:
        form = ThingForm(request.POST)
        if form.is_valid():
            request.session[SESSION_KEY] = form.cleaned_data
            return redirect("supplies:hand_out", opening)
    else:
        form = ThingForm(initial=kept)
    if not kept:
        form.fields["what"].widget.attrs["autofocus"] = True
    text = request.POST.get("q", "").strip()[:200]
    context: dict[str, Any] = {"problem": "", "again": None, "found": [], "text": ""}
    if kept and ("q" in request.POST or "evacuee" in request.POST or "given_to" in request.POST):
        context |= _scanned(request, opening, kept, text)
        if context["problem"] == "done":
            return redirect("supplies:hand_out", opening)
    given = queries.given(opening, request.user)  # type: ignore[arg-type]
    hits = len(given) + len(context["found"])
    log_access(by=request.user, what="search" if text else "list", subject=f"opening:{opening}", hits=hits)  # type: ignore[arg-type]
    context |= {
        "shelter": found,
        "at": now(),
        "form": form,
        "kept": kept,
        "given": given,
        "today": queries.today_by_thing(opening),
        "common": rules.COMMON,
        "crumbs": _crumbs((found.name, reverse("supplies:shelter", args=[opening])), ("配る", "")),
    }
    wrong = form.errors or context["problem"]
    return render(request, "supplies/hand_out.html", context, status=422 if wrong else 200)


def _scanned(request: HttpRequest, opening: UUID, kept: dict[str, Any], text: str) -> dict[str, Any]:
    """What became of a scan, a name or a button: handed out ("done"), asked once more, or people to choose from."""
    staff: Any = request.user
    chosen, name = request.POST.get("evacuee", ""), request.POST.get("given_to", "").strip()
    try:
        ids = [UUID(chosen)] if chosen else None if name else people.by_card(text)
    except ValueError as misread:
        return {"problem": str(misread) if not chosen else "選んだ人が見つかりません。", "text": text}
    if ids is None and not name:
        faces = _with_cards(people.present(opening, text, staff) if text else [])
        problem = "" if faces else "この避難所の名簿に見つかりません。札を読むか、下から氏名だけで記録してください。"
        return {"found": faces, "text": text, "problem": problem}
    shown = people.faces(ids or [], staff)
    if ids is not None and len(shown) != 1:
        missing = "この札の方は、ここではまだ分かりません。氏名で探すか、下から氏名だけで記録してください。"
        return {"found": _with_cards(list(shown.values())), "text": "", "problem": "" if shown else missing}
    face = next(iter(shown.values()), None)
    try:
        services.hand_out(
            by=staff,
            opening=opening,
            evacuee=face.id if face else None,
            given_to=name,
            again="again" in request.POST,
            **kept,
        )
    except services.Again as again:
        had = queries.received_today(face.id, kept["what"]) if face else None
        return {"again": {"face": face, "had": had}, "problem": again.message}
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        return {"problem": refusal.message, "text": text}
    messages.success(request, f"{face.name if face else name} さんに渡しました。")
    return {"problem": "done"}


def _with_cards(faces: list[Any]) -> list[tuple[Any, str]]:
    """People of one name are told apart by the number on their card."""
    cards = people.cards(face.id for face in faces)
    return [(face, cards.get(face.id, "")) for face in faces]


@needs("supplies.write")
@require_POST
def undo(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    services.undo(by=request.user, opening=opening, entry=entry)  # type: ignore[arg-type]
    messages.success(request, "配布を取り消しました。")
    return redirect("supplies:hand_out", opening)
