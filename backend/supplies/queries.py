"""What is asked for and what was handed out, as of now. Nobody is named whom the asker may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import Count, Q, Sum

from backend.accounts.models import Staff
from backend.core.clock import TOKYO, now, today
from backend.facilities import queries as facilities
from backend.facilities.queries import known, latest
from backend.journal import people
from backend.journal import queries as journal

from . import rules
from .models import Answer, HandOut, Request

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

    @property
    def urgency(self) -> str:
        return rules.URGENCY.get(self.row.urgency, self.row.urgency)

    @property
    def state_label(self) -> str:
        return rules.STATES[self.state]


@dataclass(frozen=True)
class Given:
    """A hand-out as a list shows it. `hidden`: to somebody whom the asker may not see."""

    row: HandOut
    name: str
    kana: str
    hidden: bool


def requests(opening: UUID | None = None, *, still_open: bool = False) -> list[Asked]:
    """Requests of a shelter, or of all of them; open ones first, the most urgent first, then the newest."""
    rows = Request.objects.all() if opening is None else Request.objects.filter(opening=opening)
    found = list(known(rows, None, None).order_by("-occurred_at", "-entry"))
    answers = _answers(row.entry for row in found)
    if still_open:
        found = [row for row in found if _state(answers.get(row.entry)) == "open"]
    found.sort(key=lambda row: (_state(answers.get(row.entry)) != "open", rules.order(row.urgency, row.until)))
    found = found[:MOST]
    names = {s.opening: s.name for s in facilities.openings(only={row.opening for row in found})}
    written = journal.entries(row.entry for row in found)
    authors = journal.authors(written.values())
    day = today()
    return [
        Asked(
            row,
            names.get(row.opening, "避難所"),
            _state(answers.get(row.entry)),
            answers.get(row.entry),
            authors.get(written[row.entry].actor, "") if row.entry in written else "",
            rules.overdue(row.until, day),
        )
        for row in found
    ]


def _answers(requests: Iterable[UUID]) -> dict[UUID, Answer]:
    rows = known(Answer.objects.filter(request__in=list(requests)), None, None)
    return {row.request: row for row in latest(rows, "request")}


def _state(answer: Answer | None) -> str:
    return answer.state if answer else "open"


def state_of(request: UUID) -> str:
    return _state(_answers([request]).get(request))


def wanted(asked: Iterable[Asked]) -> list[tuple[str, str, int, int]]:
    """(what, unit, how many, by how many shelters) of open requests, most shelters first."""
    found: dict[tuple[str, str], tuple[str, int, set[UUID]]] = {}
    for one in asked:
        if one.state == "open":
            key = (rules.same_thing(one.row.what), one.row.unit)
            name, number, places = found.get(key, (one.row.what, 0, set()))
            found[key] = (name, number + one.row.quantity, places | {one.row.opening})
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
