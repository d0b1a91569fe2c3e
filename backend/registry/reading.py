"""From a register file to checked rows: the header, every value, and what can't be taken with its reasons.

No database here. A file of a million rows goes through it one row at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from pathlib import Path

from backend.core import text_files
from backend.core.clock import TOKYO
from backend.core.dates import parse_date
from backend.core.errors import Refused
from backend.core.kana import to_wide
from backend.core.names import is_odd

from . import layout
from .plain_rows import PlainBlock, PlainRows
from .rules import REASONS
from .set_aside import records

DATES = ("birth", "resident_since", "protection_until")
DIGITS = re.compile(r"[0-9]{1,15}\Z")
TWELVE_DIGITS = re.compile(r"(?<!\d)\d{4}[\s\-]?\d{4}[\s\-]?\d{4}(?!\d)")
UNKNOWN_DAY = "0000-00-00"
YEARS = range(1868, 2200)  # of a moment of processing


class MissingColumns(Refused):
    """The header lacks what is required: a mapping may help."""


@dataclass
class Header:
    """The header of a file: which field is which of our columns."""

    columns: list[str | None]  # our column of each field; None: unknown or dropped
    unknown: list[str]
    dropped: list[str]
    set_aside: dict[str, int] = field(
        default_factory=dict
    )  # 行番号, 理由, fingerprint, when it is a file of corrected rows

    @property
    def ours(self) -> list[str]:
        return [c for c in self.columns if c]


@dataclass
class SetAside:
    """A row that can't be taken: `values` as received, without My Number."""

    line_no: int
    reasons: list[str]
    values: dict[str, str]
    read: dict[str, str] | None = None  # of a file with a mapping: what it says in our columns


@dataclass
class CheckedRow:
    """A row that can be taken. `values`: our columns (absent: the file has no such column)."""

    line_no: int
    values: dict[str, str]
    flags: int
    extra: dict[str, str] | None
    effective: str = ""
    processed_at: datetime | None = None
    record: list[str] = field(default_factory=list)  # as received

    def as_block(self, stated: list[str], *, with_extra: bool) -> PlainBlock:
        """A row of a full export as a block of one, with the columns that the file has."""
        extra = json.dumps(self.extra, ensure_ascii=False) if self.extra else None
        return PlainBlock(
            lines=[self.line_no],
            records=[self.record],
            columns=[[self.values[column]] for column in stated],
            flags=[self.flags],
            extra=[extra] if with_extra else None,
            effective=[self.effective],
            reason=[self.values.get("reason", "")[:20]],
        )


def open_header(path: Path, kind: str, encoding: str, *, corrected: bool = False) -> Header:
    """Read and check the header line. Refuses a file without a required column, and names it."""
    names = header_names(path, encoding, corrected=corrected)
    columns: list[str | None] = []
    unknown, dropped, extra = [], [], {}
    for position, name in enumerate(names):
        if is_my_number(name):
            dropped.append(name)
            columns.append(None)
        elif name in layout.COLUMNS:
            if layout.COLUMNS[name] in columns:
                raise Refused(f"列「{name}」が二つあります。一つにしてから取り込んでください。")
            columns.append(layout.COLUMNS[name])
        elif name in layout.SET_ASIDE_COLUMNS:
            extra[name] = position
            columns.append(None)
        else:
            unknown.append(name)
            columns.append(None)
    missing = [name for name in layout.REQUIRED[kind] if layout.COLUMNS[name] not in columns]
    if corrected:
        missing += [name for name in ("行番号", "元ファイルの指紋") if name not in extra]
    if missing:
        raise MissingColumns(
            f"必要な列がありません：{'、'.join(missing)}。1行目が見出しであること、列名が正しいことを確認してください。"
        )
    return Header(columns, unknown, dropped, extra)


def header_names(path: Path, encoding: str, *, corrected: bool = False) -> list[str]:
    """The names in a file's first line."""
    rows = records(path, encoding, corrected=corrected)
    _, names = next(rows, (0, []))
    rows.close()  # type: ignore[attr-defined]
    return [name.strip().lstrip("\ufeff") for name in names]


def is_my_number(name: str) -> bool:
    """Whether a column's name says that My Number stands in it, however it is written (ﾏｲﾅﾝﾊﾞｰ, 個人 番号, My_Number)."""
    plain = unicodedata.normalize("NFKC", name)
    return bool(layout.MY_NUMBER.search(re.sub(r"[\s_・.\-‐－]", "", plain)))


