"""Where a household's letters go: the choice and its reason, from what is known. Registered address, actual whereabouts
and mailing address are three different facts; letters stop for the protected, the dead, and where mail came back.

Nobody's address is guessed: where the rule can't tell, it says what is missing.
"""

from __future__ import annotations

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


def choose(known: Known) -> Choice:
    """Where letters to the household go."""
    if not known.people:
        return Choice(missing=["いまはこの世帯に誰もいません。異動先の世帯に送ります。"])
    if not known.living:
        return Choice(missing=["世帯員が全員亡くなっています。相続人などの送付先を確かめてください。"])
    notes = ["世帯主が亡くなっています。新しい世帯主を決めてください。"] if known.head_died else []
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
    if known.registered:
        return Choice(known.registered, who, "発災日の住民票の住所", [], notes)
    return Choice("", who, "", ["住所が分かりません。送付先を入れてください。"], notes)
