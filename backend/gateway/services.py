"""Make a bundle, load a bundle. Nothing else writes this room's tables."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import transaction

from backend.core.errors import Refused

from . import bundle
from .models import ApplicationDesk, ApplicationState, Bundle, CertificateStatus, PrintedKind, PublicKey, SealedForm
from .rules import BundleError, Parsed, read

LARGEST = 200 * 1024 * 1024  # bytes; about a million certificates


def export_bundle(*, path: Path) -> Parsed:
    """Inside: write what may go out as one file, whole or not at all; without a file there is no line in the log."""
    try:
        data, made = bundle.collect()
    except BundleError as error:
        raise Refused(str(error)) from error
    partial: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(data)
        with transaction.atomic():
            _log(Bundle.Way.MADE, made)
            os.replace(partial, path)
    except OSError as error:
        raise Refused("束のファイルを書き込めません。保存先を確かめてください。") from error
    finally:
        if partial:
            partial.unlink(missing_ok=True)  # nothing to remove once it took its place
    return made


def load_bundle(*, path: Path) -> tuple[Parsed, bool]:
    """Outside: replace the lists by those of a file. Says whether anything was new; refuses with the reason."""
    try:
        if path.stat().st_size > LARGEST:
            raise Refused("ファイルが大きすぎます。公開用の束ではありません。")
        data = path.read_bytes()
    except OSError as error:
        raise Refused("束のファイルを読めません。") from error
    return load(data=data)


@transaction.atomic
def load(*, data: bytes, may_be_older: bool = False) -> tuple[Parsed, bool]:
    """Replace the lists by those in the bundle, in one transaction. An older one than the last is refused."""
    try:
        came = read(data)
    except BundleError as error:
        raise Refused(str(error)) from error
    if came.municipality != settings.MUNICIPALITY_CODE:
        raise Refused("別の団体の束です。")
    last = Bundle.objects.filter(way=Bundle.Way.LOADED).order_by("-made_at", "-id").first()
    if last and last.sha256 == came.sha256:
        return came, False
    if may_be_older:  # while a demo's clock stands still, an earlier state may come again to the letter
        Bundle.objects.filter(way=Bundle.Way.LOADED, sha256=came.sha256).delete()
    if last and came.made_at < last.made_at and not may_be_older:
        raise Refused("今の一覧より古い束です。読み込みませんでした。")
    CertificateStatus.objects.all().delete()
    CertificateStatus.objects.bulk_create(
        (CertificateStatus(**row, as_of=came.made_at) for row in came.parts.get("certificates", [])), batch_size=2000
    )
    PublicKey.objects.all().delete()
    PublicKey.objects.bulk_create(
        PublicKey(**{**row, "until": row["until"] or None}) for row in came.parts.get("keys", [])
    )
    PrintedKind.objects.all().delete()
    PrintedKind.objects.bulk_create(
        PrintedKind(**{**row, "until": row["until"] or None}) for row in came.parts.get("kinds", [])
    )
    _load_applying(came)
    _log(Bundle.Way.LOADED, came)
    return came, True


def _load_applying(came: Parsed) -> None:
    """Where one may apply, and how far applications are. What inside has is kept here no longer."""
    ApplicationDesk.objects.all().delete()
    ApplicationDesk.objects.bulk_create(ApplicationDesk(**row) for row in came.parts.get("desks", []))
    ApplicationState.objects.all().delete()
    ApplicationState.objects.bulk_create(
        (ApplicationState(**row, as_of=came.made_at) for row in came.parts.get("applications", [])), batch_size=2000
    )
    SealedForm.objects.filter(lookup__in=ApplicationState.objects.values("lookup")).delete()


def refresh() -> None:
    """Make a bundle and load it in the same process: only where both sides are one (the demo)."""
    data, _ = bundle.collect()
    load(data=data, may_be_older=True)  # the demo's clock may have been set back


def offers_changed() -> None:
    """A room's offers changed. In the demo the outside learns of it at once; else bundles are carried."""
    if settings.DEMO:
        refresh()


def _log(way: str, parsed: Parsed) -> None:
    Bundle.objects.create(way=way, sha256=parsed.sha256, made_at=parsed.made_at, rows=parsed.rows)
