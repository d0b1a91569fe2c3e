"""Pages of decisions about households: deciding (choose, see what results, confirm), one decision, undoing it, the list."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import today
from backend.core.dates import era
from backend.core.errors import Conflict, NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Household

from . import hanging, queries, services
from . import plan as plans
from .forms import DecisionForm, UndoForm

UNKNOWN_DECISION = "この認定・異動はありません。"


def crumbs(household: Household, *more: str) -> list[dict[str, str]]:
    first = {"label": f"世帯 {household.disaster_number}", "url": reverse("desk:household", args=[household.pk])}
    return [first, *({"label": label} for label in more)]


def _log(request: HttpRequest, household: UUID, hits: int) -> None:
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.HOUSEHOLD,
        subject=f"household:{household}",
        hits=hits,
        detail="世帯の認定・異動",
    )


@needs("household.decide")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Choose; see what results, with heads and relationships to correct; confirm."""
    view = ledger.household_page(household_id, request.user)
    home = view.household
    people = _choosable(home, request.user)
    form = DecisionForm(
        request.POST or None, view=view, people=people, staff=request.user, initial={"day": era(today())}
    )
    _log(request, home.pk, len(people))
    if request.method != "POST" or "back" in request.POST or not form.is_valid():
        status = 422 if request.method == "POST" and "back" not in request.POST else 200
        return _ask(request, view, form, status)
    values = form.cleaned_data
    heads, kin = _said(request.POST)
    named = {"household": home, "kind": values["kind"], "people": values["people"], "other": values["other"]}
    try:
        # Whoever chose another head is shown first what follows from it.
        turned = any(str(pk) != request.POST.get(f"was_{key}", str(pk)) for key, pk in heads.items())
        plan = plans.make(staff=request.user, day=values["day"], heads=heads, kin={} if turned else kin, **named)
        if "confirmed" not in request.POST or turned:
            return _preview(request, view, form, plan)
        decision = services.decide(
            by=request.user,  # type: ignore[arg-type]
            day=values["day"],
            ground=values["ground"],
            evidence=values["evidence"],
            heads=heads,
            kin=kin,
            seen=request.POST.get("seen", ""),
            **named,
        )
    except Conflict as conflict:
        messages.warning(request, conflict.message)
        return _preview(request, view, form, plan)
    except Refused as refusal:
        for name, text in (refusal.fields or {"": refusal.message}).items():
            form.add_error(name if name in form.fields else None, text)
        return _ask(request, view, form, refusal.status)
    messages.success(request, "世帯の認定・異動を記録しました。")
    return redirect("households:decision", decision.pk)


def _choosable(household: Household, staff: Any) -> list[Any]:
    """Everybody who may be chosen: who is in it now, then who counted to it on the day."""
    people = {}
    for at in (None, queries.DISASTER):
        for member in queries.members_of(household, at=at, staff=staff):
            person = member.person
            person.relationship = member.relationship
            people.setdefault(person.pk, person)
    return list(people.values())


def _said(posted: Any) -> tuple[dict[str, UUID], dict[UUID, str]]:
    """Heads and relationships as they came back from the preview; what is no id is left out."""
    heads, kin = {}, {}
    for name, text in posted.items():
        try:
            if name in ("head_stay", "head_go"):
                heads[name.removeprefix("head_")] = UUID(text)
            elif name.startswith("kin_"):
                kin[UUID(name.removeprefix("kin_"))] = text.strip()
        except ValueError:
            continue
    return heads, kin


def _ask(request: HttpRequest, view: ledger.HouseholdView, form: DecisionForm, status: int) -> HttpResponse:
    context = {
        "view": view,
        "form": form,
        "disaster": view.disaster,
        "crumbs": crumbs(view.household, "世帯の認定・異動"),
    }
    return render(request, "ledger/households/decide.html", context, status=status)


def _preview(request: HttpRequest, view: ledger.HouseholdView, form: DecisionForm, plan: plans.Plan) -> HttpResponse:
    if plan.other is not None:
        _log(request, plan.other.pk, len(plan.results[-1].lines))
    posted = [
        (name, text)
        for name in form.fields
        for text in (form.data.getlist(name) if hasattr(form.data, "getlist") else [])
    ]
    context = {
        "view": view,
        "plan": plan,
        "form": form,
        "posted": posted,
        "disaster": view.disaster,
        "day": plan.day,
        "crumbs": crumbs(view.household, "世帯の認定・異動", "結果の確認"),
    }
    return render(request, "ledger/households/preview.html", context)


