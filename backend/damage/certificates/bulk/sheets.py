"""What a press is given of a file, and what lies beside the files: control sheet, list of numbers, list of who was left out."""

from __future__ import annotations

import base64
import csv
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from backend.core.errors import Conflict
from backend.damage.certificates import people
from backend.damage.models import BulkFile, BulkHeld, BulkRun
from backend.documents import press
from backend.documents.models import Issue
from backend.documents.seals import services as seals
from backend.ledger.models import Household, Person

CONTROL, MANIFEST, LEFT_OUT = "control.csv", "manifest.csv", "left-out.csv"
OUT = {"withdrawn": "採番の後に失効", "protected": "採番の後に秘匿の対象となった"}


@contextmanager
def only_one(disaster: UUID) -> Iterator[None]:
    """One round at a time: numbers would be right with two, but neither would know the other's files."""
    folder = Path(settings.DATA_DIR) / "work"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / f"bulk-{disaster}.lock", os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict("この災害の一括交付が、いま別に行われています。終わるまでお待ちください。") from error
        yield


def file_name(run: BulkRun, number: int, first: Issue) -> str:
    """`hisai-2026-000001-part-0001.pdf`: kind, fiscal year, first number, file; a folder when each paper is a file."""
    stem = f"{run.kind}-{first.fiscal_year}-{first.number:06d}-part-{number:04d}"
    return stem if run.split else f"{stem}.pdf"


def paper_name(run: BulkRun, one: Issue) -> str:
    """The file of one paper where each has its own."""
    return f"{run.kind}-{one.fiscal_year}-{one.number:06d}.pdf"


def job(file: BulkFile, folder: Path) -> dict[str, Any]:
    """What the press needs. Papers that became void since, or show somebody now under protection, are left out of it."""
    run = file.run
    issues = {str(one.pk): one for one in Issue.objects.filter(pk__in=[paper["issue"] for paper in file.papers])}
    hidden = _hidden(issues)
    sheets, names = [], []
    for paper in file.papers:
        paper.pop("out", None)
        one = issues[paper["issue"]]
        if not one.is_valid:
            paper["out"] = "withdrawn"
        elif hidden.intersection(one.content["persons"]):
            paper["out"] = "protected"
        else:
            copies = paper.get("copies", 1)
            sheets.append({"content": one.content, "to": _posted(paper["to"], one, copies), "copies": copies})
            names.append(paper_name(run, one))
    pictures = seals.pictures(sheet["content"] for sheet in sheets)
    return {
        "target": str(folder.resolve() / file.name),
        "at": file.numbered_at.isoformat(),
        "post": "" if run.post == BulkRun.Post.NONE else run.post,
        "split": run.split,
        "title": file.name,
        "papers": sheets,
        "seals": {key: base64.b64encode(image).decode() for key, image in pictures.items()},
        "names": names,
    }


def _hidden(issues: dict[str, Issue]) -> set[str]:
    found: set[str] = set()
    wanted = [person for one in issues.values() for person in one.content["persons"]]
    for start in range(0, len(wanted), 1000):
        found |= {str(pk) for pk in people.protected_ids(Person.objects.filter(pk__in=wanted[start : start + 1000]))}
    return found


def _posted(to: dict[str, Any], one: Issue, copies: int) -> dict[str, Any]:
    title = one.content["title"]
    text = f"{title}を{copies}通お送りします。記載に誤りがあるときは、担当までご連絡ください。"
    return to | {"about": f"{title}の送付について", "text": text}


# Beside the files ---------------------------------------------------------------------------------------------------


def write(run: BulkRun, folder: Path) -> None:
    """The three lists, each put into its place in one step."""
    for name, rows in ((CONTROL, control(run)), (MANIFEST, manifest(run)), (LEFT_OUT, left_out(run))):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        beside = folder / f".{name}.part"
        press.put(beside, b"\xef\xbb\xbf" + text.getvalue().encode())
        os.replace(beside, folder / name)
    press.settle(folder)


def printed(file: BulkFile) -> int:
    """How many papers come out of the printer, each as often as it was asked for."""
    return sum(paper.get("copies", 1) for paper in file.papers if "out" not in paper)


def control(run: BulkRun) -> Iterator[list[Any]]:
    """管理票: what the printer has to count: each file, with its numbers, papers and pages; then the sums."""
    yield ["ファイル", "最初の番号", "最後の番号", "通数", "印刷する通数", "ページ数", "バイト数", "SHA-256"]
    totals = [0, 0, 0, 0]
    for file in run.files.order_by("number"):
        counts = [file.count, printed(file), file.pages or 0, file.size or 0]
        totals = [one + two for one, two in zip(totals, counts, strict=True)]
        yield [file.name, file.first_number, file.last_number, *counts, file.sha256]
    yield ["合計", "", "", *totals, ""]
    for reason, label in BulkHeld.Reason.choices:
        if count := run.held.filter(reason=reason).count():
            yield [f"除いた世帯：{label}", "", "", count, "", "", "", ""]


def manifest(run: BulkRun) -> Iterator[list[Any]]:
    """Every number with the household's number, its file and the page of it on which it begins. No name."""
    yield ["文書番号", "り災番号", "ファイル", "ページ", "備考"]
    for file in run.files.order_by("number"):
        ids = [paper["issue"] for paper in file.papers]
        issues = Issue.objects.only("number_text", "fiscal_year", "number").in_bulk(ids)
        codes = dict(
            Household.objects.filter(pk__in=[paper["household"] for paper in file.papers]).values_list(
                "pk", "disaster_number"
            )
        )
        for paper in file.papers:
            one, page = issues[UUID(paper["issue"])], paper.get("page", "")
            alone = run.split and page
            yield [
                one.number_text,
                codes.get(UUID(paper["household"]), ""),
                f"{file.name}/{paper_name(run, one)}" if alone else file.name,
                1 if alone else page,
                OUT.get(paper.get("out", ""), ""),
            ]


def left_out(run: BulkRun) -> Iterator[list[Any]]:
    """Who got none and why. Of households with somebody under protection nothing but that there is one."""
    yield ["り災番号", "理由", "説明"]
    labels = dict(BulkHeld.Reason.choices)
    rows = list(run.held.order_by("reason", "pk"))
    codes = dict(Household.objects.filter(disaster=run.disaster).values_list("pk", "disaster_number")) if rows else {}
    for row in rows:
        hidden = row.reason == BulkHeld.Reason.PROTECTED
        yield ["" if hidden else codes.get(row.household, ""), labels[row.reason], "" if hidden else row.text]
