"""The page that led here, so that nothing ends in a dead end. Browsers name it to our own host only."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

PAGES = ("/desk/", "/admin/")


def came_from(request: HttpRequest) -> str:
    """Path and query of the staff's page that this request was sent from; empty when it was none of ours."""
    came = urlsplit(request.headers.get("Referer", ""))
    if came.netloc != request.get_host() or not came.path.startswith(PAGES):
        return ""
    return f"{came.path}?{came.query}" if came.query else came.path
