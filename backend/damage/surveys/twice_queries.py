"""二度打ち: which sheets were drawn to be typed twice, which of them wait, and where the two typings differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from backend.damage.models import SecondTyping, Survey
from backend.ledger.models import Disaster

from .queries import PAGE, places


@dataclass(frozen=True)
class Standing:
    """How many sheets wait for their second typing, were typed twice, and differed; and how often each answer did."""

    waiting: int
    typed: int
    differing: int
    answers: list[tuple[str, int]]

    @property
    def share(self) -> float | None:
        """Of the sheets typed twice, how many in a hundred differed."""
        return round(100 * self.differing / self.typed, 1) if self.typed else None


@dataclass(frozen=True)
class Line:
    survey: Survey
    where: str


def standing(disaster: Disaster | None) -> Standing:
    answers: Counter[str] = Counter()
    typed = differing = 0
    for differs in SecondTyping.objects.filter(survey__disaster=disaster).values_list("differs", flat=True):
        typed += 1
        differing += bool(differs)
        answers.update(differs)
    return Standing(_waiting(disaster).count(), typed, differing, answers.most_common())


def waiting(disaster: Disaster | None, page: int = 1) -> Page:
    """A page of the drawn sheets that nobody has typed twice yet, the oldest first."""
    found = Paginator(_ordered(_waiting(disaster), "at"), PAGE).get_page(page)
    found.object_list = _lines(found.object_list)
    return found


def differing(disaster: Disaster | None, most: int = 100) -> list[Line]:
    """Those of which the two typings differ and nobody has looked at the paper yet: typed again, or said that the first is right."""
    rows = Survey.objects.filter(disaster=disaster, replaced_by=None, second__settled_at=None, second__isnull=False)
    return _lines(_ordered(rows.exclude(second__differs=[]), "-second__at")[:most])


def _waiting(disaster: Disaster | None) -> QuerySet[Survey]:
    return Survey.objects.filter(disaster=disaster, drawn=True, replaced_by=None, second=None)


def _ordered(rows: QuerySet[Survey], by: str) -> QuerySet[Survey]:
    return rows.select_related("by", "second").order_by(by, "pk")


def _lines(rows: Iterable[Survey]) -> list[Line]:
    rows = list(rows)
    at = places(row.house_id for row in rows)
    return [Line(row, at.get(row.house_id, "所在地の記載なし")) for row in rows]
