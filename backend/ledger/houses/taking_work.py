"""Taking an uploaded table as work behind a page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings

from backend.accounts.models import Staff
from backend.core import work
from backend.core.errors import NotFound
from backend.ledger.models import HouseTable

from .address_table import take_addresses
from .outlines import take_outlines

KIND = "ledger.take_house_table"
AT_ONCE_BELOW = 3 * 1024 * 1024  # bytes; a file as small as this is taken while the request waits


def begin(*, by: Staff, kind: str, name: str, pieces: Iterable[bytes], replace: bool) -> str:
    """Keep the upload and take it, now if it is small; the token under which its work is found."""
    token = work.new_token()
    suffix = Path(name.replace("\\", "/")).suffix.lower()
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{token}{suffix if suffix in ('.csv', '.geojson', '.json', '.zip') else '.bin'}"
    size = 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            size += len(piece)
            file.write(piece)
    take = take_outlines if kind == HouseTable.Kind.OUTLINES else take_addresses

    def task(progress: work.Progress) -> dict[str, Any]:
        try:
            table, again = take(path=path, by=by, name=name, replace=replace, progress=progress)
        finally:
            path.unlink(missing_ok=True)
        return {"table": table.pk, "again": again}

    work.begin(
        token=token,
        kind=KIND,
        label=f"「{name}」を取り込んでいます",
        by_name=by.display_name,
        task=task,
        at_once=size < AT_ONCE_BELOW,
    )
    return token


def find(token: str) -> work.Work:
    """The work under this token; raises `NotFound`."""
    found = work.find(token)
    if found is None or found.kind != KIND:
        raise NotFound("この取込の記録はありません。表の一覧で、取り込まれたかどうかを確かめてください。")
    return found
