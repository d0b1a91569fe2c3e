"""Outside: take an application, seal it at once, count how often, and write what waits into a file for inside."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.utils.module_loading import import_string

from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.pictures import MOST_PIXELS, TORN, NoPicture, cleaned
from backend.gateway.models import ApplicationDesk, ApplicationState, SealedForm, SealedPicture, Use
from backend.gateway.sealing import seal

from . import packages, rules
from .rules import Limit

MOST_FILE = 500 * 1024 * 1024  # bytes of sealed applications in one file; the rest goes with the next
FULL = "いま、オンラインの申請を受け付けられません（保管の容量の都合）。窓口か電話で申請してください。"


class TooOften(Refused):
    """Somebody does this more often than a person would."""

    code = "too_often"
    status = 429


@dataclass(frozen=True)
class Receipt:
    """What the applicant takes along. `again`: this very application had come before."""

    number: str
    received_at: datetime
    again: bool


@dataclass(frozen=True)
class Held:
    """A picture that lies here sealed. `name` is what the applicant's telephone calls it; only their page has it."""

    id: str
    what: str
    name: str


def keyed(*parts: str) -> bytes:
    """A hash that nobody makes without this installation's SECRET_KEY."""
    key = hashlib.sha256(b"tasuki applying " + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, json.dumps(parts, ensure_ascii=False).encode(), hashlib.sha256).digest()


def lookup_of(number: str, birth: str) -> str:
    return keyed("state", number, birth).hex()


# How often -----------------------------------------------------------------------------------------------------------


def _window(limit: Limit, value: str) -> tuple[str, datetime]:
    number = int(now().timestamp()) // limit.seconds
    until = datetime.fromtimestamp((number + 1) * limit.seconds, UTC)
    return keyed("use", limit.name, str(number), value).hex(), until


def used_up(limit: Limit, value: str) -> datetime | None:
    """Until when this may not be done any more; None where it may."""
    key, until = _window(limit, value)
    return until if Use.objects.filter(pk=key, count__gte=limit.most).exists() else None


@transaction.atomic
def use(limit: Limit, value: str) -> datetime | None:
    """Count it; until when it may not be done, if that was once too often."""
    key, until = _window(limit, value)
    Use.objects.bulk_create([Use(key=key, until=until)], ignore_conflicts=True)
    Use.objects.filter(pk=key).update(count=F("count") + 1)
    return until if Use.objects.filter(pk=key, count__gt=limit.most).exists() else None


# Pictures ------------------------------------------------------------------------------------------------------------


def check_picture(data: bytes) -> None:
    """Raises `NoPicture` with what to do, for what inside would not take."""
    from PIL import Image

    kind = cleaned(data, largest=rules.LARGEST).kind
    try:
        with Image.open(BytesIO(data)) as picture:  # its head only
            width, height = picture.size
    except Image.DecompressionBombError as error:
        raise NoPicture("写真の画素が多すぎます。縮小してから選んでください。") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise NoPicture(TORN) from error
    if width * height > MOST_PIXELS[kind]:
        most = MOST_PIXELS[kind] // 10_000
        raise NoPicture(
            f"写真の画素が多すぎます（{width}×{height}）。{most:,}万画素までにして、撮り直すか縮小してください。"
        )


@transaction.atomic
def hold_picture(*, desk: ApplicationDesk, data: bytes, what: str, name: str) -> Held:
    """Seal a picture at once; it waits for its form. Raises `NoPicture`, or `Refused` when nothing more can be held."""
    check_picture(data)
    _tidy()
    if _held_bytes() + len(data) > rules.MOST_HELD:
        raise Refused(FULL)
    own = secrets.token_hex(16)
    sealed = seal(desk.public, data, own)
    SealedPicture.objects.create(id=own, key=desk.key, body=sealed, size=len(sealed), at=now())
    return Held(own, what, name)


