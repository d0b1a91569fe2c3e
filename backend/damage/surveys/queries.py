"""What pages ask of surveys: a house with all that is known, who waits where. Nobody's name but through the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, QuerySet

from backend.accounts.permissions import may
from backend.core.clock import today
from backend.core.errors import NotFound
from backend.damage import classes
from backend.damage.models import Judgement, QuickInspection, Survey, SurveyPhoto, SurveyRequest, Visit
from backend.journal import files
from backend.ledger.houses import queries as houses
from backend.ledger.models import Disaster, HouseRecord

from . import questions, rules

PAGE = 50
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)


@dataclass
class HouseView:
    """A house as those see it who survey and judge it."""

    known: houses.HouseView
    requests: list[SurveyRequest] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    photos: list[SurveyPhoto] = field(default_factory=list)
    sheet_photos: list[SurveyPhoto] = field(default_factory=list)  # of the paper, not of the house
    inspections: list[QuickInspection] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)

    @property
    def present(self) -> Judgement | None:
        return next((row for row in self.judgements if row.state == "holds"), None)

    @property
    def open_requests(self) -> list[SurveyRequest]:
        return [row for row in self.requests if row.until is None]

    @property
    def current(self) -> list[Survey]:
        """The surveys that nobody typed again."""
        replaced = {row.replaces_id for row in self.surveys}
        return [row for row in self.surveys if row.pk not in replaced]


def house_view(house_id: UUID, disaster: Disaster | None, staff: Any) -> HouseView:
    """A house with its requests, surveys and judgements of one disaster, the newest first. Raises `NotFound`."""
    view = HouseView(houses.house_page(house_id, disaster, staff))
    of = {"house": house_id, "disaster": disaster}
    view.requests = list(SurveyRequest.objects.filter(**of).select_related("by", "ended_by").order_by("-since"))
    view.visits = list(
        Visit.objects.filter(request__in=view.requests).select_related("team").order_by("-team__day", "-place")
    )
    view.surveys = list(
        Survey.objects.filter(**of)
        .select_related("by", "team", "area", "replaces", "replaced_by", "second", "second__by")
        .order_by("-surveyed_on", "-at", "-pk")
    )
    photos = SurveyPhoto.objects.filter(survey__in=view.surveys)
    photos = photos.select_related("survey", "by").order_by("survey__surveyed_on", "at", "pk")
    view.photos = [row for row in photos if not row.is_sheet]
    view.sheet_photos = [row for row in photos if row.is_sheet]
    view.inspections = list(QuickInspection.objects.filter(**of).select_related("by").order_by("-inspected_on", "-at"))
    judged = Judgement.objects.filter(**of).select_related("survey", "made_by", "confirmed_by", "rejected_by")
    view.judgements = list(judged.order_by("-made_at", "-pk"))
    return view


def survey(survey_id: UUID) -> Survey:
    row = Survey.objects.select_related("house", "disaster", "by").filter(pk=survey_id).first()
    if row is None:
        raise NotFound("この調査はありません。画面を開き直してください。")
    return row


def without_sheet(rows: Iterable[Survey]) -> set[UUID]:
    """Those whose result was typed from a sheet that is neither here as a picture nor named with its place.

    The sheet of a survey that was typed again is the same one: a picture at any typing of it is enough.
    """
    needed = {row.pk: row for row in rows if row.method in rules.BY_SHEET and not row.answers.get("sheet_place")}
    level = {pk: row.replaces_id for pk, row in needed.items()}
    seen: dict[UUID, set[UUID]] = {pk: {pk} for pk in needed}
    while any(level.values()):
        before = dict(Survey.objects.filter(pk__in={pk for pk in level.values() if pk}).values_list("pk", "replaces"))
        for pk, one in level.items():
            if one:
                seen[pk].add(one)
        level = {pk: before.get(one) if one else None for pk, one in level.items()}
    wanted = {one for typed in seen.values() for one in typed}
    here = set(SurveyPhoto.objects.filter(survey__in=wanted, is_sheet=True).values_list("survey", flat=True))
    return {pk for pk, typed in seen.items() if not typed & here}


# Who waits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """An open request with the place of its house."""

    row: SurveyRequest
    where: str
    visit: Visit | None


def open_requests(disaster: Disaster | None, *, stage: str = "", district: str = "") -> QuerySet[SurveyRequest]:
    rows = SurveyRequest.objects.filter(disaster=disaster, until=None)
    if stage in rules.STAGES:
        rows = rows.filter(stage=stage)
    return rows.filter(district=district) if district else rows


def waiting(
    disaster: Disaster | None, *, stage: str = "", district: str = "", planned: str = "", page: int = 1
) -> Page:
    """A page of the houses that wait for a survey, the longest waiting first. `planned`: yes, no, or all of them."""
    rows = open_requests(disaster, stage=stage, district=district).order_by("since", "pk")
    with_visit = planned_visits().values("request")
    if planned in ("yes", "no"):
        rows = rows.filter(pk__in=with_visit) if planned == "yes" else rows.exclude(pk__in=with_visit)
    found = Paginator(rows, PAGE).get_page(page)
    found.object_list = with_places(found.object_list)
    return found


def planned_visits() -> QuerySet[Visit]:
    """Calls that are still to be made; what was left over of a day that has passed is none."""
    return Visit.objects.filter(result="", team__day__gte=today())


def with_places(rows: Iterable[SurveyRequest]) -> list[Waiting]:
    rows = list(rows)
    at = places(row.house_id for row in rows)
    visits = planned_visits().filter(request__in=rows).select_related("team")
    planned = {visit.request_id: visit for visit in visits}
    return [Waiting(row, at.get(row.house_id, "所在地の記載なし"), planned.get(row.pk)) for row in rows]


def places(house_ids: Iterable[UUID]) -> dict[UUID, str]:
    """house -> where it stands, as pages say it."""
    records = HouseRecord.objects.filter(house__in=set(house_ids), until=None)
    return {house: address or lot for house, address, lot in records.values_list("house_id", "address", "lot")}


def houses_at(text: str) -> tuple[list[HouseRecord], bool]:
    """The houses of a scanned address or id, of a 物件番号, or at a place; whether there are more."""
    scanned = _UUID.search(text)
    if scanned:
        return list(HouseRecord.objects.filter(house=scanned[0], until=None).select_related("house")), False
    return houses.find(text)


@dataclass(frozen=True)
class District:
    name: str
    counts: dict[str, int]
    total: int
    longest: Any


def districts(disaster: Disaster | None) -> list[District]:
    """How many houses of each district wait, by stage, and since when the longest; the most waiting first."""
    found: dict[str, dict[str, int]] = {}
    since: dict[str, Any] = {}
    rows = open_requests(disaster).values("district", "stage").annotate(n=Count("pk"), first=Min("since"))
    for row in rows.order_by("district"):
        name = row["district"]
        found.setdefault(name, {})[row["stage"]] = row["n"]
        since[name] = min(since.get(name, row["first"]), row["first"])
    made = [District(name, counts, sum(counts.values()), since[name]) for name, counts in found.items()]
    return sorted(made, key=lambda one: (-one.total, one.name))


def counts(disaster: Disaster | None) -> dict[str, int]:
    """Houses: waiting for a survey, surveyed without a judgement, waiting for a confirmation, judged."""
    surveys = Survey.objects.filter(disaster=disaster, replaced_by=None)
    judged = Judgement.objects.filter(disaster=disaster)
    return {
        "waiting": open_requests(disaster).count(),
        "surveyed": surveys.exclude(pk__in=judged.filter(rejected_at=None).values("survey")).count(),
        "to_confirm": judged.filter(confirmed_at=None, rejected_at=None).count(),
        "judged": judged.filter(held_from__isnull=False, held_until=None).count(),
    }


# Photographs ---------------------------------------------------------------------------------------------------------


def sees_originals(staff: Any) -> bool:
    """Time and place of a photograph are for those who decide."""
    return may(staff, "judgements.make") or may(staff, "judgements.confirm")


def photo(photo_id: UUID, staff: Any, *, original: bool = False) -> tuple[SurveyPhoto, bytes]:
    """A photograph: the stripped copy, or the original for those who decide. Raises `NotFound`."""
    row = SurveyPhoto.objects.select_related("survey").filter(pk=photo_id).first()
    data = files.content(row.sha256 if original else row.reduced) if row else None
    if row is None or data is None or (original and not sees_originals(staff)):
        raise NotFound("この写真は表示できません。見られる職員が限られているか、まだありません。")
    return row, data


# In words ------------------------------------------------------------------------------------------------------------

YES_NO = {True: "あり", False: "なし"}
ANSWER_LABELS = questions.LABELS  # in the order of the sheet
_WORDS: dict[str, dict[Any, str]] = {
    **{key: dict(one.choices) for key, one in questions.BY_KEY.items() if one.choices},
    "method": rules.METHODS,
    "whole_loss": {True: "はい", **questions.AT_SIGHT},  # surveys of the first days only say that it was
    "edition": {key: edition.title for key, edition in rules.BY_KEY.items()},
    "detached": {True: "はい", False: "いいえ"},
    "external_force": YES_NO,
}
_UNITS = {**{one.key: "cm" for one in questions.LEAN}, **{one.key: "%" for one in questions.PARTS}}


def answer_words(answers: dict[str, Any]) -> dict[str, str]:
    """key -> what a page says of it, in the order of the sheet."""
    return {
        key: f"{_WORDS.get(key, {}).get(answers[key], answers[key])}{_UNITS.get(key, '')}"
        for key in ANSWER_LABELS
        if key in answers
    }


def edition_title(key: str) -> str:
    edition = rules.BY_KEY.get(key)
    return edition.title if edition else key


def class_label(code: str, survey_row: Survey) -> str:
    """The words of the class in the edition of the survey, as they were on its day."""
    edition = rules.BY_KEY.get(survey_row.edition)
    return classes.label(code, rules.day_in(edition, survey_row.surveyed_on) if edition else survey_row.surveyed_on)
