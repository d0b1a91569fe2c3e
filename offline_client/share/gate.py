"""What stands before every page: requests of devices are not those of the laptop's own screen."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from offline_client import held, keyring
from offline_client.locking import close_old

from . import devices, front

COOKIE = "__Host-tasuki_device"
PIN = "/pin/"
OPEN = ("/static/", "/healthz")
# Only at the laptop itself.
LAPTOP_ONLY = ("/unlock/", "/desk/laptop/share/", "/desk/laptop/stick/", "/desk/laptop/lock/")
OWN_NAMES = {"127.0.0.1", "localhost"}


class ShareMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.META.get("HTTP_HOST", "").rpartition(":")[0] or request.META.get("HTTP_HOST", "")
        if not is_shared(request):
            # Another name leads here when a page elsewhere has been pointed at this machine.
            return self.get_response(request) if name in OWN_NAMES else page("host", 400)
        if front.running is None or name != front.running.address:
            return page("host", 400)
        response = self._answer(request)
        for cookie in response.cookies.values():
            cookie["secure"] = True
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN):
            return self.get_response(request)
        keyring.lock_when_idle()
        close_old()
        if not keyring.is_unlocked():
            answer = page("locked", 503)
            return held.hold(request, answer) if held.worth(request) else answer
        guest = devices.known(request.COOKIES.get(COOKIE, ""))
        if guest is not None and guest.cut_at is not None and request.path != PIN:
            return page("cut", 403)
        if request.path == PIN:
            return self.get_response(request)
        if guest is None:
            return _to(request, PIN)
        if request.path.startswith(LAPTOP_ONLY):
            return page("laptop_only", 403)
        devices.seen(guest)
        token = devices.asking.set(guest)
        try:
            return self.get_response(request)
        finally:
            devices.asking.reset(token)


def is_shared(request: HttpRequest) -> bool:
    """Whether it came from a device in the shelter's network."""
    return front.SHARED in request.META


def _to(request: HttpRequest, path: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": path})
    return redirect(path)


def page(what: str, status: int) -> HttpResponse:
    """In place of the one that was asked for, made without the database. Of it a fragment's request shows the refusal
    alone, and what was typed stays where it is."""
    text = render_to_string("laptop/share_stop.html", {"what": what, "municipality": settings.MUNICIPALITY})
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})
