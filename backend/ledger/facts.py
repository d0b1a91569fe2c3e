"""The kinds of facts that rooms hand to each other, and which room may write each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    subject: str  # household, person, or either
    rooms: frozenset[str]
    by_hand: bool = False  # may be entered on the household page
    kept: bool = False  # its room keeps it in step with what was written there: nobody assigns or corrects it here


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("life_status", "生死", "person", frozenset({"ledger", "shelters"})),
        Kind("mailing_address", "送付先", "either", frozenset({"ledger"}), by_hand=True),
        Kind("telephone", "電話番号", "either", frozenset({"ledger", "shelters"}), by_hand=True),
        Kind("note", "覚え書き", "household", frozenset({"ledger"}), by_hand=True),
        Kind("residence", "居所", "either", frozenset({"ledger"})),
        Kind("register_address", "住民票の住所（現在）", "either", frozenset({"ledger"})),
        Kind("whereabouts", "居場所", "person", frozenset({"shelters"}), kept=True),
        Kind("consent", "同意", "person", frozenset({"shelters"})),
        Kind("damage_class", "被害の程度", "household", frozenset({"damage"}), kept=True),
    )
}

KEPT = tuple(kind.name for kind in KINDS.values() if kind.kept)
FROM_REGISTER = "register"  # the source of a fact that the register told, and nobody wrote by hand

# Where somebody is reached: each with its source and the day since which it is so.
CONTACTS = ("mailing_address", "residence", "register_address", "telephone")
