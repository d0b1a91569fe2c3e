"""What is asked for, as of any time, as known at any time; what came and what was handed out. Nobody is named whom the
asker may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from backend.accounts.models import Staff
from backend.core.clock import TOKYO, now, today, tokyo_date
from backend.facilities import queries as facilities
from backend.facilities.queries import known, latest
from backend.journal import people
from backend.journal import queries as journal

from . import rules
from .models import Answer, HandOut, Receipt, Request

MOST = 500
SHOWN = 20


@dataclass(frozen=True)
class Asked:
    """A request with what became of it, whose it is and who wrote it."""

    row: Request
    place: str
    state: str
    answer: Answer | None
    by: str
    overdue: bool
    received: int = 0
    came_at: datetime | None = None

    @property
    def delivery(self) -> str:
        return rules.delivered(self.row.quantity, self.received)

    @property
    def delivery_label(self) -> str:
        return rules.DELIVERY[self.delivery]

    @property
    def missing(self) -> int:
        """What the next delivery is likely to bring."""
        return max(self.row.quantity - self.received, 1)

    @property
    def urgency(self) -> str:
        return rules.URGENCY.get(self.row.urgency, self.row.urgency)

    @property
    def state_label(self) -> str:
        # What came without anybody having said that it was on its way waits for nothing any more.
        return rules.DELIVERY["whole"] if self.is_over else rules.STATES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state == "open" and self.delivery == "whole"


@dataclass(frozen=True)
class Came:
    """Something that came, and who took it in."""

    row: Receipt
    by: str


@dataclass(frozen=True)
class Given:
    """A hand-out as a list shows it. `hidden`: to somebody whom the asker may not see."""

    row: HandOut
    name: str
    kana: str
    hidden: bool


def requests(
    opening: UUID | None = None,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    still_open: bool = False,
    settled: bool = False,
    most: int | None = MOST,
) -> list[Asked]:
    """Requests of a shelter, or of all of them; open ones first, the most urgent first, then the newest.

    `still_open`: only those that wait for an answer and have not come; `settled`: only the others, the newest first.
    """
    rows = Request.objects.all() if opening is None else Request.objects.filter(opening=opening)
    found = list(known(rows, as_of, known_at).order_by("-occurred_at", "-entry"))
    ids = [row.entry for row in found]
    answers, came = _answers(ids, as_of, known_at), _came(ids, as_of, known_at)

    def waits(row: Request) -> bool:
        number = came.get(row.entry, (0, None))[0]
        return _state(answers.get(row.entry)) == "open" and rules.delivered(row.quantity, number) != "whole"

    if still_open or settled:
        found = [row for row in found if waits(row) is still_open]
    if not settled:
        found.sort(key=lambda row: (not waits(row), rules.order(row.urgency, row.until)))
    found = found[:most]
    names = {s.opening: s.name for s in facilities.openings(only={row.opening for row in found})}
    written = journal.entries(row.entry for row in found)
    authors = journal.authors(written.values())
    day = tokyo_date(as_of) if as_of else today()
    return [
        Asked(
            row,
            names.get(row.opening, "避難所"),
            _state(answers.get(row.entry)),
            answers.get(row.entry),
            authors.get(written[row.entry].actor, "") if row.entry in written else "",
            rules.overdue(row.until, day),
            *came.get(row.entry, (0, None)),
        )
        for row in found
    ]


def _answers(
    requests: Iterable[UUID], as_of: datetime | None = None, known_at: datetime | None = None
) -> dict[UUID, Answer]:
    rows = known(Answer.objects.filter(request__in=list(requests)), as_of, known_at)
    return {row.request: row for row in latest(rows, "request")}


def _came(
    requests: Iterable[UUID], as_of: datetime | None, known_at: datetime | None
) -> dict[UUID, tuple[int, datetime]]:
    """Of each request how much came for it, and when the last of it."""
    rows = known(Receipt.objects.filter(request__in=list(requests)), as_of, known_at)
    sums = rows.values("request").annotate(pieces=Sum("quantity"), last=Max("occurred_at"))
    return {row["request"]: (row["pieces"], row["last"]) for row in sums}


def receipt(entry: UUID) -> Receipt:
    return Receipt.objects.get(pk=entry)


def receipts(opening: UUID, as_of: datetime | None = None, known_at: datetime | None = None) -> list[Came]:
    """What came to a shelter last, for its requests and otherwise."""
    rows = list(
        known(Receipt.objects.filter(opening=opening), as_of, known_at).order_by("-occurred_at", "-entry")[:SHOWN]
    )
    written = journal.entries(row.entry for row in rows)
    authors = journal.authors(written.values())
    return [Came(row, authors.get(written[row.entry].actor, "") if row.entry in written else "") for row in rows]


def _state(answer: Answer | None) -> str:
    return answer.state if answer else "open"


def state_of(request: UUID) -> str:
    return _state(_answers([request]).get(request))


def wanted(asked: Iterable[Asked]) -> list[tuple[str, str, int, int]]:
    """(what, unit, how many still, by how many shelters) of open requests, most shelters first."""
    found: dict[tuple[str, str], tuple[str, int, set[UUID]]] = {}
    for one in asked:
        if one.state == "open" and one.delivery != "whole":
            key = (rules.same_thing(one.row.what), one.row.unit)
            name, number, places = found.get(key, (one.row.what, 0, set()))
            found[key] = (name, number + one.row.quantity - one.received, places | {one.row.opening})
    rows = [(name, unit, number, len(places)) for (_, unit), (name, number, places) in found.items()]
    return sorted(rows, key=lambda row: (-row[3], -row[2], row[0]))


def _midnight() -> datetime:
    return datetime.combine(today(), time(), tzinfo=TOKYO)


def received_today(evacuee: UUID, what: str) -> HandOut | None:
    """The last time today that somebody was given this, in whichever shelter."""
    rows = known(HandOut.objects.filter(evacuee=evacuee, key=rules.same_thing(what)[:100]), None, None)
    return rows.filter(occurred_at__gte=_midnight()).order_by("-occurred_at").first()


def given(opening: UUID, staff: Staff) -> list[Given]:
    """What was handed out last."""
    rows = list(known(HandOut.objects.filter(opening=opening), None, None).order_by("-occurred_at", "-entry")[:SHOWN])
    faces = people.faces({row.evacuee for row in rows if row.evacuee}, staff)
    found = []
    for row in rows:
        face = faces.get(row.evacuee) if row.evacuee else None
        unseen = row.evacuee is not None and face is None
        name = "（秘匿）" if unseen else face.name if face else row.given_to
        found.append(Given(row, name, face.kana if face else "", unseen))
    return found


def today_by_thing(opening: UUID) -> list[tuple[str, str, int, int]]:
    """(what, unit, pieces, times) handed out in a shelter since midnight."""
    rows = known(HandOut.objects.filter(opening=opening, occurred_at__gte=_midnight()), now(), None)
    sums = rows.values("key", "unit").annotate(pieces=Sum("quantity"), times=Count("entry")).order_by("-times", "key")
    names = dict(rows.filter(~Q(key="")).values_list("key", "what"))
    return [(names.get(row["key"], row["key"]), row["unit"], row["pieces"], row["times"]) for row in sums]
