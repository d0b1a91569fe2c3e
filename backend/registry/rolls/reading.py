"""From a roll's file to checked rows: the header, every value, and what can't be taken with its reasons. No database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

from backend.core.errors import Refused
from backend.registry.layout import SET_ASIDE_COLUMNS
from backend.registry.reading import TWELVE_DIGITS, SetAside, is_my_number
from backend.registry.set_aside import records

from .layouts import HOUSE, Column, Layout

BOTH = "緯度と経度は両方を書くか、両方を空にしてください"


@dataclass
class Header:
    """The header of a file: which field is which column of the layout."""

    names: list[str]
    columns: list[Column | None]
    unknown: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    set_aside: dict[str, int] = field(default_factory=dict)

    @property
    def ours(self) -> list[str]:
        return [column.name for column in self.columns if column]


@dataclass
class CheckedRow:
    """A row that can be taken. `values`: our columns as values; None where the file says nothing."""

    line_no: int
    values: dict[str, Any]
    extra: dict[str, str] | None
    record: list[str]

    def key(self, layout: Layout) -> str:
        return "\x1f".join(str(self.values[name]) for name in layout.key)


def open_header(path: Path, layout: Layout, encoding: str, *, corrected: bool = False) -> Header:
    """Read and check the header line. Refuses a file without a required column, and names it."""
    rows = records(path, encoding, corrected=corrected)
    _, names = next(rows, (0, []))
    rows.close()  # type: ignore[attr-defined]
    header = Header([name.strip().lstrip("\ufeff") for name in names], [])
    known = layout.by_header
    for position, name in enumerate(header.names):
        column = None
        if is_my_number(name):
            header.dropped.append(name)
        elif name in known:
            column = known[name]
            if column in header.columns:
                raise Refused(f"列「{name}」が二つあります。一つにしてから取り込んでください。")
        elif name in SET_ASIDE_COLUMNS:
            header.set_aside[name] = position
        else:
            header.unknown.append(name)
        header.columns.append(column)
    missing = [name for name in layout.required if known[name] not in header.columns]
    if corrected:
        missing += [name for name in ("行番号", "元ファイルの指紋") if name not in header.set_aside]
    if missing:
        raise Refused(
            f"{layout.label}に必要な列がありません：{'、'.join(missing)}。"
            "1行目が見出しであること、列名が正しいことを確認してください。"
        )
    return header


class Checker:
    """Checks the rows of one file; each different text of a column is looked at once."""

    def __init__(self, header: Header, layout: Layout) -> None:
        self.header, self.layout = header, layout
        self.width = len(header.columns)
        self.fields = [(i, column) for i, column in enumerate(header.columns) if column]
        self.unknown = [i for i, name in enumerate(header.names) if name in set(header.unknown)]
        self.seen: dict[tuple[str, str], tuple[Any, str]] = {}

    def rows(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[CheckedRow | SetAside]:
        """Every record after the header as a checked row, or set aside with its reasons."""
        next(records, None)
        for line_no, record in records:
            if record:
                yield self.check(line_no, record)

    def check(self, line_no: int, record: list[str]) -> CheckedRow | SetAside:
        if len(record) != self.width:
            return self.aside(
                line_no, record, [f"列の数が見出しと違います（見出し{self.width}列、この行{len(record)}列）"]
            )
        said: dict[str, Any] = {}
        reasons: list[str] = []
        for i, column in self.fields:
            said[column.name], wrong = self.value(column, record[i])
            if wrong:
                reasons.append(wrong)
        if self.layout.kind == HOUSE and (said.get("latitude") is None) != (said.get("longitude") is None):
            reasons.append(BOTH)
        if reasons:
            return self.aside(line_no, record, reasons)
        extra = {self.header.names[i] or f"列{i + 1}": record[i] for i in self.unknown if record[i]} or None
        return CheckedRow(line_no, said, extra, record)

    def value(self, column: Column, text: str) -> tuple[Any, str]:
        """The value, and what is wrong with it ('' if nothing is)."""
        text = text.strip()
        if not text:
            return ("", f"{column.header}がありません") if column.filled else (None if column.parse else "", "")
        if column.parse is None:
            if len(text) > column.longest:
                return "", f"{column.header}が{column.longest}文字を超えています"
            return text, ""
        key = (column.name, text)
        if key not in self.seen:
            if len(self.seen) > 50_000:
                self.seen.clear()
            try:
                self.seen[key] = column.parse(text), ""
            except ValueError as error:
                self.seen[key] = None, f"{column.header}「{text[:20]}」は{error}"
        return self.seen[key]

    def aside(self, line_no: int, record: list[str], reasons: list[str]) -> SetAside:
        """The row as received, without what may be My Number (as in the resident register)."""
        names = self.header.names + [f"列{i + 1}" for i in range(self.width, len(record))]
        out_of_place = self.header.dropped and len(record) != self.width
        kept = {
            name: "" if out_of_place and TWELVE_DIGITS.search(text) else text
            for name, text in zip_longest(names, record, fillvalue="")
            if name not in self.header.dropped and name not in SET_ASIDE_COLUMNS
        }
        return SetAside(line_no, reasons, kept)


def digest(values: dict[str, Any], names: Iterable[str]) -> str:
    """What a row says, in 32 characters: equal rows have the same."""
    said = "\x1f".join("" if values.get(name) is None else str(values[name]) for name in names)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()
