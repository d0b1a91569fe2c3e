"""Every page asks first whether the laptop is unlocked; what works without the database is the unlock page alone.

What somebody has just typed is not lost by it: a form that was sent is held (`held`), a fragment leaves its page standing.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from . import held, keyring

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
            return _locked(request)
        if not _by_itself(request):
            keyring.touch()
        response = self.get_response(request)
        if response.status_code == 204 and "/accounts/login/" in response.headers.get("HX-Redirect", ""):
            return _away(locked=False)
        return held.settled(request, held.to_login(request, response))


def _locked(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _away(locked=True)
    if held.worth(request):
        return held.hold(request, redirect("/unlock/"))
    wanted = quote(request.path) if request.method == "GET" and request.path.startswith("/desk/") else ""
    return redirect(f"/unlock/?next={wanted}" if wanted else "/unlock/")


def _away(*, locked: bool) -> HttpResponse:
    text = render_to_string("laptop/_away.html", {"locked": locked})
    return HttpResponse(text, status=403, headers={"Cache-Control": "no-store"})


def _by_itself(request: HttpRequest) -> bool:
    """A page that asks again and again for how far something has come is nobody at work; nor is who gives no right PIN."""
    return request.path == "/pin/" or (request.method == "GET" and bool(request.headers.get("HX-Request")))


def close_old() -> None:
    """A connection that was opened before the laptop was locked holds the old key: no request uses it."""
    for connection in connections.all(initialized_only=True):
        if getattr(connection, "generation", None) != keyring.generation() and not connection.in_atomic_block:
            connection.close()
