"""The access log and the audit row: the two books that only grow."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from backend.core.errors import Refused

from .models import AccessLog, AuditRow, Staff


class LogUnavailable(Refused):
    """The access log could not be written, so the page is not shown."""

    code = "log_unavailable"
    status = 503


def log_access(
    *, by: Staff, what: str, subject: str = "", hits: int = 1, reason: str = "", detail: str = ""
) -> AccessLog:
    """Write one look into the access log, over a connection of its own, *before* anything is shown.

    `what` is one of `AccessLog.What`; `subject` like `household:UUID`, never a name; `detail` names of the fields
    asked, never what was typed. Raises `LogUnavailable` when the log can't be written.
    """
    row = AccessLog(
        staff=by, division=by.division, what=what, subject=subject, hits=hits, reason=reason[:200], detail=detail[:200]
    )
    try:
        row.save(using=settings.ACCESS_LOG_ALIAS, force_insert=True)
    except DatabaseError as error:
        raise LogUnavailable(
            "閲覧記録を書き込めないため、画面を表示できません。システム管理者に連絡してください。"
        ) from error
    return row


def audit(*, by: Staff | None, act: str, subject: str = "", **detail: Any) -> AuditRow:
    """Write what was done into the audit book, inside the caller's transaction (which must be open).

    `act` is `room.verb`; `detail` numbers, codes and ids only. `by=None` is a command run by an operator.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit() belongs into the transaction of the act itself")
    return AuditRow.objects.create(staff=by, act=act, subject=subject, detail=detail)
