"""Publishing: one act, from the state of the shelters to a folder that everybody may read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.ledger.models import Disaster

from . import pages, queries
from .folders import Draft
from .models import PublicationRun

PUBLIC_SITE = "公開サイト"


def publish(*, code: str, to: Path, by: Staff | None, as_of: datetime | None = None) -> dict[str, Any]:
    """Write the static site of a disaster into the folder `to`, as of a time (None: now).

    Answers `files`, `bytes` (the whole site), `shelters`, `closed`, `people` (None: nobody has counted), `as_of`,
    `run`. Raises NotFound for an unknown disaster, Forbidden, and Refused for a time to come, a drill that would go to
    the public site, or a folder that can't be renewed; then the old site stays as it was. `by=None` is an operator.
    """
    if by is not None:
        require(by, "publication.write")
    disaster = Disaster.objects.filter(code=code).first()
    if disaster is None:
        raise NotFound(f"災害コード「{code}」の災害はありません。")
    if as_of is not None and as_of > now():
        raise Refused("これからの時点では公表できません。")
    public = _is_public(to)
    if public and disaster.drill:
        raise Refused(
            "訓練の災害は公開サイトに公表できません。別のフォルダーを指定すれば、「訓練」と記して書き出せます。"
        )
    board = queries.board(disaster, as_of)
    files = pages.site(board)
    with Draft(files, to) as draft, transaction.atomic():
        run = PublicationRun.objects.create(
            disaster=disaster,
            at=now(),
            by=by,
            as_of=board.as_of,
            target=PUBLIC_SITE if public else draft.to.name,
            shelters=len(board.lines),
            files=len(files),
            bytes=sum(map(len, files.values())),
            sha256={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        )
        audit(
            by=by,
            act="publication.published",
            subject=f"publication:{run.pk}",
            disaster=disaster.code,
            as_of=board.as_of.isoformat(),
            shelters=run.shelters,
            files=run.files,
        )
        # Last of all, so that no row speaks of files that nobody can see; if the commit fails, the draft goes back.
        draft.put()
    return {
        "files": run.files,
        "bytes": run.bytes,
        "shelters": run.shelters,
        "closed": board.closed,
        "people": board.people,
        "as_of": board.as_of.isoformat(),
        "run": str(run.pk),
    }


def _is_public(to: Path) -> bool:
    """Whether the folder is the public site, lies in it, or holds it."""
    folder, site = to.expanduser().resolve(), settings.PUBLICATION_DIR.expanduser().resolve()
    return folder == site or folder in site.parents or site in folder.parents
