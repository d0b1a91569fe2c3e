"""A mapping: which of a vendor's columns make which of ours, what their codes mean, and which rows are not ours to take.

It stands in front of the reader: a record of theirs goes in, a record of the canonical layout comes out, and what that
says is checked there as ever. Pure: no database, no files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any

from .. import layout

BETWEEN = {"氏名": "　", "氏名カナ": "　", "通称": "　", "方書": "　", "続柄": "の", "処理日時": " "}
KEPT, DROPPED = "（そのまま保管）", "（読み捨てる）"
NUMBERS = ("宛名番号", "世帯番号")
_NAME = re.compile(r"[\w\-]{1,60}\Z")


class WrongMapping(ValueError):
    """A mapping that can't be understood; the message is for whoever wrote it, in Japanese."""


@dataclass(frozen=True)
class Source:
    """How one of our columns is made: by the first group of theirs in which something stands, its parts joined.

    A group counts only where the file has all of its columns: half an address is no address.
    """

    groups: tuple[tuple[str, ...], ...] = ()
    between: str = ""
    values: Dict[str, str] = field(default_factory=dict)
    unverified: frozenset[str] = frozenset()  # codes whose meaning nobody has confirmed yet
    constant: str | None = None

    @property
    def theirs(self) -> list[str]:
        return list(dict.fromkeys(name for group in self.groups for name in group))


@dataclass(frozen=True)
class LeftOut:
    """Rows that are no rows of our register: those whose `column` holds something else than what is kept."""

    column: str
    keep: frozenset[str]
    kind: str = "full"


@dataclass(frozen=True)
class Mapping:
    name: str
    title: str
    sources: Dict[str, Source]  # our Japanese header -> how it is made
    left_out: tuple[LeftOut, ...] = ()
    dropped: frozenset[str] = frozenset()
    own_numbers: bool = False  # the file has none: 宛名番号 and 世帯番号 are given here

    def unverified(self) -> list[tuple[str, str, str]]:
        """(our column, their code, what it is taken for) of every code whose meaning is not confirmed."""
        return [
            (ours, code, source.values[code])
            for ours, source in self.sources.items()
            for code in sorted(source.unverified)
        ]

    def theirs(self) -> set[str]:
        return {name for source in self.sources.values() for name in source.theirs}


def read(data: Any, name: str = "") -> Mapping:
    """A mapping from what a YAML or JSON file says. Raises `WrongMapping` with what is wrong in it."""
    if not isinstance(data, dict) or not data:
        raise WrongMapping("対応表の中身がありません。")
    known = {"layout", "title", "columns", "built", "values", "constants", "left_out", "dropped", "numbers", "note"}
    for key in data:
        if key not in known:
            raise WrongMapping(f"「{key}」という項目は対応表にありません。")
    name = str(data.get("layout") or name)
    if not _NAME.match(name):
        raise WrongMapping("対応表の名前は、60文字以内の文字・数字・ハイフンにしてください。")
    groups: dict[str, list[tuple[str, ...]]] = {}
    between: dict[str, str] = {}
    for theirs, ours in _table(data, "columns").items():
        groups.setdefault(_ours(ours), []).append((str(theirs),))
    for ours, said in _table(data, "built").items():
        said = said if isinstance(said, dict) else {"from": said}
        found = said.get("from")
        if not isinstance(found, list) or not found:
            raise WrongMapping(f"「{ours}」の元になる列（from）がありません。")
        lines = found if isinstance(found[0], list) else [found]
        groups.setdefault(_ours(ours), []).extend(tuple(str(part) for part in line) for line in lines)
        if "with" in said:
            between[str(ours)] = str(said["with"] or "")
    tables = {_ours(ours): _values(ours, table) for ours, table in _table(data, "values").items()}
    constants = {_ours(ours): str(value) for ours, value in _table(data, "constants").items()}
    sources = {
        ours: Source(
            tuple(groups.get(ours, ())),
            between.get(ours, BETWEEN.get(ours, "")),
            *tables.get(ours, ({}, frozenset())),
            constants.get(ours),
        )
        for ours in layout.COLUMNS
        if ours in groups or ours in constants
    }
    return Mapping(
        name,
        str(data.get("title") or name),
        sources,
        tuple(_left_out(rule) for rule in data.get("left_out") or ()),
        frozenset(map(str, data.get("dropped") or ())),
        data.get("numbers") == "own",
    )


def _table(data: dict[str, Any], key: str) -> dict[Any, Any]:
    table = data.get(key) or {}
    if not isinstance(table, dict):
        raise WrongMapping(f"「{key}」は表（名前: 値）の形で書いてください。")
    return table


def _ours(name: Any) -> str:
    if name not in layout.COLUMNS:
        raise WrongMapping(f"「{name}」は標準の列名ではありません。使えるもの：{'、'.join(layout.COLUMNS)}")
    return str(name)


def _values(ours: Any, table: Any) -> tuple[dict[str, str], frozenset[str]]:
    if not isinstance(table, dict):
        raise WrongMapping(f"「{ours}」の値の対応は表（相手の値: 標準の値）の形で書いてください。")
    values, unverified = {}, set()
    for theirs, said in table.items():
        if isinstance(theirs, bool) or not isinstance(theirs, str):
            raise WrongMapping(f"「{ours}」のコード {theirs!r} は引用符で囲んでください（先頭の0が失われます）。")
        values[theirs] = str(said.get("value", "") if isinstance(said, dict) else said)
        if isinstance(said, dict) and said.get("verified") is False:
            unverified.add(theirs)
    return values, frozenset(unverified)


def _left_out(rule: Any) -> LeftOut:
    if not isinstance(rule, dict) or not rule.get("column") or not rule.get("keep"):
        raise WrongMapping("left_out には、列（column）と残す値（keep）を書いてください。")
    return LeftOut(str(rule["column"]), frozenset(map(str, rule["keep"])), str(rule.get("kind", "full")))


def write(mapping: Mapping) -> dict[str, Any]:
    """The same as plain data, as it is kept and as a YAML file would say it."""
    said: dict[str, Any] = {"layout": mapping.name, "title": mapping.title, "built": {}, "values": {}, "constants": {}}
    for ours, source in mapping.sources.items():
        if source.groups:
            said["built"][ours] = {"from": [list(group) for group in source.groups], "with": source.between}
        if source.values:
            said["values"][ours] = {
                code: {"value": value, "verified": False} if code in source.unverified else value
                for code, value in source.values.items()
            }
        if source.constant is not None:
            said["constants"][ours] = source.constant
    said["left_out"] = [
        {"column": rule.column, "keep": sorted(rule.keep), "kind": rule.kind} for rule in mapping.left_out
    ]
    said["dropped"] = sorted(mapping.dropped)
    if mapping.own_numbers:
        said["numbers"] = "own"
    return said


def plain(text: str) -> str:
    """A name or code of theirs without what is only style: width, and spaces around it."""
    return unicodedata.normalize("NFKC", text).strip()
