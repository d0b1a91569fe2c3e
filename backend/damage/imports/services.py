"""Take applications that another system exported, each number once; a dry run says the same and keeps nothing."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, Refused
from backend.core.pdfs import means_pdf
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.damage.applications import attaching
from backend.damage.applications import services as applications
from backend.damage.models import Application, ImportedApplication
from backend.damage.surveys.photos import LARGEST
from backend.ledger.models import Disaster

from . import rules
from .rules import Layout, Wrong

LARGEST_MAPPING = 1 << 18
CHANGED = "前に取り込んだ内容と違います。取り込んだ申請は変えていません。違う所は、申請の訂正で直してください。"
Find = Callable[[str], bytes]


@dataclass(frozen=True)
class Problem:
    """`line` and `column` as they stand in their file. With `taken` the row was taken, without what is named here."""

    line: int
    column: str
    why: str
    taken: bool = False


@dataclass
class Outcome:
    rows: int = 0
    taken: int = 0
    before: int = 0
    attached: int = 0
    consents: int = 0
    dropped: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def set_aside(self) -> int:
        return len({one.line for one in self.problems if not one.taken})


# Mappings and attachments ----------------------------------------------------------------------------------------------


@cache
def shipped() -> dict[str, Layout]:
    """Name of the file -> mapping, those that come with the program; `tasuki` is our own order of columns."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "applications"
    found = {path.stem: parse(path.read_text(encoding="utf-8"), path.stem) for path in sorted(folder.glob("*.yaml"))}
    return {"tasuki": rules.OWN, **found}


