"""写真による判定（自己判定方式）: what the applicant consented to and sent becomes a survey of the house, with those pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.core.errors import Conflict, Refused
from backend.damage.models import ApplicationFile, ApplicationHouse, Survey, SurveyPhoto
from backend.damage.surveys import photos
from backend.damage.surveys import rules as surveys
from backend.damage.surveys import services as surveying
from backend.damage.surveys.services import Sheet

from . import attaching, queries, rules, services

METHOD = "photo_self"
NONE_CHOSEN = "判定に使う写真を選んでください。写真がないときは、先に申請に添付してください。"


@dataclass(frozen=True)
class Picture:
    """A photograph of the application beside the house: how far from it it was taken, and whether it is used already."""

    row: ApplicationFile
    distance: int | None
    used: bool = False

    @property
    def far(self) -> bool:
        return self.distance is not None and self.distance > surveys.FAR


def declared(line: ApplicationHouse) -> Survey | None:
    """The house's judgement by photographs that is there already, to which more pictures may come."""
    rows = Survey.objects.filter(
        house=line.house_id, disaster=line.application.disaster_id, method=METHOD, replaced_by=None
    )
    return rows.order_by("-surveyed_on", "-at").first() if line.house_id else None


def pictures(line: ApplicationHouse) -> list[Picture]:
    """The photographs of the application, seen from the house that the line was found to be."""
    if line.house_id is None:
        return []
    before = declared(line)
    used = set(before.photos.values_list("sha256", flat=True)) if before else set()
    centre = photos.centre(line.house_id)
    rows = attaching.of_application(line.application).filter(what="photo")
    return [Picture(row, photos.metres(centre, row.latitude, row.longitude), row.sha256 in used) for row in rows]


def documents(line: ApplicationHouse) -> int:
    """How many PDFs the application has: they are no photographs of a house, whatever they show."""
    return attaching.of_application(line.application).filter(kind=rules.PDF).count()


def distances(lines: Sequence[ApplicationHouse], files: Sequence[ApplicationFile]) -> dict[UUID, int]:
    """file -> metres to the nearest of the houses that the application was found to be about."""
    if not any(one.latitude is not None for one in files):
        return {}
    centres = [photos.centre(line.house_id) for line in lines if line.house_id]
    found: dict[UUID, int] = {}
    for one in files:
        known = [m for centre in centres if (m := photos.metres(centre, one.latitude, one.longitude)) is not None]
        if one.what == "photo" and known:
            found[one.pk] = min(known)
    return found


@transaction.atomic
def declare(*, by: Staff, line: UUID, files: Sequence[UUID], sheet: Sheet | None = None) -> Survey:
    """Use the chosen photographs: for the judgement that the house has, or with `sheet` for a new one.

    The original goes along with its time and place. Raises `Refused` (with the field), `Conflict` or `NotFound`.
    """
    require(by, "surveys.write")
    found = queries.line(line, by)
    row = services.held(found.application_id, by, "judge_photos")
    if found.house_id is None or found.what != rules.DWELLING:
        raise Refused("先に、この所在地の住家を家屋と照合してください。")
    chosen = [one.row for one in pictures(found) if one.row.pk in set(files) and not one.used]
    if not chosen:
        raise Refused(NONE_CHOSEN, fields={"files": NONE_CHOSEN})
    survey = declared(found)
    if sheet is not None and survey is not None:
        raise Conflict("この家屋の写真による判定は、ほかの職員が先に入力しています。画面を開き直してください。")
    if survey is None:
        if sheet is None:
            raise Refused("調査票の内容を入れてください。")
        survey = surveying.record(by=by, disaster=row.disaster, house=found.house_id, sheet=sheet)
    for one in chosen:
        photos.take_over(by=by, survey=survey, picture=one)
    return survey


def used_in(files: Sequence[ApplicationFile], lines: Sequence[ApplicationHouse]) -> set[Any]:
    """The photographs that stand with a survey of one of these houses."""
    known = [line.house_id for line in lines if line.house_id]
    same = SurveyPhoto.objects.filter(survey__house__in=known, sha256__in=[one.sha256 for one in files])
    kept = set(same.values_list("sha256", flat=True))
    return {one.pk for one in files if one.sha256 in kept}
