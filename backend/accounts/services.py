"""The two books that only grow, the access log and the audit book, and the acts on staff accounts."""

from __future__ import annotations

import secrets
import threading
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction

from backend.core.clock import now
from backend.core.errors import Conflict, Refused

from . import reasons
from .models import AccessLog, AuditRow, Division, Staff

TEMPORARY_FOR = timedelta(days=7)
# No characters that are read as another one when they stand on paper.
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
# What an administrator changes on an account, and what of it may stand in the audit book with its value.
_WATCHED = ("username", "display_name", "division", "home", "is_supervisor", "sees_protected", "is_active")
_MARKS = ("is_supervisor", "sees_protected")


class LogUnavailable(Refused):
    """The access log could not be written, so the page is not shown."""

    code = "log_unavailable"
    status = 503


# --- the access log ---------------------------------------------------------------------------------------------------


class _Held(threading.local):
    """Looks that were written inside a transaction which may still be rolled back (SQLite only)."""

    def __init__(self) -> None:
        self.rows: list[AccessLog] = []


_held = _Held()


def log_access(
    *, by: Staff, what: str, subject: str = "", hits: int = 1, reason: str = "", detail: str = ""
) -> AccessLog:
    """Write one look into the access log, over a connection of its own, *before* anything is shown.

    `what` is one of `AccessLog.What`; `subject` like `household:UUID`, never a name; `detail` names of the fields
    asked, never what was typed; without a `reason` that of the session is taken. Raises `LogUnavailable` when the log
    can't be written. Call it before the act's transaction where you can: SQLite has one writer (see `_save`).
    """
    row = AccessLog(
        staff=by,
        division=by.division,
        what=what,
        subject=subject,
        hits=hits,
        reason=(reason or reasons.current())[: reasons.LONGEST],
        detail=detail[:200],
    )
    _save(row)
    return row


def _save(row: AccessLog) -> None:
    """Write the row so that it stays, whatever becomes of the transaction that may be open around it.

    On SQLite the second connection would wait for the first one's transaction, and that one for us. There the row
    goes into the open transaction, and `settle_looks` writes it again should that be rolled back.
    """
    alias = settings.ACCESS_LOG_ALIAS
    default = connections[DEFAULT_DB_ALIAS]
    inside = alias != DEFAULT_DB_ALIAS and default.vendor == "sqlite" and default.in_atomic_block
    try:
        if not inside:
            row.save(using=alias, force_insert=True)
            return
        with transaction.atomic():
            row.save(force_insert=True)
            _held.rows.append(row)
            transaction.on_commit(lambda: _held.rows.remove(row))
    except DatabaseError as error:
        if row in _held.rows:
            _held.rows.remove(row)
        raise LogUnavailable(
            "閲覧記録を書き込めないため、画面を表示できません。システム管理者に連絡してください。"
        ) from error


def settle_looks() -> None:
    """Write again what was rolled back together with the transaction it stood in. Called after every request."""
    if not _held.rows or connections[DEFAULT_DB_ALIAS].in_atomic_block:
        return
    rows, _held.rows = _held.rows, []
    for row in rows:
        row.pk = None
        _save(row)


# --- the audit book ---------------------------------------------------------------------------------------------------


