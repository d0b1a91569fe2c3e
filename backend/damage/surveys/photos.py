"""Photographs of a survey: the original is kept as it came, with a reduced copy that says nothing of time, place or camera."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from math import cos, hypot, radians
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image, ImageOps

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import TOKYO
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.pictures import MOST_PIXELS, TORN, NoPicture, cleaned
from backend.damage.models import Survey, SurveyPhoto
from backend.journal import files
from backend.ledger.houses.map_queries import METRES, around

from .rules import FAR

LARGEST = 20 * 1024 * 1024
SIDE = 1600  # of the reduced copy, in pixels
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _OFFSET = 0x9003, 0x9011


@transaction.atomic
def add(*, by: Staff, survey: UUID, data: bytes, about: str = "", sheet: bool = False) -> SurveyPhoto:
    """Keep a photograph with a survey; `sheet`: it shows the sheet that was filled in, not the house. Raises `Refused` for what is no photograph, torn, too large, or HEIC."""
    require(by, "surveys.write")
    row = Survey.objects.select_for_update(of=("self",)).filter(pk=survey).first()
    if row is None:
        raise NotFound("写真を入れる調査がありません。画面を開き直してください。")
    sha = hashlib.sha256(data).hexdigest()
    if SurveyPhoto.objects.filter(survey=row, sha256=sha).exists():
        raise Conflict("同じ写真が、この調査に入っています。")
    try:
        copy, kind, exif = reduced(data)
    except NoPicture as wrong:
        raise Refused(str(wrong), fields={"pictures": str(wrong)}) from wrong
    latitude, longitude = place(exif)
    photo = SurveyPhoto.objects.create(
        survey=row,
        sha256=files.keep(data),
        reduced=files.keep(copy),
        kind=kind,
        size=len(data),
        taken_at=taken(exif),
        latitude=latitude,
        longitude=longitude,
        distance=None if sheet else metres(centre(row.house_id), latitude, longitude),
        is_sheet=sheet,
        about=about.strip()[:100],
        by=by,
    )
    audit(by=by, act="damage.add_photo", subject=f"house:{row.house_id}", survey=str(row.pk), photo=str(photo.pk))
    return photo


def take_over(*, by: Staff, survey: Survey, picture: Any) -> SurveyPhoto:
    """A photograph that is kept already, as its applicant sent it, stands with the survey from now on, time and place included."""
    require(by, "surveys.write")
    kept = ("sha256", "reduced", "kind", "size", "taken_at", "latitude", "longitude")
    photo = SurveyPhoto.objects.create(
        survey=survey,
        distance=metres(centre(survey.house_id), picture.latitude, picture.longitude),
        about=(picture.about or "申請者の写真")[:100],
        by=by,
        **{name: getattr(picture, name) for name in kept},
    )
    of = f"house:{survey.house_id}"
    audit(by=by, act="damage.add_photo", subject=of, survey=str(survey.pk), photo=str(photo.pk), of_applicant=True)
    return photo


def far_of(surveys: Iterable[UUID]) -> Counter[UUID]:
    """survey -> how many of its photographs were taken too far from the house."""
    rows = SurveyPhoto.objects.filter(survey__in=list(surveys), distance__gt=FAR)
    return Counter(rows.values_list("survey", flat=True))


def reduced(data: bytes) -> tuple[bytes, str, Any]:
    """A JPEG of at most `SIDE` pixels without anything but the picture; the kind of the original and its Exif."""
    whole = cleaned(data, largest=LARGEST)
    try:
        with Image.open(BytesIO(whole.data)) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS[whole.kind]:
                most = MOST_PIXELS[whole.kind] // 10_000
                raise NoPicture(
                    f"写真の画素が多すぎます（{width}×{height}）。{most:,}万画素までにして、撮り直すか縮小してください。"
                )
            picture.draft("RGB", (SIDE, SIDE))
            picture.thumbnail((SIDE, SIDE))
            small = ImageOps.exif_transpose(picture).convert("RGB")
            out = BytesIO()
            small.save(out, "JPEG", quality=82)
        with Image.open(BytesIO(data)) as original:
            exif = original.getexif()
    except NoPicture:
        raise
    except Image.DecompressionBombError as error:
        raise NoPicture("写真の画素が多すぎます。縮小してから入れてください。") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise NoPicture(TORN) from error
    return out.getvalue(), whole.kind, exif


def taken(exif: Any) -> datetime | None:
    """When it was taken, by the camera's clock: Japan's time where it names no other."""
    said = exif.get_ifd(_EXIF)
    try:
        moment = datetime.strptime(str(said.get(_TAKEN, "")), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 - see below
    except ValueError:
        return None
    offset = str(said.get(_OFFSET, "")).strip("\0 ")
    try:
        return datetime.fromisoformat(f"{moment.isoformat()}{offset}") if offset else moment.replace(tzinfo=TOKYO)
    except ValueError:
        return moment.replace(tzinfo=TOKYO)


def place(exif: Any) -> tuple[float | None, float | None]:
    """Latitude and longitude; neither where one of them can't be read."""
    said = exif.get_ifd(_GPS)
    try:
        latitude, longitude = _degrees(said[2]), _degrees(said[4])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None, None
    latitude = -latitude if said.get(1) == "S" else latitude
    longitude = -longitude if said.get(3) == "W" else longitude
    fits = -90 <= latitude <= 90 and -180 <= longitude <= 180 and (latitude, longitude) != (0, 0)
    return (latitude, longitude) if fits else (None, None)


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    found = degrees + minutes / 60 + seconds / 3600
    if found != found:  # a camera without a fix writes 0/0
        raise ValueError("no place")
    return found


def centre(house: UUID) -> tuple[float, float] | None:
    """Latitude and longitude of the house, where its place is known."""
    box = around(house)
    return ((box.south + box.north) / 2, (box.west + box.east) / 2) if box else None


def metres(of: tuple[float, float] | None, latitude: float | None, longitude: float | None) -> int | None:
    """How many metres from the house; None where either place is not known."""
    if of is None or latitude is None or longitude is None:
        return None
    north, east = of
    return round(hypot((latitude - north) * METRES, (longitude - east) * METRES * cos(radians(north))))
