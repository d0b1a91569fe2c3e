"""The households of one house with the certificate of each: an apartment house is one survey and many papers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backend.accounts.models import AccessLog, Staff
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.errors import NotFound
from backend.damage.surveys import queries as surveys
from backend.ledger import queries as ledger

from . import risai_queries
from .risai_queries import HomeOfHouse
from .views import crumbs


@never_cache
@require_safe
@needs("certificates.read")
def homes(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Who lives in the house, room by room: confirmed, applied, given."""
    staff: Staff = request.user  # type: ignore[assignment]
    disaster = ledger.current_disaster(request.session.get("disaster"))
    try:
        view = surveys.house_view(house_id, disaster, staff)
    except NotFound as missing:
        raise NotFound("この家屋はありません。一覧から選び直してください。") from missing
    found = risai_queries.homes_of(house_id, disaster, staff)
    log_access(by=staff, what=AccessLog.What.LIST, subject=f"house:{house_id}", hits=len(found), detail="risai")
    present = view.present
    context = {
        "crumbs": crumbs(("世帯ごとの罹災証明書", "")),
        "where": view.known.where,
        "house_id": house_id,
        "label": surveys.class_label(present.damage_class, present.survey) if present else "",
        "cards": [
            {"label": "家屋", "value": 1, "unit": "棟"},
            {"label": "住んでいた世帯", "value": len(found), "unit": "世帯"},
            {"label": "居住を確認", "value": sum(one.confirmed for one in found), "unit": "世帯"},
            {"label": "申請", "value": sum(one.application is not None for one in found), "unit": "世帯"},
            {
                "label": "交付",
                "value": sum(one.paper is not None and one.paper.is_valid for one in found),
                "unit": "世帯",
            },
        ],
        "columns": [{"label": label} for label in ("部屋（方書）", "り災番号", "世帯主", "居住", "申請", "罹災証明書")],
        "rows": [{"cells": _cells(one, house_id, staff)} for one in found],
        "may_see": may(staff, "damage.read"),
        "may_houses": may(staff, "houses.read"),
    }
    return render(request, "damage/certificates/homes.html", context)


def _cells(one: HomeOfHouse, house: UUID, staff: Staff) -> list[Any]:
    number: Any = one.household.disaster_number
    if may(staff, "household.read"):
        number = {"text": number, "url": reverse("desk:household", args=[one.household.pk])}
    asked: Any = "申請がありません"
    if one.application is not None:
        asked = one.application.number_text
        if may(staff, "damage.read"):
            asked = {"text": asked, "url": reverse("applications:page", args=[one.application.pk])}
    lived = {"text": "確認済み", "badge": "success"} if one.confirmed else {"text": "未確認", "badge": "warning"}
    name = {"text": one.name, "name": True, "kana": one.kana}
    return [one.room or "（方書なし）", number, name, lived, asked, _paper(one, house, staff)]


def _paper(one: HomeOfHouse, house: UUID, staff: Staff) -> Any:
    if one.paper is not None:
        text = one.paper.number_text if one.paper.is_valid else f"{one.paper.number_text}（{one.paper.state_label}）"
        return {"text": text, "url": reverse("damage:document", args=[one.paper.pk])}
    if one.application is None or not may(staff, "certificates.issue"):
        return "交付していません"
    return {"text": "交付する", "url": reverse("damage:risai_house", args=[one.household.pk, house])}
