"""Taking register files: the only writer of their rows. One file is one transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.apps import apps
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.errors import Conflict, Refused
from backend.core.progress import Progress, Steps
from backend.core.text_files import UnreadableFile, sniff_encoding

from . import comparing, exports, layout
from .layouts import taking as layouts
from .models import ChangeRow, FullDifference, FullRow, RegisterFile, SetAsideRow
from .plain_rows import PlainBlock
from .reading import CheckedRow, Checker, Header, SetAside, digest, fingerprint
from .rules import ENTRIES
from .set_aside import records

CHUNK = 1000
CHANGE_COLUMNS = [
    *("file_id", "corrected_by_id", "digest", "line_no", "flags", "extra"),
    *("reason", "effective", "notified", "processed_at", "sequence", *layout.PERSON_COLUMNS),
]
TELL = 5000  # rows between two words about the progress
TWICE = "同じ宛名番号の行が前にあります（前の行を取り込みました）"


@dataclass
class Taken:
    """What became of one file. `rows = accepted + unchanged + pending + set_aside`."""

    file: RegisterFile
    again: bool = False  # this very file was taken before; nothing changed
    set_aside: list[SetAside] = field(default_factory=list)
    set_aside_origin: str = ""  # the fingerprint that the rows' lines belong to


def take_file(
    *,
    path: Path,
    kind: str,
    by: Staff | None,
    as_of: date | None = None,
    name: str | None = None,
    encoding: str | None = None,
    layout_name: str = "canonical",
    corrects: bool = False,
    progress: Progress | None = None,
) -> Taken:
    """Take one register file, whole or not at all.

    `kind` is full (with `as_of`, the day whose end it shows) or change; `corrects`: rows that were set aside before,
    corrected. Raises `Refused` for a file that can't be taken as a whole, with what to do about it.
    """
    name = name or path.name
    if kind not in layout.REQUIRED:
        raise Refused("種別は full（全件）か change（異動）です。")
    if kind == "full" and as_of is None and not corrects:
        raise Refused("全件ファイルには基準日（--as-of）が必要です。その日の終わりの住民記録として扱います。")
    if not path.is_file():
        raise Refused(f"ファイルがありません：{name}")
    try:
        found = encoding or sniff_encoding(path)
        fingerprint_, size, lines = fingerprint(path)
        known = RegisterFile.objects.filter(fingerprint=fingerprint_).first()
        if known:
            return _again(known, kind, as_of, corrects)
        used, header = layouts.open_file(path, kind, found, layout_name, corrected=corrects)
        if kind == "full" and not corrects:
            _refuse_second_export(as_of)
        with transaction.atomic():
            file = RegisterFile.objects.create(
                kind=RegisterFile.Kind.CORRECTION if corrects else kind,
                corrects=_origin(path, found, header, kind) if corrects else None,
                as_of=None if corrects else as_of,
                name=name[:200],
                fingerprint=fingerprint_,
                size=size,
                encoding=found,
                layout=used.name,
                columns=header.ours,
                unknown_columns=header.unknown,
                dropped_columns=header.dropped,
                received_by=by,
                **dict.fromkeys(("rows", "accepted", "unchanged", "pending", "set_aside"), 0),
            )
            layouts.note(file, used, path, by=by)
            checker = layouts.checker(
                file,
                header,
                lambda: records(path, found, corrected=corrects),
                file.corrects.kind if file.corrects else kind,
            )
            taking = _Taking(file, header, checker, records(path, found, corrected=corrects), lines, progress)
            taken = taking.corrected(kind) if corrects else taking.full() if kind == "full" else taking.change()
            comparing.settle(file)
            audit(
                by=by,
                act="registry.take_file",
                subject=f"register_file:{file.pk}",
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
        if RegisterFile.objects.filter(fingerprint=fingerprint_).exists():
            raise Conflict("同じファイルがたった今、別の担当者により取り込まれました。") from error
        raise Conflict(
            "同じ行を含むファイルが同時に取り込まれました。何も取り込んでいません。もう一度実行してください。"
        ) from error
    except OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Conflict(
            "ほかの取込が進んでいます。何も取り込んでいません。終わってからもう一度実行してください。"
        ) from error
    return taken


def _again(known: RegisterFile, kind: str, as_of: date | None, corrects: bool) -> Taken:
    """The same bytes once more: nothing changes. With another kind or day it is refused, since one of the two is wrong."""
    expected = RegisterFile.Kind.CORRECTION if corrects else kind
    if known.kind != expected or (kind == "full" and not corrects and known.as_of != as_of):
        day = f"（基準日 {known.as_of}）" if known.as_of else ""
        raise Refused(
            f"このファイルは{known.get_kind_display()}{day}として取込済みです。種別と基準日を確認してください。"
        )
    return Taken(known, again=True)


def _refuse_second_export(as_of: date | None) -> None:
    other = RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL, as_of=as_of).first()
    if other:
        raise Refused(
            f"基準日 {as_of} の全件ファイルは「{other.name}」が取込済みです。"
            "同じ日の全件は一つだけです。誤りのある行は修正行として取り込んでください。"
        )


def _origin(path: Path, encoding: str, header: Header, kind: str) -> RegisterFile:
    """The file that the corrected rows came from; all rows must name the same one."""
    column = header.set_aside["元ファイルの指紋"]
    rows = records(path, encoding, corrected=True)
    next(rows)
    named = {record[column].strip() for _, record in rows if len(record) > column}
    origin = RegisterFile.objects.filter(fingerprint__in=named, kind=kind).first() if len(named) == 1 else None
    if origin is None:
        raise Refused(
            "修正行の「元ファイルの指紋」が、取込済みのファイルと一致しません。"
            "取り置きファイルの行番号・元ファイルの指紋は変えずに、値だけを直してください。"
        )
    return origin


def _tell_other_rooms(file: RegisterFile) -> None:
    """Rooms below that must hear of a taken file name a function in `after_register_file` of their AppConfig."""
    for config in apps.get_app_configs():
        listener = getattr(config, "after_register_file", None)
        if listener:
            import_string(listener)(file.pk)


class _Taking:
    """One file on its way in: counts, what is set aside, progress."""

    def __init__(
        self,
        file: RegisterFile,
        header: Header,
        checker: Checker,
        records: Iterator[tuple[int, list[str]]],
        lines: int,
        progress: Progress | None,
    ) -> None:
        self.file, self.header, self.checker, self.records = file, header, checker, records
        self.total = max(lines - 1, 0)
        self.progress = progress
        self.set_aside: list[SetAside] = []
        self.waiting: Counter[str] = Counter()  # 宛名番号 of pending rows
        self.counts = dict.fromkeys(("rows", "accepted", "unchanged", "pending", "flagged"), 0)

    def checked(self) -> Iterator[CheckedRow]:
        """The rows that can be taken; the others are put aside on the way."""
        for row in self.checker.rows(self.records):
            self.count(1)
            if isinstance(row, SetAside):
                self.set_aside.append(row)
            else:
                yield row

    def put_aside(self, row: CheckedRow, reason: str) -> None:
        self.set_aside.append(self.checker.aside(row.line_no, row.record, [reason]))

    def full(self) -> Taken:
        stated = [column for column in layout.PERSON_COLUMNS if column in self.header.ours]
        columns = ["file_id", "line_no", *stated, "flags", "changed_on", "changed_by"]
        columns += ["extra"] if self.header.unknown else []
        # About what each step takes of the time, as measured: PostgreSQL builds the indexes when the rows are in.
        keeping = 23 if connection.vendor == "postgresql" else 1
        steps = Steps(self.progress, {"fingerprint": 7, "rows": 67, "keeping": keeping, "rest": 3})
        steps.over("fingerprint")
        self.progress = steps.of("rows")
        rows = self.full_rows(stated)
        self.counts["accepted"] = exports.store(self.file, columns, rows, self.total, steps.of("keeping"))
        self.progress = steps.of("rest")
        if not self.counts["rows"]:
            raise Refused("見出しだけで、住民の行が一つもありません。全件ファイルかどうかを確認してください。")
        return self.close()

    def full_rows(self, stated: list[str]) -> Iterator[Sequence[str | None]]:
        """The rows to keep, in the order of `full`'s columns; who comes twice is put aside."""
        seen: set[str] = set()
        has_extra = bool(self.header.unknown)
        for piece in self.checker.full_rows(self.records):
            if isinstance(piece, SetAside):
                self.count(1)
                self.set_aside.append(piece)
                continue
            block = piece if isinstance(piece, PlainBlock) else piece.as_block(stated, with_extra=has_extra)
            self.count(len(block.lines))
            numbers = set(block.numbers)
            taken = list(block.rows(str(self.file.pk)))
            if len(numbers) < len(block.numbers) or not seen.isdisjoint(numbers):
                taken = self.without_twice(block, taken, seen)
            else:
                self.counts["flagged"] += len(block.flags) - list(block.flags).count(0)
            seen |= numbers
            yield from taken

    def without_twice(
        self, block: PlainBlock, rows: list[Sequence[str | None]], seen: set[str]
    ) -> list[Sequence[str | None]]:
        """Those of a block's rows whose 宛名番号 did not come before, in it or in the file."""
        kept = []
        for i, number in enumerate(block.numbers):
            if number in seen:
                self.set_aside.append(self.checker.aside(block.lines[i], block.records[i], [TWICE]))
                continue
            seen.add(number)
            self.counts["flagged"] += block.flags[i] > 0
            kept.append(rows[i])
        return kept

    def count(self, rows: int) -> None:
        """So many rows more, with the progress told now and then."""
        before = self.counts["rows"]
        self.counts["rows"] += rows
        if self.progress and before // TELL < self.counts["rows"] // TELL:
            self.progress(self.counts["rows"], max(self.total, self.counts["rows"]))

    def change(self) -> Taken:
        chunk: list[CheckedRow] = []
        for row in self.checked():
            chunk.append(row)
            if len(chunk) >= CHUNK:
                self.store_changes(chunk, self.file)
                chunk = []
        self.store_changes(chunk, self.file)
        self.explain_pending()
        return self.close()

    def explain_pending(self) -> None:
        """Whose entry stands further down in the same file is not pending."""
        entries = ChangeRow.objects.filter(file=self.file, reason__in=ENTRIES, atena_no__in=list(self.waiting))
        for number in entries.values_list("atena_no", flat=True).distinct():
            self.counts["pending"] -= self.waiting[number]
            self.counts["accepted"] += self.waiting[number]

    def store_changes(self, rows: list[CheckedRow], into: RegisterFile) -> None:
        """Keep rows of change: those never seen before, once each; counts who is not known yet as pending."""
        new: dict[str, CheckedRow] = {}
        for row in rows:
            new.setdefault(digest(row.values, row.effective, row.processed_at), row)  # type: ignore[arg-type]
        known = set(ChangeRow.objects.filter(digest__in=list(new)).values_list("digest", flat=True))
        fresh = {key: row for key, row in new.items() if key not in known}
        waiting = _never_seen(list(fresh.values()))
        self.waiting.update(waiting)
        self.counts["unchanged"] += len(rows) - len(fresh)
        self.counts["flagged"] += sum(row.flags > 0 for row in fresh.values())
        self.counts["pending"] += len(waiting)
        self.counts["accepted"] += len(fresh) - len(waiting)
        origin = [str(into.pk), str(self.file.pk) if into is not self.file else None]
        kept = ([*origin, key, *_change_values(row)] for key, row in fresh.items())
        bulk.load(ChangeRow._meta.db_table, CHANGE_COLUMNS, kept)

    def corrected(self, kind: str) -> Taken:
        """Rows that were set aside, corrected, go back to the places they came from."""
        origin = self.file.corrects
        assert origin is not None  # noqa: S101 - a constraint of the table
        waiting = {row.line_no: row for row in origin.set_aside_rows.filter(corrected_by=None)}
        column = self.header.set_aside["行番号"]
        places: dict[int, int] = {}

        def remembering() -> Iterator[tuple[int, list[str]]]:
            for line_no, record in received:
                if len(record) > column and record[column].strip().isdigit():
                    places[line_no] = int(record[column])
                yield line_no, record

        received, self.records = self.records, remembering()
        for row in self.checked():
            place = waiting.pop(places.get(row.line_no, 0), None)
            if place is None:
                self.put_aside(row, "行番号が取り置きの行と一致しません（取込済みの行か、番号の誤りです）")
                continue
            here = row.line_no
            row.line_no = place.line_no
            if kind == "full" and not self.store_full(row, origin):
                row.line_no = here
                self.put_aside(row, TWICE)
                continue
            if kind == "change":
                self.store_changes([row], origin)
            place.corrected_by = self.file
            place.save(update_fields=["corrected_by"])
        for row in self.set_aside:
            row.line_no = places.get(row.line_no, row.line_no)
        return self.close(origin)

    def store_full(self, row: CheckedRow, origin: RegisterFile) -> bool:
        """Put a corrected person into the export that they belong to; False if that number is there already."""
        if exports.has(origin, row.values["atena_no"]):
            return False
        values = {column: row.values.get(column) for column in layout.PERSON_COLUMNS}
        exports.add(
            origin,
            line_no=row.line_no,
            corrected_by=self.file,
            flags=row.flags,
            extra=row.extra,
            changed_on=row.effective,
            changed_by=row.values.get("reason", "")[:20],
            **values,
        )
        self.counts["accepted"] += 1
        self.counts["flagged"] += row.flags > 0
        return True

    def close(self, origin: RegisterFile | None = None) -> Taken:
        if self.progress:
            self.progress(self.counts["rows"], self.counts["rows"])
        if origin is None:
            SetAsideRow.objects.bulk_create(
                (
                    SetAsideRow(
                        file=self.file, line_no=row.line_no, reasons=row.reasons, values=row.values, read=row.read
                    )
                    for row in self.set_aside
                ),
                batch_size=CHUNK,
            )
        for name, count in self.counts.items():
            setattr(self.file, name, count)
        self.file.set_aside = len(self.set_aside)
        self.file.left_out = self.checker.left_out
        self.file.save()
        return Taken(self.file, False, self.set_aside, (origin or self.file).fingerprint)


