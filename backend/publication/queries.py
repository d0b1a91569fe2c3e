"""What everybody may know of the shelters at a time, and what was published before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Max, QuerySet

from backend.core.clock import now
from backend.facilities.models import Facility
from backend.facilities.queries import Shelter, known
from backend.ledger.models import Disaster
from backend.shelters.models import StayEvent
from backend.shelters.queries import ShelterCount, counts_by_shelter

from . import rules
from .models import PublicationRun
from .rules import Line, Seen


@dataclass(frozen=True)
class Board:
    """All that is published at one time."""

    disaster: str
    as_of: datetime
    lines: list[Line]
    closed: int
    municipality: str
    code: str
    mark: str = ""  # 訓練 or 見本: stands on every page, picture and line

    @property
    def as_of_text(self) -> str:
        return rules.as_of_text(self.as_of)

    @property
    def people(self) -> int | None:
        return rules.total([line.count.people for line in self.lines])

    @property
    def households(self) -> int | None:
        """None also when a counted shelter did not say: beside all people, the households of some would mislead."""
        counted = [line.count.households for line in self.lines if line.count.people is not None]
        return None if None in counted else rules.total(counted)

    @property
    def uncounted(self) -> int:
        """Open shelters of which nobody has given a number yet."""
        return sum(line.count.people is None for line in self.lines)


def board(disaster: Disaster, as_of: datetime | None = None) -> Board:
    """The open shelters and their counts at a time (None: now), with all that is known today.

    A shelter that may not appear is left out before anything is counted, so that no total gives it away.
    """
    at = as_of or now()
    seen = [found for found in counts_by_shelter(at, closed=True) if _may_appear(found.shelter.facility)]
    still_open = [found for found in seen if found.shelter.is_open]
    here = {found.shelter.facility.pk for found in still_open}
    last = last_entries(at)
    return Board(
        disaster=disaster.name,
        as_of=at,
        lines=[_line(found, last.get(found.shelter.opening)) for found in still_open],
        # A place that was closed and opened again is open.
        closed=len({s.facility.pk for s in _closed_since(seen, disaster)} - here),
        municipality=settings.MUNICIPALITY,
        code=settings.MUNICIPALITY_CODE,
        mark="訓練" if disaster.drill else "見本" if settings.DEMO else "",
    )


def last_entries(as_of: datetime) -> dict[UUID, datetime]:
    """When something was last entered in the roster of each opening; those in which nothing ever was are absent."""
    events = known(StayEvent.objects.all(), as_of, None)
    found: dict[UUID, datetime] = {}
    # Whoever moves away is an entry in the roster of the shelter they leave, too.
    for side in ("opening", "from_opening"):
        rows = events.filter(**{f"{side}__isnull": False}).values_list(side).annotate(last=Max("occurred_at"))
        for opening, last in rows:
            found[opening] = max(last, found.get(opening, last))
    return found


def disasters() -> list[Disaster]:
    """Those one can publish for, the one to take first at the front: real before drill, the latest first."""
    return sorted(Disaster.objects.all(), key=lambda disaster: disaster.drill)


def runs() -> QuerySet[PublicationRun]:
    """What was published, the latest first."""
    return PublicationRun.objects.select_related("disaster", "by")


def _may_appear(place: Facility) -> bool:
    return rules.may_appear(active=place.active, published=place.published)


def _closed_since(seen: list[ShelterCount], disaster: Disaster) -> list[Shelter]:
    closed = [found.shelter for found in seen if found.shelter.closed_at]
    return [shelter for shelter in closed if shelter.closed_at and shelter.closed_at >= disaster.occurred_at]


def _line(found: ShelterCount, last_entry: datetime | None) -> Line:
    shelter, place = found.shelter, found.shelter.facility
    roster = Seen(found.count.people, found.count.households, last_entry) if last_entry else None
    report = None
    if shelter.people is not None and shelter.observed_at is not None:
        report = Seen(shelter.people, shelter.households, shelter.observed_at)
    counted = rules.count(roster, report)
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
