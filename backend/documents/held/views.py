"""Pages of the queue: what waits, how one character is settled, and the decisions with their undoing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.errors import Refused
from backend.documents.models import CharacterDecision

from . import queries, services
from .forms import ByHandForm, EndForm, SubstituteForm

PAGE = 50


def _crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "保留の文字", "url": reverse("documents:held")}
    return [first, *({"label": label, "url": url} for label, url in more)]


@never_cache
@require_safe
@needs("held.read")
def index(request: HttpRequest) -> HttpResponse:
    """Who waits for a paper because of a character; `?closed` what has left the queue."""
    closed = "closed" in request.GET
    found = queries.lines(request.user, closed=closed)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    log_access(by=request.user, what="list", hits=len(page.object_list), detail="held papers")
    waiting = sum(not line.settled for line in found)
    context = {
        "page": page,
        "closed": closed,
        "waiting": waiting,
        "ready": len(found) - waiting,
        "base": "?closed&" if closed else "?",
    }
    return render(request, "documents/held.html", context)


@never_cache
@require_safe
@needs("held.read")
def line(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """One character: whose, where, what is known of it, and the ways to settle it."""
    return _line(request, held_id)


@require_POST
@needs("held.decide")
def substitute(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """Another shape, with consent."""
    form = SubstituteForm(request.POST, auto_id="substitute_%s")
    return _settle(request, held_id, "substitute_form", form, services.substitute)


@require_POST
@needs("held.decide")
def by_hand(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """An empty box, filled by hand."""
    form = ByHandForm(request.POST, auto_id="hand_%s")

    def act(*, everywhere: str, **rest: Any) -> CharacterDecision:
        return services.by_hand(everywhere=everywhere == "all", **rest)

    return _settle(request, held_id, "hand_form", form, act)


@require_POST
@needs("held.decide")
def check_again(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """A font or a map was added."""
    try:
        found = services.check_again(by=request.user, held_id=held_id)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _line(request, held_id, refusal=refusal)
    messages.success(request, f"{found.font}で印字できます。")
    return _onwards(request, held_id)


@require_POST
@needs("held.decide")
def drop(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """The paper is not wanted any more."""
    services.drop(by=request.user, held_id=held_id)
    messages.success(request, "保留を終わりにしました。必要になったら、もう一度交付の操作をしてください。")
    return redirect("documents:held")


@never_cache
@require_safe
@needs("held.read")
def decisions(request: HttpRequest) -> HttpResponse:
    """Every decision, by whom and on what ground, and which were taken back."""
    found = queries.decisions(request.user)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    log_access(by=request.user, what="list", hits=len(page.object_list), detail="decisions about characters")
    rows = [
        {
            "found": row,
            "who": who,
            "codes": queries.faces.codes(row.cluster),
            "pieces": queries.characters.pieces(row.cluster, row.source),
        }
        for row, who in page
    ]
    context = {
        "rows": rows,
        "page": page,
        "may_decide": may(request.user, "held.decide"),
        "crumbs": _crumbs(("文字の扱いの決定", "")),
    }
    return render(request, "documents/decisions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("held.decide")
def end(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Take a decision back, with a reason."""
    found = queries.decision_of(decision_id, request.user)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.end(by=request.user, decision_id=decision_id, reason=form.cleaned_data["reason"])
        messages.success(request, "決定を取り消しました。交付した文書は変わりません。")
        return redirect("documents:decisions")
    if found.subject:
        log_access(
            by=request.user, what="person", subject=f"{found.scope}:{found.subject}", detail="character decision"
        )
    context = {
        "heading": "決定の取消",
        "question": "この文字の扱いの決定を取り消しますか。",
        "text": "交付した文書は変わりません。次の交付から、もう一度決めることになります。",
        "facts": [
            {"label": "コード", "value": queries.faces.codes(found.cluster), "kind": "code"},
            {"label": "扱い", "value": found.get_how_display(), "note": found.text or found.font},
            {"label": "範囲", "value": found.get_scope_display()},
            {"label": "理由", "value": found.ground},
        ],
        "action": request.path,
        "form": form,
        "confirm_label": "取り消す",
        "back_url": reverse("documents:decisions"),
        "danger": True,
    }
    return render(request, "layout/confirm.html", context, status=422 if form.is_bound else 200)


def _settle(request: HttpRequest, held_id: UUID, name: str, form: Any, act: Any) -> HttpResponse:
    if form.is_valid():
        try:
            found = act(by=request.user, held_id=held_id, **form.cleaned_data)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            for field, text in refusal.fields.items():
                form.add_error(field if field in form.fields else None, text)
            if not refusal.fields:
                form.add_error(None, refusal.message)
        else:
            messages.success(request, f"「{found.get_how_display()}」と決めました。")
            return _onwards(request, held_id)
    return _line(request, held_id, **{name: form})


def _onwards(request: HttpRequest, held_id: UUID) -> HttpResponse:
    """Whoever waits at the counter is served in one go: the next character of the paper, else the paper itself."""
    done = queries.held(held_id, request.user)
    rest = queries.waiting_for(done.row.kind_id, done.row.household, request.user)
    if rest:
        messages.info(request, f"この文書には、扱いを決める文字があと{len(rest)}件あります。")
        return redirect("documents:held_line", rest[0].row.pk)
    if not done.issue_url:
        return redirect("documents:held_line", held_id)
    messages.info(request, "文字の扱いがすべて決まりました。このまま交付できます。")
    return redirect(done.issue_url)


def _line(request: HttpRequest, held_id: UUID, *, refusal: Refused | None = None, **forms: Any) -> HttpResponse:
    found = queries.held(held_id, request.user)
    row = found.row
    log_access(by=request.user, what="household", subject=f"household:{row.household}", detail="held paper")
    said = queries.characters.meaning(row.cluster, row.source)
    name = found.who["name"]
    # In a field nothing draws a character that no font has: the reading tells whose name it is.
    lost = bool(name) and bool(queries.characters.unreadable(name, row.source))
    initial = {"text": queries.suggestion(row), "consent_by": found.who["kana"] if lost else name}
    context = {
        "line": found,
        "row": row,
        "facts": [
            {"label": "誰の", "value": found.who["name"] or "世帯の住所", "kind": "name", "kana": found.who["kana"]},
            {"label": "り災番号", "value": found.who["number"], "kind": "code"},
            {"label": "文書", "value": row.kind.title},
            {"label": "欄", "value": row.label},
            {"label": "コード", "value": found.codes, "kind": "code", "note": found.source_label},
            {
                "label": "対応表",
                "value": " ".join(filter(None, (said.text, said.mj, said.font, said.note))) if said else "載っていない",
            },
            {"label": "保留", "value": row.held_at, "note": str(row.held_by)},
        ],
        "refusal": refusal,
        "substitute_form": forms.get("substitute_form") or SubstituteForm(initial=initial, auto_id="substitute_%s"),
        "hand_form": forms.get("hand_form") or ByHandForm(auto_id="hand_%s"),
        "may_decide": may(request.user, "held.decide") and not row.closed_at,
        "crumbs": _crumbs((found.codes, "")),
    }
    return render(request, "documents/held_line.html", context, status=422 if refusal or forms else 200)