def parse(text: str, name: str) -> Layout:
    import yaml

    if len(text) > LARGEST_MAPPING:
        raise Refused(f"対応表「{name}」が大きすぎます。")
    try:
        return rules.read_layout(yaml.safe_load(text), name)
    except Wrong as error:
        raise Refused(f"対応表「{name}」：{error}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise Refused(f"対応表「{name}」をYAMLとして読めません。") from error


def find_layout(name: str) -> Layout:
    """A shipped mapping by its name, or a file's."""
    if name in shipped():
        return shipped()[name]
    try:
        return parse(Path(name).read_text(encoding="utf-8-sig"), Path(name).stem)
    except (OSError, UnicodeError) as error:
        known = "、".join(shipped())
        raise Refused(f"対応表がありません：{Path(name).name}（{known}、またはYAMLファイル）") from error


def _missing(name: str) -> bytes:
    raise Refused("添付のフォルダーかZIPを指定してください。")


def _attachments(path: Path | None, stack: ExitStack) -> Find:
    """What gives an attachment by the name that a row has for it: from a folder, or from a ZIP. Nothing beside them is read."""
    if path is None:
        return _missing
    if path.is_dir():
        return lambda name: _from_folder(path, name)
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
    except (OSError, zipfile.BadZipFile) as error:
        raise Refused("添付のZIPを読めません。フォルダーか、壊れていないZIPを指定してください。") from error
    return lambda name: _from_archive(archive, name)


def _from_folder(folder: Path, name: str) -> bytes:
    base = folder.resolve()
    try:
        path = base.joinpath(name).resolve(strict=True)
    except (OSError, ValueError) as error:
        raise Refused("このファイルが添付のフォルダーにありません。") from error
    if not path.is_relative_to(base) or not path.is_file():
        raise Refused("このファイルが添付のフォルダーにありません。")
    if path.stat().st_size > LARGEST:
        raise Refused(f"大きすぎます（{LARGEST // 1024 // 1024}MBまで）。")
    return path.read_bytes()


def _name_in(one: zipfile.ZipInfo) -> str:
    """Windows writes names in Shift_JIS and does not say so."""
    if one.flag_bits & 0x800:
        return one.filename
    try:
        return one.filename.encode("cp437").decode("cp932")
    except UnicodeError:
        return one.filename


def _from_archive(archive: zipfile.ZipFile, name: str) -> bytes:
    named = [(_name_in(one), one) for one in archive.infolist() if not one.is_dir()]
    found = [one for said, one in named if said == name]
    found = found or [one for said, one in named if PurePosixPath(said).name == name]
    if len(found) != 1:
        raise Refused(
            "このファイルが添付のZIPにありません。" if not found else "同じ名前のファイルがZIPに二つあります。"
        )
    if found[0].file_size > LARGEST:
        raise Refused(f"大きすぎます（{LARGEST // 1024 // 1024}MBまで）。")
    try:
        return archive.read(found[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise Refused("ZIPの中のこのファイルを開けません（壊れているか、パスワードが付いています）。") from error


# Take ----------------------------------------------------------------------------------------------------------------


def take(
    *,
    by: Staff,
    disaster: Disaster,
    path: Path,
    source: str,
    layout: Layout,
    attachments: Path | None = None,
    dry: bool = False,
) -> Outcome:
    """Every row that can be taken, each in its own transaction, and what is wrong with the others by line and column.

    `source` names the system whose numbers these are. Taken twice, or after a stop, only what is missing is taken. `dry`:
    the very same, and then nothing of it is kept.
    """
    require(by, "applications.write")
    if not source.strip():
        raise Refused("取込元の名前を入れてください。例：マイナポータル", fields={"source": "入れてください。"})
    with ExitStack() as stack:
        find = _attachments(attachments, stack)
        if dry:
            stack.enter_context(transaction.atomic())
        done = _take(by, disaster, path, source.strip()[:60], layout, find)
        if dry:
            transaction.set_rollback(True)
        return done


def _take(by: Staff, disaster: Disaster, path: Path, source: str, layout: Layout, find: Find) -> Outcome:
    done = Outcome()
    try:
        records = list(csv_rows(path, sniff_encoding(path)))  # a file that is torn at its end is refused as a whole
        names = records[0][1] if records else []
        header = rules.read_header(names, layout)
        done.dropped, done.unused = header.dropped, header.unused
        seen: dict[str, int] = {}
        for line, record in records[1:]:
            done.rows += 1
            row, wrong = rules.read_row(record, header, layout)
            done.problems += [Problem(line, column, why) for column, why in wrong]
            if row is None:
                continue
            if row.number in seen:
                why = f"同じ受付番号が{seen[row.number]}行目にもあります。"
                done.problems.append(Problem(line, layout.sources["受付番号"].title, why))
                continue
            seen[row.number] = line
            _take_row(by, disaster, source, layout, find, row, line, done)
    except (UnreadableFile, csv.Error, Wrong) as error:
        raise Refused(str(error)) from error
    except OSError as error:
        raise Refused("ファイルを読めません。") from error
    with transaction.atomic():
        about = {"rows": done.rows, "taken": done.taken, "before": done.before, "set_aside": done.set_aside}
        audit(by=by, act="damage.import_applications", subject=f"disaster:{disaster.pk}", **about)
    return done


def _take_row(
    by: Staff, disaster: Disaster, source: str, layout: Layout, find: Find, row: rules.Row, line: int, done: Outcome
) -> None:
    title_of = lambda name: layout.sources[name].title if name in layout.sources else name  # noqa: E731
    try:
        with transaction.atomic():
            known = ImportedApplication.objects.filter(source=source, number=row.number).first()
            if known is None:
                made = applications.record(by=by, disaster=disaster, said=row.said, knowingly=True)
                ImportedApplication.objects.create(
                    source=source, number=row.number, application=made, digest=row.digest, at=now()
                )
                done.taken += 1
                done.consents += row.said.photo_consent_on is not None
            else:
                made = known.application
                done.before += 1
                if known.digest != row.digest:
                    done.problems.append(Problem(line, "", CHANGED, taken=True))
    except Refused as refusal:
        fields = refusal.fields or {"": refusal.message}
        done.problems += [Problem(line, title_of(rules.TITLES.get(name, "")), why) for name, why in fields.items()]
        return
    except IntegrityError:
        done.problems.append(Problem(line, "", "ほかの職員が同時に取り込みました。もう一度送ってください。"))
        return
    for name in row.files:
        try:
            _attach(by, _last(made), name, find(name))
            done.attached += 1
        except Conflict:
            continue  # it is there already
        except Refused as refusal:
            done.problems.append(Problem(line, title_of("添付"), f"{name}：{refusal.message}", taken=True))


def _last(row: Application) -> Application:
    same = Application.objects.filter(fiscal_year=row.fiscal_year, number=row.number)
    return same.get(replaced_by=None)


def _attach(by: Staff, row: Application, name: str, data: bytes) -> None:
    what = "mandate" if "委任" in name else "paper" if means_pdf(data, name) else "photo"
    attaching.keep(row=row, data=data, what=what, by=by, about=name[:100], name=name)


def listed(problems: list[Problem], *, dry: bool, most: int) -> list[dict[str, Any]]:
    """For a table: line, column, what is wrong, and whether the row was taken all the same."""
    words = ("受け付けられない", "受け付けられる") if dry else ("受け付けていない", "受け付けた")
    return [
        {"cells": [str(one.line), one.column or "（行全体）", one.why, words[one.taken]]} for one in problems[:most]
    ]
