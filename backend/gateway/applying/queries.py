"""What strangers may ask: where one may apply, and how far an application is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.gateway.models import ApplicationDesk, ApplicationState, SealedForm, SealedPicture

from . import rules
from .services import Held, lookup_of


@dataclass(frozen=True)
class State:
    code: str
    word: str
    text: str
    as_of: datetime


def desks() -> list[ApplicationDesk]:
    return list(ApplicationDesk.objects.all())


def state(number: str, birth: str) -> State | None:
    """How far the application with this number and birth date is; None where there is none."""
    lookup = lookup_of(number, birth)
    told = ApplicationState.objects.filter(pk=lookup).first()
    if told is not None and told.state in rules.STATES:
        return State(told.state, *rules.STATES[told.state], told.as_of)
    waits = SealedForm.objects.filter(pk=lookup).values_list("received_at", flat=True).first()
    return State("sent", *rules.STATES["sent"], waits) if waits else None


def still_held(said: list[str]) -> tuple[list[Held], list[str]]:
    """Of the pictures that a page says were taken already (`id:what:name`): those that are here, and the names of the others."""
    asked: dict[str, Held] = {}
    for text in said[: rules.MOST_PICTURES]:
        own, what, name = [*text.split(":", 2), "", ""][:3]
        if what in rules.PICTURES:
            asked[own] = Held(own, what, name[:100] or "写真")
    here = set(SealedPicture.objects.filter(pk__in=asked, form=None).values_list("pk", flat=True))
    return [one for own, one in asked.items() if own in here], [
        one.name for own, one in asked.items() if own not in here
    ]
