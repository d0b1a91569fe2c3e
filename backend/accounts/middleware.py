"""Closed by default: every address inside asks for a signed-in person; refusals become pages in one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control

from backend.core.came_from import came_from
from backend.core.errors import Refused

from . import idle, reasons
from .services import LogUnavailable, settle_looks

INSIDE_PREFIXES = ("/desk/", "/admin/", "/api/")
OPEN_VIEWS = {"accounts:login"}
NOT_OPENED = "この画面は、前の画面のボタンから進んだときだけ開きます。"
# What somebody with a temporary password may open.
BEFORE_OWN_PASSWORD = {"accounts:password", "accounts:logout"}


class NotOpened(Refused):
    """An address that only takes what a form sends was opened as a page, as by reloading it."""

    status = 405


class StaffOnlyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(INSIDE_PREFIXES):
            return self.get_response(request)
        with reasons.of_session(request.session):
            response = self.get_response(request)
            try:
                settle_looks()
            except LogUnavailable as refusal:
                response = _refused(request, refusal)
        if response.status_code == 405 and not response.content and not request.path.startswith("/api/"):
            response = _refused(request, NotOpened(NOT_OPENED))
        # On a shared computer "back" must not bring a page again after somebody has left.
        patch_cache_control(response, private=True, no_store=True)
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if not request.path.startswith(INSIDE_PREFIXES) or name in OPEN_VIEWS:
            return None
        api = request.path.startswith("/api/")
        if request.user.is_authenticated and idle.is_over(request.session):
            logout(request)
            if not api:
                messages.info(
                    request, f"{idle.minutes()}分間操作がなかったか、{idle.hours()}時間たったため、ログアウトしました。"
                )
        if not request.user.is_authenticated:
            return None if api else _to_login(request)  # the API answers in its own shape
        if request.user.temporary_until is not None and name not in BEFORE_OWN_PASSWORD:
            if api:
                return HttpResponse(status=403)
            return redirect("accounts:password")
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        if not isinstance(exception, Refused) or not request.path.startswith(INSIDE_PREFIXES):
            return None
        return _refused(request, exception)


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the log-in page and back again; a fragment's request must not be answered with a page inside a page."""
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path
        response["HX-Redirect"] = redirect_to_login(page or "/desk/", settings.LOGIN_URL)["Location"]
        return response
    # After a POST there is nothing to come back to.
    path = request.get_full_path() if request.method == "GET" else "/desk/"
    return redirect_to_login(path, settings.LOGIN_URL)


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    back = came_from(request)
    if request.method == "GET" and back.partition("?")[0] == request.path:
        back = ""  # the page that is refused is no way back
    return render(request, "core/refused.html", {"refusal": refusal, "back_url": back}, status=refusal.status)
