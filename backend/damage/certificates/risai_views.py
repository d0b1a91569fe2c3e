"""Pages of the 罹災証明書: which house, and one page on which it is seen and issued."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import AccessLog, Staff
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now, today
from backend.core.errors import NotFound, Refused
from backend.damage.surveys import queries as surveys
from backend.damage.surveys.queries import HouseView
from backend.ledger import queries as ledger
from backend.ledger.models import Household

from . import people, queries, receivers, risai, risai_queries, services
from .forms import RisaiForm
from .risai_form import facts as form_facts
from .views import crumbs, unconfirmed, way_on

PHOTOS = 3
PURPOSE = "被災者支援の手続き"


@never_cache
@require_safe
@needs("certificates.issue")
def choose(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """The houses of a household with what each was judged; a single one is opened at once."""
    staff: Staff = request.user  # type: ignore[assignment]
    what = people.printable(household_id, staff)
    houses = queries.houses_of(what.household, staff)
    if len(houses) == 1:
        return redirect("damage:risai_house", household_id, houses[0].house)
    log_access(by=staff, what="household", subject=f"household:{household_id}", detail="risai")
    rows = [
        {
            "cells": [
                {"text": one.where, "url": reverse("damage:risai_house", args=[household_id, one.house])},
                one.role,
                one.damage or "判定はまだです",
                {"text": one.paper.number_text, "url": reverse("damage:document", args=[one.paper.pk])}
                if one.paper
                else "交付していません",
            ]
        }
        for one in houses
    ]
    context = {
        "crumbs": crumbs(("罹災証明書", "")),
        "what": what,
        "columns": [{"label": "家屋"}, {"label": "関係"}, {"label": "被害の程度"}, {"label": "罹災証明書"}],
        "rows": rows,
        "may_houses": may(staff, "houses.read"),
    }
    return render(request, "damage/certificates/risai_houses.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates.issue")
def issue(request: HttpRequest, household_id: UUID, house_id: UUID) -> HttpResponse:
    """GET shows the fields, the house on the map, its photographs and its owner; POST issues."""
    staff: Staff = request.user  # type: ignore[assignment]
    what = people.printable(household_id, staff)
    view = _view(house_id, what.household, staff)
    asked = receivers.applied(staff, household_id, house_id, "dwelling")
    chosen = _chosen(request)
    found, refusal = _case(staff, household_id, house_id, chosen)
    boxes = {"boxes": settings.RISAI_BOXES}
    form = RisaiForm(request.POST or None, initial=_initial(found), **boxes)
    if request.method == "POST" and form.is_valid():
        try:
            new = risai.issue_risai(by=staff, household_id=household_id, house_id=house_id, **form.cleaned_data)
        except Refused as error:
            refusal = error
            said = request.POST.dict() | ({"judgement": str(found.judgement.pk)} if found else {})
            form = RisaiForm(said, **boxes)
        else:
            messages.success(
                request, f"{new.number_text} を交付しました。PDFを開いて{new.copies.get().quantity}通印刷してください。"
            )
            return redirect(f"{reverse('damage:document', args=[new.id])}?new=1")
    log_access(by=staff, what="household", subject=f"household:{household_id}", detail="risai")
    standing = [
        one for one in queries.household_issues(household_id, staff, [queries.RISAI]) if one.subject == house_id
    ]
    out = [one for one in standing if one.is_out]
    context = {
        "crumbs": crumbs(("罹災証明書", reverse("damage:risai", args=[household_id])), ("交付する", "")),
        "what": what,
        "facts": _facts(found),
        "found": found,
        "handed": receivers.Handed(found.application, found.restricted) if found else None,
        "others": [one for one in asked if found and one.pk != found.application.pk],
        "may_applications": may(staff, "damage.read"),
        "form": form,
        "refusal": refusal,
        **_way_on(staff, household_id, house_id, refusal),
        "unconfirmed": unconfirmed(request, refusal),
        "standing": [one for one in out if one.is_valid],
        "to_return": [one for one in out if not one.is_valid],
        "waiting": [row for row in view.judgements if row.state == "waiting"],
        "can_issue": found is not None and (staff.sees_protected or not any(one.is_valid for one in out)),
        "house": _house_facts(view),
        "house_id": house_id,
        "picture": risai_queries.picture(house_id, what.household.disaster, staff),
        "photos": list(reversed(view.photos))[:PHOTOS],
    }
    status = 200 if request.method != "POST" else refusal.status if refusal else 422
    return render(request, "damage/certificates/risai.html", context, status=status)


@never_cache
@require_safe
@needs("certificates.read")
def returns(request: HttpRequest) -> HttpResponse:
    """The households that are to be called back: their paper rests on a judgement that another one took the place of."""
    staff: Staff = request.user  # type: ignore[assignment]
    disaster = ledger.current_disaster(request.session.get("disaster"))
    found, more = risai_queries.to_return(disaster, staff) if disaster else ([], False)
    if disaster:
        log_access(
            by=staff,
            what=AccessLog.What.LIST,
            subject=f"disaster:{disaster.pk}",
            hits=len(found),
            detail="risai returns",
        )
    may_open, may_issue = may(staff, "household.read"), may(staff, "certificates.issue")
    context = {
        "crumbs": crumbs(("返納してもらう罹災証明書", "")),
        "disaster": disaster,
        "at": now(),
        "more": more,
        "columns": [
            {"label": "文書番号"},
            {"label": "り災番号"},
            {"label": "家屋"},
            {"label": "証明書の区分"},
            {"label": "いまの区分"},
            {"label": "替わった日時"},
        ],
        "rows": [
            {
                "cells": [
                    {"text": one.paper.number_text, "url": reverse("damage:document", args=[one.paper.pk])},
                    {"text": one.household.disaster_number, "url": reverse("desk:household", args=[one.household.pk])}
                    if may_open
                    else one.household.disaster_number,
                    {"text": one.where, "url": _house_url(one)} if may_issue else one.where,
                    one.said,
                    f"{one.now}（同じ）" if one.same else one.now,
                    one.paper.superseded_at,
                ]
            }
            for one in found
        ],
    }
    return render(request, "damage/certificates/risai_returns.html", context)


def _house_url(one: risai_queries.ToReturn) -> str:
    return reverse("damage:risai_house", args=[one.household.pk, one.paper.subject])


def _view(house_id: UUID, home: Household, staff: Staff) -> HouseView:
    try:
        return surveys.house_view(house_id, home.disaster, staff)
    except NotFound as missing:
        raise NotFound("この家屋はありません。世帯の画面から選び直してください。") from missing


def _chosen(request: HttpRequest) -> UUID | None:
    """The application that was chosen where there are several; the last one unless told otherwise."""
    try:
        return UUID(request.POST.get("application") or request.GET.get("application") or "")
    except ValueError:
        return None


def _case(
    staff: Staff, household_id: UUID, house_id: UUID, application: UUID | None
) -> tuple[risai.Case | None, Refused | None]:
    """What would be issued, or why nothing can be."""
    try:
        found = risai.case(staff, household_id, house_id, application=application)
        services.require_none_as_typed(found.what, kind=risai.KIND, subject=house_id, restricted=found.restricted)
        risai.body(found, about_house="", about_others="", purpose="")
    except Refused as error:
        return None, error
    return found, None


def _initial(found: risai.Case | None) -> dict[str, Any]:
    """What the application says; who applied at the counter today has shown who they are."""
    if found is None:
        return {}
    row = found.application
    here = row.channel == "counter" and row.received_at.astimezone(TOKYO).date() == today()
    return {
        "judgement": found.judgement.pk,
        "application": row.pk,
        "about_house": risai.water(found),
        "purpose": row.purpose[: risai.MOST_PURPOSE] or PURPOSE,
        "copies": row.copies,
        "id_checked": row.identity if here else "",
    }


def _facts(found: risai.Case | None) -> list[dict[str, object]]:
    if found is None:
        return []
    return form_facts(risai.body(found, about_house=risai.water(found), about_others="", purpose=""))


def _house_facts(view: HouseView) -> list[dict[str, object]]:
    record, row = view.known.record, view.present
    found: list[dict[str, object]] = [
        {"label": "所在地", "value": view.known.where},
        {"label": "所有者", "value": view.known.present_owner or view.known.owner},
        {
            "label": "種類・構造",
            "value": "　".join(part for part in (record.kind, record.structure, record.floors) if part),
        },
    ]
    if row:
        found.append(
            {
                "label": "判定",
                "value": surveys.class_label(row.damage_class, row.survey),
                "note": f"{row.survey.get_stage_display()}・{row.survey.get_method_display()}　確認 {row.confirmed_by}",
            }
        )
    return found


def _way_on(staff: Staff, household_id: UUID, house_id: UUID, refusal: Refused | None) -> dict[str, str]:
    """Where what is missing can be had."""
    if isinstance(refusal, receivers.Unapplied) and may(staff, "applications.write"):
        url = reverse("applications:new_of", args=[household_id])
        return {"way_url": url, "way_label": "罹災証明書の申請を受け付ける"}
    if isinstance(refusal, receivers.Unready) and may(staff, "damage.read"):
        url = reverse("applications:page", args=[refusal.application])
        return {"way_url": url, "way_label": "申請を見る"}
    if isinstance(refusal, risai.NotDwelling):
        return {"way_url": reverse("damage:issue", args=[household_id]), "way_label": "被災証明書を交付する"}
    if isinstance(refusal, risai.Undecided):
        return {"way_url": reverse("damage_houses:house", args=[house_id]), "way_label": "この家屋の調査と判定を見る"}
    if isinstance(refusal, risai.Unlinked) and may(staff, "houses.read"):
        return {"way_url": reverse("houses:house", args=[house_id]), "way_label": "家屋と世帯のつながりを確認する"}
    return way_on(staff, household_id, refusal, queries.RISAI)