def audit(*, by: Staff | None, act: str, subject: str = "", **detail: Any) -> AuditRow:
    """Write what was done into the audit book, inside the caller's transaction (which must be open).

    `act` is `room.verb`; `detail` numbers, codes and ids only. `by=None` is a command run by an operator.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("audit() belongs into the transaction of the act itself")
    return AuditRow.objects.create(staff=by, act=act, subject=subject, detail=detail)


# --- staff accounts ---------------------------------------------------------------------------------------------------


@transaction.atomic
def create_staff(
    *, by: Staff | None, username: str, display_name: str, division: str, password: str | None = None, **fields: Any
) -> Staff:
    """Make an account. Without a password nobody can sign in until a temporary one is issued.

    `fields` may be `home`, `is_supervisor`, `sees_protected`. Raises `Conflict` for a username that is taken and
    `Refused` for an unknown division or a password that is too weak.
    """
    if division not in Division.values:
        raise Refused(f"部署「{division}」はありません。", fields={"division": "選択肢から選んでください。"})
    if Staff.objects.filter(username__iexact=username).exists():
        raise Conflict(f"ユーザー名「{username}」はすでに使われています。")
    staff = Staff(username=username, display_name=display_name, division=division, **fields)
    if password is not None:
        try:
            validate_password(password, staff)
        except ValidationError as error:
            raise Refused(" ".join(error.messages), fields={"password": " ".join(error.messages)}) from error
    staff.set_password(password)
    staff.save()
    _write_down(by=by, staff=staff, before=None)
    return staff


@transaction.atomic
def save_staff(*, by: Staff | None, staff: Staff) -> Staff:
    """Save an account that was filled in on a form or from a file; what changed is written down, the marks by name.

    Raises `Refused` when people change their own division, marks or activity: another administrator does that.
    """
    before = Staff.objects.filter(pk=staff.pk).first()
    if before is None:
        if Staff.objects.filter(username__iexact=staff.username).exists():
            raise Conflict(f"ユーザー名「{staff.username}」はすでに使われています。")
        staff.set_unusable_password()
    elif (
        by is not None
        and by.pk == staff.pk
        and any(_differs(before, staff, n) for n in (*_MARKS, "division", "is_active"))
    ):
        raise Refused("自分の部署・権限・有効の欄は、ほかのシステム管理者が変更します。")
    staff.save()
    _write_down(by=by, staff=staff, before=before)
    return staff


def _differs(before: Staff | None, after: Staff, name: str) -> bool:
    old = getattr(before, name) if before else Staff._meta.get_field(name).get_default()
    return bool(old != getattr(after, name))


def _write_down(*, by: Staff | None, staff: Staff, before: Staff | None) -> None:
    subject = f"staff:{staff.pk}"
    if before is None:
        audit(by=by, act="accounts.created", subject=subject, division=staff.division)
    else:
        changed = [name for name in _WATCHED if name not in _MARKS and _differs(before, staff, name)]
        if changed:
            was = {"was": before.division, "division": staff.division} if "division" in changed else {}
            audit(by=by, act="accounts.changed", subject=subject, fields=changed, **was)
    for mark in _MARKS:
        if _differs(before, staff, mark):
            given = getattr(staff, mark)
            audit(by=by, act="accounts.mark_given" if given else "accounts.mark_taken", subject=subject, mark=mark)


@transaction.atomic
def issue_temporary_password(*, by: Staff | None, staff: Staff) -> str:
    """Set and return a password that is shown once, holds seven days, and must be changed at the first log-in.

    Whoever is signed in with the old one is signed out by it.
    """
    password = "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(3))
    staff.set_password(password)
    staff.temporary_until = now() + TEMPORARY_FOR
    staff.save(update_fields=["password", "temporary_until"])
    audit(by=by, act="accounts.password_issued", subject=f"staff:{staff.pk}")
    return password


@transaction.atomic
def change_password(*, by: Staff, password: str) -> None:
    """Give oneself a new password; a temporary one is thereby done with."""
    by.set_password(password)
    by.temporary_until = None
    by.save(update_fields=["password", "temporary_until"])
    audit(by=by, act="accounts.password_changed", subject=f"staff:{by.pk}")


@transaction.atomic
def note_sign_in(*, by: Staff, reason: str) -> None:
    """Write down who came in, with the choice of the reason (its free text stands in the access log only)."""
    audit(by=by, act="accounts.signed_in", subject=f"staff:{by.pk}", reason=reason)


@transaction.atomic
def note_sign_out(*, by: Staff) -> None:
    """Write down who went."""
    audit(by=by, act="accounts.signed_out", subject=f"staff:{by.pk}")


@transaction.atomic
def note_new_reason(*, by: Staff, reason: str) -> None:
    """Write down that somebody goes on with other work."""
    audit(by=by, act="accounts.reason_changed", subject=f"staff:{by.pk}", reason=reason)
