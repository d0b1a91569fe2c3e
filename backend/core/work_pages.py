"""The page of work that goes on behind it (`core.work`): how far it is, stopping it, and where it leads when it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import work


def keep_session(request: HttpRequest) -> None:
    """On SQLite the work may soon hold the only write lock: the session is saved before it begins."""
    request.session.save()
    request.session.modified = False


FROM_THE_START = "もう一度行うと、初めから行われます。"
TAKING = {
    "act": "取込",
    "failed": "取り込めませんでした",
    "stopped": "取込をやめました",
    "interrupted": "取込は中断されました",
    "again": FROM_THE_START,
    "untouched": "このファイルの行は一つも取り込まれていません。",
}
DOING = {
    "act": "作業",
    "failed": "できませんでした",
    "stopped": "作業をやめました",
    "interrupted": "作業は中断されました",
    "again": FROM_THE_START,
    "untouched": "何も変更していません。",
}


def page(
    request: HttpRequest,
    found: work.Work,
    *,
    done: Callable[[work.Work], HttpResponse],
    words: dict[str, str],
    **context: Any,
) -> HttpResponse:
    """The page of this work, or the part of it that is asked for again and again; `done` answers once it is.

    `words` is `TAKING` a file or `DOING` something; the rest is the context of `core/work.html`. `found` was looked up
    by the room, which knows what became of it.
    """
    # Asking again and again is no sign of somebody at the keyboard, and must not wait for the database's lock.
    request.session.modified = False
    partial = bool(request.headers.get("HX-Request"))
    if partial and not found.goes_on:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    if found.state == "done":
        return done(found)
    context |= {**words, "work": found, "asked_to_stop": work.is_asked_to_stop(found.token)}
    context["nobody"] = found.state != "running" and not work.is_looked_after()
    return render(request, "core/_progress.html" if partial else "core/work.html", context)


def stop(request: HttpRequest, token: str, back: str) -> HttpResponse:
    """Ask the work to stop, and go back to its page (the name of an address that takes the token)."""
    work.ask_to_stop(token)
    request.session.modified = False
    return redirect(back, token)
