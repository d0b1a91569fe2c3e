"""Exchanges while the laptop runs: by themselves in the background, or at once when asked; each leaves a line."""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Callable

from django.core.management import call_command
from django.db import DatabaseError, connections

from backend.core.errors import Refused
from backend.journal.services import take_up

from . import disk, home, keyring, queries, sync, timing
from .line import Http, NoLine, TurnedAway
from .models import Exchange, State

EVERY = float(os.environ.get("TASUKI_SHELTER_EVERY", "20"))  # seconds, while there is a line
LONGEST = max(300.0, EVERY)  # between tries, while there is none
SERVER_SET_BACK = "本部がバックアップから戻されたため、本部が失った記録を渡し直し、はじめから受け取り直しました"
LAPTOP_SET_BACK = (
    "この端末がバックアップから戻されたため、本部の記録をはじめから受け取り直し、端末にだけあった記録を送り直しました。"
    "そのまま使えます"
)
logger = logging.getLogger("tasuki.laptop")
_one = threading.Lock()
_wake = threading.Event()


def line_of(kept: State) -> Http:
    return Http(kept.url, f"Terminal {kept.terminal}.{kept.secret}")


def exchange() -> Exchange:
    """One exchange, with what went, what came, or why not. Never two at once."""
    with _one:
        timing.set_again()
        row, line = Exchange(), line_of(sync.state())
        try:
            done = sync.sync(line)
            row.sent, row.received, row.refused = done.sent, done.received, done.refused
            if done.retimed:
                row.note = f"端末の時計が違っていたため、記録{done.retimed}件の日時を本部の時計に合わせました"
            if done.anew:
                row.note = LAPTOP_SET_BACK if done.forked else SERVER_SET_BACK
        except (NoLine, TurnedAway, sync.Stopped) as problem:
            row.problem = str(problem)[:200]
        except Refused as problem:
            row.problem = problem.message[:200]
        except DatabaseError as problem:
            if not disk.is_full(problem):
                raise
            row.problem = disk.FULL[:200]
            return row  # nothing can be kept of it now
        finally:
            line.close()
        _keep(row)
        tell()
        return row


def kept_stick(read: Callable[[], sync.Result]) -> Exchange:
    """What a USB stick brought, with its line among the exchanges."""
    with _one:
        done = read()
        row = Exchange(way="usb", sent=done.sent, received=done.received, refused=done.refused)
        row.save()
        tell()
        return row


def _keep(row: Exchange) -> None:
    """Only what changed something, or another problem than before, is worth a line."""
    last = Exchange.objects.order_by("-pk").first()
    quiet = not (row.sent or row.received or row.refused or row.note)
    if quiet and last is not None and last.problem == row.problem:
        return
    row.save()


def tell() -> None:
    """Numbers for who asks without the passphrase: how many entries wait, and since when."""
    found = queries.summary()
    contacted = found.contacted_at.isoformat() if found.contacted_at else None
    home.write({"unsent": found.unsent, "refused": found.refused, "contacted_at": contacted}, "status.json")


def opened() -> None:
    """The laptop was unlocked: the tables of this version, the clock as it was learnt, and try the line."""
    call_command("migrate", verbosity=0, interactive=False)
    take_up()  # what a newer headquarters gave before this version was installed
    timing.set_again()
    _wake.set()


def in_background(stop: threading.Event) -> None:
    """Try again and again until told to stop: soon after it went well, later and later while it does not."""
    wait = 0.0
    while not stop.is_set():
        _wake.wait(wait)
        _wake.clear()
        if stop.is_set():
            return
        if not keyring.is_unlocked():
            wait = 5.0
            continue
        try:
            fine = not exchange().problem
            if fine:
                keyring.lock_when_idle()  # not while something waits for a line
        except (DatabaseError, keyring.Locked, State.DoesNotExist):
            fine = False
        except Exception as error:
            # Whatever it was: a laptop that never tries again would keep its entries for itself.
            logger.error("exchange: %s", type(error).__name__)
            fine = False
        finally:
            connections.close_all()
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - so that not all laptops come in the same second
        wait = (EVERY if fine else min(max(wait, EVERY / 2) * 2, LONGEST)) * spread


def wake() -> None:
    _wake.set()
