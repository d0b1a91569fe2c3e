"""Taking the tax rolls: the only writer of their rows. One file is one transaction, taken whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import IntegrityError, OperationalError, transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import today
from backend.core.errors import Conflict, Refused
from backend.core.progress import Progress
from backend.core.text_files import UnreadableFile, sniff_encoding
from backend.registry.reading import SetAside, fingerprint
from backend.registry.set_aside import records

from .layouts import HOUSE, LAYOUTS, Layout
from .models import HouseRow, IncomeRow, RollFile, RollRow, RollSetAside
from .reading import CheckedRow, Checker, Header, digest, open_header

ROWS: dict[str, type[RollRow]] = {"house": HouseRow, "income": IncomeRow}
COUNTS = ("rows", "accepted", "unchanged", "pending", "set_aside")
CHUNK = 5000
FIRST_MONTH = 4  # 会計年度: 地方自治法 第208条


@dataclass
class Taken:
    """What became of one file. `rows = accepted + unchanged + pending + set_aside`."""

    file: RollFile
    again: bool = False
    set_aside: list[SetAside] = field(default_factory=list)
    set_aside_origin: str = ""


def this_fiscal_year() -> int:
    day = today()
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def take_roll(
    *,
    path: Path,
    kind: str,
    by: Staff | None,
    year: int | None = None,
    name: str | None = None,
    encoding: str | None = None,
    corrects: bool = False,
    progress: Progress | None = None,
) -> Taken:
    """Take one file of a roll. `year`: the fiscal year of a house roll (this one if None); income rows say theirs.

    Rows equal to the one in force are unchanged; others follow it, and nothing of an earlier file or year goes away.
    Raises `Refused` for a file that can't be taken as a whole, with what to do about it.
    """
    if by is not None:
        require(by, "rolls.write")
    layout, name = LAYOUTS[kind], name or path.name
    year = (year or this_fiscal_year()) if kind == HOUSE else None
    if not path.is_file():
        raise Refused(f"ファイルがありません：{name}")
    try:
        found = encoding or sniff_encoding(path)
        mark, size, lines = fingerprint(path)
        known = RollFile.objects.filter(fingerprint=mark).first()
        if known:
            return _again(known, kind, year, corrects)
        header = open_header(path, layout, found, corrected=corrects)
        with transaction.atomic():
            origin = _origin(path, found, header, kind) if corrects else None
            file = RollFile.objects.create(
                kind=kind,
                year=origin.year if origin else year,
                corrects=origin,
                name=name[:200],
                fingerprint=mark,
                size=size,
                encoding=found,
                columns=header.ours,
                unknown_columns=header.unknown,
                dropped_columns=header.dropped,
                received_by=by,
                **dict.fromkeys(COUNTS, 0),
            )
            taken = _Taking(file, layout, header, lines, progress).run(records(path, found, corrected=corrects))
            audit(
                by=by,
                act=f"registry.take_{kind}_roll",
                subject=f"roll_file:{file.pk}",
                rows=file.rows,
                accepted=file.accepted,
                set_aside=file.set_aside,
            )
            _tell_other_rooms(file)
    except UnreadableFile as error:
        raise Refused(f"{name}：{error} 何も取り込んでいません。") from error
    except (LookupError, UnicodeError) as error:
        raise Refused(f"{name}：文字コード「{encoding}」では読めません。何も取り込んでいません。") from error
    except IntegrityError as error:
        raise Conflict(
            "同じファイルか同じ行がたった今、別の担当者により取り込まれました。何も取り込んでいません。"
            "一覧を確かめて、もう一度実行してください。"
        ) from error
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Conflict(
            "ほかの取込が進んでいます。何も取り込んでいません。終わってからもう一度実行してください。"
        ) from error
    return taken


def _again(known: RollFile, kind: str, year: int | None, corrects: bool) -> Taken:
    """The same bytes once more: nothing changes. As another roll or year it is refused, since one of the two is wrong."""
    if known.kind != kind or (known.corrects_id is not None) != corrects or (not corrects and known.year != year):
        of_year = f"（{known.year}年度）" if known.year else ""
        raise Refused(
            f"このファイルは{known.get_kind_display()}{of_year}として取込済みです。台帳の種類と年度を確認してください。"
        )
    return Taken(known, again=True)


def _origin(path: Path, encoding: str, header: Header, kind: str) -> RollFile:
    """The file that the corrected rows came from; all rows must name the same one."""
    at = header.set_aside["元ファイルの指紋"]
    rows = records(path, encoding, corrected=True)
    next(rows)
    named = {record[at].strip() for _, record in rows if len(record) > at}
    origin = RollFile.objects.filter(fingerprint__in=named, kind=kind).first() if len(named) == 1 else None
    if origin is None:
        raise Refused(
            "修正行の「元ファイルの指紋」が、取込済みのファイルと一致しません。"
            "取り置きファイルの行番号・元ファイルの指紋は変えずに、値だけを直してください。"
        )
    return origin.corrects or origin


def _tell_other_rooms(file: RollFile) -> None:
    """Rooms below that must hear of a taken roll name a function in `after_roll_file` of their AppConfig."""
    for config in apps.get_app_configs():
        listener = getattr(config, "after_roll_file", None)
        if listener:
            import_string(listener)(file.kind, file.received_by)


class _Taking:
    """One file on its way in."""

    def __init__(self, file: RollFile, layout: Layout, header: Header, lines: int, progress: Progress | None) -> None:
        self.file, self.layout, self.header, self.progress = file, layout, header, progress
        self.total = max(lines - 1, 0)
        self.into = file.corrects or file
        self.model = ROWS[layout.kind]
        self.own = [name for name in layout.names if name != "year"]
        self.checker = Checker(header, layout)
        self.aside: list[SetAside] = []
        self.places: dict[int, int] = {}  # line in a file of corrected rows → line in its origin
        self.in_force: dict[int, dict[str, str]] = {}
        self.accepted = self.unchanged = self.rows = 0

    def run(self, records: Iterator[tuple[int, list[str]]]) -> Taken:
        chunk: list[CheckedRow] = []
        seen: set[str] = set()
        waiting = self._waiting() if self.file.corrects else None
        for row in self._counted(self.checker.rows(self._remembering(records) if waiting is not None else records)):
            if isinstance(row, SetAside):
                self.aside.append(row)
                continue
            key = row.key(self.layout)
            if waiting is not None and self.places.get(row.line_no) not in waiting:
                reason = "行番号が取り置きの行と一致しません（取込済みの行か、番号の誤りです）"
                self.aside.append(self.checker.aside(row.line_no, row.record, [reason]))
            elif key in seen or (waiting is not None and self._stands_in_origin(row)):
                self.aside.append(self.checker.aside(row.line_no, row.record, [self.layout.twice]))
            else:
                seen.add(key)
                chunk.append(row)
                if waiting is not None:
                    waiting.pop(self.places[row.line_no])
            if len(chunk) >= CHUNK:
                self._store(chunk)
                chunk = []
        self._store(chunk)
        if not self.rows:
            raise Refused("見出しだけで、行が一つもありません。ファイルを確認してください。")
        return self._close(waiting)

    def _counted(self, rows: Iterable[Any]) -> Iterator[Any]:
        for number, row in enumerate(rows, 1):
            self.rows = number
            if self.progress and number % 2000 == 0:
                self.progress(number, self.total)
            yield row
        if self.progress:
            self.progress(self.rows, self.rows)

    def _waiting(self) -> dict[int, RollSetAside]:
        return {row.line_no: row for row in self.into.set_aside_rows.filter(corrected_by=None)}

    def _remembering(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        at = self.header.set_aside["行番号"]
        for line_no, record in records:
            if len(record) > at and record[at].strip().isdecimal() and len(record[at]) < 10:
                self.places[line_no] = int(record[at])
            yield line_no, record

    def _stands_in_origin(self, row: CheckedRow) -> bool:
        named = {name: row.values[name] for name in self.layout.key}
        return self.model._default_manager.filter(file=self.into, **named).exists()

    def _year(self, row: CheckedRow) -> int:
        return int(self.into.year or row.values["year"])

    def _standing(self, year: int) -> dict[str, str]:
        """What each number says now in that year: number → fingerprint of the newest row."""
        if year not in self.in_force:
            name = self.layout.key[0]
            rows = self.model._default_manager.filter(year=year).order_by("id").values_list(name, "digest")
            self.in_force[year] = dict(rows.iterator(chunk_size=20_000))
        return self.in_force[year]

    def _store(self, rows: list[CheckedRow]) -> None:
        columns = ["file_id", "line_no", "corrected_by_id", "year", "digest", "extra", *self.own]
        lines = []
        correction = self.file.pk if self.file.corrects else None
        for row in rows:
            year, number = self._year(row), str(row.values[self.layout.key[0]])
            mark, standing = digest(row.values, self.own), self._standing(year)
            if standing.get(number) == mark:
                self.unchanged += 1
                continue
            standing[number] = mark
            extra = json.dumps(row.extra, ensure_ascii=False) if row.extra else None
            values = [self._plain(name, row.values.get(name)) for name in self.own]
            line_no = self.places[row.line_no] if correction else row.line_no
            lines.append([self.into.pk, line_no, correction, year, mark, extra, *values])
        if lines:
            self.accepted += bulk.load(self.model._meta.db_table, columns, lines)

    def _plain(self, name: str, value: Any) -> Any:
        """As the database is given it: text columns hold '' where nothing is said, the others NULL."""
        if value is None:
            return None if self.model._meta.get_field(name).null else ""
        return value if isinstance(value, str | int | float) and not isinstance(value, bool) else _text(value)

    def _close(self, waiting: dict[int, RollSetAside] | None) -> Taken:
        file = self.file
        if waiting is None:
            RollSetAside.objects.bulk_create(
                (RollSetAside(file=file, line_no=r.line_no, reasons=r.reasons, values=r.values) for r in self.aside),
                batch_size=1000,
            )
        else:
            mended = set(self.places.values()) - set(waiting)
            done = self.into.set_aside_rows.filter(corrected_by=None, line_no__in=mended)
            done.update(corrected_by=file)
            for row in self.aside:
                row.line_no = self.places.get(row.line_no, row.line_no)
        file.rows, file.accepted, file.unchanged = self.rows, self.accepted, self.unchanged
        file.set_aside = len(self.aside)
        file.save()
        bulk.analyze(self.model._meta.db_table)
        return Taken(file, False, self.aside, self.into.fingerprint)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
