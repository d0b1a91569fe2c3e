"""On every page of the laptop: whether there is a line, and what has not gone yet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from . import keyring


def line(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None) if keyring.is_unlocked() else None
    if user is None or not user.is_authenticated:
        return {}
    from .queries import summary

    return {"laptop": summary()}
