"""What the pages of reports ask: reports, their lines as this person may see them, and what stands beside."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.core.errors import NotFound
from backend.ledger import queries as ledger
from backend.ledger.models import (
    Disaster,
    Household,
    Person,
    RevisionAcceptance,
    RevisionChange,
    RevisionLine,
    RevisionReport,
)
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from . import beside, rules

UNKNOWN = "この報告はありません。"
Lines = QuerySet[RevisionLine, RevisionLine]


@dataclass(frozen=True)
class Counts:
    """A report in numbers; nobody in it can be told from them."""

    lines: int
    substantial: int
    persons: int
    open: int
    kinds: dict[str, int]


def counts(of: RevisionReport) -> Counts:
    lines = list(_with_state(of).values_list("kinds", "substantial", "taken"))
    kinds: Counter[str] = Counter(kind for row in lines for kind in row[0])
    persons = RevisionChange.objects.filter(line__report=of).count()
    waiting = sum(not taken for _, _, taken in lines)
    told = {kind: kinds[kind] for kind in rules.ORDER if kinds[kind]}
    return Counts(len(lines), sum(row[1] for row in lines), persons, waiting, told)


def reports(of: Disaster) -> list[RevisionReport]:
    """All reports, the newest first."""
    return list(of.revision_reports.select_related("made_by"))


def report(pk: UUID) -> RevisionReport:
    """One report; raises `NotFound`."""
    found = RevisionReport.objects.select_related("disaster", "made_by").filter(pk=pk).first()
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def newest(of: Disaster) -> RevisionReport | None:
    return of.revision_reports.first()


def unread_files(of: Disaster) -> int:
    """Files that came in since the newest revision of the ledger or of a report."""
    latest = newest(of)
    revision = AsOfRevision.objects.filter(pk=latest.revision if latest else of.register_revision).first()
    return register.unread_files(revision) if revision else 0


def _with_state(of: RevisionReport) -> Lines:
    taken = RevisionAcceptance.objects.filter(line=OuterRef("pk"), undone_at=None)
    return of.lines.annotate(taken=Exists(taken)).order_by("order")


def lines(of: RevisionReport, staff: Any, *, kind: str = "", state: str = "") -> tuple[Lines, int]:
    """The lines that this person may see, and how many more there are.

    Without a `kind` those that only note the latest change are left out. `state`: "" all, open, accepted.
    """
    rows = _with_state(of)
    rows = rows.filter(substantial=True) if not kind else rows
    if state:
        rows = rows.filter(taken=state == "accepted")
    hidden = hidden_lines(of, staff)
    found = [(row.pk, row.pk in hidden) for row in rows if not kind or kind in row.kinds]
    shown = [pk for pk, is_hidden in found if not is_hidden]
    return _with_state(of).filter(pk__in=shown), len(found) - len(shown)


def hidden_lines(of: RevisionReport, staff: Any) -> set[UUID]:
    """Lines of somebody under protection, or of a household in which somebody is: they would say where to look."""
    if ledger.sees_protected(staff):
        return set()
    numbers = ledger.protected_atena_numbers()
    rows = Person.objects.filter(disaster=of.disaster_id).filter(ledger.is_under_protection())
    people, homes = set(), set()
    for pk, home in rows.values_list("pk", "household"):
        people.add(pk)
        homes.add(home)
    homes.discard(None)
    changes = RevisionChange.objects.filter(line__report=of)
    found: set[UUID] = set()
    entering: dict[str, set[UUID]] = {}
    hidden_homes: set[str] = set()
    for line, number, person, source, target, home_no in changes.values_list(
        "line", "atena_no", "person", "household_from", "household_to", "household_no"
    ):
        entering.setdefault(home_no, set()).add(line)
        if number in numbers or person in people or source in homes or target in homes:
            found.add(line)
            hidden_homes.add(home_no)
    # A household that is new to the ledger, in which somebody protected enters too.
    return found.union(*(entering[home_no] for home_no in hidden_homes - {""}))


def line(of: RevisionReport, staff: Any, pk: UUID) -> RevisionLine:
    """One line that this person may see; raises `NotFound`."""
    found = of.lines.filter(pk=pk).first()
    if found is None or found.pk in hidden_lines(of, staff):
        raise NotFound("この件はありません。")
    return found


def acceptance(of: RevisionReport, staff: Any, pk: UUID) -> RevisionAcceptance:
    """The acceptance of one line that this person may see; raises `NotFound`."""
    row = line(of, staff, pk)
    found = row.acceptances.filter(undone_at=None).select_related("by", "line__report").first()
    if found is None:
        raise NotFound("この件は受け入れられていません。画面を開き直してください。")
    return found


@dataclass
class LineView:
    """A line as the page shows it."""

    line: RevisionLine
    homes: list[Household]
    changes: list[RevisionChange]
    beside: list[beside.Beside] = field(default_factory=list)
    acceptance: RevisionAcceptance | None = None


def views_of(page: Any) -> list[LineView]:
    """Lines of one page with their people, households, and what stands beside them."""
    rows = list(page)
    found = RevisionChange.objects.filter(line__in=rows).select_related("person", "household_from", "household_to")
    by_line: dict[UUID, list[RevisionChange]] = {}
    for change in found.order_by("pk"):
        by_line.setdefault(change.line_id, []).append(change)
    live = RevisionAcceptance.objects.filter(line__in=rows, undone_at=None).select_related("by")
    accepted = {row.line_id: row for row in live}
    result = []
    for row in rows:
        changes = by_line.get(row.pk, [])
        homes = {h.pk: h for c in changes for h in (c.household_from, c.household_to) if h}
        result.append(LineView(row, list(homes.values()), changes, [], accepted.get(row.pk)))
    everything = beside.of(
        {home.pk for view in result for home in view.homes},
        {c.person_id for view in result for c in view.changes if c.person_id},
    )
    for view in result:
        keys = {home.pk for home in view.homes} | {c.person_id for c in view.changes}
        view.beside = [item for item in everything if item.household in keys or item.person in keys]
    return result
