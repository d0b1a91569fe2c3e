"""The reader behind a mapping: their records are translated, checked as canonical ones, and set aside as they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.errors import Refused

from .. import layout
from ..plain_rows import PlainBlock, PlainRows
from ..reading import CheckedRow, Checker, Header, MissingColumns, SetAside, is_my_number
from .bound import Bound
from .mapping import Mapping

TOO_WIDE = "列の数が見出しと違います（見出し{}列、この行{}列）"
PLACEHOLDER = "900000000000000"  # stands for a number of our own until one is given


@dataclass
class MappedHeader(Header):
    """The header as the mapping reads it: `columns` are those that come out, positions in `set_aside` are theirs."""

    bound: Bound = None  # type: ignore[assignment]


def open_mapped(names: list[str], kind: str, mapping: Mapping, *, corrected: bool = False) -> MappedHeader:
    """Lay a mapping over a header. Refuses a file that lacks what a required column is made of, and names it."""
    bound = Bound(mapping, names, is_my_number, kind)
    marks = {name: names.index(name) for name in layout.SET_ASIDE_COLUMNS if name in names}
    missing = bound.missing()
    if corrected:
        missing += [name for name in ("行番号", "元ファイルの指紋") if name not in marks]
    if missing:
        raise MissingColumns(
            f"対応表「{mapping.name}」で読める列が足りません：{'、'.join(missing)}。"
            "見出しが変わったのなら、「列の対応表」の画面で対応を直してから取り込んでください。"
        )
    if twice := bound.twice():
        raise Refused(f"列「{twice[0]}」が二つあります。一つにしてから取り込んでください。")
    columns: list[str | None] = [layout.COLUMNS.get(name) for name in bound.made]
    columns += [None] * len(bound.rides)
    return MappedHeader(columns, bound.rides, bound.dropped, marks, bound)


class Translated(list[str]):
    """A record in our columns that remembers how it was received."""

    def __init__(self, ours: list[str], received: list[str]) -> None:
        super().__init__(ours)
        self.received = received


class MappedChecker(Checker):
    """Gives the rows of a vendor's file as `Checker` gives those of a canonical one; `left_out` counts those that are not ours.

    `numbers`: for a file without any, one number of our own for each record, in the order of the file (0: none).
    """

    def __init__(
        self, header: MappedHeader, kind: str, towns: frozenset[str] | None, numbers: Iterator[tuple[str, str]] | None
    ) -> None:
        bound = header.bound
        super().__init__(Header([None] * len(bound.names), [], bound.dropped, header.set_aside), kind, towns)
        self.bound = bound
        self.numbers = numbers
        self.inner = Checker(Header(header.columns, header.unknown, []), kind, towns)
        self.inner.names = bound.ours
        self.left_out = 0

    def translated(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, Translated]]:
        """Each record in our columns; one that is too wide or too narrow keeps a width that nothing fits."""
        _, self.names = next(records)
        own = self.bound.mapping.own_numbers
        for line_no, record in records:
            if not record:
                continue
            if len(record) != self.width:
                yield line_no, Translated([""] * (self.inner.width + 1), record)
                continue
            ours = self.bound.record(record)
            if ours is None:
                self.left_out += 1
                continue
            if own:
                ours[0:2] = next(self.numbers) if self.numbers else (PLACEHOLDER, PLACEHOLDER)
            yield line_no, Translated(ours, record)

    def rows(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[CheckedRow | SetAside]:
        for line_no, record in self.translated(records):
            yield self.checked(line_no, record)

    def full_rows(self, records: Iterator[tuple[int, list[str]]]) -> Iterator[PlainBlock | CheckedRow | SetAside]:
        for piece in PlainRows(self.inner)(self.translated(records)):
            yield piece if isinstance(piece, PlainBlock) else self.checked(*piece)  # type: ignore[arg-type]

    def checked(self, line_no: int, record: Translated) -> CheckedRow | SetAside:
        if len(record) != self.inner.width:
            return self.aside(line_no, record, [TOO_WIDE.format(self.width, len(record.received))])
        row = self.inner.check(line_no, record)
        if isinstance(row, SetAside):
            return self.aside(line_no, record, row.reasons)
        row.record = record
        return row

    def aside(self, line_no: int, record: list[str], reasons: list[str]) -> SetAside:
        """The row as received; what it says in our columns goes along, for whoever must know whom it protects."""
        record = record.received if isinstance(record, Translated) else record
        row = super().aside(line_no, record, reasons)
        ours = self.bound.record(record) if len(record) == self.width else None
        if ours is not None:
            row.read = dict(zip(self.bound.made, ours, strict=False))
        return row
