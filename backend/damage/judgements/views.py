"""Pages of judgements: what waits for a second person, equal cases at once, one judgement confirmed or sent back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import needs
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.damage import classes
from backend.damage.models import Judgement, Survey
from backend.damage.surveys import photos
from backend.damage.surveys import queries as surveys
from backend.damage.surveys import rules as survey_rules
from backend.damage.surveys.views import crumbs, disaster_or_refuse, log, tell, working_disaster

from . import queries, services
from .forms import MakeForm, RejectForm

COLUMNS = [
    {"label": "方法"},
    {"label": "区分"},
    {"label": "運用指針の版"},
    {"label": "件数", "number": True},
    {"label": "うち自分の起案", "number": True},
    {"label": "いちばん前の起案"},
    {"label": "写真"},
]


@require_safe
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    """The judgements that wait for a confirmation, equal ones together."""
    disaster = working_disaster(request)
    far = queries.far_photos(disaster) if surveys.sees_originals(request.user) else {}
    rows = [
        {
            "cells": [
                {
                    "text": survey_rules.METHODS[one.method],
                    "url": f"{reverse('judgements:batch')}?method={one.method}&class={one.damage_class}&edition={one.edition}",
                },
                classes.LABELS[one.damage_class],
                surveys.edition_title(one.edition),
                one.count,
                one.own,
                one.since,
                _far(far.get((one.method, one.damage_class, one.edition), 0), "棟"),
            ]
        }
        for one in queries.equal_cases(disaster, request.user)  # type: ignore[arg-type]
    ]
    context = {
        "disaster": disaster,
        "at": now(),
        "columns": COLUMNS,
        "rows": rows,
        "crumbs": crumbs(("判定の確認", "")),
    }
    return render(request, "damage/judgements/index.html", context)


def _far(count: int, unit: str) -> dict[str, str]:
    """Photographs that may show another house."""
    return {"text": f"50mより遠い{count}{unit}", "badge": "warning"} if count else {"text": ""}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("judgements.confirm")
def batch(request: HttpRequest) -> HttpResponse:
    """Equal cases: listed first, then confirmed together. Those that changed meanwhile are left out and named."""
    said = request.POST if request.method == "POST" else request.GET
    key = {"method": said.get("method", ""), "damage_class": said.get("class", ""), "edition": said.get("edition", "")}
    if key["method"] not in survey_rules.METHODS or key["damage_class"] not in classes.LABELS:
        raise NotFound("この組み合わせの判定はありません。「判定の確認」の一覧から選んでください。")
    staff, disaster = request.user, disaster_or_refuse(request)
    left_out: list[str] = []
    if request.method == "POST":
        chosen = [UUID(text) for text in request.POST.getlist("judgement") if _is_uuid(text)]
        try:
            done = services.confirm_equal(by=staff, judgements=chosen, **key)  # type: ignore[arg-type]
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            left_out = services.named(done.left_out)
            messages.success(request, f"{len(done.confirmed)}件を確認しました。")
            if not left_out:
                return redirect("judgements:index")
    rows = queries.cases(disaster, staff, **key)  # type: ignore[arg-type]
    at = surveys.places(row.house_id for row in rows)
    without = surveys.without_sheet(row.survey for row in rows)
    far = photos.far_of(row.survey_id for row in rows) if surveys.sees_originals(staff) else {}
    log(request, "judgements", len(rows), "判定の確認")
    context = {
        "key": key,
        "label": classes.LABELS[key["damage_class"]],
        "method": survey_rules.METHODS[key["method"]],
        "edition": surveys.edition_title(key["edition"]),
        "cases": [
            {
                "row": row,
                "where": at.get(row.house_id, ""),
                "note": _note(row),
                "missing": survey_rules.NO_SHEET if row.survey_id in without else "",
                "far": _far(far.get(row.survey_id, 0), "枚"),
            }
            for row in rows
        ],
        "left_out": left_out,
        "most": queries.LISTED,
        "crumbs": crumbs(("判定の確認", reverse("judgements:index")), ("まとめて確認", "")),
    }
    return render(request, "damage/judgements/batch.html", context)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _sheet(row: Survey) -> str:
    """Where the sheet is that the result was typed from, or that it is missing."""
    if row.method not in survey_rules.BY_SHEET:
        return "要りません（計算した判定）"
    if place := row.answers.get("sheet_place"):
        return f"紙で保管：{place}"
    return survey_rules.NO_SHEET if surveys.without_sheet([row]) else "写しあり"


def _note(row: Judgement) -> str:
    """What the second person compares: the answers that decide, and a reason that was written by hand."""
    answers = surveys.answer_words(row.survey.answers)
    shown = ("whole_loss", "ratio", "external_force", "water", "depth", "consent_on", "sheet_place")
    said = [f"{surveys.ANSWER_LABELS[key]} {answers[key]}" for key in shown if key in answers]
    if row.reason and not row.reason.startswith(row.survey.get_stage_display()):
        said.append(f"理由 {row.reason}")
    return "　".join(said)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("judgements.make")
def make(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Propose the class that a survey found."""
    row = surveys.survey(survey_id)
    form = MakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.make(by=request.user, survey=survey_id, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refusal:
            tell(form, refusal)
        else:
            messages.success(request, "判定を起案しました。ほかの職員の確認を待っています。")
            return redirect("damage_houses:house", row.house_id)
    return _ask(
        request,
        row.house_id,
        heading="判定の起案",
        question=f"この家屋を「{surveys.class_label(row.damage_class, row)}」と判定しますか。",
        text="ほかの職員が確認すると、住んでいる世帯の被害の程度になります。",
        facts=[
            {"label": "調査", "value": f"{row.get_stage_display()}・{row.get_method_display()}"},
            {"label": "調査日", "value": row.surveyed_on},
            {"label": "損害割合", "value": "記入なし" if row.ratio is None else f"{row.ratio}%"},
            {"label": "調査票", "value": _sheet(row)},
        ],
        form=form,
        confirm_label="起案する",
    )


@require_POST
@never_cache
@needs("judgements.confirm")
def confirm(request: HttpRequest, judgement_id: UUID) -> HttpResponse:
    """A second person has looked at it."""
    row = services.confirm(by=request.user, judgement=judgement_id)  # type: ignore[arg-type]
    label = surveys.class_label(row.damage_class, row.survey)
    if row.state == "holds":
        messages.success(request, f"確認しました。この家屋の被害の程度は「{label}」です。")
    else:
        messages.info(request, f"「{label}」を確認しました。後の調査の判定があるため、現在の判定にはなりません。")
    return redirect("damage_houses:house", row.house_id)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("judgements.make")
def reject(request: HttpRequest, judgement_id: UUID) -> HttpResponse:
    """Send it back, or take one's own back, with the reason."""
    row = Judgement.objects.select_related("survey").filter(pk=judgement_id).first()
    if row is None:
        raise NotFound("この判定はありません。画面を開き直してください。")
    form = RejectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.reject(by=request.user, judgement=judgement_id, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        messages.success(request, "差し戻しました。調査を打ち直すか、あらためて起案できます。")
        return redirect("damage_houses:house", row.house_id)
    own = row.made_by_id == request.user.pk
    return _ask(
        request,
        row.house_id,
        heading="判定の取下げ" if own else "判定の差戻し",
        question=f"「{surveys.class_label(row.damage_class, row.survey)}」の判定を{'取り下げ' if own else '差し戻し'}ますか。",
        facts=[{"label": "起案", "value": str(row.made_by)}, {"label": "理由・特記", "value": row.reason or "なし"}],
        form=form,
        confirm_label="取り下げる" if own else "差し戻す",
        danger=True,
    )


def _ask(request: HttpRequest, house_id: UUID, **said: object) -> HttpResponse:
    log(request, f"house:{house_id}", detail="被害の判定")
    back = reverse("damage_houses:house", args=[house_id])
    form = said.get("form")
    status = 422 if getattr(form, "errors", None) else 200
    return render(request, "layout/confirm.html", {"action": request.path, "back_url": back, **said}, status=status)
