"""The newest list with what was heard of each of its people since the disaster, as of any time, as known at any time;
nobody whom the asker may not see. The plans are those of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf, TruncDate

from backend.accounts.models import Staff
from backend.core.clock import TOKYO, now, today
from backend.core.dates import age_on, parse_date
from backend.facilities.queries import known, latest
from backend.ledger.queries import current_disaster, own_typed, sees_protected

from ..curve.queries import first_opened
from ..models import Contact, HelpFile, HelpPerson, HelpPlan, Status, StayEvent
from ..people import hidden, pieces, protected_among
from ..queries import opening_names
from ..rules import DESTINATIONS
from ..telling import rules as telling
from . import rules
from .plan_rules import MOST_HOURS
from .register import namesakes_of_protected
from .same_people import EVACUEE, also_known_as

# The last one holds. A plan that does not say of which day it is, is of the day it came.
PLAN_DAY = Coalesce(
    NullIf("updated_on", Value("")),
    Cast(TruncDate("file__taken_at", tzinfo=TOKYO), TextField()),
    output_field=TextField(),
)
PLAN_ORDER = (PLAN_DAY, "file__taken_at", "file_id", "line")
ANSWERED = {"reached", "told"}


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
        hours = self.plan.battery_hours if self.plan else None
        if hours is None or hours > MOST_HOURS or self.begun is None:
            return None
        return self.begun + timedelta(hours=hours)

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


def newest(known_at: datetime | None = None) -> HelpFile | None:
    """The list that is asked, or that was asked at that time."""
    files = HelpFile.objects.all() if known_at is None else HelpFile.objects.filter(taken_at__lte=known_at)
    return files.order_by("-taken_at", "-id").first()


def plans_of(evacuees: Iterable[UUID]) -> dict[UUID, HelpPlan]:
    """Evacuee -> their newest plan: by the day it was updated, then by the file that came last."""
    found: dict[UUID, HelpPlan] = {}
    for piece in pieces(list(evacuees)):
        rows = HelpPlan.objects.filter(evacuee__in=piece).select_related("file")
        found |= {row.evacuee: row for row in rows.order_by(*PLAN_ORDER)}
    return found


def since() -> datetime:
    """From when on a word counts: the disaster; on a laptop, which knows none, the day before the shelter opened."""
    disaster = current_disaster()
    if disaster is not None:
        return disaster.occurred_at
    return (first_opened(now()) or now()) - timedelta(days=1)


class Line(NamedTuple):
    """One person of the list as far as its order and its numbers ask: of twenty thousand, a page shows a hundred."""

    order: tuple[bool, int, str, int]
    key: str
    district: str
    supporter: str
    depends: bool
    reached: bool
    planned: bool


def outline(staff: Staff | None, as_of: datetime | None = None, known_at: datetime | None = None) -> list[Line]:
    """Everybody of the newest list whom the asker may see, the most urgent first."""
    file = newest(known_at)
    if file is None:
        return []
    everybody = seen(file, staff)
    listed = file.people.values("evacuee")
    reached = _reached(listed, since(), as_of, known_at)
    several = also_known_as(file.people.all(), known_at)
    heard, _ = _heard(several, since(), as_of, known_at, several)
    reached = reached.difference(*map(_as_text, several)).union(*map(_as_text, heard))
    plans = HelpPlan.objects.filter(evacuee__in=listed).order_by(*PLAN_ORDER)
    devices = dict(plans.values_list(EVACUEE, "devices"))
    found = []
    rows = everybody.values_list(Cast("pk", TextField()), EVACUEE, "district", "supporter", "line", "devices")
    for key, evacuee, district, supporter, number, said in rows:
        is_reached, plan = evacuee in reached, devices.get(evacuee)
        late, device = _urgency(said, plan or "", is_reached)
        order = (late, device, district, number)
        found.append(Line(order, key, district, supporter, device < len(rules.DEVICES), is_reached, plan is not None))
    return sorted(found)


def _as_text(pk: UUID) -> tuple[str, str]:
    """What the text of an id is in either database."""
    return str(pk), pk.hex


@lru_cache(maxsize=2000)
def _urgency(said: str, planned: str, reached: bool) -> tuple[bool, int]:
    return rules.urgency([key for key in (said + " " + planned).split() if key in rules.DEVICES], reached)


def seen(file: HelpFile, staff: Staff | None) -> QuerySet[HelpPerson]:
    """Those of a list whom the asker may see."""
    return file.people.all() if sees_protected(staff) else file.people.exclude(evacuee__in=_unseen(file, staff))


def _unseen(file: HelpFile, staff: Staff | None) -> set[UUID]:
    near = protected_among(lambda near: file.people.filter(evacuee__in=near).values_list("evacuee", flat=True))
    return (near - own_typed(staff)) | namesakes_of_protected(file.people.all())


def _reached(listed: Any, begun: datetime, as_of: datetime | None, known_at: datetime | None) -> set[str]:
    """Of whom there is a word since the disaster: the newest of each kind counts, and says nothing when it says unknown."""
    kinds = (
        (StayEvent, "destination", lambda said: said != "unknown"),
        (Status, "status", lambda said: said not in telling.LOST),
        (Contact, "result", lambda said: said in ANSWERED),
    )
    return {
        evacuee
        for table, column, tells in kinds
        for evacuee, said in _latest(table, listed, begun, as_of, known_at).values_list(EVACUEE, column)
        if tells(said)
    }


def asked(keys: Sequence[str], as_of: datetime | None = None, known_at: datetime | None = None) -> list[Asked]:
    """These people of a list, in this order, with all that is known of them."""
    ids = [UUID(key) for key in keys]
    rows: dict[UUID, HelpPerson] = {}
    several: dict[UUID, set[UUID]] = {}
    for piece in pieces(ids):
        found = HelpPerson.objects.filter(pk__in=piece)
        rows |= {row.pk: row for row in found}
        several |= also_known_as(found, known_at)
    begun = since()
    evacuees = [row.evacuee for row in rows.values()]
    words, tries = _heard(evacuees, begun, as_of, known_at, several)
    plans = plans_of(evacuees)
    return [
        Asked(row, *words.get(row.evacuee, ("", None)), tries.get(row.evacuee), plans.get(row.evacuee), begun)
        for row in (rows[pk] for pk in ids if pk in rows)
    ]


def people(staff: Staff | None, *, only: UUID | None = None) -> list[Asked]:
    """Everybody of the newest list whom the asker may see, the most urgent first; or one of them."""
    if only is None:
        return asked([line.key for line in outline(staff)])
    file = newest()
    rows = file.people.filter(pk=only) if file else HelpPerson.objects.none()
    return asked([str(only)]) if rows and not unseen(rows, staff) else []


def unseen(rows: QuerySet[HelpPerson], staff: Staff | None) -> set[UUID]:
    """Of a few of a list those whom the asker may not see."""
    if sees_protected(staff):
        return set()
    return hidden(rows.values_list("evacuee", flat=True), staff) | namesakes_of_protected(rows)


def _heard(
    evacuees: Iterable[UUID],
    begun: datetime,
    as_of: datetime | None,
    known_at: datetime | None,
    several: Mapping[UUID, set[UUID]],
) -> tuple[dict[UUID, tuple[str, datetime]], dict[UUID, Contact]]:
    """The newest word of each since the disaster (a stay, a status, somebody reached), and the last call or visit.

    `several`: all ids of those who have more than one."""
    owners: dict[UUID, set[UUID]] = defaultdict(set)
    for pk in evacuees:
        for known_as in several.get(pk, {pk}):
            owners[known_as].add(pk)
    found: list[tuple[datetime, UUID, str]] = []
    stays = _newest(StayEvent, owners, begun, as_of, known_at)
    names = opening_names({stay.opening for stay in stays.values()})
    for pk, stay in stays.items():
        place = names.get(stay.opening, "避難所")
        text = f"{place}を退所（{DESTINATIONS.get(stay.destination, '')}）" if stay.kind == "left" else place
        if stay.destination != "unknown":
            found.append((stay.occurred_at, pk, text))
    for pk, status in _newest(Status, owners, begun, as_of, known_at).items():
        if status.status not in telling.LOST:
            found.append((status.occurred_at, pk, telling.STATUSES[status.status]))
    tries = _newest(Contact, owners, begun, as_of, known_at)
    for pk, contact in tries.items():
        if contact.result in ANSWERED:
            found.append((contact.occurred_at, pk, "本人・家族と話せた"))
    words = {pk: (text, at) for at, pk, text in sorted(found, key=lambda f: (f[0], f[2]))}
    return words, tries


def _newest(
    table: Any, owners: Mapping[UUID, set[UUID]], begun: datetime, as_of: datetime | None, known_at: datetime | None
) -> dict[UUID, Any]:
    """Of each of these people the newest row, under whichever of their ids it is (`owners`: id -> whose it is)."""
    rows = [row for piece in pieces(list(owners)) for row in _latest(table, piece, begun, as_of, known_at)]
    rows.sort(key=lambda row: (row.occurred_at, row.entry))
    return {pk: row for row in rows for pk in owners[row.evacuee]}


def _latest(table: Any, evacuees: Any, begun: datetime, as_of: datetime | None, known_at: datetime | None) -> Any:
    rows = table.objects.filter(evacuee__in=evacuees, occurred_at__gte=begun)
    return latest(known(rows, as_of, known_at), "evacuee")
