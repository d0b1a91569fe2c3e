"""Whose upload it is: only the session that made one may go on with it."""

from __future__ import annotations

from django.http import HttpRequest

from backend.core.errors import NotFound

from . import staging

UPLOADS = "register_uploads"  # in the session: tokens of this person's uploads


def owner(request: HttpRequest) -> str:
    return str(request.user.pk)


def remember(request: HttpRequest, staged: staging.Staged) -> None:
    request.session[UPLOADS] = [*request.session.get(UPLOADS, []), staged.token][-20:]


def is_own(request: HttpRequest, token: str) -> bool:
    return token in request.session.get(UPLOADS, [])


def own_upload(request: HttpRequest, token: str) -> staging.Staged:
    """The upload, if this very session made it; raises `NotFound`."""
    found = staging.find(token, owner(request)) if is_own(request, token) else None
    if found is None:
        raise NotFound(
            "アップロードしたファイルがありません。削除されたか、1日を過ぎたか、別の担当者のものです。"
            "もう一度ファイルを選んでください。"
        )
    return found
