"""How long a session lives: shared machines stand in gymnasiums, so an idle one is closed, and none outlasts a shift."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from backend.core.clock import now

BEGAN, SEEN = "began_at", "seen_at"
# A session is written at most once a minute, not with every page.
GRAIN = 60


def minutes() -> int:
    """After how many minutes without a page somebody is signed out."""
    return int(getattr(settings, "TASUKI_IDLE_MINUTES", 30))


def hours() -> int:
    """After how many hours everybody has to sign in again."""
    return settings.SESSION_COOKIE_AGE // 3600


def is_over(session: Any) -> bool:
    """Whether this session has been idle, or has lived, for too long. If not, it is marked as seen."""
    moment = int(now().timestamp())
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        session[BEGAN] = session[SEEN] = moment
        return False
    if moment - seen > minutes() * 60 or moment - began > settings.SESSION_COOKIE_AGE:
        return True
    if moment - seen >= GRAIN:
        session[SEEN] = moment
    return False
