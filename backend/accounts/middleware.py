"""Closed by default: every address inside asks for a signed-in person; refusals become pages in one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.core.errors import Refused

INSIDE_PREFIXES = ("/desk/", "/admin/", "/api/")
OPEN_VIEWS = {"accounts:login"}


class StaffOnlyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        match = request.resolver_match
        if not request.path.startswith(INSIDE_PREFIXES) or (match and match.view_name in OPEN_VIEWS):
            return None
        if request.path.startswith("/api/") or request.user.is_authenticated:
            return None
        return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)

    def process_exception(self, request: HttpRequest, exception: Exception) -> Any:
        if not isinstance(exception, Refused) or not request.path.startswith(INSIDE_PREFIXES):
            return None
        return render(request, "core/refused.html", {"refusal": exception}, status=exception.status)
