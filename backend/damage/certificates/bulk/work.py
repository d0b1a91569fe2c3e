"""一括交付 as work behind a page: a worker does it. What was numbered stays when it is stopped: the next one goes on with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django_tasks import task

from backend.accounts.models import Staff
from backend.core import work, work_queue
from backend.core.errors import NotFound
from backend.damage.models import BulkRun
from backend.documents import kinds
from backend.ledger.models import Disaster

from . import services

KIND = "damage.bulk"
AT_ONCE_UP_TO = 20  # households: as few as these are issued while the request waits
WORKERS = 2


def folder_of(run: BulkRun) -> Path:
    """Where the files of a round from a page lie."""
    return Path(settings.DATA_DIR) / "certificates" / str(run.pk)


def begin(*, token: str, by: Staff, disaster: Disaster, purpose: str, post: str, kind: str = services.KIND) -> None:
    """Issue the papers of a kind to everybody who is to get one and has none."""
    how: dict[str, Any] = {"split": False, "pages_a_file": services.PAGES}
    run = services.begin(by=by, disaster=disaster, kind=kind, purpose=purpose, post=post, **how)
    shown: dict[str, Any] = {
        "token": token,
        "kind": KIND,
        "label": f"災害コード {disaster.code} の{kinds.kind(kind).title}を一括で交付しています",
        "by_name": by.display_name,
        "about": {"disaster": str(disaster.pk), "kind": kind},
    }
    if disaster.households.count() <= AT_ONCE_UP_TO:
        work.begin(**shown, task=lambda progress: _issue(run, by, progress), at_once=True)
    else:
        work_queue.put(issue, **shown, run=str(run.pk), by=str(by.pk))


@task()
def issue(*, token: str, run: str, by: str) -> str:
    """What a worker does: the round, for whom it was begun. Returns the state that the work ended in."""

    def whole(progress: work.Progress) -> dict[str, Any]:
        found = BulkRun.objects.select_related("disaster").get(pk=run)
        return _issue(found, Staff.objects.get(pk=by), progress)

    return work_queue.carry_out(issue, token, whole, run=run, by=by)


def _issue(run: BulkRun, by: Staff, progress: work.Progress) -> dict[str, Any]:
    if run.ended_at:  # by somebody else while this waited
        return {"run": str(run.pk), "certificates": 0, "held": run.held.count()}
    done = services.issue_all(
        by=by, disaster=run.disaster, kind=run.kind, folder=folder_of(run), workers=WORKERS, progress=progress
    )
    return {"run": str(done.run.pk), "certificates": done.certificates, "held": sum(done.held.values())}


def find(token: str) -> work.Work:
    found = work.find(token)
    if found is None or found.kind != KIND:
        raise NotFound("この作業の記録はありません。一括交付の画面で、どこまで進んだかを確かめてください。")
    return found