@needs("household.read")
@never_cache
@require_safe
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """One decision: what it says of whom, on what ground, and what came of it."""
    view = _decision(decision_id, request.user)
    row = view.decision
    _log(request, view.lines[0].from_household_id, len(view.lines))
    facts = [
        {"label": "種別", "value": row.get_kind_display()},
        {"label": "効力日", "value": era(row.effective_on)},
        {"label": "根拠", "value": row.ground},
        {"label": "確認した資料", "value": row.evidence},
        {"label": "決めた人", "value": str(row.by)},
    ]
    context = {
        "view": view,
        "row": row,
        "facts": facts,
        "homes": view.homes,
        "disaster": row.disaster,
        "may_decide": may(request.user, "household.decide") and not view.is_undone,
        "to_assign": hanging.of_decision(view, request.user) if view.is_undone else [],
        "may_assign": may(request.user, "household.decide"),
        "crumbs": crumbs(view.lines[0].from_household, "世帯の認定・異動"),
    }
    return render(request, "ledger/households/decision.html", context)


def _decision(decision_id: UUID, staff: Any) -> queries.DecisionView:
    found = queries.decision(decision_id, staff)
    if found is None:
        raise NotFound(UNKNOWN_DECISION)
    return found


@needs("household.decide")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Undo a decision, with the reason."""
    view = _decision(decision_id, request.user)
    row = view.decision
    form = UndoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.undo(by=request.user, decision=row, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "認定・異動を取り消しました。世帯は元の組み合わせに戻りました。")
            if waiting := row.to_assign.filter(settled_at=None).count():
                messages.warning(
                    request, f"この間に世帯に書かれた記録が{waiting}件あります。どの世帯のものかを選んでください。"
                )
            return redirect("households:decision", row.pk)
    _log(request, view.lines[0].from_household_id, len(view.lines))
    context = {
        "heading": "世帯の認定・異動の取消",
        "question": "この認定・異動を取り消しますか。",
        "text": "取り消すと、世帯は元の組み合わせに戻ります。新しく付けたり災番号は欠番になりますが、"
        "その番号で交付した証明書や記入した連絡先は消えずに残ります。",
        "facts": [
            {"label": "種別", "value": row.get_kind_display()},
            {"label": "対象の方", "value": view.names},
            {"label": "効力日", "value": era(row.effective_on)},
            {"label": "根拠", "value": row.ground},
        ],
        "action": request.path,
        "form": form,
        "confirm_label": "取り消す",
        "back_url": reverse("households:decision", args=[row.pk]),
        "danger": True,
    }
    return render(request, "layout/confirm.html", context, status=422 if form.errors else 200)


@needs("household.decide")
@require_POST
def assign(request: HttpRequest, row: UUID) -> HttpResponse:
    """Whose is what was written on the household? `into` empty: it stays there."""
    text = request.POST.get("into", "")
    try:
        into = UUID(text) if text else None
    except ValueError:
        raise NotFound("その世帯は見つかりません。画面を開き直してください。") from None
    done = hanging.assign(by=request.user, row=row, into=into)  # type: ignore[arg-type]
    messages.success(
        request, f"{done.into} のものとして振り分けました。" if done.into else "書かれた世帯に残しました。"
    )
    return redirect("households:decision", done.decision_id)


@needs("household.read")
@never_cache
@require_safe
def index(request: HttpRequest, disaster_id: UUID) -> HttpResponse:
    """The decisions of a disaster, the newest first."""
    disaster = Disaster.objects.filter(pk=disaster_id).first()
    if disaster is None:
        raise NotFound("この災害はありません。")
    rows = queries.decisions(disaster, request.user)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject=f"disaster:{disaster.pk}",
        hits=len(rows),
        detail="世帯の認定・異動",
    )
    context = {
        "disaster": disaster,
        "rows": rows,
        "waiting": hanging.open_counts(disaster, request.user),
        "crumbs": [
            {"label": disaster.name, "url": reverse("ledger:disaster", args=[disaster.pk])},
            {"label": "世帯の認定・異動"},
        ],
    }
    return render(request, "ledger/households/index.html", context)
