"""Taking an upload as work behind a page."""

from __future__ import annotations

from typing import Any

from backend.accounts.models import Staff
from backend.core import work
from backend.core.errors import NotFound, Refused

from . import staging
from .models import RegisterFile
from .preview import look
from .services import take_file
from .staging import Staged

KIND = "registry.take_file"
AT_ONCE_BELOW = 5 * 1024 * 1024  # bytes; a file as small as this is taken while the request waits


def begin(staged: Staged, *, by: Staff) -> None:
    """Take the upload, now if it is small; what comes of it stands in the work under the upload's token."""

    def task(progress: work.Progress) -> dict[str, Any]:
        return _take(staged, by, progress)

    work.begin(
        token=staged.token,
        kind=KIND,
        label=f"「{staged.name}」を取り込んでいます",
        by_name=by.display_name,
        task=task,
        about={"fingerprint": staged.fingerprint, "owner": staged.owner},
        at_once=staged.size < AT_ONCE_BELOW,
    )


def _take(staged: Staged, by: Staff, progress: work.Progress) -> dict[str, Any]:
    kind, corrects = staged.kind, staged.kind == RegisterFile.Kind.CORRECTION
    if corrects:
        kind = look(staged).kind
    try:
        taken = take_file(
            path=staged.path,
            kind=kind,
            by=by,
            as_of=staged.day,
            name=staged.name,
            layout_name=staged.layout,
            corrects=corrects,
            progress=progress,
        )
    except Refused:
        staging.remove(staged)
        raise
    staging.remove(staged)
    return {"file": taken.file.pk, "again": taken.again, "set_aside": 0 if taken.again else len(taken.set_aside)}


def find(token: str) -> work.Work:
    """The work, told as done where its process died after the file had been taken. Raises `NotFound`."""
    found = work.find(token)
    if found is None or found.kind != KIND:
        raise NotFound("この取込の記録はありません。住民記録の一覧で、取り込まれたかどうかを確かめてください。")
    if found.state in {"interrupted", "failed"}:
        file = RegisterFile.objects.filter(fingerprint=found.about.get("fingerprint")).first()
        if file:
            found.state, found.result = "done", {"file": file.pk, "again": False, "set_aside": file.set_aside}
    return found
