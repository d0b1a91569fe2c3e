"""Every page asks first whether the laptop is unlocked; what works without the database is the unlock page alone."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from . import keyring

OPEN = ("/unlock/", "/static/", "/healthz")


class LockMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        keyring.lock_when_idle()
        close_old()
        if request.path.startswith(OPEN):
            return self.get_response(request)
        if not keyring.is_unlocked():
            if request.headers.get("HX-Request"):
                return HttpResponse(status=204, headers={"HX-Redirect": "/unlock/"})
            return redirect("/unlock/")
        keyring.touch()
        return self.get_response(request)


def close_old() -> None:
    """A connection that was opened before the laptop was locked holds the old key: no request uses it."""
    for connection in connections.all(initialized_only=True):
        if getattr(connection, "generation", None) != keyring.generation() and not connection.in_atomic_block:
            connection.close()
