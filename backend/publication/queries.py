"""What everybody may know of the shelters at a time, and what was published before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from backend.core.clock import now
from backend.damage.online.queries import told_to_everybody
from backend.facilities.models import Facility
from backend.facilities.queries import Shelter, openings
from backend.ledger.models import Disaster
from backend.shelters.curve.queries import heads_at
from backend.shelters.curve.rules import Heads, total

from . import rules
from .models import PublicationRun
from .rules import Line


@dataclass(frozen=True)
class Board:
    """All that is published at one time."""

    disaster: str
    as_of: datetime
    lines: list[Line]
    closed: int
    municipality: str
    code: str
    applying: str = ""  # 罹災証明書の申請 online: open, closed, or empty: never taken
    mark: str = ""  # 訓練 or 見本: stands on every page, picture and line

    @property
    def as_of_text(self) -> str:
        return rules.as_of_text(self.as_of)

    @property
    def people(self) -> int | None:
        return total([line.count.people for line in self.lines])

    @property
    def households(self) -> int | None:
        """None also when a counted shelter did not say: beside all people, the households of some would mislead."""
        counted = [line.count.households for line in self.lines if line.count.people is not None]
        return None if None in counted else total(counted)

    @property
    def uncounted(self) -> int:
        """Open shelters of which nobody has given a number yet."""
        return sum(line.count.people is None for line in self.lines)


def board(disaster: Disaster, as_of: datetime | None = None) -> Board:
    """The open shelters and their counts at a time (None: now), with all that is known today.

    A shelter that may not appear is left out before anything is counted, so that no total gives it away.
    """
    at = as_of or now()
    seen = [shelter for shelter in openings(at) if _may_appear(shelter.facility)]
    still_open = [shelter for shelter in seen if shelter.is_open]
    here = {shelter.facility.pk for shelter in still_open}
    heads = heads_at(at)
    return Board(
        disaster=disaster.name,
        as_of=at,
        lines=[_line(shelter, heads[shelter.opening]) for shelter in still_open],
        # A place that was closed and opened again is open.
        closed=len({s.facility.pk for s in _closed_since(seen, disaster)} - here),
        municipality=settings.MUNICIPALITY,
        code=settings.MUNICIPALITY_CODE,
        applying=told_to_everybody(disaster),
        mark="訓練" if disaster.drill else "見本" if settings.DEMO else "",
    )


def disasters() -> list[Disaster]:
    """Those one can publish for, the one to take first at the front: real before drill, the latest first."""
    return sorted(Disaster.objects.all(), key=lambda disaster: disaster.drill)


def runs() -> QuerySet[PublicationRun]:
    """What was published, the latest first."""
    return PublicationRun.objects.select_related("disaster", "by")


def _may_appear(place: Facility) -> bool:
    return rules.may_appear(active=place.active, published=place.published)


def _closed_since(seen: list[Shelter], disaster: Disaster) -> list[Shelter]:
    return [shelter for shelter in seen if shelter.closed_at and shelter.closed_at >= disaster.occurred_at]


def _line(shelter: Shelter, counted: Heads) -> Line:
    place = shelter.facility
    return Line(
        id=place.open_data_id or "",
        name=shelter.name,
        # The reading of the place is not that of an opening with a name of its own.
        kana=place.kana if shelter.name == place.name else "",
        kind=place.get_kind_display(),
        address=place.address,
        latitude=_degrees(place.latitude),
        longitude=_degrees(place.longitude),
        phone=place.phone,
        opened_at=shelter.opened_at,
        count=counted,
        capacity=place.capacity,
        room=rules.room(counted.people, place.capacity),
    )


def _degrees(value: object) -> str:
    """No zeros at the end: they would claim a precision that nobody measured."""
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".")
