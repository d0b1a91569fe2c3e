"""What rooms that stand below the ledger know of people, read from a plain attribute so that none of them is imported.

An AppConfig may have `disclosure_source`: the dotted path of an object with the methods of `Source`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.apps import apps
from django.utils.module_loading import import_string

from backend.ledger.models import Disaster, Person


@dataclass(frozen=True)
class Said:
    """The latest answer to the question whether other bodies may be told, and when it was said."""

    given: bool
    at: datetime


class Source(Protocol):
    def places(self) -> list[tuple[str, str]]:
        """Places whose people can be chosen: key, name."""

    def people(self, place: str, disaster: Disaster) -> list[UUID]:
        """The persons of the ledger who are at a place now, those under protection included."""

    def consents(self, persons: Sequence[Person]) -> dict[UUID, Said]:
        """What these people said about 関係機関への提供; silence is missing, and means no."""

    def agreed(self, disaster: Disaster) -> list[UUID]:
        """Everybody of a disaster whose latest answer to that question is yes."""

    def whereabouts(self, persons: Sequence[Person]) -> dict[UUID, str]:
        """Where each of these people is now."""


def sources() -> list[Source]:
    paths = [path for config in apps.get_app_configs() if (path := getattr(config, "disclosure_source", None))]
    return [import_string(path) for path in paths]


def places() -> list[tuple[str, str]]:
    return [place for source in sources() for place in source.places()]


def people_at(place: str, disaster: Disaster) -> list[UUID]:
    return [pk for source in sources() for pk in source.people(place, disaster)]


def said(persons: Sequence[Person]) -> dict[UUID, Said]:
    return {pk: answer for source in sources() for pk, answer in source.consents(persons).items()}


def agreed(disaster: Disaster) -> list[UUID]:
    return [pk for source in sources() for pk in source.agreed(disaster)]


def whereabouts(persons: Sequence[Person]) -> dict[UUID, str]:
    return {pk: where for source in sources() for pk, where in source.whereabouts(persons).items()}
