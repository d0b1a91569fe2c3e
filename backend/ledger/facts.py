"""The kinds of facts that rooms hand to each other, and which room may write each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    subject: str  # household or person
    rooms: frozenset[str]
    by_hand: bool = False  # may be entered on the household page


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("life_status", "生死", "person", frozenset({"ledger", "shelters"})),
        Kind("mailing_address", "送付先", "household", frozenset({"ledger"}), by_hand=True),
        Kind("telephone", "電話番号", "household", frozenset({"ledger", "shelters"}), by_hand=True),
        Kind("note", "覚え書き", "household", frozenset({"ledger"}), by_hand=True),
        Kind("whereabouts", "居場所", "person", frozenset({"shelters"})),
        Kind("consent", "同意", "person", frozenset({"shelters"})),
    )
}
