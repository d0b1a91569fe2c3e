"""How an uploaded roll would be taken: its header as understood, what would be set aside. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backend.core.errors import Refused
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.registry.preview import ENCODINGS
from backend.registry.reading import SetAside

from .layouts import LAYOUTS
from .models import RollFile
from .reading import Checker, Header, open_header

LOOKED_AT = 1000
SHOWN = 20


@dataclass
class Preview:
    """The names of their columns by what becomes of them, and the rows looked at."""

    encoding: str
    header: Header
    absent: list[str]
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)
    good_count: int = 0
    wrong_count: int = 0
    more: bool = False

    @property
    def looked_at(self) -> int:
        return self.good_count + self.wrong_count

    @property
    def read(self) -> list[str]:
        return [column.header for column in self.header.columns if column]


def look(path: Path, kind: str, *, corrected: bool) -> Preview:
    """Read the start of an upload as `services.take_roll` would. Raises `Refused` where that would refuse the file."""
    layout = LAYOUTS[kind]
    try:
        encoding = sniff_encoding(path)
        header = open_header(path, layout, encoding, corrected=corrected)
        here = [column.header for column in header.columns if column]
        absent = [column.header for column in layout.columns if column.header not in here]
        preview = Preview(ENCODINGS.get(encoding, encoding), header, absent, here)
        records = csv_rows(path, encoding)
        rows = Checker(header, layout).rows(records)
        seen: set[str] = set()
        for row in islice(rows, LOOKED_AT):
            if isinstance(row, SetAside):
                wrong, cells = "／".join(row.reasons), [row.values.get(name, "") for name in here]
            else:
                wrong = "同じ番号の行が前にあります" if (key := row.key(layout)) in seen else ""
                seen.add(key)
                said = [row.values[column.name] for column in header.columns if column]
                cells = ["" if value is None else _shown(value) for value in said]
            preview.wrong_count += bool(wrong)
            preview.good_count += not wrong
            if wrong and len(preview.wrong) < SHOWN:
                preview.wrong.append((row.line_no, wrong))
            if len(preview.rows) < SHOWN:
                preview.rows.append(cells)
        preview.more = next(rows, None) is not None
        records.close()  # type: ignore[attr-defined]
    except UnreadableFile as error:
        raise Refused(f"{error} 何も取り込んでいません。") from error
    if not preview.looked_at:
        raise Refused("見出しだけで、行が一つもありません。ファイルを確認してください。")
    return preview


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "有" if value else "無"
    return str(value)


def kind_of_correction(path: Path) -> str:
    """Which roll corrected rows are of, by the fingerprint in their first row. Raises `Refused`."""
    try:
        rows = csv_rows(path, sniff_encoding(path))
        names = [name.strip().lstrip("\ufeff") for name in next(rows, (0, []))[1]]
        record = next(rows, (0, []))[1]
        rows.close()  # type: ignore[attr-defined]
    except UnreadableFile as error:
        raise Refused(f"{error} 何も取り込んでいません。") from error
    at = names.index("元ファイルの指紋") if "元ファイルの指紋" in names else len(record)
    origin = RollFile.objects.filter(fingerprint=record[at].strip()).first() if at < len(record) else None
    if origin is None:
        raise Refused(
            "取り置き行のCSVではないか、「元ファイルの指紋」が取込済みのファイルと一致しません。"
            "取り置き行のCSVを保存し、値だけを直したファイルを選んでください。"
        )
    return origin.kind
