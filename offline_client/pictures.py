"""Pictures go after the entries that name them, in pieces; where that fails, the next contact goes on from there.

An older headquarters does not know this question: then they stay here, and the entries have gone all the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

from backend.core import clock
from backend.journal import files
from backend.journal.models import Attachment

from .line import Line, NoLine, TooMuch, TurnedAway, talk


def exchange_pictures(line: Line, between: Callable[[], None]) -> None:
    """Bring what headquarters lacks, fetch what is lacking here."""
    named = files.named_here()
    if not named:
        return
    here = files.held(named)
    try:
        if here:
            _bring(line, sorted(here), between)
        for sha in sorted(named.keys() - here):
            _fetch(line, sha, named[sha], between)
    except (NoLine, TooMuch, TurnedAway):
        return


def _bring(line: Line, shas: list[str], between: Callable[[], None]) -> None:
    lacking = talk(line, "file", {"ask": shas}).head.get("lacking")
    if not isinstance(lacking, dict):
        return
    # Set back to before it came, headquarters may lack what it once had.
    Attachment.objects.filter(pk__in=lacking).update(sent_at=None)
    _at_headquarters(sha for sha in shas if sha not in lacking)
    for sha, start in lacking.items():
        whole = files.content(sha) if sha in shas else None
        while whole is not None and isinstance(start, int) and start < len(whole):
            piece = base64.b64encode(whole[start : start + files.PIECE])
            have = talk(line, "file", {"put": sha, "start": start}, [piece]).head.get("have")
            between()
            if not isinstance(have, int) or have <= start:
                break  # thrown away there; from the beginning at the next contact
            start = have
        if whole is not None and start == len(whole):
            _at_headquarters([sha])


def _at_headquarters(shas: Iterable[str]) -> None:
    Attachment.objects.filter(pk__in=list(shas), sent_at=None).update(sent_at=clock.now())


def unsent() -> int:
    """Pictures that are whole here, and of which headquarters has not said that it has them."""
    return len(_unsent(files.named_here()))


def _unsent(named: Iterable[str]) -> set[str]:
    here = files.held(named)
    return here - set(Attachment.objects.filter(pk__in=here).exclude(sent_at=None).values_list("pk", flat=True))


def _fetch(line: Line, sha: str, size: int, between: Callable[[], None]) -> None:
    have = len(bytes(row.data)) if (row := Attachment.objects.filter(pk=sha).first()) else 0
    while have < size:
        try:
            body = talk(line, "file", {"get": sha, "start": have})
        except TurnedAway:
            return  # not there yet either, or not for us
        if len(body.lines) != 1 or not body.lines[0]:
            return
        now_have = files.take_piece(sha, size, have, body.lines[0])
        between()
        if now_have <= have:
            return
        have = now_have
    _at_headquarters([sha])


def for_stick() -> dict[str, Any]:
    """What a stick carries: pictures that headquarters has not answered for, and which ones are lacking here."""
    named = files.named_here()
    head: dict[str, Any] = {"files": files.carried(sorted(_unsent(named)))}
    return head | {"lacking": sorted(named.keys() - files.held(named))}


def take_from_stick(head: dict[str, Any]) -> None:
    _at_headquarters(files.take_carried(head.get("files"), files.named_here()))
    _at_headquarters(sha for sha in head.get("have") or [] if isinstance(sha, str))
