"""How an uploaded file would be taken: its header as understood, its first rows as they will be read. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backend.core.errors import Refused
from backend.core.text_files import UnreadableFile, sniff_encoding

from . import layout
from .layouts.checking import MappedChecker, MappedHeader, open_mapped
from .layouts.header_changes import in_words
from .layouts.mapping import Mapping
from .layouts.stored import changes_of_header
from .layouts.taking import open_file, origin_of
from .models import RegisterFile
from .reading import CheckedRow, Checker, Header, SetAside, header_names
from .set_aside import records as as_received
from .staging import Staged
from .towns.services import known_towns

LOOKED_AT = 1000
SHOWN = 20
WRONG_SHOWN = 50
ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8（BOM付き）", "cp932": "Shift_JIS（CP932）"}


@dataclass
class Row:
    line_no: int
    cells: list[str]
    reasons: list[str]
    remarks: list[str]


@dataclass
class Preview:
    """The names of their columns by what becomes of them, rows as they will be read, counts of the rows looked at."""

    encoding: str
    kind: str
    origin: RegisterFile | None
    read: list[str]
    kept: list[str]
    dropped: list[str]
    marks: list[str]
    absent: list[str]
    columns: list[str]
    rows: list[Row] = field(default_factory=list)
    wrong: list[Row] = field(default_factory=list)
    good_count: int = 0
    wrong_count: int = 0
    flagged_count: int = 0
    left_out: int = 0
    more: bool = False
    layout: str = "canonical"
    header_changes: list[str] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        return self.good_count + self.wrong_count


def look(staged: Staged) -> Preview:
    """Read the start of an upload as `services.take_file` would. Raises `Refused` where that would refuse the file."""
    try:
        encoding = sniff_encoding(staged.path)
        origin = _origin(staged.path, encoding) if staged.kind == "correction" else None
        kind = origin.kind if origin else staged.kind
        used, header = open_file(staged.path, kind, encoding, staged.layout, corrected=origin is not None)
        _refuse_what_stands_already(staged)
        found = _read(staged.path, encoding, kind, header, origin)
        found.layout = used.name
        if origin is None:
            changes = changes_of_header(used, kind, header_names(staged.path, encoding))
            found.header_changes = in_words(changes.said())
        return found
    except UnreadableFile as error:
        raise Refused(f"{error} 何も取り込んでいません。") from error


def trial(staged: Staged, mapping: Mapping, encoding: str) -> Preview:
    """The same by a mapping that is not saved yet."""
    try:
        header = open_mapped(header_names(staged.path, encoding), staged.kind, mapping)
        return _read(staged.path, encoding, staged.kind, header, None)
    except UnreadableFile as error:
        raise Refused(str(error)) from error


def taken_before(staged: Staged) -> RegisterFile | None:
    """The file that these very bytes were taken as."""
    return RegisterFile.objects.select_related("received_by").filter(fingerprint=staged.fingerprint).first()


def _refuse_what_stands_already(staged: Staged) -> None:
    if staged.kind != "full" or taken_before(staged):
        return
    other = RegisterFile.objects.filter(kind="full", as_of=staged.day).first()
    if other:
        raise Refused(
            f"基準日 {staged.as_of} の全件ファイルは「{other.name}」が取込済みです。同じ日の全件は一つだけです。"
            "誤りのある行は修正行として取り込んでください。"
        )


def _origin(path: Path, encoding: str) -> RegisterFile:
    """The file that corrected rows came from, by the fingerprint in their first row."""
    names = header_names(path, encoding)
    mark = layout.SET_ASIDE_COLUMNS[2]
    if mark not in names:
        raise Refused(
            f"必要な列がありません：{mark}。取り置き行のCSVを保存し、値だけを直したファイルを選んでください。"
        )
    origin = origin_of(path, encoding)
    if origin is None:
        raise Refused(
            "修正行の「元ファイルの指紋」が、取込済みのファイルと一致しません。"
            "取り置きファイルの行番号・元ファイルの指紋は変えずに、値だけを直してください。"
        )
    return origin


def _read(path: Path, encoding: str, kind: str, header: Header, origin: RegisterFile | None) -> Preview:
    columns = [name for name, ours in layout.COLUMNS.items() if ours in header.columns]
    absent = [name for name, ours in layout.COLUMNS.items() if ours not in header.columns]
    if kind == "full":
        absent = [name for name in absent if name in list(layout.COLUMNS)[:15]]
    preview = Preview(
        encoding=ENCODINGS.get(encoding, encoding),
        kind=kind,
        origin=origin,
        read=[layout.JAPANESE[ours] for ours in header.ours],
        kept=[name or "（名前のない列）" for name in header.unknown],
        dropped=header.dropped,
        marks=list(header.set_aside),
        absent=absent,
        columns=columns,
    )
    records = as_received(path, encoding, corrected=origin is not None)
    mapped = isinstance(header, MappedHeader)
    checker = preview_checker(header, kind)
    own_numbers = mapped and header.bound.mapping.own_numbers
    rows = checker.rows(records)
    seen: set[str] = set()
    for row in islice(rows, LOOKED_AT):
        if isinstance(row, CheckedRow) and kind == "full" and row.values["atena_no"] in seen and not own_numbers:
            values = {name: row.values.get(ours, "") for name, ours in layout.COLUMNS.items()}
            row = SetAside(row.line_no, ["同じ宛名番号の行が前にあります（前の行を取り込みます）"], values)
        elif isinstance(row, CheckedRow):
            seen.add(row.values["atena_no"])
        _count(preview, row)
    preview.left_out = checker.left_out
    preview.more = next(rows, None) is not None
    records.close()  # type: ignore[attr-defined]
    return preview


def preview_checker(header: Header, kind: str) -> Checker:
    """The reader as it is when a file is taken, but that nobody gets a number of ours yet."""
    towns = known_towns()
    return (
        MappedChecker(header, kind, towns, None) if isinstance(header, MappedHeader) else Checker(header, kind, towns)
    )


def _count(preview: Preview, row: CheckedRow | SetAside) -> None:
    if isinstance(row, SetAside):
        preview.wrong_count += 1
        said = row.read or row.values
        shown = Row(row.line_no, [said.get(name, "") for name in preview.columns], row.reasons, [])
        if len(preview.wrong) < WRONG_SHOWN:
            preview.wrong.append(shown)
    else:
        preview.good_count += 1
        preview.flagged_count += row.flags > 0
        remarks = [layout.FLAG_LABELS[code] for bit, code in layout.ROW_FLAGS.items() if row.flags & bit]
        shown = Row(row.line_no, [_cell(row, layout.COLUMNS[name]) for name in preview.columns], [], remarks)
    if len(preview.rows) < SHOWN:
        preview.rows.append(shown)


def _cell(row: CheckedRow, column: str) -> str:
    if column == "effective":
        return row.effective
    if column == "processed_at" and row.processed_at:
        return row.processed_at.isoformat(sep=" ", timespec="seconds")
    return row.values.get(column, "")
