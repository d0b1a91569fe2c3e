"""The picture of the seal (公印): asked for, approved by another, ended. Without one the place on the paper stays empty."""

from __future__ import annotations

import hashlib
import io
import zlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image, UnidentifiedImageError

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.documents.models import SealImage

MOST_BYTES, MOST_PIXELS = 500_000, 1500
# It is printed 24 mm wide and lies in every certificate that is a file of its own: there it may weigh this much. First
# come all the pixels that 600 dots an inch have, then fewer shades of the ink, then fewer pixels, of 300 an inch at least.
MOST_WEIGHT = 10_000
FINE = ((567, 256), (567, 16), (425, 16), (425, 8), (354, 8), (283, 8), (283, 4))  # width, shades
WHERE = {"image": "PNGの画像を選んでください。"}


def in_use() -> str:
    """The fingerprint of the seal that is printed now, or nothing."""
    live = SealImage.objects.filter(approved_at__isnull=False, ended_at=None)
    return live.values_list("sha256", flat=True).first() or ""


def pictures(contents: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """The seals that these papers were issued with, also those that are not used any more."""
    wanted = {content["seal"] for content in contents if content.get("seal")}
    rows = SealImage.objects.filter(sha256__in=wanted).values_list("sha256", "image") if wanted else ()
    return {key: bytes(image) for key, image in rows}


@transaction.atomic
def ask(*, by: Staff, data: bytes, note: str) -> SealImage:
    """Hand in a picture for approval, in the fineness in which it is printed: who approves it sees what will be on the paper.
    What a scanner wrote beside the picture is not kept."""
    require(by, "seals.ask")
    if not note.strip():
        raise Refused("説明を入力してください。", fields={"note": "入力してください。"})
    image = _clean(data)
    new = SealImage.objects.create(
        image=image, sha256=hashlib.sha256(image).hexdigest(), note=note.strip()[:100], asked_by=by
    )
    audit(by=by, act="documents.seal_ask", subject=f"seal:{new.pk}", sha256=new.sha256)
    return new


def _clean(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise Refused(f"画像が大きすぎます（{MOST_BYTES // 1000}kBまで）。", fields=WHERE)
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if max(picture.size) > MOST_PIXELS:
                raise Refused(f"画像が大きすぎます（縦横{MOST_PIXELS}画素まで）。", fields=WHERE)
            image = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused("PNGの画像として読めません。", fields=WHERE) from error
    out = io.BytesIO()
    _light(image).save(out, "PNG", optimize=True)
    return out.getvalue()


def _light(image: Image.Image) -> Image.Image:
    """The finest that is not too heavy; a picture that is small and light stays as it is."""
    visible = image.getcolors(MOST_PIXELS**2) or []
    inks = {colour[:3] for _, colour in visible if colour[3]}
    found = image
    for width, shades in FINE:
        found = _in_one_ink(image, inks, width, shades) if len(inks) == 1 else _coloured(image, width, shades)
        if _weight(found) <= MOST_WEIGHT:
            break
    return found


def _in_one_ink(image: Image.Image, inks: set[tuple[int, ...]], width: int, shades: int) -> Image.Image:
    """How much ink there is at each place is all that is made smaller: the colour stays what it is."""
    cover = _narrowed(image.getchannel("A"), width)
    step = 255 / (shades - 1)
    cover = cover.point([round(round(value / step) * step) for value in range(256)])
    found = Image.new("RGBA", cover.size, (*next(iter(inks)), 0))
    found.putalpha(cover)
    return found


def _coloured(image: Image.Image, width: int, shades: int) -> Image.Image:
    found = _narrowed(image, width)
    if shades == 256:
        return found
    return found.quantize(shades, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGBA")


def _narrowed(image: Image.Image, width: int) -> Image.Image:
    if image.width <= width:
        return image
    return image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)


def _weight(image: Image.Image) -> int:
    """What it takes in a PDF, about: colours and cover, each packed on its own."""
    return sum(len(zlib.compress(part.tobytes())) for part in (image.convert("RGB"), image.getchannel("A")))


@transaction.atomic
def approve(*, by: Staff, pk: UUID) -> SealImage:
    """Let a picture be printed from now on, in place of the one before. Never by who asked for it."""
    require(by, "seals.approve")
    found = _locked(pk)
    if found.approved_at or found.ended_at:
        raise Conflict("この画像は、すでに承認されているか、使用を終えています。")
    if found.asked_by_id == by.pk:
        raise Refused("申請した人は承認できません。ほかの監督者に依頼してください。")
    at = now()
    SealImage.objects.filter(approved_at__isnull=False, ended_at=None).update(
        ended_at=at, ended_by=by, ended_reason="新しい公印の画像の承認"
    )
    found.approved_at, found.approved_by = at, by
    found.save(update_fields=["approved_at", "approved_by"])
    audit(by=by, act="documents.seal_approve", subject=f"seal:{found.pk}", sha256=found.sha256)
    return found


@transaction.atomic
def end(*, by: Staff, pk: UUID, reason: str) -> SealImage:
    """Stop printing a seal, or turn a picture down. Papers that carry it keep it."""
    require(by, "seals.approve")
    found = _locked(pk)
    if found.ended_at:
        raise Conflict("この画像は、すでに使用を終えています。")
    if not reason.strip():
        raise Refused("理由を入力してください。", fields={"reason": "入力してください。"})
    found.ended_at, found.ended_by, found.ended_reason = now(), by, reason.strip()[:200]
    found.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    audit(by=by, act="documents.seal_end", subject=f"seal:{found.pk}", sha256=found.sha256)
    return found


def _locked(pk: UUID) -> SealImage:
    found = SealImage.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound("その公印の画像はありません。")
    return found
