"""People whom entries name, as the room that knows them tells: read from a plain attribute of its AppConfig, so that no room is
imported. `journal_people` is a dictionary of dotted paths; what each does is said below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import import_string


@cache
def _ask(name: str) -> Callable[..., Any]:
    for config in apps.get_app_configs():
        known = getattr(config, "journal_people", None)
        if known:
            return import_string(known[name])
    raise LookupError("no installed room knows people")


def who(person: dict[str, str]) -> UUID:
    """The id by which all replicas know whom an entry names."""
    return _ask("who")(person)


def meet(entries: Sequence[Any]) -> None:
    """Everybody whom these entries name is known from now on, with the number of their card."""
    _ask("meet")(entries)


def by_card(text: str) -> list[UUID] | None:
    """Whose card was scanned: one person, seldom two, none when unknown here. None: it is no card. ValueError: misread."""
    return _ask("by_card")(text)


def present(opening: UUID, text: str, staff: Any) -> list[Any]:
    """Faces of those in a shelter's roster whose name or reading has all that was typed; of nobody hidden from `staff`."""
    return _ask("present")(opening, text, staff)


def faces(ids: Iterable[UUID], staff: Any) -> dict[UUID, Any]:
    """`name` and `kana` by id; of nobody hidden from `staff`."""
    return _ask("faces")(ids, staff)


def cards(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The numbers of cards, as printed."""
    return _ask("cards")(ids)


def references(ids: Sequence[UUID], staff: Any) -> dict[UUID, dict[str, str]]:
    """How entries name these people. `NotFound` for one who is unknown or hidden from `staff`."""
    return _ask("references")(ids, staff)
