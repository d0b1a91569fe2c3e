"""Which rows held at an hour, read once in a handful of queries; sixty thousand houses are put together in one pass.

Applications are those that this person may know of, as everywhere: a count that had more in it than their lists would
tell them of somebody hidden. Ids and moments come as the database writes them: making objects of hundreds of thousands
would take longer than all the rest, and as texts they are as equal, and moments in the same order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, CharField, Count, F, Q, QuerySet, When
from django.db.models.functions import Cast

from backend.damage.applications.rules import DWELLING
from backend.damage.applications.visible import hidden_applications, unseen_homes
from backend.damage.judgements.rules import Confirmed, holding
from backend.damage.models import Application, ApplicationHouse, Judgement, RisaiCertificate, Survey, SurveyRequest
from backend.ledger.models import Disaster

from . import rules

CHUNK = 5000


def text(name: str) -> Cast:
    return Cast(name, CharField())


# Applications ------------------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A place of an application; ids and moments as texts, empty where there is none (yet)."""

    id: str
    asked: str  # first, second, again
    received: str
    withdrawn: str | None
    matched: bool
    house: str | None
    household: str | None
    what: str
    position: int
    district: str | None


def lines(disaster: Disaster | None, staff: Any, at: datetime) -> Iterator[Line]:
    """The places of the last row of each number as of the hour. A household hidden from this person is not matched yet."""
    changed = Application.objects.filter(replaces__isnull=False, at__lte=at).values("replaces")
    rows = ApplicationHouse.objects.filter(application__disaster=disaster, application__at__lte=at)
    rows = rows.exclude(application__in=changed).exclude(application__in=hidden_applications(staff))
    fields = {
        "line": text("pk"),
        "received": text("application__received_at"),
        "gone": Case(When(application__withdrawn_at__lte=at, then=text("application__withdrawn_at"))),
        "home": Case(When(application__matched_at__lte=at, then=text("application__household"))),
        "found": Case(When(matched_at__lte=at, then=text("house"))),
        "asked": F("application__stage"),
        "part": F("request__district"),
    }
    unseen = {form for home in unseen_homes(staff) for form in (str(home), home.hex)}
    listed = rows.annotate(**fields).values_list(*fields, "what", "position").order_by()
    for line, received, gone, home, house, asked, part, what, position in listed.iterator(chunk_size=CHUNK):
        matched = home is not None and house is not None and home not in unseen
        yield Line(line, asked, received, gone, matched, house, home, what, position, part)


# Houses: what has been found and decided, whoever applied or did not --------------------------------------------------------


@dataclass
class Houses:
    """For each house the last moment of what there is, as a text; and what still waits, with its district."""

    judged: dict[str, str] = field(default_factory=dict)
    confirmed: Counter[str] = field(default_factory=Counter)  # judgements by the hour
    to_confirm: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    surveyed: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # house, stage, district
    papers: dict[tuple[str | None, str | None], list[tuple[str, str]]] = field(default_factory=dict)

    def stage(self, line: Line) -> tuple[str, str]:
        """Where the line stands, and when the first paper was issued that answers it."""
        house = line.house
        papers = self.papers.get((line.household, house), ()) if line.matched else ()
        nothing: tuple[str, str | None] = ("", None)
        stage = rules.stage_of(
            line.asked,
            line.received,
            matched=line.matched,
            paper=max(papers)[0] if papers else "",
            judged=self.judged.get(house, "") if house else "",
            to_confirm=self.to_confirm.get(house, nothing)[0] if house else "",
            surveyed=self.surveyed.get(house, nothing)[0] if house else "",
        )
        if stage != "issued":
            return stage, ""
        after = rules.after(line.asked, line.received)
        return stage, min(issued for confirmed, issued in papers if confirmed > after)


