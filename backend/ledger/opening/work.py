"""Opening, filling and revising a ledger as work behind a page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.accounts.models import Staff
from backend.core import work
from backend.core.clock import tokyo_date
from backend.core.errors import NotFound
from backend.ledger.models import Disaster, RevisionReport
from backend.registry import page_queries

from .exchange.services import exchange_register
from .revising.accepting import accept
from .revising.services import make_report
from .services import Opened, fill_disaster, open_disaster

KIND = "ledger.open_disaster"
REVISE, ACCEPT, EXCHANGE = "ledger.report_revision", "ledger.accept_revision", "ledger.exchange_register"
ACCEPT_AT_ONCE = 500  # lines of a report
AT_ONCE_UP_TO = 20_000  # people in the export; a ledger as small as this is made while the request waits


def begin_open(*, token: str, by: Staff, code: str, name: str, occurred_at: datetime, drill: bool) -> None:
    """Open a disaster, and fill its ledger where there is a register."""

    def task(progress: work.Progress) -> dict[str, Any]:
        return _told(
            open_disaster(code=code, name=name, occurred_at=occurred_at, by=by, drill=drill, progress=progress)
        )

    _begin(token, by, f"災害コード {code} の台帳を開設しています", code, occurred_at, task)


def begin_fill(*, token: str, by: Staff, disaster: Disaster) -> None:
    """Put the register under a ledger that was opened empty."""

    def task(progress: work.Progress) -> dict[str, Any]:
        return _told(fill_disaster(code=disaster.code, by=by, progress=progress))

    label = f"災害コード {disaster.code} の台帳に住民記録を入れています"
    _begin(token, by, label, disaster.code, disaster.occurred_at, task, fill=True)


def _begin(
    token: str, by: Staff, label: str, code: str, occurred_at: datetime, task: work.Task, *, fill: bool = False
) -> None:
    export = page_queries.basis(tokyo_date(occurred_at)).export
    work.begin(
        token=token,
        kind=KIND,
        label=label,
        by_name=by.display_name,
        task=task,
        about={"code": code, "fill": fill},
        at_once=export is None or export.accepted <= AT_ONCE_UP_TO,
    )


def begin_revise(*, token: str, by: Staff, disaster: Disaster, anew: bool) -> None:
    """Hold what came in since against the ledger."""

    def task(progress: work.Progress) -> dict[str, Any]:
        made = make_report(by=by, disaster=disaster, anew=anew, progress=progress)
        return {"report": str(made.report.pk), "again": made.again}

    export = page_queries.basis(tokyo_date(disaster.occurred_at)).export
    work.begin(
        token=token,
        kind=REVISE,
        label=f"災害コード {disaster.code} の台帳を新しい住民記録と比べています",
        by_name=by.display_name,
        task=task,
        about={"disaster": str(disaster.pk)},
        at_once=export is None or export.accepted <= AT_ONCE_UP_TO,
    )


def begin_accept(*, token: str, by: Staff, report: RevisionReport, lines: int) -> None:
    """Take everything that is open in a report into the ledger."""

    def task(progress: work.Progress) -> dict[str, Any]:
        done = accept(by=by, report=report)
        return {"report": str(report.pk), "accepted": done.lines, "held": len(done.held)}

    work.begin(
        token=token,
        kind=ACCEPT,
        label=f"改訂の報告 第{report.number}版を台帳に受け入れています",
        by_name=by.display_name,
        task=task,
        about={"report": str(report.pk)},
        at_once=lines <= ACCEPT_AT_ONCE,
    )


def begin_exchange(*, token: str, by: Staff, disaster: Disaster) -> None:
    """Exchange the emergency register for the real one."""

    def task(progress: work.Progress) -> dict[str, Any]:
        done = exchange_register(by=by, disaster=disaster)
        return {"exchange": str(disaster.pk), "exchanged": done.exchanged, "entered": done.entered, "open": done.open}

    work.begin(
        token=token,
        kind=EXCHANGE,
        label=f"災害コード {disaster.code} の台帳を住民記録に入れ替えています",
        by_name=by.display_name,
        task=task,
        about={"disaster": str(disaster.pk)},
        at_once=disaster.persons.count() <= AT_ONCE_UP_TO // 4,
    )


def _told(opened: Opened) -> dict[str, Any]:
    return {
        "disaster": str(opened.disaster.pk),
        "households": opened.households,
        "persons": opened.persons,
        "flagged": opened.flagged,
        "empty": opened.revision is None,
        "joined": opened.joined,
    }


def find(token: str) -> work.Work:
    """The work, told as done where its process died after the ledger had been made. Raises `NotFound`."""
    found = work.find(token)
    if found is None or found.kind not in {KIND, REVISE, ACCEPT, EXCHANGE}:
        raise NotFound("この作業の記録はありません。災害の一覧で、開設されたかどうかを確かめてください。")
    if found.kind == KIND and found.state in {"interrupted", "failed"}:
        made = Disaster.objects.filter(code=found.about["code"], opened_at__gte=found.began_at)
        if found.about["fill"]:
            made = Disaster.objects.filter(code=found.about["code"], filled_at__gte=found.began_at)
        disaster = made.first()
        if disaster:
            found.state, found.result = "done", {"disaster": str(disaster.pk)}
    return found
