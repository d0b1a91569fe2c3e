"""Making a report of what the register says otherwise since the ledger was opened or last revised."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import tokyo_date
from backend.core.errors import NotFound, Refused
from backend.core.fields import uuid7_texts
from backend.core.progress import Progress
from backend.ledger.models import Disaster, RevisionChange, RevisionLine, RevisionReport
from backend.ledger.opening.exchange import standing as exchanging
from backend.registry import as_of
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from . import rules
from .comparing import Found, compare

EMPTY = "この災害の台帳には、まだ住民記録が入っていません。先に住民記録を入れてください。"


@dataclass
class Reported:
    """`again`: nothing came in since the newest report, so that it still says everything."""

    report: RevisionReport
    again: bool = False


@transaction.atomic
def make_report(
    *, by: Staff | None, disaster: Disaster, anew: bool = False, progress: Progress | None = None
) -> Reported:
    """Make the next revision of the register and hold it against the ledger; the report before it is stale from now on.

    Changes nothing in the ledger. Where no file came in since the newest report, that one is given back, unless `anew`
    (because the ledger was changed by hand meanwhile).
    """
    if by is not None:
        require(by, "disaster.open")
    locked = Disaster.objects.select_for_update().get(pk=disaster.pk)
    if locked.register_revision is None:
        raise Refused(EMPTY)
    newest = locked.revision_reports.first()
    if newest and not anew and not register.unread_files(AsOfRevision.objects.get(pk=newest.revision)):
        return Reported(newest, again=True)
    if exchanging.emergency(locked) and exchanging.real_register(locked):
        raise Refused(EXCHANGE_FIRST)
    compared = AsOfRevision.objects.select_related("base").get(pk=locked.register_revision)
    revision = as_of.rebuild(code=locked.code, day=tokyo_date(locked.occurred_at), by=by, progress=progress)
    found = compare(locked, compared, revision)
    report = RevisionReport.objects.create(
        disaster=locked, number=revision.number, revision=revision.pk, compared=compared.pk, made_by=by
    )
    _store(report, found)
    audit(
        by=by,
        act="ledger.report_revision",
        subject=f"disaster:{locked.pk}",
        revision=revision.number,
        lines=len(found.lines),
    )
    return Reported(report)


EXCHANGE_FIRST = "この台帳は緊急用の四情報から作ったもので、その後に住民記録が届いています。災害の画面の「住民記録への入れ替え」を先に行ってください。"
LINE = ("id", "report_id", "order", "kinds", "substantial")
CHANGE = (
    "line_id",
    "kind",
    "atena_no",
    "person_id",
    "columns",
    "household_from_id",
    "household_to_id",
    "household_no",
    "why",
)


def _store(report: RevisionReport, found: Found) -> None:
    told = [(line, rules.kinds_of(line, found.members)) for line in found.lines]
    told.sort(key=lambda pair: (rules.ORDER.index(pair[1][0]), min(change.atena_no for change in pair[0])))
    # As text in the way of each database: a late file may bring thousands of lines.
    sqlite = connection.vendor == "sqlite"
    yes, no = ("1", "0") if sqlite else ("t", "f")
    ids = uuid7_texts(hyphens=not sqlite)
    lines, changes = [], []

    key = bulk.key_text
    for order, (line, kinds) in enumerate(told, 1):
        pk = next(ids)
        lines.append([pk, key(report.pk), str(order), _json(kinds), no if kinds == [rules.NOTED] else yes])
        for change in sorted(line, key=lambda c: (rules.ORDER.index(c.kind), c.atena_no)):
            person = found.people.get(change.atena_no)
            target = None if (change.home_to or "").startswith("new:") else change.home_to
            homes = [key(change.home_from), key(target)]
            row = [pk, change.kind, change.atena_no, key(person and person.pk), _json(change.columns)]
            changes.append([*row, *homes, change.household_no, change.why[:60]])
    bulk.load(RevisionLine._meta.db_table, LINE, lines)
    bulk.load(RevisionChange._meta.db_table, CHANGE, changes)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def disaster_of(code: str) -> Disaster:
    """The disaster of a code; raises `NotFound`."""
    found = Disaster.objects.filter(code=code.strip()).first()
    if found is None:
        raise NotFound(f"災害コード {code} は開設されていません。")
    return found