def houses(disaster: Disaster | None, at: datetime) -> Houses:
    found = Houses()
    judged = Judgement.objects.filter(disaster=disaster, confirmed_at__lte=at)
    confirmed: dict[str, str] = {}
    for pk, house, moment, held in _rows(judged, text("pk"), text("house"), text("confirmed_at"), text("held_from")):
        confirmed[pk] = moment
        found.confirmed[moment[:13]] += 1
        if held:  # one of an earlier survey that was confirmed late never counted
            found.judged[house] = max(moment, found.judged.get(house, ""))
    waiting = waiting_judgements(disaster, at)
    for house, moment, district in _rows(waiting, text("house"), text("survey__at"), "survey__request__district"):
        found.to_confirm[house] = max((moment, district), found.to_confirm.get(house, ("", None)), key=_moment)
    for house, moment, district in _rows(unjudged(disaster, at), text("house"), text("at"), "request__district"):
        found.surveyed[house] = max((moment, district), found.surveyed.get(house, ("", None)), key=_moment)
    asked = SurveyRequest.objects.filter(disaster=disaster, since__lte=at).exclude(until__lte=at)
    found.requests = list(_rows(asked, text("house"), "stage", "district"))
    papers: dict[tuple[str | None, str | None], list[tuple[str, str]]] = defaultdict(list)
    fields = [text(name) for name in ("household", "house", "judgement", "issue__issued_at")]
    for home, house, judgement, issued in _rows(certificates(disaster, at), *fields):
        papers[home, house].append((confirmed.get(judgement, ""), issued))
    found.papers = dict(papers)
    return found


def _moment(pair: tuple[str, str | None]) -> str:
    return pair[0]


def _rows(rows: QuerySet, *fields: Any) -> Iterator[tuple]:
    return rows.order_by().values_list(*fields).iterator(chunk_size=CHUNK)


def certificates(disaster: Disaster | None, at: datetime) -> QuerySet[RisaiCertificate]:
    """Papers that were out at the hour; those to be given back after a later judgement still are."""
    rows = RisaiCertificate.objects.filter(issue__disaster=getattr(disaster, "pk", None), issue__issued_at__lte=at)
    return rows.exclude(issue__withdrawn_at__lte=at)


def surveys(disaster: Disaster | None, at: datetime) -> QuerySet[Survey]:
    """The surveys that nobody had typed again."""
    typed_again = Survey.objects.filter(replaces__isnull=False, at__lte=at).values("replaces")
    return Survey.objects.filter(disaster=disaster, at__lte=at).exclude(pk__in=typed_again)


def unjudged(disaster: Disaster | None, at: datetime) -> QuerySet[Survey]:
    made = Judgement.objects.filter(disaster=disaster, made_at__lte=at).exclude(rejected_at__lte=at)
    return surveys(disaster, at).exclude(pk__in=made.values("survey"))


def waiting_judgements(disaster: Disaster | None, at: datetime) -> QuerySet[Judgement]:
    rows = Judgement.objects.filter(disaster=disaster, made_at__lte=at)
    return rows.exclude(confirmed_at__lte=at).exclude(rejected_at__lte=at)


# Which judgement counted ---------------------------------------------------------------------------------------------------


def holding_judgements(disaster: Disaster | None, at: datetime) -> QuerySet[Judgement]:
    """One a house: the judgement that counted at the hour.

    The rows say from when until when they held. Only where a survey was typed again a judgement may hold a second time,
    and says no more that it did before: for those few houses the rule is asked with what was confirmed by the hour.
    """
    rows = Judgement.objects.filter(disaster=disaster)
    odd, found = _typed_again(disaster, at)
    told = rows.filter(held_from__lte=at).exclude(held_until__lte=at)
    return rows.filter(Q(pk__in=told.exclude(house__in=odd).values("pk")) | Q(pk__in=found)) if odd else told


def _typed_again(disaster: Disaster | None, at: datetime) -> tuple[list[UUID], list[UUID]]:
    """Houses with several confirmed judgements and a survey that was typed again; the judgements that count of them."""
    before = dict(Survey.objects.filter(disaster=disaster, replaces__isnull=False).values_list("pk", "replaces"))
    if not before:
        return [], []
    corrected = Survey.objects.filter(disaster=disaster, replaces__isnull=False).values("house")
    rows = Judgement.objects.filter(disaster=disaster, confirmed_at__isnull=False, house__in=corrected).order_by()
    several = rows.values("house").annotate(n=Count("pk")).filter(n__gt=1)
    odd = list(several.values_list("house", flat=True))
    by_house: dict[UUID, list[Confirmed]] = defaultdict(list)
    fields = ("pk", "house", "survey__surveyed_on", "survey__stage", "survey")
    for pk, house, day, stage, survey in rows.filter(house__in=odd, confirmed_at__lte=at).values_list(*fields):
        by_house[house].append(Confirmed(pk, day, stage, survey, _chain(before, survey)))
    return odd, [won for ones in by_house.values() if (won := holding(ones))]


def _chain(before: dict[UUID, UUID], survey: UUID) -> tuple[UUID, ...]:
    found = []
    one = before.get(survey)
    while one is not None:
        found.append(one)
        one = before.get(one)
    return tuple(found)


def is_dwelling(line: Line) -> bool:
    return line.what == DWELLING
