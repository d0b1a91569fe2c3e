"""Applications in the words of the pages: rows and facts for the components of the frontend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from backend.core.dates import era, era_short, parse_date
from backend.damage.models import Application, ApplicationFile
from backend.damage.surveys import queries as surveys
from backend.damage.surveys import rules as survey_rules

from . import photo_judging, rules
from .photo_judging import Picture
from .queries import ApplicationView, Line, places_text

COLUMNS = [
    {"label": "受付番号"},
    {"label": "申請日"},
    {"label": "申請者"},
    {"label": "被災した所在地"},
    {"label": "調査の回"},
    {"label": "方法"},
    {"label": "状態"},
]
BADGES = {"unmatched": "warning", "waiting": "info", "decided": "success", "withdrawn": "neutral"}


def cards(counts: dict[str, int]) -> list[dict[str, Any]]:
    url = reverse("applications:index")
    return [
        {"label": label, "value": counts[state], "unit": "件", "url": f"{url}?state={state}"}
        for state, label in rules.STATES.items()
    ]


def state(text: str) -> dict[str, str]:
    return {"text": rules.STATES[text], "badge": BADGES[text]}


def rows(applications: Iterable[Application]) -> list[dict[str, Any]]:
    return [
        {
            "cells": [
                {"text": row.number_text, "url": reverse("applications:page", args=[row.pk])},
                era_short(row.applied_on),
                {"text": row.name, "name": True, "kana": row.kana},
                places_text(row.houses.all()),
                row.get_stage_display(),
                row.get_channel_display(),
                state(row.state),  # type: ignore[attr-defined]
            ],
            "muted": row.withdrawn_at is not None,
        }
        for row in applications
    ]


def birth(text: str) -> str:
    try:
        return era(parse_date(text)) if text else ""
    except ValueError:
        return text


def applicant_facts(row: Application) -> list[dict[str, Any]]:
    """In the applicant's own words."""
    found = [
        {"label": "申請者", "value": row.name, "kind": "name", "kana": row.kana},
        {"label": "区分", "value": row.get_applicant_display()},
        {"label": "生年月日", "value": birth(row.birth)},
        {"label": "いまの連絡先", "value": row.address},
        {"label": "電話", "value": row.telephone},
    ]
    if row.relation:
        found.append({"label": "被災した方との関係", "value": row.relation})
    if row.applicant == "agent":
        found.append({"label": "委任状", "value": "確かめた" if row.mandate_seen else "まだ確かめていない"})
    found += [
        {"label": "世帯主の氏名", "value": row.head_name or row.name},
        {"label": "世帯主の住所", "value": row.head_address},
    ]
    return found


def other_facts(row: Application) -> list[dict[str, Any]]:
    found = [
        {"label": "申請日", "value": row.applied_on},
        {"label": "受付の方法", "value": row.get_channel_display()},
        {"label": "調査の回", "value": row.get_stage_display(), "note": row.reason},
        {"label": "罹災原因", "value": row.get_cause_display()},
        {"label": "本人確認", "value": row.get_identity_display() or "見ていない"},
        {"label": "必要な部数", "value": f"{row.copies}部"},
        {"label": "使用目的", "value": row.purpose},
        {
            "label": "写真による判定",
            "value": f"同意あり（{era(row.photo_consent_on)}）" if row.photo_consent_on else "同意の記録なし",
        },
    ]
    return [*found, {"label": "覚え書き", "value": row.note}] if row.note else found


def line(one: Line) -> dict[str, Any]:
    """What has become of a place: request, survey, judgement."""
    row = one.row
    steps: list[dict[str, str]] = []
    if row.what == rules.DWELLING and row.house_id is None:
        steps.append({"text": "家屋の照合待ち（調査はその後）", "kind": "warning"})
    elif row.what != rules.DWELLING:
        steps.append({"text": "被害の程度の調査はありません", "kind": "neutral"})
    asked = row.request
    if asked is not None and asked.until is None:
        steps.append({"text": f"{asked.get_stage_display()}を待っています", "kind": "info"})
    elif asked is not None and asked.ended == "withdrawn":
        steps.append({"text": f"{asked.get_stage_display()}の依頼は取り下げられました", "kind": "neutral"})
    for found in one.surveys[:1]:
        text = f"{found.get_stage_display()}済み　{era_short(found.surveyed_on)}"
        steps.append({"text": text, "kind": "info"})
    if one.waiting is not None:
        steps.append({"text": "判定の確認を待っています", "kind": "info"})
    if one.present is not None:
        label = surveys.class_label(one.present.damage_class, one.present.survey)
        steps.append({"text": f"判定　{label}", "kind": "success"})
    return {
        "row": row,
        "where": one.where,
        "steps": steps,
        "decided": one.present is not None,
        "may_match": row.what in rules.BUILDINGS,
        "may_photos": row.what == rules.DWELLING and row.house_id is not None,
    }


def files(view: ApplicationView, rows: Iterable[ApplicationFile], staff: Any) -> list[dict[str, Any]]:
    """For those who decide: how far from the house each was taken, and whether a survey uses it."""
    decides, rows = surveys.sees_originals(staff), list(rows)
    lines = [one.row for one in view.lines]
    away = photo_judging.distances(lines, rows) if decides else {}
    used = photo_judging.used_in(rows, lines)
    return [
        {
            "row": row,
            "distance": away.get(row.pk),
            "far": away.get(row.pk, 0) > survey_rules.FAR,
            "used": row.pk in used,
            "url": reverse("applications:document" if row.kind == rules.PDF else "applications:file", args=[row.pk]),
            "original": reverse("applications:file_original", args=[row.pk]) if decides else "",
            "pdf": row.kind == rules.PDF,
        }
        for row in rows
    ]


def pictures(found: Iterable[Picture], staff: Any) -> list[dict[str, Any]]:
    decides = surveys.sees_originals(staff)
    return [
        {
            "row": one.row,
            "distance": one.distance,
            "far": one.far,
            "used": one.used,
            "url": reverse("applications:file", args=[one.row.pk]),
            "original": reverse("applications:file_original", args=[one.row.pk]) if decides else "",
        }
        for one in found
    ]


def page(view: ApplicationView) -> dict[str, Any]:
    return {
        "applicant": applicant_facts(view.row),
        "facts": other_facts(view.row),
        "lines": [line(one) for one in view.lines],
        "state": state(view.state),
    }
