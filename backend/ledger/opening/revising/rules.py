"""What a later revision of the register changes for a household of the ledger.

Plain values in, plain values out. The register as of the disaster may be put right by what arrives later (late
notifications, 住民基本台帳法 第22条 to 第25条; corrections by the office, 同法 第8条). What was certified stays as it was issued:
a report only says what the ledger would show from now on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ENTERED, LEFT, CHANGED, NOTED = "entered", "left", "changed", "noted"
SPLIT, MERGED, MOVED = "split", "merged", "moved"
ORDER = (SPLIT, MERGED, MOVED, ENTERED, LEFT, CHANGED, NOTED)
LABELS = {
    SPLIT: "世帯が分かれる",
    MERGED: "世帯が一つになる",
    MOVED: "世帯が替わる",
    ENTERED: "加わる",
    LEFT: "外れる",
    CHANGED: "記載が変わる",
    NOTED: "直近の異動のみ",
}
# 直近の異動: what happened last to a resident, also after the disaster; it says nothing of the day itself.
NOTES = ("changed_on", "changed_by")
COLUMNS = {
    "name": "氏名",
    "kana": "氏名カナ",
    "alias": "通称",
    "birth": "生年月日",
    "sex": "性別",
    "relationship": "続柄",
    "nationality": "国籍区分",
    "postal_code": "郵便番号",
    "address": "住所",
    "building": "方書",
    "died": "死亡",
    "changed_on": "直近の異動年月日",
    "changed_by": "直近の異動事由",
}
UNKNOWN_DAY = "?"

Said = Mapping[str, str]


@dataclass(slots=True)
class Change:
    """One person. `home_from`, `home_to`: keys of the households, None for none; the same if they stay."""

    atena_no: str
    kind: str
    columns: dict[str, list[str]] = field(default_factory=dict)
    home_from: str | None = None
    home_to: str | None = None
    household_no: str = ""
    why: str = ""

    @property
    def moves(self) -> bool:
        return self.home_to != self.home_from


def said(row: Said) -> dict[str, str]:
    """A row of the register as of the day, in the columns of a report; with the day of a death as far as it is known."""
    died = (row["removed_on"] or UNKNOWN_DAY) if row["removed_by"] == "死亡" else ""
    return {**{column: row.get(column) or "" for column in COLUMNS if column != "died"}, "died": died}


def changed_columns(before: Said | None, after: Said, held: Said) -> dict[str, list[str]]:
    """Where the register says something new that the ledger doesn't hold: column -> [as held, new].

    `before`: what the register had said to the ledger last. What the ledger holds otherwise by somebody's hand is left
    alone as long as the register says what it said before.
    """
    return {
        column: [held.get(column, ""), after[column]]
        for column in COLUMNS
        if after[column] != held.get(column, "") and (before is None or before[column] != after[column])
    }


def kind_of(columns: Mapping[str, object], *, moves: bool) -> str:
    """Of somebody who stays in the ledger."""
    return CHANGED if moves or set(columns) - set(NOTES) else NOTED


def lines(changes: Iterable[Change]) -> list[list[Change]]:
    """Changes that can only be accepted together: those of one household, and of households between which people move."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    found = list(changes)
    keys: list[str] = []
    for change in found:
        homes = [home for home in (change.home_from, change.home_to) if home] or [f"person:{change.atena_no}"]
        for home in homes[1:]:
            parent[root(home)] = root(homes[0])
        keys.append(homes[0])
    result: dict[str, list[Change]] = {}
    for key, change in zip(keys, found, strict=True):
        result.setdefault(root(key), []).append(change)
    return list(result.values())


def kinds_of(line: Iterable[Change], members: Mapping[str, int]) -> list[str]:
    """What happens in a line, in the order in which it is told. `members`: household -> how many are in it now."""
    changes = list(line)
    kinds = {change.kind for change in changes if change.kind != CHANGED or change.columns}
    movers = [change for change in changes if change.moves and change.kind == CHANGED]
    if movers:
        leaving = Counter(change.home_from for change in changes if change.home_from and change.moves)
        targets: dict[str | None, set[str | None]] = {}
        sources: dict[str | None, set[str | None]] = {}
        for change in movers:
            targets.setdefault(change.home_from, set()).add(change.home_to)
            sources.setdefault(change.home_to, set()).add(change.home_from)
        staying = {home: members.get(home or "", 0) - leaving[home] for home in {*targets, *sources} if home}
        if any(home and (len(to) > 1 or staying[home] > 0) for home, to in targets.items()):
            kinds.add(SPLIT)
        if any(home and (len(of - {None}) > 1 or staying[home] > 0) for home, of in sources.items()):
            kinds.add(MERGED)
        if not kinds & {SPLIT, MERGED}:
            kinds.add(MOVED)
    if len(kinds) > 1:
        kinds.discard(NOTED)
    return [kind for kind in ORDER if kind in kinds]
