"""Not everybody at once: at most two pushes at work, the others are told to come again soon.

So that headquarters' pages stay quick when the line comes back for a hundred shelters in the same minute.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from . import exchange
from .slots import slot
from .together import SMALL_BYTES

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
        if not length.isdigit() or not 0 < int(length) <= exchange.MOST_BYTES:
            return self.application(environ, start_response)  # it is refused unread
        # Read before there is a place for it: nobody holds one by sending slowly, and a connection that is closed with
        # something unread loses the answer.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(length)))
        if int(length) <= SMALL_BYTES:
            return self.application(environ, start_response)  # those that come together have one place for all
        with slot() as free:
            if free:
                return self.application(environ, start_response)
        body = busy_body(environ.get("HTTP_AUTHORIZATION", ""))
        headers = [("Content-Type", exchange.MEDIA), ("Content-Length", str(len(body))), ("Retry-After", "1")]
        start_response("503 Service Unavailable", headers)
        return [body]


def busy_body(who: str = "") -> bytes:
    """Come again, and when."""
    return exchange.pack("busy", {"again": round(_again_in(who), 3)})


def _again_in(who: str) -> float:
    """When somebody who was sent away should come again: all of them together must not keep us busy with saying no."""
    now = time.monotonic()
    _sent_away[who[:60]] = now
    if len(_sent_away) > COMING * AGAIN_SECONDS:
        for key, at in list(_sent_away.items()):
            if at < now - FORGET_SECONDS:
                _sent_away.pop(key, None)
    return max(AGAIN_SECONDS, len(_sent_away) / COMING)
