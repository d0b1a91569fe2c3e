"""Where a household's letters go: the choice and its reason, from what is known. Registered address, actual whereabouts
and mailing address are three different facts; letters stop for the protected, the dead, and where mail came back.

Nobody's address is guessed: where the rule can't tell, it says what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Known:
    """What is known of a household today. Addresses are texts, empty where nothing is known.

    `mailing` and `residence` are the household's own or, failing that, its head's.
    """

    people: int
    living: int
    addressee: str = ""
    head_died: bool = False
    protected: bool = False
    mailing: str = ""
    residence: str = ""
    register_today: str = ""
    registered: str = ""
    left: str = ""  # how all of them who live are gone from the municipality by the register; 転出
    head_left: str = ""  # the same of the head, who is written to no more
    returned: str = ""  # why the last letter came back, if that still holds them
    elsewhere: tuple[str, ...] = ()  # members with a mailing address of their own


@dataclass(frozen=True)
class Choice:
    """`address` empty: nothing may be sent, and `missing` says why. `notes` warn of what a clerk should check."""

    address: str = ""
    addressee: str = ""
    ground: str = ""
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        return not self.address


Value = Mapping[str, str]


def registered_at(postal_code: str, address: str, building: str, reason: str) -> dict[str, str] | None:
    """住民票の住所（現在） as the register tells it, as the value of a fact; None for an empty address, which says nothing."""
    place = "　".join(part for part in (address, building) if part)
    if not address:
        return None
    return {"text": f"〒{postal_code}　{place}" if postal_code else place, "source": _source(reason)}


def gone(reason: str) -> dict[str, str]:
    """The same of somebody who is registered here no more: the register doesn't say where they are now."""
    return {"text": "", "left": reason, "source": _source(reason)}


def _source(reason: str) -> str:
    return f"住民記録（{reason}）" if reason else "住民記録"


def place_of(value: Value) -> str:
    """What two of these values must have in common to say the same: the place without its postal code, or that they left."""
    if value.get("left"):
        return value["left"]
    text = value.get("text", "")
    return text.split("　", 1)[-1] if text.startswith("〒") else text


def choose(known: Known) -> Choice:
    """Where letters to the household go."""
    if not known.people:
        return Choice(missing=["いまはこの世帯に誰もいません。異動先の世帯に送ります。"])
    if not known.living:
        return Choice(missing=["世帯員が全員亡くなっています。相続人などの送付先を確かめてください。"])
    notes = ["世帯主が亡くなっています。新しい世帯主を決めてください。"] if known.head_died else []
    if known.head_left:
        notes.append(f"世帯主は{known.head_left}しています。残っている方に送ります。")
    if known.elsewhere:
        notes.append(f"{'、'.join(known.elsewhere)}さんには、別の送付先があります。")
    who = known.addressee
    if known.returned:
        return Choice("", who, "", [f"返戻（{known.returned}）。新しい送付先を入れてください。"], notes)
    if known.mailing:
        return Choice(known.mailing, who, "本人が届け出た送付先", [], notes)
    if known.protected:
        # Only the address that they gave for letters: any other may be known to whom they fled from.
        return Choice("", who, "", ["秘匿の方がいます。本人が届け出た送付先だけに送ります。"], notes)
    if known.residence:
        return Choice(known.residence, who, "居所（実際に住んでいる所）", [], notes)
    if known.register_today:
        return Choice(known.register_today, who, "住民票の現在の住所", [], notes)
    if known.left:
        return Choice("", who, "", [f"{known.left}しています。転出先の住所を、送付先に入れてください。"], notes)
    if known.registered:
        return Choice(known.registered, who, "発災日の住民票の住所", [], notes)
    return Choice("", who, "", ["住所が分かりません。送付先を入れてください。"], notes)
