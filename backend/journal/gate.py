"""Not everybody at once: at most two pushes at work, the others are told to come again soon.

So that headquarters' pages stay quick when the line comes back for a hundred shelters in the same minute.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import close_old_connections

from . import bodies, terminals
from .slots import slot
from .together import SMALL_BYTES, NoRoom, push

PUSH = "/api/v1/journal/push/"
AGAIN_SECONDS = 0.15  # at least; the more were sent away, the later each may come again
COMING = 40  # of those whom one process sent away may come again in one second
FORGET_SECONDS = 5.0
_sent_away: dict[str, float] = {}


class Gate:
    """Around the whole application: to say no must cost next to nothing when a hundred ask."""

    def __init__(self, application: Callable[..., Any]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ.get("PATH_INFO") != PUSH:
            return self.application(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or not 0 < int(length) <= bodies.MOST_BYTES:
            return self.application(environ, start_response)  # it is refused unread
        # Read before there is a place for it: nobody holds one by sending slowly, and a connection that is closed with
        # something unread loses the answer.
        data = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = io.BytesIO(data)
        who = environ.get("HTTP_AUTHORIZATION", "")
        if len(data) <= SMALL_BYTES:
            with suppress(NoRoom):
                if answer := _taken_at_once(who, data):
                    return _say(start_response, "200 OK", answer)
                return self.application(environ, start_response)
        else:
            with slot() as free:
                if free:
                    return self.application(environ, start_response)
        return _say(start_response, "503 Service Unavailable", busy_body(who), ("Retry-After", "1"))


def _say(start_response: Callable[..., Any], status: str, body: bytes, *more: tuple[str, str]) -> list[bytes]:
    start_response(status, [("Content-Type", bodies.MEDIA), ("Content-Length", str(len(body))), *more])
    return [body]


def _taken_at_once(who: str, data: bytes) -> bytes | None:
    """The answer to a small push, past all that is there for pages: half of what a check-in would cost.

    None for whatever is not as it should be: the application does it again, which does no harm, and says what is wrong.
    """
    close_old_connections()
    try:
        terminal = terminals.sender_of(who)
        return push(terminal, data) if terminal else None
    except NoRoom:
        raise
    except Exception:
        return None
    finally:
        close_old_connections()


def busy_body(who: str = "") -> bytes:
    """Come again, and when."""
    return bodies.pack("busy", {"again": round(_again_in(who), 3)})


def _again_in(who: str) -> float:
    """When somebody who was sent away should come again: all of them together must not keep us busy with saying no."""
    now = time.monotonic()
    _sent_away[who[:60]] = now
    if len(_sent_away) > COMING * AGAIN_SECONDS:
        for key, at in list(_sent_away.items()):
            if at < now - FORGET_SECONDS:
                _sent_away.pop(key, None)
    return max(AGAIN_SECONDS, len(_sent_away) / COMING)
