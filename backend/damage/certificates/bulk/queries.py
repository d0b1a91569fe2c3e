"""Rounds, their files, and who was left out, as this person may see it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from backend.accounts.models import Staff
from backend.core.errors import NotFound
from backend.damage.applications import queries as applications
from backend.damage.models import BulkFile, BulkHeld, BulkRun
from backend.documents.models import Issue
from backend.ledger.households import queries as households
from backend.ledger.models import Disaster, Household

from . import candidates, services, sheets
from .sheets import CONTROL, LEFT_OUT, MANIFEST
from .work import folder_of

LISTS = {CONTROL: "管理票（CSV）", MANIFEST: "番号の一覧", LEFT_OUT: "除いた世帯の一覧"}


@dataclass(frozen=True)
class Counts:
    """How many households are to get a paper of a kind and have none; and, where it is applied for, how many did not apply,
    and how many applications wait until a person has matched them."""

    waiting: int
    unapplied: int = 0
    unmatched: int = 0


def counts(disaster: Disaster, kind: str, staff: Staff) -> Counts:
    source = services.SOURCES[kind]
    waiting = len(source.without_one(disaster))
    if source is candidates:
        return Counts(waiting)
    unmatched = applications.counts(disaster, staff)["unmatched"]
    return Counts(waiting, len(source.unapplied(disaster)), unmatched)


def runs(disaster: Disaster, kind: str) -> list[BulkRun]:
    return list(disaster.bulk_runs.filter(kind=kind).select_related("by").prefetch_related("files"))


def run(pk: UUID) -> BulkRun:
    found = BulkRun.objects.select_related("disaster", "by").filter(pk=pk).first()
    if found is None:
        raise NotFound("その一括交付はありません。")
    return found


def held_back(found: BulkRun) -> QuerySet[BulkHeld]:
    """The households that a person has to look at; who did not apply is only counted."""
    return found.held.exclude(reason=BulkHeld.Reason.UNAPPLIED)


@dataclass(frozen=True)
class LeftOut:
    """A household that was left out; without a number where this person may not know of it."""

    row: BulkHeld
    household: Household | None


def left_out(found: BulkRun, staff: Staff, *, most: int = 500) -> list[LeftOut]:
    """Who was left out. Where somebody is under protection, only those who may see them learn which household it is."""
    rows = list(held_back(found).order_by("reason", "pk")[:most])
    hidden = households.unseen_households(staff, [row.household for row in rows])
    homes = Household.objects.in_bulk([row.household for row in rows if row.household not in hidden])
    secret = set() if staff.sees_protected else {row.pk for row in rows if row.reason == BulkHeld.Reason.PROTECTED}
    return [LeftOut(row, None if row.pk in secret else homes.get(row.household)) for row in rows]


def files(found: BulkRun) -> list[dict[str, Any]]:
    """The files of a round with whether they lie here; those of a command lie where it put them."""
    folder = folder_of(found)
    return [
        {
            "file": file,
            "printed": sheets.printed(file),
            "is_here": (folder / file.name).is_file(),
        }
        for file in found.files.order_by("number")
    ]


def path_of(found: BulkRun, name: str) -> Path:
    """A file or list of a round, if it is one and lies here; `NotFound` else."""
    known = name in LISTS or BulkFile.objects.filter(run=found, name=name, written_at__isnull=False).exists()
    path = folder_of(found) / name
    if not known or not path.is_file():
        raise NotFound("そのファイルはここにありません。コマンドで作ったものは、そのときの出力先にあります。")
    return path


@dataclass(frozen=True)
class Control:
    """管理票: what was numbered, what of it is printed and what not, who was left out, and the same by file."""

    papers: int
    copies: int
    pages: int
    first: str
    last: str
    out: list[tuple[str, int]]
    held: list[tuple[str, int]]
    files: list[dict[str, Any]]


def control(found: BulkRun) -> Control:
    rows = files(found)
    out: Counter[str] = Counter(paper["out"] for line in rows for paper in line["file"].papers if "out" in paper)
    held = dict(found.held.order_by().values_list("reason").annotate(n=Count("pk")))
    ends = [rows[0]["file"].papers[0]["issue"], rows[-1]["file"].papers[-1]["issue"]] if rows else []
    numbers = {str(one.pk): one.number_text for one in Issue.objects.filter(pk__in=ends).only("pk", "number_text")}
    return Control(
        sum(line["file"].count for line in rows),
        sum(line["printed"] for line in rows),
        sum(line["file"].pages or 0 for line in rows),
        numbers[ends[0]] if ends else "",
        numbers[ends[1]] if ends else "",
        [(sheets.OUT[why], count) for why, count in out.items()],
        [(label, held[reason]) for reason, label in BulkHeld.Reason.choices if reason in held],
        rows,
    )
