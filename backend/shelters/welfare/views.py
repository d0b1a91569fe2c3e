"""Pages: asking for a place (also on a laptop); at headquarters the queue, one request, and how many a shelter takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.core.spreadsheets import harmless

from ..needs.queries import needs_of
from ..pages import attempt, crumbs, posted
from ..queries import places_of
from . import queries, rules, services
from .forms import AnswerForm, ArriveForm, AskForm, PlacesForm, ReasonForm, TransportForm


def _crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "福祉避難所", "url": reverse("centre:welfare")}
    return [{"label": "本部", "url": reverse("centre:headquarters")}, first, *({"label": t, "url": u} for t, u in way)]


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, evacuee: UUID) -> HttpResponse:
    """A place is asked for somebody, wherever they are; what is known of their needs is in the form already."""
    face = queries.who(evacuee, request.user)  # type: ignore[arg-type]
    if face is None:
        raise NotFound("その避難者は見つかりません。")
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")  # type: ignore[arg-type]
    listed = queries.listed(evacuee)
    stated = "、".join(need.label for need in needs_of([evacuee]).get(evacuee, []))
    initial = {
        "needs": "、".join(filter(None, [stated, listed.reason if listed else ""])),
        "devices": listed.device_list if listed else [],
        "contact": face.telephone or (listed.supporter_phone if listed else ""),
    }
    form = AskForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: services.ask(by=request.user, evacuee=evacuee, **form.cleaned_data))  # type: ignore[arg-type]
        if done:
            messages.success(request, f"{face.name}さんの福祉避難所を頼みました。")
            return redirect(_back(evacuee, done))
    context = {
        "form": form,
        "heading": f"{face.name}さんの福祉避難所を頼む",
        "crumbs": crumbs(("福祉避難所を頼む", "")),
        "submit": "頼む",
        "back_url": _back(evacuee, None),
    }
    return render(request, "shelters/form.html", context, status=422 if form.errors else 200)


def _back(evacuee: UUID, asked: UUID | None) -> str:
    """To the request at headquarters; on a laptop, which has no queue, to the person."""
    try:
        return reverse("centre:welfare_case", args=[asked]) if asked else reverse("centre:welfare")
    except NoReverseMatch:
        opening = places_of([evacuee]).get(evacuee)
        return reverse("shelters:person", args=[opening, evacuee]) if opening else reverse("shelters:index")


@needs("shelters.read")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits, the most urgent first; where there is room; and who should be asked for before anybody asks."""
    found, rooms = queries.cases(request.user), queries.rooms()  # type: ignore[arg-type]
    first = queries.candidates(request.user)  # type: ignore[arg-type]
    log_access(by=request.user, what="list", subject="welfare", hits=len(found) + len(first))  # type: ignore[arg-type]
    by_state = {state: [case for case in found if case.standing.state == state] for state in rules.STATES}
    free = [room.free for room in rooms if room.free is not None]
    over = [room for room in rooms if room.free is not None and room.free < 0]
    context = {
        "at": now(),
        "cards": [
            {
                "label": "受入先を探している方",
                "value": len(by_state["asked"]),
                "unit": "人",
                "kind": "warning" if by_state["asked"] else "",
            },
            {"label": "受入先が決まり、移送を待つ方", "value": len(by_state["accepted"]), "unit": "人"},
            {"label": "移送を手配した方", "value": len(by_state["moving"]), "unit": "人"},
            {"label": "空き（分かっている分）", "value": sum(max(n, 0) for n in free), "unit": "人分"},
        ],
        "over": over,
        "groups": [
            {"title": rules.STATES[state], "state": state, "cases": by_state[state]}
            for state in ("asked", "accepted", "moving")
        ],
        "done": [*by_state["arrived"], *by_state["cancelled"]],
        "rooms": rooms,
        "first": first,
        "can_write": may(request.user, services.RIGHT),
        "crumbs": [{"label": "本部", "url": reverse("centre:headquarters")}, {"label": "福祉避難所", "url": ""}],
    }
    return render(request, "shelters/welfare/queue.html", context)