def _tidy() -> None:
    """Pictures whose form was never finished, and counts of hours that are over."""
    SealedPicture.objects.filter(form=None, at__lt=now() - timedelta(hours=rules.KEPT_HOURS)).delete()
    Use.objects.filter(until__lt=now()).delete()


def _held_bytes() -> int:
    forms = SealedForm.objects.aggregate(n=Sum("size"))["n"] or 0
    return int(forms + (SealedPicture.objects.aggregate(n=Sum("size"))["n"] or 0))


# An application ------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(
    *, desk: ApplicationDesk, said: Mapping[str, Any], pictures: Iterable[Held], form: str, fingerprints: Iterable[str]
) -> Receipt:
    """Seal what was typed for inside. The same form with the same in it, sent twice, is one application.

    `form` is the number of the form as it was opened, `fingerprints` are of the pictures that were sent with it.
    """
    held = list(pictures)
    words = json.dumps(said, ensure_ascii=False, sort_keys=True)
    number = rules.receipt_number(keyed("number", form, words, *sorted(fingerprints)))
    lookup = lookup_of(number, said["birth"])
    at = now()
    if _is_here(lookup):
        SealedPicture.objects.filter(pk__in=[one.id for one in held], form=None).delete()
        return Receipt(number, at, again=True)
    inner = {
        "v": 1,
        "number": number,
        "applied_at": at.isoformat(),
        "disaster": str(desk.disaster),
        "said": dict(said),
        "pictures": [{"id": one.id, "what": one.what} for one in held],
    }
    body = seal(desk.public, json.dumps(inner, ensure_ascii=False).encode(), lookup)
    said_of_it = {"key": desk.key, "body": body, "size": len(body), "received_at": at}
    made, new = SealedForm.objects.get_or_create(lookup=lookup, defaults=said_of_it)
    if not new:  # two clicks at once
        return Receipt(number, at, again=True)
    SealedPicture.objects.filter(pk__in=[one.id for one in held], form=None).update(form=made)
    if settings.DEMO:
        transaction.on_commit(lambda: _carry_in(lookup), robust=True)
    return Receipt(number, at, again=False)


def _is_here(lookup: str) -> bool:
    return SealedForm.objects.filter(pk=lookup).exists() or ApplicationState.objects.filter(pk=lookup).exists()


def _carry_in(lookup: str) -> None:
    """Where both sides are one (the demo), inside has it at once; else files are carried."""
    for package in waiting([lookup]):
        for config in apps.get_app_configs():
            hook = getattr(config, "gateway_takes", None)
            if hook:
                import_string(hook)(package)


# The file for inside --------------------------------------------------------------------------------------------------


def waiting(lookups: Iterable[str] | None = None) -> Iterator[packages.Package]:
    """What no bundle has said yet that inside has, in the order of coming."""
    rows = SealedForm.objects.order_by("received_at", "pk")
    for row in (rows.filter(pk__in=lookups) if lookups is not None else rows).iterator(chunk_size=20):
        pictures = {
            one.pk: packages.SealedBody(one.key, bytes(one.body)) for one in row.pictures.order_by("at").iterator()
        }
        yield packages.Package(row.pk, row.received_at, packages.SealedBody(row.key, bytes(row.body)), pictures)


def export_forms(*, path: Path, most: int = MOST_FILE) -> dict[str, Any]:
    """Write what waits into one file, whole or not at all. It stays here until a bundle says that inside has it."""
    partial: Path | None = None
    count = size = 0
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            partial = Path(file.name)
            file.write(packages.head(settings.MUNICIPALITY_CODE, now()))
            for package in waiting():
                text = packages.line(package)
                if count and size + len(text) > most:
                    break
                file.write(text)
                count, size = count + 1, size + len(text)
            file.write(packages.end(count))
        os.replace(partial, path)
    except OSError as error:
        raise Refused("オンライン申請のファイルを書き込めません。保存先を確かめてください。") from error
    finally:
        if partial:
            partial.unlink(missing_ok=True)  # nothing to remove once it took its place
    return {"forms": count, "left": SealedForm.objects.count() - count, "size": size}
