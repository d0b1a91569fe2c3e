"""The queue of who is who: one record after the other, both sides beside each other, decided with one key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound
from backend.ledger import queries as ledger
from backend.ledger.models import MatchDecision, SameAs, ToAssign, TypedRecord

from . import hanging, queries, services
from .forms import ApartForm, ListForm
from .showing import COLUMNS, in_words, room_of, side_by_side

PAGE = 50
RUN_AT_ONCE = 500
Verdict = MatchDecision.Verdict
SAID = {
    Verdict.SAME: "「同じ方」として結び付けました。",
    Verdict.OTHER: "「別の方」としました。",
    Verdict.ABSENT: "「住民記録にない方」としました。",
}


def crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": "名寄せ", "url": reverse("matching:index")}, *({"label": t, "url": u} for t, u in way)]


@require_safe
@never_cache
@needs("matching.read")
def index(request: HttpRequest) -> HttpResponse:
    """How much waits for a person, and how the rest was settled."""
    counts = queries.counts(request.user)
    states = [
        ("certain", "自動で結び付け", counts.certain, "確認は済んでいません"),
        ("none", "候補なし", counts.none, "住民記録に似た方がいません"),
        ("decided", "確認済み", counts.decided, ""),
        ("waiting", "照合待ち", counts.waiting, "まだ見くらべていません"),
    ]
    later = f"うち、あとで {counts.later:,}" if counts.later else ""
    states.insert(0, ("likely", "確認待ち", counts.likely, later))
    cards = []
    for state, label, number, note in states:
        url = f"{reverse('matching:list')}?state={state}"
        cards.append({"label": label, "value": number, "unit": "件", "note": note, "url": url})
    context = {
        "cards": cards,
        "counts": counts,
        "typed": sum(vars(counts).values()) - counts.later,
        "at": now(),
        "to_assign": len(hanging.open_rows(request.user)),
        "can_decide": may(request.user, "matching.decide"),
        "can_run": services.runs_here(),
    }
    return render(request, "ledger/matching/index.html", context)


@require_POST
@needs("matching.decide")
def take(request: HttpRequest) -> HttpResponse:
    """The next record that nobody else has before them."""
    return _next(request)


def _next(request: HttpRequest) -> HttpResponse:
    record = services.take_next(by=request.user)  # type: ignore[arg-type]
    if record is None:
        if queries.counts(request.user).likely:
            messages.info(
                request, "残りの記録は、ほかの職員が確認しています。10分たっても決まらなければ、こちらに回ります。"
            )
        else:
            messages.success(request, "確認待ちの記録は、いまはありません。")
        return redirect("matching:index")
    return redirect("matching:case", record)


@require_POST
@needs("matching.decide")
def run(request: HttpRequest) -> HttpResponse:
    """Match what is waiting, some hundreds at a time."""
    count = services.match_waiting(by=request.user, most=RUN_AT_ONCE)  # type: ignore[arg-type]
    messages.success(request, f"{count:,}件を照合しました。")
    return redirect("matching:index")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("matching.read")
def case(request: HttpRequest, record: UUID) -> HttpResponse:
    """One record beside one candidate. `?candidate=` shows another one; a POST of `q` looks people up by hand."""
    chosen = _uuid(request.GET.get("candidate", ""))
    found, problem = _looked_up(request, record)
    view = queries.case(record, request.user, also=[*([chosen] if chosen else []), *(p.pk for p in found)])
    _log(request, record, [c.person.pk for c in view.candidates])
    by_hand = {p.pk for p in found}
    # Several were found: whoever presses a key must not decide of one that was not chosen yet.
    shown = _shown(view, chosen, list(by_hand) if len(by_hand) == 1 else [], by_hand)
    rest = [c for c in view.candidates if c is not shown]
    open_now = view.record.outcome not in {TypedRecord.Outcome.DECIDED} and not (
        view.link and view.link.confirmed_by_id
    )
    context = {
        "view": view,
        "room": room_of(view.record),
        "shown": shown,
        "columns": COLUMNS,
        "rows": side_by_side(view.record, shown),
        "others": [_in_list(c) for c in rest if c.person.pk not in by_hand],
        "found": [_in_list(c) for c in rest if c.person.pk in by_hand],
        "position": view.candidates.index(shown) + 1 if shown else 0,
        "waiting": queries.counts(request.user).likely,
        "held": view.held if shown and view.candidates[0] is shown else "",
        "can_decide": may(request.user, "matching.decide") and open_now,
        "can_part": may(request.user, "matching.decide") and view.link is not None,
        "next": may(request.user, "matching.decide") and not open_now,
        "q": request.POST.get("q", ""),
        "problem": problem,
        "crumbs": crumbs(("見くらべ", "")),
    }
    return render(request, "ledger/matching/case.html", context)


def _in_list(candidate: queries.CandidateView) -> dict[str, Any]:
    person = candidate.person
    reasons = "、".join(candidate.likeness.reasons)
    return {"person": person, "birth": in_words(person.birth), "reasons": reasons}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _looked_up(request: HttpRequest, record: UUID) -> tuple[list[Any], str]:
    """People whom somebody looks for by hand. What was typed comes by POST, so that it stands in no address."""
    text = request.POST.get("q", "").strip()
    row = queries.records(request.user).select_related("disaster").filter(pk=record).first() if text else None
    disaster = row.disaster if row else None
    if disaster is None:
        return [], ""
    found = ledger.search(ledger.Asked(text=text), disaster=disaster, staff=request.user)
    people = [person for person in found.people if person.atena_no]
    what = AccessLog.What.SEARCH
    log_access(by=request.user, what=what, hits=len(people), detail="名寄せ")  # type: ignore[arg-type]
    return people, found.problem or ("" if people else "住民記録に見つかりません。")


def _shown(
    view: queries.CaseView, chosen: UUID | None, found: list[UUID], by_hand: set[UUID]
) -> queries.CandidateView | None:
    """The candidate beside the record: who was chosen or found alone, else who is linked, else the likeliest."""
    wanted = [chosen, *found, view.link.into_id if view.link else None]
    by_id = {c.person.pk: c for c in view.candidates}
    likeliest = next((c for c in view.candidates if c.person.pk not in by_hand), None)
    return next((by_id[pk] for pk in wanted if pk in by_id), likeliest)


def _log(request: HttpRequest, record: UUID, people: list[UUID]) -> None:
    """Both sides were looked at."""
    what = AccessLog.What.PERSON
    for subject in [f"record:{record}", *(f"person:{pk}" for pk in people)]:
        log_access(by=request.user, what=what, subject=subject, detail="名寄せ")  # type: ignore[arg-type]


@require_POST
@needs("matching.decide")
def decide(request: HttpRequest, record: UUID) -> HttpResponse:
    """One key, one decision; the next case comes by itself."""
    verdict, into = request.POST.get("verdict", ""), _uuid(request.POST.get("into", ""))
    if (verdict == Verdict.SAME and into is None) or (verdict == Verdict.OTHER and into is None):
        raise NotFound("候補の方が選ばれていません。画面を開き直してください。")
    proof = request.POST.get("proof", SameAs.Proof.RECORDS)
    try:
        services.decide(by=request.user, record=record, verdict=verdict, into=into, proof=proof)  # type: ignore[arg-type]
    except Conflict as conflict:
        messages.warning(request, conflict.message)
        return _next(request)
    messages.success(request, SAID[Verdict(verdict)])
    if verdict == Verdict.OTHER and queries.queue(request.user).filter(pk=record).exists():
        return redirect("matching:case", record)
    return _next(request)


@require_POST
@needs("matching.decide")
def confirm(request: HttpRequest, record: UUID) -> HttpResponse:
    """The machine's link is confirmed on the page whose work needs it, and that page comes back."""
    into = _uuid(request.POST.get("into", ""))
    if into is None:
        raise NotFound("候補の方が選ばれていません。画面を開き直してください。")
    proof = request.POST.get("proof", "")
    try:
        services.decide(by=request.user, record=record, verdict=Verdict.SAME, into=into, proof=proof)  # type: ignore[arg-type]
    except Conflict as conflict:
        messages.warning(request, conflict.message)
    else:
        messages.success(request, "「同じ方」と確認しました。")
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("matching:case", record)


