"""Rounds, their files, and who was left out, as this person may see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.errors import NotFound
from backend.damage.certificates import people
from backend.damage.models import BulkFile, BulkHeld, BulkRun
from backend.ledger.models import Disaster, Household

from . import candidates, services
from .sheets import CONTROL, LEFT_OUT, MANIFEST
from .work import folder_of

LISTS = {CONTROL: "管理票", MANIFEST: "番号の一覧", LEFT_OUT: "除いた世帯の一覧"}


def waiting(disaster: Disaster) -> int:
    """How many households of a disaster have no valid certificate."""
    return len(candidates.without_one(disaster, services.KIND))


def runs(disaster: Disaster) -> list[BulkRun]:
    return list(disaster.bulk_runs.filter(kind=services.KIND).select_related("by"))


def run(pk: UUID) -> BulkRun:
    found = BulkRun.objects.select_related("disaster", "by").filter(pk=pk).first()
    if found is None:
        raise NotFound("その一括交付はありません。")
    return found


@dataclass(frozen=True)
class LeftOut:
    """A household that was left out; without a number where this person may not know of it."""

    row: BulkHeld
    household: Household | None


def left_out(found: BulkRun, staff: Staff, *, most: int = 500) -> list[LeftOut]:
    """Who was left out. Where somebody is under protection, only those who may see them learn which household it is."""
    rows = list(found.held.order_by("reason", "pk")[:most])
    hidden = people.hidden_households([row.household for row in rows], staff)
    homes = Household.objects.in_bulk([row.household for row in rows if row.household not in hidden])
    secret = set() if staff.sees_protected else {row.pk for row in rows if row.reason == BulkHeld.Reason.PROTECTED}
    return [LeftOut(row, None if row.pk in secret else homes.get(row.household)) for row in rows]


def files(found: BulkRun) -> list[dict[str, Any]]:
    """The files of a round with whether they lie here; those of a command lie where it put them."""
    folder = folder_of(found)
    return [
        {
            "file": file,
            "printed": sum("out" not in paper for paper in file.papers),
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
