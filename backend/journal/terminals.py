"""Laptops as headquarters handles them: made ready, joined, released, cut off. Part of the room's services."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core import sql
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.facilities.models import Facility

from .content import sha256
from .models import Device, Terminal

ENROL_WITHIN = timedelta(days=14)
RIGHT = "devices.write"
SHORTEST_SECRET = 32


@transaction.atomic
def make_ready(*, by: Staff | None, facility: UUID, name: str = "", area: str = "") -> tuple[Terminal, str]:
    """A laptop may join for this place: the terminal, and the token that joins it once, within two weeks."""
    if by is not None:
        require(by, RIGHT)
    place = Facility.objects.filter(pk=facility).first()
    if place is None:
        raise NotFound("その施設は登録されていません。")
    count = Terminal.objects.filter(facility=facility).count()
    token = secrets.token_hex(20)  # letters and digits only: on a command line a hyphen in front would be an option
    terminal = Terminal.objects.create(
        name=(name or f"{place.name} {count + 1}号")[:60],
        facility=facility,
        area=" ".join(area.split()),
        enrolment_sha256=sha256(token.encode()),
        enrolment_until=now() + ENROL_WITHIN,
    )
    audit(by=by, act="journal.make_ready", subject=f"terminal:{terminal.pk}", facility=str(facility))
    return terminal, token


@transaction.atomic
def join(*, token: str, secret: str, device: UUID, version: str = "") -> Terminal:
    """A laptop takes up its token with a secret and a chain that it made itself. The same again gives the same."""
    terminal = Terminal.objects.select_for_update().filter(enrolment_sha256=sha256(token.encode())).first()
    if terminal is None or terminal.revoked_at is not None:
        raise Refused("この登録用の合言葉は使えません。システム管理者に新しい合言葉を作ってもらってください。")
    if len(secret) < SHORTEST_SECRET:
        raise Refused("端末の鍵が短すぎます。")
    again = terminal.secret_sha256 and hmac.compare_digest(terminal.secret_sha256, sha256(secret.encode()))
    if terminal.joined_at is not None and not again:
        raise Conflict("この合言葉はすでに別の端末で使われています。新しい合言葉を作ってもらってください。")
    if not again and terminal.enrolment_until < now():
        raise Refused("この合言葉は期限が切れています。新しい合言葉を作ってもらってください。")
    if not again:
        terminal.secret_sha256, terminal.joined_at = sha256(secret.encode()), now()
        terminal.version = version[:20]
        terminal.save()
        audit(by=None, act="journal.join", subject=f"terminal:{terminal.pk}")
    take_chain(terminal, device)
    return terminal


def take_chain(terminal: Terminal, device: UUID) -> Device:
    """The chain that this laptop writes from now on. `Conflict` for one that is somebody else's."""
    made, _ = Device.objects.get_or_create(pk=device, defaults={"name": terminal.name, "terminal": terminal})
    if made.terminal_id is None and not made.is_own:
        made.terminal = terminal
        made.save(update_fields=["terminal"])
    if made.terminal_id != terminal.pk:
        raise Conflict("この記録の列は、別の端末のものです。")
    return made


def of_header(text: str) -> Terminal | None:
    """The laptop that says `Terminal UUID.SECRET`; None for anything else."""
    scheme, _, rest = text.partition(" ")
    number, _, secret = rest.partition(".")
    try:
        return whose(UUID(number), secret) if scheme == "Terminal" else None
    except ValueError:
        return None


def sender_of(text: str) -> Terminal | None:
    """As `of_header`, for what comes many times a second; of the laptop only the id is known. None also where it was cut off."""
    scheme, _, rest = text.partition(" ")
    number, _, secret = rest.partition(".")
    if scheme != "Terminal":
        return None
    pk = UUID(number)
    found = sql.fetch(_SENDER, pk)
    if not found or not hmac.compare_digest(found[0][0], sha256(secret.encode())):
        return None
    return Terminal(pk=pk)


_SENDER = "SELECT secret_sha256 FROM journal_terminal WHERE id = %s AND joined_at IS NOT NULL AND revoked_at IS NULL"


def whose(terminal_id: UUID, secret: str) -> Terminal | None:
    """The laptop of this secret; also one that was cut off, so that what it still brings is kept."""
    found = Terminal.objects.filter(pk=terminal_id).first()
    if (
        found is None
        or found.joined_at is None
        or not hmac.compare_digest(found.secret_sha256, sha256(secret.encode()))
    ):
        return None
    return found


@transaction.atomic
def revoke(*, by: Staff | None, terminal: Terminal) -> None:
    """Lost or stolen: it gets nothing any more, and what it still sends waits for headquarters."""
    if by is not None:
        require(by, RIGHT)
    changed = Terminal.objects.filter(pk=terminal.pk, revoked_at=None).update(revoked_at=now())
    if changed:
        audit(by=by, act="journal.revoke", subject=f"terminal:{terminal.pk}")


@transaction.atomic
def release(*, by: Staff | None, terminals: list[Terminal] | None = None) -> int:
    """On the day: these laptops (or all) may open the excerpt of the register that they carry. Returns how many more."""
    if by is not None:
        require(by, RIGHT)
    rows = Terminal.objects.filter(released_at=None, revoked_at=None)
    if terminals is not None:
        rows = rows.filter(pk__in=[terminal.pk for terminal in terminals])
    changed = rows.update(released_at=now())
    if changed:
        audit(by=by, act="journal.release", subject="terminals", terminals=changed)
    return changed