def _change_values(row: CheckedRow) -> list[str | None]:
    """A row of change in the order of `CHANGE_COLUMNS`, without what it belongs to."""
    values = row.values
    return [
        str(row.line_no),
        str(row.flags),
        json.dumps(row.extra, ensure_ascii=False) if row.extra else None,
        values["reason"],
        row.effective,
        values.get("notified", ""),
        str(connection.ops.adapt_datetimefield_value(row.processed_at)),
        values.get("sequence", "").strip(),
        *map(values.get, layout.PERSON_COLUMNS),
    ]


def _never_seen(rows: list[CheckedRow]) -> list[str]:
    """宛名番号 of each row that changes somebody who is in no export and never came in: a later file may explain it."""
    said = [(row.values["atena_no"], row.values["reason"] in ENTRIES) for row in rows]
    unknown = {number for number, entry in said if not entry} - {number for number, entry in said if entry}
    files = RegisterFile.objects.filter(kind=RegisterFile.Kind.FULL)
    for file in files.filter(whole=True).values_list("pk", flat=True):
        unknown -= set(FullRow.objects.filter(file=file, atena_no__in=unknown).values_list("atena_no", flat=True))
    if unknown and files.filter(whole=False).exists():
        there = FullDifference.objects.filter(atena_no__in=unknown, gone=False)
        unknown -= set(there.values_list("atena_no", flat=True))
    entered = ChangeRow.objects.filter(atena_no__in=unknown, reason__in=ENTRIES)
    unknown -= set(entered.values_list("atena_no", flat=True))
    return [number for number, entry in said if number in unknown and not entry]
