"""A house's surveys, photographs and judgements in the words of its page."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from backend.core.dates import era_short
from backend.damage.judgements.showing import judgement
from backend.damage.surveys import queries, rules
from backend.damage.surveys.queries import HouseView
from backend.damage.surveys.showing import method_note


def present(view: HouseView) -> dict[str, Any] | None:
    row = view.present
    if row is None:
        return None
    return {
        "label": queries.class_label(row.damage_class, row.survey),
        "row": row,
        "survey": row.survey,
        "method": row.survey.get_method_display(),
    }


def requests(view: HouseView) -> list[dict[str, Any]]:
    visits: dict[Any, list[Any]] = {}
    for visit in view.visits:
        visits.setdefault(visit.request_id, []).append(visit)
    return [{"row": row, "visits": visits.get(row.pk, [])} for row in view.requests]


def surveys(view: HouseView) -> list[dict[str, Any]]:
    replaced = {row.replaces_id for row in view.surveys}
    living = {row.survey_id: row for row in view.judgements if row.state != "rejected"}
    without = queries.without_sheet(view.surveys)
    sheets = {photo.survey_id for photo in view.sheet_photos}
    photos: dict[Any, int] = {}
    for photo in view.photos:
        photos[photo.survey_id] = photos.get(photo.survey_id, 0) + 1
    return [
        {
            "row": row,
            "label": queries.class_label(row.damage_class, row),
            "answers": [
                {"label": queries.ANSWER_LABELS[key], "value": value}
                for key, value in queries.answer_words(row.answers).items()
                if key not in ("surveyed_on", "stage", "method", "found", "edition")
            ],
            "edition": queries.edition_title(row.edition),
            "replaced": row.pk in replaced,
            "judgement": living.get(row.pk),
            "photos": photos.get(row.pk, 0),
            "second": getattr(row, "second", None),
            "note": method_note(row),
            "no_sheet": rules.NO_SHEET if row.pk in without and row.pk not in replaced else "",
            "sheet": "調査票の写しあり" if row.pk in sheets else "",
        }
        for row in view.surveys
    ]


def photos(view: HouseView, staff: Any) -> list[dict[str, Any]]:
    decides = queries.sees_originals(staff)
    return [
        {
            "row": row,
            "url": reverse("damage_houses:photo", args=[row.pk]),
            "original": reverse("damage_houses:photo_original", args=[row.pk]) if decides else "",
            "far": decides and row.distance is not None and row.distance > rules.FAR,
            "decides": decides,
        }
        for row in (*view.photos, *view.sheet_photos)
    ]


def judgements(view: HouseView, staff: Any) -> list[dict[str, Any]]:
    return [judgement(row, staff) for row in view.judgements]


def survey_choices(view: HouseView) -> list[tuple[str, str]]:
    """The surveys to which photographs may be put, the newest first."""
    return [
        (str(row.pk), f"{row.get_stage_display()} {era_short(row.surveyed_on)} {row.get_method_display()}")
        for row in view.current
    ]
