"""A mapping laid over one header: how each record of that file becomes a record of the canonical layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from .. import layout
from .mapping import NUMBERS, Mapping, Source, plain

Record = list[str]
_MOMENT = re.compile(
    r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})(?:[T ]*(\d{1,2})(:?)(\d{2})(?:\6(\d{2})(?:\.\d+)?)?)?\Z", re.ASCII
)


class Bound:
    """`record(theirs)` gives ours, or None for a row that is to be left out.

    `ours`: the header that comes out, `rides`: their columns without a counterpart, which go along behind it.
    """

    def __init__(self, mapping: Mapping, names: list[str], my_number: Callable[[str], bool], kind: str) -> None:
        self.mapping, self.names, self.kind = mapping, names, kind
        self.at: dict[str, int] = {}
        for position, name in enumerate(names):
            self.at.setdefault(name, position)
        self.dropped = [name for name in names if my_number(name)]
        self.made: list[str] = []
        self._makers: list[Callable[[Record], str]] = []
        used: set[str] = set(mapping.dropped) | {rule.column for rule in mapping.left_out if rule.kind == kind}
        if mapping.own_numbers:
            for name in NUMBERS:
                self.made.append(name)
                self._makers.append(lambda record: "")
        for ours, source in mapping.sources.items():
            maker = self._maker(ours, source)
            if maker and ours not in self.made:
                self.made.append(ours)
                self._makers.append(maker)
                used |= set(source.theirs)
        self.unknown = [
            position
            for position, name in enumerate(names)
            if name not in used and name not in self.dropped and name not in layout.SET_ASIDE_COLUMNS
        ]
        self.rides = [f"{names[i]}（元の列）" if names[i] in layout.COLUMNS else names[i] for i in self.unknown]
        self._left_out = [
            (self.at[rule.column], rule.keep)
            for rule in mapping.left_out
            if rule.kind == kind and rule.column in self.at
        ]

    @property
    def ours(self) -> list[str]:
        return [*self.made, *self.rides]

    def missing(self) -> list[str]:
        """What a required column would have been made of, where the file lacks it: 「住所（住所_町字、…）」."""
        result = []
        for name in layout.REQUIRED[self.kind]:
            if name in self.made:
                continue
            source = self.mapping.sources.get(name)
            lacking = [theirs for theirs in (source.theirs if source else ()) if theirs not in self.at]
            result.append(f"{name}（元の列「{'」「'.join(lacking)}」がありません）" if lacking else name)
        return result

    def twice(self) -> list[str]:
        """Columns that the mapping reads and the file has more than once."""
        read = self.mapping.theirs()
        return sorted({name for name in self.names if name in read and self.names.count(name) > 1})

    def record(self, theirs: Record) -> Record | None:
        for position, keep in self._left_out:
            if plain(theirs[position]) not in keep:
                return None
        return [make(theirs) for make in self._makers] + [theirs[i] for i in self.unknown]

    def _maker(self, ours: str, source: Source) -> Callable[[Record], str] | None:
        groups = [
            [self.at[name] for name in group]
            for group in source.groups
            if all(name in self.at and name not in self.dropped for name in group)
        ]
        constant = source.constant
        if not groups:
            return None if constant is None else lambda record: constant
        translate = _Translator(source.values)
        finish = local_moment if ours == "処理日時" else None
        if len(groups) == 1 and len(groups[0]) == 1 and constant is None:
            position = groups[0][0]
            if finish is None and not source.values:
                return lambda record: record[position]
            return lambda record: finish(translate[record[position]]) if finish else translate[record[position]]
        between = source.between

        def make(record: Record) -> str:
            for group in groups:
                parts = [translate[text] for i in group if (text := record[i]).strip()]
                if parts:
                    joined = between.join(parts)
                    return finish(joined) if finish else joined
            return constant or ""

        return make


class _Translator(dict[str, str]):
    """Their code -> our value; what is in no table stays as it is, and the reader says that it does not know it."""

    def __init__(self, values: object) -> None:
        super().__init__()
        self._values = {plain(code): value for code, value in dict(values).items()}  # type: ignore[call-overload]

    def __missing__(self, text: str) -> str:
        value = self._values.get(plain(text), text) if self._values else text
        if self._values:
            self[text] = value
        return value


def local_moment(text: str) -> str:
    """A time of a vendor, mostly without an offset: `20261108173000`, `2026/11/08 17:30`; it is Japan's then."""
    found = _MOMENT.match(plain(text))
    if not found:
        return text
    year, month, day, hour, minute, second = (int(found[i] or 0) for i in (1, 3, 4, 5, 7, 8))
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the offset is written behind it
    except ValueError:
        return text
    return f"{moment.isoformat()}+09:00"
