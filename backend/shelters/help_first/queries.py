"""The newest list with what was heard of each of its people since the disaster; nobody whom the asker may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.clock import now, today
from backend.core.dates import age_on, parse_date
from backend.facilities.queries import known, latest
from backend.ledger.queries import current_disaster

from ..curve.queries import first_opened
from ..models import Contact, HelpFile, HelpPerson, HelpPlan, Status, StayEvent
from ..people import hidden, pieces
from ..queries import opening_names
from ..rules import DESTINATIONS
from ..unheard import rules as telling
from . import rules


@dataclass(frozen=True)
class Asked:
    """One person of the list: what was heard since the disaster, and the last try."""

    person: HelpPerson
    word: str
    word_at: datetime | None
    contact: Contact | None
    plan: HelpPlan | None = None
    begun: datetime | None = None

    @property
    def device_list(self) -> list[str]:
        """What keeps them alive, by the list or by their plan, the most urgent first."""
        said = {*self.person.device_list, *(self.plan.devices.split() if self.plan else [])}
        return [key for key in rules.DEVICES if key in said]

    @property
    def battery_until(self) -> datetime | None:
        """Until when the batteries of their plan last, if the power failed with the disaster."""
        if self.plan is None or self.plan.battery_hours is None or self.begun is None:
            return None
        return self.begun + timedelta(hours=self.plan.battery_hours)

    @property
    def reached(self) -> bool:
        return self.word_at is not None

    @property
    def devices(self) -> list[str]:
        return [rules.DEVICES[key][0] for key in self.device_list]

    @property
    def sex(self) -> str:
        return {"1": "男", "2": "女"}.get(self.person.sex, "")

    @property
    def age(self) -> int | None:
        try:
            return age_on(parse_date(self.person.birth), today()) if self.person.birth else None
        except ValueError:
            return None

    @property
    def tried(self) -> str:
        if self.contact is None:
            return ""
        return f"{telling.HOW.get(self.contact.how, '')}：{telling.RESULTS.get(self.contact.result, '')}"


def newest() -> HelpFile | None:
    return HelpFile.objects.order_by("-taken_at", "-id").first()


def plans_of(evacuees: Iterable[UUID]) -> dict[UUID, HelpPlan]:
    """Evacuee -> their newest plan: by the day it was updated, then by the file that came last."""
    found: dict[UUID, HelpPlan] = {}
    for piece in pieces(list(evacuees)):
        rows = HelpPlan.objects.filter(evacuee__in=piece).select_related("file")
        found |= {row.evacuee: row for row in rows.order_by("updated_on", "file__taken_at", "file_id", "line")}
    return found


def since() -> datetime:
    """From when on a word counts: the disaster; on a laptop, which knows none, the day before the shelter opened."""
    disaster = current_disaster()
    if disaster is not None:
        return disaster.occurred_at
    return (first_opened(now()) or now()) - timedelta(days=1)


def people(staff: Staff | None, *, only: UUID | None = None) -> list[Asked]:
    """Everybody of the newest list whom the asker may see, the most urgent first."""
    file = newest()
    if file is None:
        return []
    rows = list(file.people.filter(pk=only) if only else file.people.all())
    unseen: set[UUID] = set()
    for piece in pieces([row.evacuee for row in rows]):
        unseen |= hidden(piece, staff)
    rows = [row for row in rows if row.evacuee not in unseen]
    begun = since()
    words, tries = _heard([row.evacuee for row in rows], begun)
    plans = plans_of([row.evacuee for row in rows])
    found = [
        Asked(row, *words.get(row.evacuee, ("", None)), tries.get(row.evacuee), plans.get(row.evacuee), begun)
        for row in rows
    ]
    return sorted(found, key=lambda a: (*rules.urgency(a.device_list, a.reached), a.person.district, a.person.line))


def _heard(evacuees: Iterable[UUID], begun: datetime) -> tuple[dict[UUID, tuple[str, datetime]], dict[UUID, Contact]]:
    """The newest word of each since the disaster (a stay, a status, somebody reached), and the last call or visit."""
    words: dict[UUID, tuple[str, datetime]] = {}
    tries: dict[UUID, Contact] = {}
    for piece in pieces(list(evacuees)):
        found: list[tuple[datetime, UUID, str]] = []
        stays = list(_latest(StayEvent, piece, begun))
        names = opening_names({s.opening for s in stays})
        for s in stays:
            place = names.get(s.opening, "避難所")
            text = f"{place}を退所（{DESTINATIONS.get(s.destination, '')}）" if s.kind == "left" else place
            if s.destination != "unknown":
                found.append((s.occurred_at, s.evacuee, text))
        for status in _latest(Status, piece, begun):
            if status.status not in telling.LOST:
                found.append((status.occurred_at, status.evacuee, telling.STATUSES[status.status]))
        for contact in _latest(Contact, piece, begun):
            tries[contact.evacuee] = contact
            if contact.result in {"reached", "told"}:
                found.append((contact.occurred_at, contact.evacuee, "本人・家族と話せた"))
        words |= {evacuee: (text, at) for at, evacuee, text in sorted(found, key=lambda f: (f[0], f[2]))}
    return words, tries


def _latest(table: Any, evacuees: list[UUID], begun: datetime) -> Any:
    rows = table.objects.filter(evacuee__in=evacuees, occurred_at__gte=begun)
    return latest(known(rows, None, None), "evacuee")
