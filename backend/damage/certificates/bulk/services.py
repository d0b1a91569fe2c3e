"""一括交付: numbers, rows and files for everybody who has no certificate yet; can be stopped at any moment and gone on with.

For each file: one transaction draws the numbers, freezes the papers and writes the file's row; then a press makes the
file; then the row is told that it is on the disk. What was numbered and not written is written first by the next run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max, Sum

from backend.accounts.models import AccessLog, Division, Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit, log_access
from backend.core import bulk
from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.progress import Progress, Steps
from backend.damage.certificates import services as certificates
from backend.damage.models import BulkFile, BulkHeld, BulkRun
from backend.documents import services as papers
from backend.documents.held import services as held
from backend.documents.presses import Presses
from backend.ledger.models import Disaster

from . import candidates, risai, sheets
from .candidates import Left, Ready

KIND = certificates.KIND
SOURCES: dict[str, Any] = {KIND: candidates, risai.KIND: risai}  # who gets one of a kind, and what is checked again
CHANGED = "申請、判定、または家屋とのつながりが、調べた後に替わりました。"
PURPOSE = "被災者支援の手続き"
REASON = "一括交付"
PAGES = 500  # a file; a press holds more than half a megabyte for each page of one
OPERATOR = "tasuki-command"  # the account, which nobody can sign in to, of papers issued by a command
SHARES = {"examine": 25, "issue": 75}


@dataclass
class Done:
    """What one call did: papers in files it wrote, households left out of the round by reason, those that did not apply,
    files, pages."""

    run: BulkRun
    certificates: int = 0
    files: int = 0
    pages: int = 0
    held: Counter[str] = field(default_factory=Counter)
    unapplied: int = 0


def operator() -> Staff:
    """Who stands as issuer of what a command issued."""
    found, _ = Staff.objects.get_or_create(
        username=OPERATOR,
        defaults={
            "display_name": "一括交付（コマンド）",
            "division": Division.TAX,
            "is_active": False,
            "password": "!",
        },
    )
    return found


def issue_all(
    *,
    by: Staff | None,
    disaster: Disaster,
    folder: Path,
    kind: str = KIND,
    purpose: str = PURPOSE,
    post: str = BulkRun.Post.PAGE,
    split: bool = False,
    pages_a_file: int = PAGES,
    workers: int = 2,
    progress: Progress | None = None,
) -> Done:
    """Issue the certificate of every household of a disaster that has none, into files in `folder`; of the 罹災証明書 one
    for each judged house that was applied for.

    `by=None` is a command. A round that was stopped is gone on with as it was begun: its own settings hold. Raises
    `Refused` when the folder can't be written or another one is at it.
    """
    if by is not None:
        require(by, "certificates.issue")
    staff = by or operator()
    folder = Path(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused("出力先のフォルダーを作れません。場所と権限を確かめてください。") from error
    with sheets.only_one(disaster.pk):
        run = begin(
            by=staff,
            disaster=disaster,
            kind=kind,
            purpose=purpose,
            post=post,
            split=split,
            pages_a_file=pages_a_file,
        )
        steps = Steps(progress, SHARES)
        done = Done(run)
        try:
            _issue(run, staff, folder, workers, steps, done)
        finally:
            if done.certificates:
                papers.tell_offers_changed()
        end(by=staff, run=run, done=done)
        sheets.write(run, folder)
        log_access(
            by=staff,
            what=AccessLog.What.EXPORT,
            subject=f"disaster:{disaster.pk}",
            hits=done.certificates,
            detail="certificates in bulk",
        )
    return done


@transaction.atomic
def begin(
    *, by: Staff, disaster: Disaster, purpose: str, post: str, split: bool, pages_a_file: int, kind: str = KIND
) -> BulkRun:
    """The round that is open, or a new one."""
    if not purpose.strip():
        raise Refused("使用目的を入力してください。", fields={"purpose": "入力してください。"})
    if pages_a_file < 2:
        raise Refused("1ファイルのページ数は2以上にしてください。")
    found = BulkRun.objects.filter(disaster=disaster, kind=kind, ended_at=None).first()
    if found:
        return found
    new = BulkRun.objects.create(
        disaster=disaster,
        kind=kind,
        purpose=purpose.strip(),
        post=post,
        split=split,
        pages_a_file=pages_a_file,
        by=by,
    )
    audit(by=by, act="damage.bulk_begin", subject=f"disaster:{disaster.pk}", run=str(new.pk))
    return new


def _issue(run: BulkRun, by: Staff, folder: Path, workers: int, steps: Steps, done: Done) -> None:
    with Presses(workers) as presses:
        for file in run.files.filter(written_at=None).order_by("number"):
            presses.take(file, sheets.job(file, folder))
        ready, left = _examine(run, steps)
        silent = SOURCES[run.kind].unapplied(run.disaster)
        note_left(by=by, run=run, left=left + [Left(home, BulkHeld.Reason.UNAPPLIED) for home in silent])
        done.held, done.unapplied = Counter(line.reason for line in left), len(silent)
        blocks = list(_blocks(run, ready))
        told = steps.of("issue")
        for number, block in enumerate(blocks, 1):
            file = number_block(by=by, run=run, block=block, done=done)
            if file:
                presses.take(file, sheets.job(file, folder))
            for made, answer in presses.done():
                _written(made, answer, done)
            if told:
                told(number, len(blocks) + 1)
        for made, answer in presses.done(wait=True):
            _written(made, answer, done)
            if told:
                told(len(blocks), len(blocks) + 1)


def _examine(run: BulkRun, steps: Steps) -> tuple[list[Ready], list[Left]]:
    source = SOURCES[run.kind]
    ids = source.without_one(run.disaster)
    told = steps.of("examine")
    ready: list[Ready] = []
    left: list[Left] = []
    for line in candidates.examine(
        source.Piece,
        run.disaster,
        ids,
        kind=run.kind,
        purpose=run.purpose,
        posted=run.post != BulkRun.Post.NONE,
        told=lambda count: told(count, len(ids)) if told else None,
    ):
        (ready if isinstance(line, Ready) else left).append(line)  # type: ignore[arg-type]
    ready.sort(key=lambda line: (line.key, line.number))
    return ready, left


def _blocks(run: BulkRun, ready: list[Ready]) -> Iterator[list[Ready]]:
    """As many papers as make a file, by the pages they are likely to take."""
    cover = 1 if run.post == BulkRun.Post.PAGE else 0
    block: list[Ready] = []
    pages = 0
    for line in ready:
        if block and pages + cover + line.copies > run.pages_a_file:
            yield block
            block, pages = [], 0
        block.append(line)
        pages += cover + line.copies
    if block:
        yield block


@transaction.atomic
def note_left(*, by: Staff, run: BulkRun, left: list[Left]) -> None:
    """Write down who is left out of this round; characters that nothing prints go to their queue."""
    BulkHeld.objects.filter(run=run).delete()
    first = {line.household: line for line in reversed(left)}  # of a household's houses the first says why
    rows = [(run.pk, line.household, line.reason, line.text[:300]) for line in first.values()]
    bulk.put(BulkHeld, ("run_id", "household", "reason", "text"), rows)
    for line in left:
        if line.waiting:
            held.note(by=by, waiting=line.waiting)
    audit(by=by, act="damage.bulk_left_out", subject=f"disaster:{run.disaster_id}", households=len(left))


@transaction.atomic
def number_block(*, by: Staff, run: BulkRun, block: list[Ready], done: Done) -> BulkFile | None:
    """Number the papers of one file and freeze them; None when nobody of the block gets one any more.

    Whoever has come under protection since they were looked at is left out here, before a number is drawn.
    """
    hidden = candidates.protected_now(line.body for line in block)
    shown = [line for line in block if not hidden.intersection(line.body["persons"])]
    for line in block:
        if line not in shown:
            BulkHeld.objects.get_or_create(
                run=run, household=line.household, defaults={"reason": BulkHeld.Reason.PROTECTED}
            )
            done.held[BulkHeld.Reason.PROTECTED] += 1
    source = SOURCES[run.kind]
    shown, changed = source.still(shown)
    for line in changed:
        BulkHeld.objects.get_or_create(
            run=run, household=line.household, defaults={"reason": BulkHeld.Reason.OTHER, "text": CHANGED}
        )
        done.held[BulkHeld.Reason.OTHER] += 1
    issues = papers.issue_many(
        by=by,
        kind=run.kind,
        form=source.Piece.form,
        disaster=run.disaster_id,
        drafts=[papers.Draft(line.household, line.body, line.characters, line.subject, line.copies) for line in shown],
        as_of=now(),
        reason=REASON,
        mark=certificates.mark_of(run.disaster),
    )
    if not issues:
        return None
    source.note(issues, shown)
    lines = {(line.household, line.subject): line for line in shown}
    number = (run.files.aggregate(last=Max("number"))["last"] or 0) + 1
    return BulkFile.objects.create(
        run=run,
        number=number,
        name=sheets.file_name(run, number, issues[0]),
        first_number=issues[0].number,
        last_number=issues[-1].number,
        count=len(issues),
        papers=[
            {
                "issue": str(one.pk),
                "household": str(one.household),
                "to": lines[one.household, one.subject].to,
                "copies": lines[one.household, one.subject].copies,
            }
            for one in issues
        ],
    )


def _written(file: BulkFile, answer: dict[str, Any], done: Done) -> None:
    pages = answer["begins"][-1] - 1
    note_written(file=file, answer=answer)
    done.certificates += sum("out" not in paper for paper in file.papers)
    done.files += 1
    done.pages += pages


@transaction.atomic
def note_written(*, file: BulkFile, answer: dict[str, Any]) -> None:
    """The file is on the disk: on which page each paper begins, how large it is and its fingerprint."""
    begins = iter(answer["begins"])
    for paper in file.papers:
        if "out" not in paper:
            paper["page"] = next(begins)
    file.pages, file.size, file.sha256 = answer["begins"][-1] - 1, answer["size"], answer["sha256"]
    file.written_at = now()
    file.save(update_fields=["papers", "pages", "size", "sha256", "written_at"])
    audit(by=file.run.by, act="damage.bulk_file", subject=f"bulk_file:{file.pk}", name=file.name, pages=file.pages)


@transaction.atomic
def end(*, by: Staff, run: BulkRun, done: Done) -> None:
    """Everybody who can get one has it: the round is closed."""
    run.ended_at = now()
    run.save(update_fields=["ended_at"])
    count = run.files.aggregate(count=Sum("count"))["count"] or 0
    audit(by=by, act="damage.bulk_end", subject=f"disaster:{run.disaster_id}", run=str(run.pk), papers=count)
