"""The quick way through a full export: rows in which nothing needs a second look, a block of them at a time.

A million rows go through here column by column, so this says in few steps what `Checker.check` says in words. A block
with a row that is not plain is halved until that row stands alone: it is left to the checker, which gives the reasons.
A test holds the two against each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Protocol

from backend.core.kana import has_half_width, to_wide
from backend.core.names import is_odd

from . import layout

BLOCK = 100  # few enough to stay in the processor's cache
CODED = ("sex", "nationality", "protection")
DATED = ("birth", "resident_since", "protection_until")
SHORT = tuple(column for column in layout.PERSON_COLUMNS if column in layout.MAX_LENGTH and column != "relationship")


class Checks(Protocol):
    """What is asked of the checker: where the columns stand, and what it says of a date or an address."""

    width: int
    position: dict[str, int]
    names: list[str]
    towns: frozenset[str] | None

    def unknown_positions(self) -> list[int]: ...

    def date(self, text: str) -> str | None: ...

    def day(self, text: str) -> str | None: ...

    def in_known_town(self, address: str) -> bool: ...


@dataclass
class PlainBlock:
    """Rows that can be taken. `columns`: those of PERSON_COLUMNS that the file has, in that order, each with the values
    of all rows; `extra` as JSON, None where the file has no unknown columns; `effective` and `reason`: the remark."""

    lines: Sequence[int]
    records: Sequence[list[str]]
    columns: list[Sequence[str]]
    flags: Sequence[int]
    extra: Sequence[str | None] | None
    effective: Sequence[str]
    reason: Sequence[str]

    @property
    def numbers(self) -> Sequence[str]:
        """宛名番号"""
        return self.columns[0]

    def rows(self, file_id: str) -> Iterator[Sequence[str | None]]:
        """The rows as the table of full rows wants them: file, line, the columns, flags, remark, and `extra` if any."""
        extra = [self.extra] if self.extra is not None else []
        columns = (*self.columns, map(str, self.flags), self.effective, self.reason, *extra)
        return zip(repeat(file_id, len(self.lines)), map(str, self.lines), *columns, strict=True)


class NotPlain(Exception):
    """A row of the block needs a second look."""


class PlainRows:
    """Called with records and their lines, gives blocks of plain rows, and each row that is not plain for itself."""

    def __init__(self, checker: Checks) -> None:
        self.checker = checker
        self.at = {column: checker.position[column] for column in layout.PERSON_COLUMNS if column in checker.position}
        self.remark = [checker.position.get(column) for column in ("effective", "reason")]
        self.unknown = checker.unknown_positions()
        self.dates = _Learnt(checker.date)
        self.days = _Learnt(lambda text: checker.day(text.strip()) or "" if text else "")
        self.relations = _Learnt(_relationship)

    def __call__(self, records: Iterable[tuple[int, list[str]]]) -> Iterator[PlainBlock | tuple[int, list[str]]]:
        rows = (row for row in records if row[1])
        while block := list(islice(rows, BLOCK)):
            yield from self.halved(block)

    def halved(self, block: list[tuple[int, list[str]]]) -> Iterator[PlainBlock | tuple[int, list[str]]]:
        try:
            yield self.taken(block)
        except NotPlain:
            if len(block) == 1:
                yield block[0]
                return
            middle = len(block) // 2
            yield from self.halved(block[:middle])
            yield from self.halved(block[middle:])

    def taken(self, block: list[tuple[int, list[str]]]) -> PlainBlock:
        lines, records = zip(*block, strict=True)
        if set(map(len, records)) != {self.checker.width}:
            raise NotPlain
        received = list(zip(*records, strict=True))
        values = {column: received[at] for column, at in self.at.items()}
        for column in ("atena_no", "household_no"):
            _numbers(values[column])
        if not all(map(str.strip, values["name"])):
            raise NotPlain
        for column in SHORT:
            if column in values and max(map(len, values[column])) > layout.MAX_LENGTH[column]:
                raise NotPlain
        try:
            for column in CODED:
                if column in values:
                    values[column] = tuple(map(layout.CODES[column].__getitem__, values[column]))
        except KeyError:
            raise NotPlain from None
        for columns, known in ((DATED, self.dates), (("relationship",), self.relations)):
            for column in columns:
                if column in values:
                    values[column] = tuple(map(known.__getitem__, values[column]))
        if "kana" in values and has_half_width("\n".join(values["kana"])):
            values["kana"] = tuple(map(to_wide, values["kana"]))
        blank = ("",) * len(block)
        effective, reason = (blank if at is None else received[at] for at in self.remark)
        return PlainBlock(
            lines=lines,
            records=records,
            columns=list(values.values()),
            flags=self.flags(values, len(block)),
            extra=[self.unknown_values(record) for record in records] if self.unknown else None,
            effective=tuple(map(self.days.__getitem__, effective)),
            reason=[text.strip()[:20] for text in reason],
        )

    def flags(self, values: dict[str, tuple[str, ...]], count: int) -> Sequence[int]:
        flags = [0] * count

        def add(flag: int, hit: Iterable[bool]) -> None:
            for i, here in enumerate(hit):
                if here:
                    flags[i] |= flag

        for column in ("name", "alias", "address"):
            # A line end would be odd itself, a space is not.
            if column in values and is_odd(" ".join(values[column])):
                add(layout.ODD_CHARACTERS, map(is_odd, values[column]))
        for column, flag in (("sex", layout.NO_SEX), ("birth", layout.NO_BIRTH), ("address", layout.NO_ADDRESS)):
            if "" in values.get(column, ()):
                add(flag, (not text for text in values[column]))
        if self.checker.towns is not None:
            known = self.checker.in_known_town
            add(layout.UNKNOWN_TOWN, (bool(text) and not known(text) for text in values["address"]))
        return flags

    def unknown_values(self, record: list[str]) -> str | None:
        """The values of the unknown columns as JSON; None if there are none."""
        said = {self.checker.names[i]: record[i] for i in self.unknown if record[i]}
        return json.dumps(said, ensure_ascii=False) if said else None


class _Learnt(dict[str, str]):
    """Text -> what it says, looked at once: dates and relationships repeat. Raises `NotPlain` for what says nothing."""

    def __init__(self, look: Callable[[str], str | None]) -> None:
        self.look = look

    def __missing__(self, text: str) -> str:
        said = self.look(text)
        if said is None:
            raise NotPlain
        self[text] = said
        return said


def _relationship(text: str) -> str | None:
    return layout.RELATIONSHIP_CODES.get(text, text) if len(text) <= layout.MAX_LENGTH["relationship"] else None


def _numbers(texts: Sequence[str]) -> None:
    """One to fifteen ASCII digits each."""
    together = "".join(texts)
    if not (together.isdecimal() and together.isascii()) or not 1 <= min(map(len, texts)) <= max(map(len, texts)) <= 15:
        raise NotPlain
