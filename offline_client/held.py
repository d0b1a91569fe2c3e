"""What somebody had typed and sent when the laptop was locked, or they were signed out: kept until they are back.

In this process's memory only, under a name that only that browser has; sent again by a person, never by itself.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

COOKIE = "tasuki_shelter_held"
ADDRESS = "/desk/laptop/held/"
KEPT = 3 * 3600.0  # seconds
MOST = 50
LONGEST = 64 * 1024
# What is not somebody's typing.
NEVER = ("/desk/laptop/", "/desk/accounts/", "/unlock/", "/pin/")


@dataclass(frozen=True)
class Held:
    """A form as it was sent: where to, and every field but the token."""

    path: str
    fields: list[tuple[str, str]]
    at: float


_OF_OURS = re.compile(r"[a-z_]+|on|[01]|[0-9a-f]{8}-[0-9a-f-]{27}").fullmatch
_held: dict[str, Held] = {}
_lock = threading.Lock()


def worth(request: HttpRequest) -> bool:
    """Whether this is a form of one of our own pages, and short enough."""
    if request.method != "POST" or request.headers.get("HX-Request") or request.path.startswith(NEVER):
        return False
    if not request.path.startswith("/desk/") or int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST:
        return False
    from_ = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return bool(from_) and urlsplit(from_)[:2] == (request.scheme, request.get_host())


def hold(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Keep what was sent; the answer carries the name under which it is kept. Files are not kept."""
    fields = [(k, v) for k, values in request.POST.lists() if k != "csrfmiddlewaretoken" for v in values]
    name = secrets.token_urlsafe(32)
    with _lock:
        for old in [key for key, one in _held.items() if time.monotonic() - one.at > KEPT] + list(_held)[: 1 - MOST]:
            _held.pop(old, None)
        _held[name] = Held(request.get_full_path(), [(k, str(v)) for k, v in fields], time.monotonic())
    response.set_cookie(COOKIE, name, httponly=True, samesite="Strict", secure=request.is_secure())
    return response


def of(request: HttpRequest) -> Held | None:
    """What this browser had sent in vain."""
    found = _held.get(request.COOKIES.get(COOKIE, ""))
    return found if found is not None and time.monotonic() - found.at <= KEPT else None


def forget(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    with _lock:
        _held.pop(request.COOKIES.get(COOKIE, ""), None)
    response.delete_cookie(COOKIE, samesite="Strict")
    return response


def back(request: HttpRequest, wanted: str) -> str:
    """Where to go once the way is free: to what was held, else to the page that was wanted."""
    if of(request) is not None:
        return ADDRESS
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/desk/")
    return wanted if safe else ""


def to_login(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An answer that leads to the log-in page: of a form that was sent it keeps the content, and leads back to it."""
    if not (isinstance(response, HttpResponseRedirect) and "/accounts/login/" in response.url and worth(request)):
        return response
    return hold(request, HttpResponseRedirect(f"{urlsplit(response.url).path}?next={ADDRESS}"))


def settled(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Once it was sent from the page that shows it, it is no longer held."""
    sent = request.method == "POST" and urlsplit(request.headers.get("Referer", "")).path == ADDRESS
    return forget(request, response) if sent and COOKIE not in response.cookies else response


def shown(one: Held) -> list[str]:
    """What people typed: neither ids nor the words of choices."""
    return [value for _, value in one.fields if value and not _OF_OURS(value)]
