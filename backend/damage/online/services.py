"""Open and close the taking of applications online; take what came, each once, through the same service as the counter."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, tokyo_date
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.applications import attaching
from backend.damage.applications import services as applications
from backend.damage.applications.rules import FILES, Place, Said
from backend.damage.models import Application, OnlineDesk, OnlineReceipt
from backend.documents.offers import tell_offers_changed
from backend.gateway.applying import packages
from backend.gateway.applying.packages import Package, PackageError, SealedBody
from backend.gateway.sealing import NotOurs, unseal
from backend.ledger.models import Disaster

from . import keys

NO_KEY = "この申請を開く鍵が、この台帳にありません。受付を始めた台帳で読み込んでください。"
NOT_READ = "この申請は読めません（途中で変わったか、別の版のものです）。"


# Open and close ------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_desk(*, by: Staff, disaster: Disaster) -> OnlineDesk:
    """From the next bundle on, applications are taken online, sealed for a key of their own."""
    require(by, "applications.write")
    if OnlineDesk.objects.filter(disaster=disaster, closed_at=None).exists():
        raise Conflict("オンライン申請の受付は、すでに始まっています。")
    try:
        with transaction.atomic():
            desk = OnlineDesk.objects.create(disaster=disaster, opened_by=by, opened_at=now(), **keys.make())
    except IntegrityError as error:
        raise Conflict("オンライン申請の受付は、ほかの職員が先に始めています。") from error
    audit(by=by, act="damage.open_online", subject=f"disaster:{disaster.pk}", key=desk.key)
    transaction.on_commit(tell_offers_changed, robust=True)
    return desk


@transaction.atomic
def close_desk(*, by: Staff, disaster: Disaster) -> OnlineDesk:
    """From the next bundle on, nobody applies online any more. What was sent before is still opened."""
    require(by, "applications.write")
    desk = OnlineDesk.objects.select_for_update().filter(disaster=disaster, closed_at=None).first()
    if desk is None:
        raise Conflict("オンライン申請の受付は、始まっていないか、すでに終わっています。")
    desk.closed_by, desk.closed_at = by, now()
    desk.save(update_fields=["closed_by", "closed_at"])
    audit(by=by, act="damage.close_online", subject=f"disaster:{disaster.pk}", key=desk.key)
    transaction.on_commit(tell_offers_changed, robust=True)
    return desk


# Take ----------------------------------------------------------------------------------------------------------------


def take_file(*, path: Path, by: Staff | None = None) -> dict[str, int]:
    """All applications of a file, each in its own transaction: a second time, or after a stop, only what is missing.

    Without `by` (a command) they are taken in the name of who opened the desk.
    """
    if by is not None:
        require(by, "applications.write")
    try:
        packages.check(path, settings.MUNICIPALITY_CODE)
    except PackageError as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused("オンライン申請のファイルを読めません。") from error
    came: Counter[str] = Counter(taken=0, before=0, trouble=0)
    try:
        for package in packages.read(path):
            came[take(package=package, by=by)] += 1
    except PackageError as error:
        raise Refused(f"{error}ここまでの{came['taken']}件は受け付けました。") from error
    finally:
        tell_offers_changed()
    return dict(came)


def take_at_once(package: Package) -> None:
    """Where both sides are one process (the demo)."""
    take(package=package)
    tell_offers_changed()


def take_again(*, by: Staff) -> dict[str, int]:
    """Once more what could not be taken."""
    require(by, "applications.write")
    came: Counter[str] = Counter(taken=0, before=0, trouble=0)
    for text in list(OnlineReceipt.objects.filter(application=None).values_list("package", flat=True)):
        came[take(package=packages.parse_line(bytes(text)), by=by)] += 1
    tell_offers_changed()
    return dict(came)


@transaction.atomic
def take(*, package: Package, by: Staff | None = None) -> str:
    """`taken`, `before` (it is here already), or `trouble` (kept as it came, with the reason)."""
    OnlineReceipt.objects.bulk_create(
        [OnlineReceipt(lookup=package.lookup, came_at=now(), package=packages.line(package))], ignore_conflicts=True
    )
    row = OnlineReceipt.objects.select_for_update(of=("self",)).get(pk=package.lookup)
    if row.application_id is not None:
        return "before"
    try:
        with transaction.atomic():
            said = _opened(package)
            desk = _desk(package.form.key)
            row.number = str(said["number"])[:12]
            row.application = _application(package, said, desk, by or desk.opened_by)
            torn = _attach(package, said, row.application, by or desk.opened_by)
    except Refused as refusal:
        row.trouble, row.application = refusal.message[:300], None
        row.save(update_fields=["trouble", "number"])
        return "trouble"
    row.trouble = f"写真{torn}枚を開けませんでした。申請者に、もう一度出してもらってください。" if torn else ""
    row.package = packages.line(package) if torn else None
    row.save(update_fields=["trouble", "number", "application", "package"])
    return "taken"


def _desk(key: str) -> OnlineDesk:
    desk = OnlineDesk.objects.select_related("disaster", "opened_by").filter(key=key).first()
    if desk is None:
        raise NotFound(NO_KEY)
    return desk


def _unsealed(body: SealedBody, about: str) -> bytes:
    desk = _desk(body.key)
    try:
        return unseal(keys.private_of(desk.key, desk.sealed), body.body, about)
    except NotOurs as error:
        raise Refused(NOT_READ) from error


def _opened(package: Package) -> dict[str, Any]:
    try:
        inner = json.loads(_unsealed(package.form, package.lookup))
    except ValueError as error:
        raise Refused(NOT_READ) from error
    if not isinstance(inner, dict) or inner.get("v") != 1:
        raise Refused(NOT_READ)
    return inner


def _application(package: Package, inner: dict[str, Any], desk: OnlineDesk, by: Staff) -> Application:
    try:
        said = _as_typed(inner["said"], datetime.fromisoformat(inner["applied_at"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(NOT_READ) from error
    # The number of the form comes of the receipt's own: a second line of defence against taking it twice.
    return applications.record(by=by, disaster=desk.disaster, said=said, form=UUID(package.lookup[:32]), knowingly=True)


def _as_typed(told: dict[str, Any], at: datetime) -> Said:
    damage = " ".join(str(told["damage"]).split())
    plain = ("applicant", "name", "kana", "birth", "telephone", "address", "relation", "head_name", "head_address")
    return Said(
        channel="online",
        applied_on=tokyo_date(at),
        places=[Place(str(one["place"])[:300], str(one["what"])) for one in told["places"]],
        cause=str(told["cause"]),
        copies=int(told["copies"]),
        purpose=str(told["purpose"])[:100],
        secret=bool(told["secret"]),
        photo_consent_on=tokyo_date(at) if told.get("photo_consent") is True else None,
        note=f"被害の様子：{damage}"[:300],
        **{name: str(told[name])[: Application._meta.get_field(name).max_length] for name in plain},
    )


def _attach(package: Package, inner: dict[str, Any], row: Application, by: Staff) -> int:
    """How many pictures could not be opened or are none."""
    torn = 0
    for one in inner.get("pictures", []):
        try:
            with transaction.atomic():
                body = package.pictures.get(one["id"])
                if body is None:
                    raise Refused(NOT_READ)
                what = one["what"] if one["what"] in FILES else "paper"
                attaching.keep(row=row, data=_unsealed(body, one["id"]), what=what, by=by)
        except Conflict:
            continue  # the same picture twice
        except Refused:
            torn += 1
    return torn
