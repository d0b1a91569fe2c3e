"""Who was let in: a PIN a device, asked once; limited tries; each can be cut, or all at once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, QuerySet

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.journal.content import sha256
from offline_client.models import Guest, GuestEntry

from .addresses import choice

PIN_DIGITS = 6
PIN_HOLDS = timedelta(minutes=30)
TRIES = 5  # from one address, and then a pause
PAUSE = 15 * 60.0  # seconds
ALL_TRIES = 20  # from everywhere, while a PIN is open: then it is void
LOGINS = 10  # wrong passwords on one device: then it is cut
SEEN_EVERY = timedelta(minutes=1)

PAUSED = "PIN を続けて間違えたため、この機器からは15分のあいだ受け付けません。急ぐときは、端末のそばの職員に新しい PIN を出してもらってください。"

# The device whose request is being answered in this thread.
asking: ContextVar[Guest | None] = ContextVar("asking", default=None)
_wrong: dict[str, list[float]] = {}


class WrongPin(Refused):
    """Not a PIN that is open; how often it may still be tried is in the message."""

    code = "wrong_pin"


# At the laptop ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def let_in(*, by: Staff, name: str) -> Guest:
    """Make a PIN for one more device."""
    guest = Guest.objects.create(name=name, **_new_pin())
    audit(by=by, act="laptop.let_in", subject=f"guest:{guest.pk}")
    return guest


@transaction.atomic
def let_in_again(*, by: Staff, guest: UUID) -> Guest:
    """A new PIN for a device that is on the list: cut, locked, or its laptop has another address now."""
    row = found(guest)
    for key, value in {**_new_pin(), "token_sha256": "", "cut_at": None, "wrong_pins": 0, "wrong_logins": 0}.items():
        setattr(row, key, value)
    row.save()
    audit(by=by, act="laptop.let_in", subject=f"guest:{row.pk}")
    return row


@transaction.atomic
def cut(*, by: Staff, guest: UUID) -> Guest:
    """From now on this device gets one plain page and nothing else."""
    row = found(guest)
    _cut(Guest.objects.filter(pk=row.pk))
    audit(by=by, act="laptop.cut", subject=f"guest:{row.pk}")
    return row


@transaction.atomic
def cut_all(*, by: Staff) -> int:
    """All of them, and every PIN that is open; how many there were."""
    count = _cut(Guest.objects.filter(cut_at=None))
    audit(by=by, act="laptop.cut_all", devices=count)
    return count


def found(guest: UUID) -> Guest:
    row = Guest.objects.filter(pk=guest).first()
    if row is None:
        raise NotFound("その機器は一覧にありません。")
    return row


def _cut(rows: QuerySet[Guest]) -> int:
    return rows.filter(cut_at=None).update(cut_at=now(), pin="", pin_until=None)


def _new_pin() -> dict[str, Any]:
    _wrong.clear()  # who was told to ask for a new PIN may try it
    taken = set(Guest.objects.exclude(pin="").values_list("pin", flat=True))
    while (pin := f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}") in taken:
        pass
    return {"pin": pin, "pin_until": now() + PIN_HOLDS}


def listed() -> list[Guest]:
    """Every device there was, the newest first, with how much it wrote (`entries`) and when last (`wrote_at`)."""
    rows = Guest.objects.select_related("person").annotate(entries=Count("written"), wrote_at=Max("written__at"))
    return list(rows.order_by("-made_at", "-pk"))


# At the device ------------------------------------------------------------------------------------------------------------


def enter(*, pin: str, address: str) -> str:
    """Take a PIN; the token by which the device is known from now on. Raises `WrongPin`."""
    tried = [at for at in _wrong.get(address, []) if time.monotonic() - at < PAUSE]
    if len(tried) >= TRIES:
        raise WrongPin(PAUSED)
    token = _taken(pin)
    if token:
        _wrong.pop(address, None)
        return token
    _wrong[address] = [*tried, time.monotonic()]
    left = TRIES - len(tried) - 1
    if not left:
        raise WrongPin(f"PIN が違います。{PAUSED}")
    raise WrongPin(f"PIN が違うか、期限が切れています。端末の画面に出ている数字を確かめてください（あと{left}回）。")


@transaction.atomic
def _taken(pin: str) -> str:
    waiting = Guest.objects.exclude(pin="").filter(cut_at=None)
    guest = waiting.filter(pin=pin, pin_until__gt=now(), wrong_pins__lt=ALL_TRIES).first() if pin else None
    if guest is None:
        waiting.update(wrong_pins=F("wrong_pins") + 1)
        return ""
    choice.changed = False  # whoever is in has found the new address
    token, moment = secrets.token_urlsafe(32), now()
    guest.token_sha256, guest.pin, guest.pin_until = sha256(token.encode()), "", None
    guest.first_seen, guest.seen_at = guest.first_seen or moment, moment
    guest.save()
    return token


def known(token: str) -> Guest | None:
    """The device that holds this token, also one that was cut."""
    return Guest.objects.filter(token_sha256=sha256(token.encode())).first() if token else None


def seen(guest: Guest) -> None:
    """Once a minute is enough."""
    if guest.seen_at is None or abs(now() - guest.seen_at) > SEEN_EVERY:
        Guest.objects.filter(pk=guest.pk).update(seen_at=now())


def note_sign_in(sender: Any, user: Staff, **more: Any) -> None:
    guest = asking.get()
    if guest is not None:
        Guest.objects.filter(pk=guest.pk).update(person=user, wrong_logins=0)


def note_wrong_login(sender: Any, **more: Any) -> None:
    """A device on which passwords are tried out is cut: on the laptop nothing else counts them."""
    guest = asking.get()
    if guest is None:
        return
    rows = Guest.objects.filter(pk=guest.pk)
    rows.update(wrong_logins=F("wrong_logins") + 1)
    _cut(rows.filter(wrong_logins__gte=LOGINS))


def note_written(entries: Sequence[Any]) -> None:
    """Which device wrote, kept with the entries themselves; told by the journal in its transaction."""
    guest = asking.get()
    if guest is not None:
        GuestEntry.objects.bulk_create([GuestEntry(entry=entry.uuid, guest=guest) for entry in entries])