class Checker:
    """Checks the rows of one file. Dates and codes repeat, so each different text is looked at once."""

    left_out = 0  # rows that are none of the register's; only a mapping knows of such

    def __init__(self, header: Header, kind: str, towns: frozenset[str] | None = None) -> None:
        self.header = header
        self.kind = kind
        self.towns = towns
        self.width = len(header.columns)
        self.names: list[str] = []
        self.fields = [(i, column) for i, column in enumerate(header.columns) if column]
        self.position = {column: i for i, column in self.fields}
        self.dates: dict[str, str | None] = {"": ""}
        self.days: dict[str, str | None] = {}
        self.moments: dict[str, datetime | None] = {}
        self.town_hits: dict[str, bool] = {}
        self.longest = [(column, i) for i, column in self.fields if column in layout.MAX_LENGTH]

    def rows(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[CheckedRow | SetAside]:
        """Every record after the header as a checked row, or set aside with its reasons."""
        _, self.names = next(records)
        check = self.check
        for line_no, record in records:
            if record:
                yield check(line_no, record)

    def full_rows(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[PlainBlock | CheckedRow | SetAside]:
        """The same for a full export, where nearly all rows are plain: those come in blocks."""
        _, self.names = next(records)
        for piece in PlainRows(self)(records):
            yield piece if isinstance(piece, PlainBlock) else self.check(*piece)

    def check(self, line_no: int, record: list[str]) -> CheckedRow | SetAside:
        if len(record) != self.width:
            return self.aside(
                line_no, record, [f"列の数が見出しと違います（見出し{self.width}列、この行{len(record)}列）"]
            )
        values = {column: record[i] for i, column in self.fields}
        reasons: list[str] = []
        atena_no, household_no = values["atena_no"].strip(), values["household_no"].strip()
        if not DIGITS.match(atena_no):
            reasons.append("宛名番号がありません" if not atena_no else "宛名番号が15桁以内の数字ではありません")
        if not DIGITS.match(household_no):
            reasons.append("世帯番号がありません" if not household_no else "世帯番号が15桁以内の数字ではありません")
        values["atena_no"], values["household_no"] = atena_no, household_no
        if not values["name"].strip():
            reasons.append("氏名がありません")
        for column in DATES:
            text = values.get(column)
            if text:
                iso = self.dates.get(text) or self.date(text)
                if iso is None:
                    reasons.append(f"{layout.JAPANESE[column]}「{text}」は実在しない日付か、読めない形です")
                else:
                    values[column] = iso
        for column, codes in layout.CODES.items():
            text = values.get(column)
            if text:
                code = codes.get(text.strip())
                if code is None:
                    reasons.append(f"{layout.JAPANESE[column]}のコード「{text[:20]}」は対応表にありません")
                else:
                    values[column] = code
        for column, i in self.longest:
            if len(record[i]) > layout.MAX_LENGTH[column]:
                reasons.append(f"{layout.JAPANESE[column]}が{layout.MAX_LENGTH[column]}文字を超えています")
        if "kana" in values:
            values["kana"] = to_wide(values["kana"])
        if "relationship" in values:
            text = values["relationship"]
            values["relationship"] = layout.RELATIONSHIP_CODES.get(text, text)
        effective, processed_at = self.when(values, reasons)
        if reasons:
            return self.aside(line_no, record, reasons)
        extra = None
        if self.header.unknown:
            extra = {self.names[i]: record[i] for i in self.unknown_positions() if record[i]} or None
        return CheckedRow(line_no, values, self.flags(values), extra, effective, processed_at, record)

    def unknown_positions(self) -> list[int]:
        unknown = set(self.header.unknown)
        return [i for i, name in enumerate(self.names) if name.strip().lstrip("\ufeff") in unknown]

    def when(self, values: dict[str, str], reasons: list[str]) -> tuple[str, datetime | None]:
        """異動事由, 異動年月日, 処理日時: required in a file of changes, a remark in a full export."""
        reason, effective = values.get("reason", "").strip(), values.get("effective", "").strip()
        if self.kind == "full":
            return (self.day(effective) or "") if effective else "", None
        processed = values.get("processed_at", "").strip()
        if not reason:
            reasons.append("異動事由がありません")
        elif reason not in REASONS:
            reasons.append(f"異動事由「{reason[:20]}」は対応表にありません")
        iso = self.day(effective)
        if reason == "死亡" and effective and (self.date(effective) == "" or (iso or "").startswith("0000")):
            iso = UNKNOWN_DAY  # a day or month without a year says nothing either
        if not effective:
            reasons.append("異動年月日がありません")
        elif iso is None:
            reasons.append(f"異動年月日「{effective[:20]}」は実在しない日付か、読めない形です")
        elif ("-00" in iso or iso.startswith("0000")) and reason != "死亡":
            reasons.append("異動年月日の一部が不詳です（不詳が認められるのは死亡の月・日だけです）")
        notified = values.get("notified", "").strip()
        if notified:
            iso_notified = self.day(notified)
            if iso_notified is None:
                reasons.append(f"届出年月日「{notified[:20]}」は実在しない日付か、読めない形です")
            values["notified"] = iso_notified or ""
        moment = self.moment(processed)
        if not processed:
            reasons.append("処理日時がありません")
        elif moment is None:
            reasons.append("処理日時は 2026-11-18T09:30:00+09:00 の形で書いてください")
        values["reason"] = reason
        return iso or "", moment

    def date(self, text: str) -> str | None:
        """ISO text of a date ('' if it is unknown), None if there is no such day."""
        if text not in self.dates:
            try:
                self.dates[text] = parse_date(text.strip()).iso
            except ValueError:
                self.dates[text] = None
        return self.dates[text]

    def day(self, text: str) -> str | None:
        """ISO text of a date of which something is known, else None."""
        return self.date(text) or None

    def moment(self, text: str) -> datetime | None:
        """An aware time, else None: a time without an offset says nothing."""
        if text not in self.moments:
            try:
                parsed = datetime.fromisoformat(text)
            except ValueError:
                parsed = None  # type: ignore[assignment]
            taken = parsed is not None and parsed.tzinfo is not None and parsed.year in YEARS
            self.moments[text] = parsed if taken else None
        return self.moments[text]

    def flags(self, values: dict[str, str]) -> int:
        flags = 0
        if is_odd(values["name"]) or is_odd(values.get("alias", "")) or is_odd(values["address"]):
            flags |= layout.ODD_CHARACTERS
        if "sex" in values and not values["sex"]:
            flags |= layout.NO_SEX
        if "birth" in values and not values["birth"]:
            flags |= layout.NO_BIRTH
        address = values["address"]
        if not address:
            flags |= layout.NO_ADDRESS
        elif self.towns is not None and not self.in_known_town(address):
            flags |= layout.UNKNOWN_TOWN
        return flags

    def in_known_town(self, address: str) -> bool:
        stem = re.split(r"[0-9０-９]", address, maxsplit=1)[0]
        if stem not in self.town_hits:
            towns = self.towns or frozenset()
            self.town_hits[stem] = any(stem[:n] in towns for n in range(len(stem), 0, -1))
        return self.town_hits[stem]

    def aside(self, line_no: int, record: list[str], reasons: list[str]) -> SetAside:
        """The row as received, in all columns of the file; what stood in a column of My Number is not kept.

        In a row with too few or too many fields My Number may stand in any column: whatever looks like it goes.
        """
        names = [name.strip().lstrip("\ufeff") for name in self.names]
        names += [f"列{i + 1}" for i in range(len(names), len(record))]
        out_of_place = self.header.dropped and len(record) != self.width
        values = {}
        for name, text in zip_longest(names, record, fillvalue=""):
            if name not in self.header.dropped and name not in layout.SET_ASIDE_COLUMNS:
                values[name] = "" if out_of_place and TWELVE_DIGITS.search(text) else text
        return SetAside(line_no, reasons, values)


def digest(values: dict[str, str], effective: str, processed_at: datetime) -> str:
    """SHA-256 of what a row of change says; equal rows, from whatever file, have the same."""
    said = {k: v for k, v in values.items() if k not in {"effective", "processed_at"}}
    said |= {"effective": effective, "processed_at": processed_at.astimezone(TOKYO).isoformat()}
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def fingerprint(path: Path, tick: Callable[[int], object] | None = None) -> tuple[str, int, int]:
    """SHA-256, bytes and number of lines of a file. Refuses on the way what would fill the memory as one line."""
    sha, size, lines, run = hashlib.sha256(), 0, 0, 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if b"\0" in block:
                raise text_files.UnreadableFile("文字ではないデータ(NUL)があります。CSVで書き出してください。")
            first, last = block.find(b"\n"), block.rfind(b"\n")
            if run + (len(block) if first < 0 else first) > 2 * text_files.LONGEST_LINE:
                raise text_files.UnreadableFile(f"改行のない長すぎる行があります({lines + 1}行目)。")
            run = run + len(block) if last < 0 else len(block) - last - 1
            sha.update(block)
            size += len(block)
            lines += block.count(b"\n")
            if tick:
                tick(len(block))
    return sha.hexdigest(), size, lines


def read_towns(path: str) -> frozenset[str] | None:
    """The municipality's 町字, alone and behind the municipality's name, from a CSV; None where no file is set.

    The columns are those of the address base registry (町字名, 市区町村名); without such headings the first is taken.
    """
    if not path:
        return None
    file = Path(path)
    try:
        rows = [record for _, record in text_files.csv_rows(file, text_files.sniff_encoding(file)) if record]
    except (OSError, text_files.UnreadableFile) as error:
        raise Refused("町字一覧のファイルを読めません。設定 TASUKI_TOWNS_FILE を確認してください。") from error
    header = [name.strip() for name in rows[0]] if rows else []
    at_town = next((header.index(name) for name in ("町字名", "町字") if name in header), 0)
    at_city = header.index("市区町村名") if "市区町村名" in header else None
    towns = set()
    for record in rows[1:]:
        town = record[at_town].strip() if len(record) > at_town else ""
        if town:
            towns.add(town)
            if at_city is not None and len(record) > at_city:
                towns.add(record[at_city].strip() + town)
    return frozenset(towns)
