"""Taking a list of 町字, and the 町字 in force."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.errors import Conflict, Refused
from backend.registry.reading import fingerprint, read_towns

from . import reading
from .models import Town, TownList


def take_towns(*, path: Path, by: Staff | None, name: str | None = None) -> tuple[TownList, bool]:
    """Take a list of 町字; it is in force from now on. True if this very file is the one in force already.

    Raises `Refused` for a file that is no such list, with what to do about it.
    """
    if by is not None:
        require(by, "register.write")
    name = name or path.name
    if not path.is_file():
        raise Refused(f"ファイルがありません：{name}")
    rows = reading.read(path)
    mark = fingerprint(path)[0]
    known = TownList.objects.filter(fingerprint=mark).first()
    newest = TownList.objects.first()
    if known and known == newest:
        return known, True
    if known:
        raise Refused(
            "前に取り込んだ町字の一覧です。その後に新しい一覧が取り込まれています。新しいほうを使ってください。"
        )
    try:
        with transaction.atomic():
            taken = TownList.objects.create(name=name[:200], fingerprint=mark, rows=len(rows), received_by=by)
            Town.objects.bulk_create(
                (Town(list=taken, town_id=r.town_id, city=r.city, name=r.name, by_street=r.by_street) for r in rows),
                batch_size=1000,
            )
            audit(by=by, act="registry.take_towns", subject=f"town_list:{taken.pk}", rows=len(rows))
    except IntegrityError as error:
        raise Conflict("同じ一覧がたった今、別の担当者により取り込まれました。") from error
    return taken, False


def known_towns() -> frozenset[str] | None:
    """The 町字, alone and behind the municipality's name; of the file in the settings where no list was taken.

    None where there is neither: then no town is called unknown.
    """
    newest = TownList.objects.first()
    if newest is None:
        return read_towns(settings.TOWNS_FILE)
    names: set[str] = set()
    for city, name in newest.towns.values_list("city", "name"):
        names |= {name, city + name}
    return frozenset(names)