@needs("shelters.read")
@require_GET
def queue_csv(request: HttpRequest) -> HttpResponse:
    found = queries.cases(request.user)  # type: ignore[arg-type]
    log_access(by=request.user, what="export", subject="welfare", hits=len(found))  # type: ignore[arg-type]
    stamp = now().astimezone(TOKYO)

    def lines() -> Iterator[list[str]]:
        yield [
            "状態", "氏名", "氏名カナ", "生年月日", "必要なこと", "機器・処置", "付き添い", "頼んだ日時", "いまの居場所", "連絡先", "受入先",
            "断った施設の数", "移送する人", "出発の予定", "時点",
        ]  # fmt: skip
        for case in found:
            leaves = case.transport.leaves_at if case.transport else None
            cells = [
                case.state,
                case.face.name,
                case.face.kana,
                case.face.birth,
                case.row.needs,
                "、".join(case.devices),
                str(case.row.companions),
                case.row.occurred_at.astimezone(TOKYO).isoformat(timespec="minutes"),
                f"{case.now.label}　{case.now.where}".strip() if case.now else "",
                case.row.contact,
                case.facility,
                str(len(case.standing.refused)),
                case.transport.carrier if case.transport else "",
                leaves.astimezone(TOKYO).isoformat(timespec="minutes") if leaves else "",
                stamp.isoformat(timespec="minutes"),
            ]
            yield [harmless(cell) for cell in cells]

    return csv_answer(request, lines(), f"福祉避難所の依頼_{stamp:%Y%m%d-%H%M}.csv")


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, asked: UUID) -> HttpResponse:
    """One request: all that happened to it, and what may be done now."""
    found = next(iter(queries.cases(request.user, only=asked)), None)  # type: ignore[arg-type]
    if found is None:
        raise NotFound("この依頼は見つかりません。")
    log_access(by=request.user, what="person", subject=f"evacuee:{found.evacuee}")  # type: ignore[arg-type]
    can_write = may(request.user, services.RIGHT)
    forms = _forms(request, found) if can_write else {}
    act = request.POST.get("act", "")
    if request.method == "POST" and act in forms and forms[act].is_valid() and _do(request, act, forms[act], asked):
        return redirect("centre:welfare_case", asked)
    context = {
        "case": found,
        "told": queries.told_of(asked),
        "rooms": queries.rooms(),
        "forms": [(act, _TITLES[act], form) for act, form in forms.items()],
        "wrong": any(form.errors for form in forms.values()),
        "can_write": can_write,
        "crumbs": _crumbs((found.face.name, "")),
    }
    return render(request, "shelters/welfare/case.html", context, status=422 if context["wrong"] else 200)


_TITLES = {
    "answer": "施設の答え",
    "transport": "移送の手配",
    "arrive": "到着",
    "withdraw": "受入れが取り消された",
    "cancel": "依頼を取りやめる",
}


def _forms(request: HttpRequest, found: queries.Case) -> dict[str, Any]:
    """The forms of what may be done now; only the one that was sent is bound."""
    act, possible = request.POST.get("act", ""), found.standing.acts

    def data(name: str) -> Any:
        return posted(request) if act == name else None

    made: dict[str, Any] = {}
    if "accept" in possible:
        made["answer"] = AnswerForm(data("answer"), rooms=queries.rooms(), prefix="answer")
    if "arrive" in possible and found.standing.state == "moving":
        made["arrive"] = ArriveForm(data("arrive"), prefix="arrive")
    if "transport" in possible:
        made["transport"] = TransportForm(data("transport"), prefix="transport")
    if "arrive" in possible and found.standing.state == "accepted":
        made["arrive"] = ArriveForm(data("arrive"), prefix="arrive")
    for name in ("withdraw", "cancel"):
        if name in possible:
            made[name] = ReasonForm(data(name), prefix=name)
    # A name that stands in the address of a form that is not possible any more is answered by the service.
    if act in _TITLES and act not in made and request.method == "POST":
        made[act] = _LATE[act](request)
    return made


_LATE: dict[str, Callable[[HttpRequest], Any]] = {
    "answer": lambda r: AnswerForm(r.POST, rooms=queries.rooms(), prefix="answer"),
    "transport": lambda r: TransportForm(r.POST, prefix="transport"),
    "arrive": lambda r: ArriveForm(r.POST, prefix="arrive"),
    "withdraw": lambda r: ReasonForm(r.POST, prefix="withdraw"),
    "cancel": lambda r: ReasonForm(r.POST, prefix="cancel"),
}


def _do(request: HttpRequest, act: str, form: Any, asked: UUID) -> bool:
    said: dict[str, Any] = dict(form.cleaned_data) | {"by": request.user, "request": asked}
    if act == "answer":
        said["facility"], said["accepted"] = UUID(said["facility"]), said.pop("answer") == "accept"
    verbs: dict[str, Callable[..., Any]] = {
        "answer": services.answer,
        "transport": services.arrange,
        "arrive": services.arrive,
        "withdraw": services.withdraw,
        "cancel": services.cancel,
    }
    attempt(form, lambda: verbs[act](**said))
    if form.errors:
        return False
    messages.success(request, "記録しました。")
    return True


@needs("welfare.write")
@require_http_methods(["GET", "POST"])
def places(request: HttpRequest, facility: UUID) -> HttpResponse:
    """How many people a welfare shelter takes."""
    room = queries.room(facility)
    if room is None:
        raise NotFound("この福祉避難所はありません。")
    form = PlacesForm(posted(request), initial={"places": room.places, "note": room.told.note if room.told else ""})
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: services.report_places(by=request.user, facility=facility, **form.cleaned_data))  # type: ignore[arg-type]
        if not form.errors:
            messages.success(request, f"「{room.facility.name}」の受入人数を記録しました。")
            return redirect("centre:welfare")
    context = {
        "form": form,
        "heading": f"{room.facility.name}の受入人数",
        "crumbs": _crumbs((room.facility.name, "")),
        "submit": "記録する",
        "back_url": reverse("centre:welfare"),
    }
    return render(request, "shelters/form.html", context, status=422 if form.errors else 200)
