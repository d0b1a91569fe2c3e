"""The page on which a mapping is made: what the clerk has chosen so far, and the mapping that it amounts to. Pure."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from typing import Any

from .. import layout
from ..reading import is_my_number
from ..rules import REASONS
from .guess import guess, tells_who_lives_here
from .mapping import BETWEEN, LeftOut, Mapping, Source, WrongMapping, plain, read, write

KEEP, DROP, STATE = "", "-", "@"
FIRST = "first"
# Our column -> (value, word) of what a code may mean; 続柄 is free text.
MEANINGS: dict[str, list[tuple[str, str]]] = {
    "性別": [("1", "男"), ("2", "女"), ("0", "不明")],
    "国籍区分": [("1", "日本人"), ("2", "外国人")],
    "支援措置": [("1", "対象者"), ("0", "対象でない")],
    "異動事由": [(reason, reason) for reason in sorted(REASONS)],
    "続柄": [],
}
HOW = {
    "　": "つなぐ（間に空白）",
    "": "つなぐ（間に何も入れない）",
    "の": "つなぐ（間に「の」）",
    FIRST: "値のある最初の列",
}
MOST_VALUES = 60
RESIDENT = {"1", "01", "現住民", "現住", "住民"}


@dataclass
class Seen:
    """The start of a file: its header, and the different texts of each column in the order in which they came."""

    names: list[str]
    texts: list[list[str]]

    @classmethod
    def of(cls, names: list[str], records: list[list[str]]) -> Seen:
        found: list[dict[str, None]] = [{} for _ in names]
        for record in records:
            for texts, text in zip(found, record, strict=False):
                if text.strip() and len(texts) <= MOST_VALUES:
                    texts[text] = None
        return cls(names, [list(texts) for texts in found])


@dataclass
class Sheet:
    """What stands on the page. `chosen`: for each of their columns ours, or KEEP, DROP, STATE."""

    seen: Seen
    kind: str
    name: str = ""
    chosen: list[str] = field(default_factory=list)
    how: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    keep: set[str] = field(default_factory=set)
    own_numbers: bool = False
    before: Mapping | None = None  # the mapping that this one follows

    @classmethod
    def guessed(cls, seen: Seen, kind: str) -> Sheet:
        found = guess(seen.names)
        sheet = cls(seen, kind)
        for name in seen.names:
            sheet.chosen.append(STATE if tells_who_lives_here(name) and kind == "full" else found[name] or KEEP)
        sheet._guess_the_rest()
        return sheet

    @classmethod
    def of_mapping(cls, seen: Seen, kind: str, mapping: Mapping) -> Sheet:
        """What an earlier mapping says of this header; columns that it does not know are guessed."""
        sheet = cls(seen, kind, mapping.name, own_numbers=mapping.own_numbers, before=mapping)
        known = {}
        for ours, source in mapping.sources.items():
            whole = [group for group in source.groups if all(part in seen.names for part in group)]
            joined = whole[0] if whole else ()
            single = len(whole) > 1 and all(len(group) == 1 for group in whole)
            known.update(dict.fromkeys((g[0] for g in whole) if single else joined, ours))
            sheet.how[ours] = FIRST if single else source.between
            sheet.values[ours] = dict(source.values)
        states = {rule.column: rule.keep for rule in mapping.left_out}
        taken = set(known.values())
        for name, maybe in guess(seen.names).items():
            if name in known:
                sheet.chosen.append(known[name])
            elif name in states:
                sheet.chosen.append(STATE)
                sheet.keep |= states[name]
            elif name in mapping.dropped:
                sheet.chosen.append(DROP)
            else:
                sheet.chosen.append(maybe if maybe and maybe not in taken else KEEP)
        sheet._guess_the_rest()
        return sheet

    @classmethod
    def posted(cls, seen: Seen, kind: str, said: Dict[str, str], before: Mapping | None = None) -> Sheet:
        sheet = cls(seen, kind, said.get("name", "").strip(), before=before)
        sheet.own_numbers = bool(said.get("own_numbers"))
        allowed = {*layout.COLUMNS, KEEP, DROP, STATE}
        for position in range(len(seen.names)):
            choice = said.get(f"c{position}", KEEP)
            sheet.chosen.append(choice if choice in allowed else KEEP)
        for ours in layout.COLUMNS:
            if f"how:{ours}" in said and said[f"how:{ours}"] in HOW:
                sheet.how[ours] = said[f"how:{ours}"]
            table = sheet.values.setdefault(ours, {})
            for number in range(MOST_VALUES * 2):
                code = said.get(f"k:{ours}:{number}")
                if code is None:
                    break
                meaning = said.get(f"v:{ours}:{number}", "")
                if meaning:
                    table[code] = meaning
        sheet.keep = {said[f"s:{number}"] for number in range(MOST_VALUES + 1) if f"s:{number}" in said}
        sheet._guess_the_rest(again=True)
        return sheet

    def _guess_the_rest(self, *, again: bool = False) -> None:
        for ours in self.several():
            self.how.setdefault(ours, BETWEEN.get(ours, "") if ours != "処理日時" else "　")
        if not self.keep and not again:
            self.keep = {plain(text) for text in self.states() if plain(text) in RESIDENT}

    def theirs(self, ours: str) -> list[str]:
        return [name for name, choice in zip(self.seen.names, self.chosen, strict=True) if choice == ours]

    def several(self) -> list[str]:
        """Our columns for which more than one of theirs was chosen."""
        return [ours for ours in layout.COLUMNS if len(self.theirs(ours)) > 1]

    def states(self) -> list[str]:
        """What stands in the column that says who lives here."""
        for texts, choice in zip(self.seen.texts, self.chosen, strict=True):
            if choice == STATE:
                return texts
        return []

    def codes(self, ours: str) -> list[str]:
        """Texts of our coded column that the reader would not know by itself, or that the tables say something of."""
        found: dict[str, None] = {}
        for texts, choice in zip(self.seen.texts, self.chosen, strict=True):
            if choice == ours:
                found.update((plain(text), None) for text in texts if not _understood(ours, plain(text)))
        found.update(dict.fromkeys(self.values.get(ours, ())))
        return list(found)[:MOST_VALUES]

    def mapping(self) -> Mapping:
        """Raises `WrongMapping` where the choices contradict each other."""
        if self.chosen.count(STATE) > 1:
            raise WrongMapping("住民状態の列は一つだけ選んでください。")
        if STATE in self.chosen and not self.keep:
            raise WrongMapping("住民状態の値のうち、住民として残すものを一つ以上選んでください。")
        sources = {}
        for ours in layout.COLUMNS:
            theirs = self.theirs(ours)
            constant = self.before.sources[ours].constant if self.before and ours in self.before.sources else None
            if not theirs and constant is None:
                continue
            how = self.how.get(ours, "")
            groups = [(name,) for name in theirs] if how == FIRST else [tuple(theirs)] if theirs else []
            between = "" if how == FIRST else " " if ours == "処理日時" else how
            table = {code: meaning for code, meaning in self.values.get(ours, {}).items() if meaning}
            sources[ours] = Source(tuple(groups), between, table, frozenset(), constant)
        state = [
            LeftOut(name, frozenset(self.keep))
            for name, choice in zip(self.seen.names, self.chosen, strict=True)
            if choice == STATE
        ]
        dropped = [name for name, choice in zip(self.seen.names, self.chosen, strict=True) if choice == DROP]
        mapping = Mapping(self.name or "試し", self.name, sources, tuple(state), frozenset(dropped), self.own_numbers)
        return read(write(mapping))

    def rows(self) -> list[dict[str, Any]]:
        """Their columns for the page, each with what stands in it and what it was chosen to be."""
        return [
            {
                "position": position,
                "name": name,
                "examples": [] if is_my_number(name) else self.seen.texts[position][:3],
                "my_number": is_my_number(name),
                "chosen": self.chosen[position],
            }
            for position, name in enumerate(self.seen.names)
        ]

    def tables(self) -> list[dict[str, Any]]:
        """The tables of codes for the page."""
        result = []
        for ours, meanings in MEANINGS.items():
            codes = self.codes(ours)
            if codes:
                lines = [
                    {"number": number, "code": code, "value": self.values.get(ours, {}).get(code, "")}
                    for number, code in enumerate(codes)
                ]
                result.append({"ours": ours, "meanings": meanings, "lines": lines})
        return result

    def joins(self) -> list[dict[str, Any]]:
        return [{"ours": ours, "theirs": self.theirs(ours), "how": self.how.get(ours, "")} for ours in self.several()]


def _understood(ours: str, text: str) -> bool:
    if ours == "異動事由":
        return text in REASONS
    if ours == "続柄":
        return not any(character.isdigit() for character in text)
    return text in layout.CODES[layout.COLUMNS[ours]]