@require_POST
@needs("matching.decide")
def later(request: HttpRequest, record: UUID) -> HttpResponse:
    services.put_off(by=request.user, record=record)  # type: ignore[arg-type]
    messages.info(request, "あとで確認します。ほかの記録の後に、もう一度出ます。")
    return _next(request)


@require_POST
@needs("matching.decide")
def undo(request: HttpRequest) -> HttpResponse:
    try:
        record = services.undo_last(by=request.user)  # type: ignore[arg-type]
    except NotFound as nothing:
        messages.info(request, nothing.message)
        shown = _uuid(request.POST.get("record", ""))
        return redirect("matching:case", shown) if shown else redirect("matching:index")
    messages.info(request, "直前の判断を取り消しました。もう一度確認してください。")
    return _back_to(request, record)


def _back_to(request: HttpRequest, record: UUID) -> HttpResponse:
    """The record again; the overview where it is another's to decide by now, without a word of why."""
    if queries.records(request.user).filter(pk=record).exists():
        return redirect("matching:case", record)
    return redirect("matching:index")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("matching.decide")
def apart(request: HttpRequest, record: UUID) -> HttpResponse:
    """Take a wrong link apart, with the reason."""
    view = queries.case(record, request.user)
    if view.link is None:
        raise NotFound("この記録は、住民記録と結び付いていません。画面を開き直してください。")
    form = ApartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        count = services.take_apart(by=request.user, record=record, reason=reason)  # type: ignore[arg-type]
        if count:
            messages.warning(request, f"外しました。結び付いていた間に書かれた記録が{count}件あります。")
            return redirect("matching:assignments")
        messages.success(request, "外しました。結び付いていた間に書かれた記録はありません。")
        return _back_to(request, record)
    _log(request, record, [view.link.into_id])
    facts = [
        {"label": "入力された記録", "value": view.record.name, "kind": "name", "kana": view.record.kana},
        {"label": "住民記録の方", "value": view.link.into.name, "kind": "name", "kana": view.link.into.kana},
        {"label": "根拠", "value": view.link.ground},
    ]
    context = {
        "heading": "結び付けを外す",
        "question": "この二つの記録は、別の方のものですか。",
        "text": "外すと、自動では二度と結び付きません。結び付いていた間に書かれた記録は、どちらの方のものかを次の画面で振り分けます。",
        "facts": facts,
        "form": form,
        "action": request.path,
        "confirm_label": "外す",
        "back_url": reverse("matching:case", args=[record]),
        "danger": True,
    }
    return render(request, "layout/confirm.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs("matching.read")
def listed(request: HttpRequest) -> HttpResponse:
    """The records in one state, 50 a page."""
    form = ListForm(request.GET)
    state = (form.cleaned_data["state"] if form.is_valid() else "") or TypedRecord.Outcome.CERTAIN
    page = Paginator(queries.listed(request.user, state), PAGE).get_page(request.GET.get("page"))
    links = queries.states([record.pk for record in page], request.user)
    what = AccessLog.What.LIST
    if page.object_list:
        log_access(by=request.user, what=what, hits=len(page.object_list), detail="名寄せの一覧")  # type: ignore[arg-type]
    rows = [
        {
            "cells": [
                {"text": r.name, "kana": r.kana, "name": True, "url": reverse("matching:case", args=[r.pk])},
                in_words(r.birth) or "―",
                r.address or "―",
                room_of(r),
                {"text": links[r.pk].text, "badge": links[r.pk].kind},
            ]
        }
        for r in page
    ]
    columns = [{"label": label} for label in ("氏名", "生年月日", "住所", "入力した所", "状態")]
    context = {"form": form, "page": page, "rows": rows, "columns": columns, "base": f"?state={state}&"}
    return render(request, "ledger/matching/list.html", context | {"crumbs": crumbs(("記録の一覧", ""))})


# What hung on a wrong link -------------------------------------------------------------------------------------------


@require_safe
@never_cache
@needs("matching.read")
def assignments(request: HttpRequest) -> HttpResponse:
    """What was written under a link that was taken apart: whose is it?"""
    rows = hanging.open_rows(request.user)
    names = TypedRecord.objects.in_bulk({row.link.person_id or row.link.record for row in rows})
    if rows:
        what = AccessLog.What.LIST
        log_access(by=request.user, what=what, hits=len(rows), detail="振り分け待ち")  # type: ignore[arg-type]
    shown = [{"row": row, "typed": names.get(row.link.person_id or row.link.record)} for row in rows]  # type: ignore[call-overload]
    context = {
        "rows": shown,
        "sides": ToAssign.Side.choices,
        "can_decide": may(request.user, "matching.decide"),
        "crumbs": crumbs(("振り分け待ち", "")),
    }
    return render(request, "ledger/matching/assignments.html", context)


@require_POST
@needs("matching.decide")
def assign(request: HttpRequest, row: UUID) -> HttpResponse:
    done = hanging.assign(by=request.user, row=row, side=request.POST.get("side", ""))  # type: ignore[arg-type]
    messages.success(request, f"「{done.get_side_display()}」として振り分けました。")
    return redirect("matching:assignments")
