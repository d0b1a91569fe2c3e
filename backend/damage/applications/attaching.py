"""Photographs, the 委任状 and papers of an application: pictures kept as those of surveys are, PDFs as they came."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.pdfs import NoPdf, means_pdf, require_pdf
from backend.core.pictures import NoPicture
from backend.damage.models import Application, ApplicationFile
from backend.damage.surveys import photos
from backend.damage.surveys.queries import sees_originals
from backend.journal import files

from . import queries, rules, services

GONE = "この添付は表示できません。見られる職員が限られているか、まだありません。"


def of_application(row: Application) -> QuerySet[ApplicationFile]:
    """What is attached, also to the rows before a change."""
    same = ApplicationFile.objects.filter(
        application__fiscal_year=row.fiscal_year, application__number=row.number, withdrawn_at=None
    )
    return same.select_related("by").order_by("at", "pk")


@transaction.atomic
def add(*, by: Staff, application: UUID, data: bytes, what: str, about: str = "", name: str = "") -> ApplicationFile:
    """Keep a picture or a PDF with an application; `name` is what its sender calls it.

    Raises `Refused` for what is neither, torn, too large, HEIC, locked, or called something else than it is.
    """
    require(by, "applications.write")
    return keep(row=services.held(application, by, "attach"), data=data, what=what, by=by, about=about, name=name)


@transaction.atomic
def keep(*, row: Application, data: bytes, what: str, by: Staff, about: str = "", name: str = "") -> ApplicationFile:
    """The same for what came with the application itself, whoever may see that one."""
    if what not in rules.FILES:
        raise Refused("添付の種類を選んでください。", fields={"what": "選んでください。"})
    sha = hashlib.sha256(data).hexdigest()
    if of_application(row).filter(sha256=sha).exists():
        raise Conflict("同じファイルが、この申請に入っています。")
    try:
        told = _of_pdf(data, what, name) if means_pdf(data, name) else _of_picture(data)
    except (NoPicture, NoPdf) as wrong:
        raise Refused(str(wrong), fields={"pictures": str(wrong)}) from wrong
    made = ApplicationFile.objects.create(
        application=row, what=what, sha256=files.keep(data), size=len(data), about=about.strip()[:100], by=by, **told
    )
    audit(by=by, act="damage.attach_to_application", subject=f"application:{row.pk}", file=str(made.pk), what=what)
    return made


def _of_picture(data: bytes) -> dict[str, Any]:
    copy, kind, exif = photos.reduced(data)
    latitude, longitude = photos.place(exif)
    place = {"latitude": latitude, "longitude": longitude}
    return {"kind": kind, "reduced": files.keep(copy), "taken_at": photos.taken(exif), **place}


def _of_pdf(data: bytes, what: str, name: str) -> dict[str, Any]:
    require_pdf(data, name, largest=photos.LARGEST)
    if what == "photo":
        raise NoPdf(rules.NO_PHOTO)
    return {"kind": rules.PDF, "reduced": ""}


@transaction.atomic
def take_off(*, by: Staff, file: UUID) -> ApplicationFile:
    """Attached to the wrong application: it is not shown any more. The file itself stays."""
    require(by, "applications.write")
    made = ApplicationFile.objects.select_for_update().filter(pk=file).first()
    if made is None or not queries.visible(by).filter(pk=made.application_id).exists():
        raise NotFound(GONE)
    if made.withdrawn_at is not None:
        raise Conflict("この添付は、すでに取り消されています。")
    made.withdrawn_at, made.withdrawn_by = now(), by
    made.save(update_fields=["withdrawn_at", "withdrawn_by"])
    of = f"application:{made.application_id}"
    audit(by=by, act="damage.take_off_application_file", subject=of, file=str(made.pk))
    return made


def picture(file: UUID, staff: Any, *, original: bool = False) -> tuple[ApplicationFile, bytes]:
    """The stripped copy, or the original for those who decide. Raises `NotFound`."""
    row = _shown(file, staff, rules.PICTURES)
    data = files.content(row.sha256 if original else row.reduced)
    if data is None or (original and not sees_originals(staff)):
        raise NotFound(GONE)
    return row, data


def document(file: UUID, staff: Any) -> tuple[ApplicationFile, bytes]:
    """A PDF as it came. Raises `NotFound`."""
    row = _shown(file, staff, (rules.PDF,))
    data = files.content(row.sha256)
    if data is None:
        raise NotFound(GONE)
    return row, data


def _shown(file: UUID, staff: Any, kinds: tuple[str, ...]) -> ApplicationFile:
    rows = ApplicationFile.objects.select_related("application")
    row = rows.filter(pk=file, kind__in=kinds, withdrawn_at=None).first()
    if row is None or not queries.visible(staff).filter(pk=row.application_id).exists():
        raise NotFound(GONE)
    return row
