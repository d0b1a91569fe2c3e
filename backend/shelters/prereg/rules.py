"""事前登録のQR: what a family wrote on their own telephone, as the door reads it. The format is described in docs/formats.md.

Capital letters and digits only: a scanner is a keyboard, and types other characters otherwise on a keyboard of another country.
Read tolerantly: what a newer page adds is passed over, what can't be read of one person is said and left empty.
"""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
import zlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from backend.core.dates import parse_date
from backend.shelters.needs.rules import shown, together

MARK = "TSKP"
VERSION = "1"
LONGEST = 2400  # characters of one code
MOST = 12  # people of one code
_FAMILIES = UUID("0b0f3f0e-6c9b-5d0a-8d0e-3f3f6f1c9a41")  # never changed, or one code would be two families

# One letter for each thing that is ticked on the page.
TICKS = {
    "M": "medicine",
    "D": "device",
    "I": "illness",
    "H": "hospital",
    "C": "care",
    "B": "disability",
    "P": "pregnant",
    "N": "infant",
    "S": "soft_food",
}
UNTOLD = "X"  # 秘匿希望
_TEXTS = {"name": 60, "kana": 80, "address": 120, "telephone": 30}


class Unreadable(ValueError):
    """The code can't be read; the text says why, and what to do."""


@dataclass(frozen=True)
class Member:
    evacuee: UUID
    details: dict[str, str]
    needs: list[tuple[str, str]] = field(default_factory=list)
    secret: bool = False

    @property
    def said(self) -> list[str]:
        return [shown(need, text) for need, text in together(self.needs)]


@dataclass(frozen=True)
class Family:
    party: UUID
    members: list[Member]
    plate: str = ""
    # What could not be read and was left out, in words.
    left_out: list[str] = field(default_factory=list)


def is_code(text: str) -> bool:
    return _plain(text).startswith(MARK)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def read(text: str) -> Family:
    """The family of a scanned code; `Unreadable` with the reason in words."""
    plain = _plain(text)
    version, body = plain[len(MARK) : len(MARK) + 1], plain[len(MARK) + 1 :]
    if not plain.startswith(MARK) or not version:
        raise Unreadable("事前登録のQRではありません。")
    if version != VERSION:
        raise Unreadable("この事前登録のQRは、この画面より新しい形式です。氏名を聞いて受け付けてください。")
    if len(plain) > LONGEST:
        raise Unreadable("事前登録のQRが長すぎます。人数を分けて作り直してもらうか、氏名を聞いて受け付けてください。")
    said = _said(_bytes(body))
    return _family(said)


def _bytes(body: str) -> bytes:
    try:
        data = base64.b32decode(body + "=" * (-len(body) % 8))
    except (binascii.Error, ValueError) as error:
        raise Unreadable("事前登録のQRに、読めない文字があります。もう一度読み取ってください。") from error
    if len(data) < 5 or zlib.crc32(data[:-4]) != int.from_bytes(data[-4:], "big"):
        raise Unreadable("事前登録のQRが途中で切れたか、正しく読めていません。もう一度読み取ってください。")
    return data[:-4]


def _said(data: bytes) -> dict[str, Any]:
    try:
        said = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("事前登録のQRの中身が読めません。氏名を聞いて受け付けてください。") from error
    if not isinstance(said, dict) or not isinstance(said.get("m"), list):
        raise Unreadable("事前登録のQRの中身が読めません。氏名を聞いて受け付けてください。")
    return said


def _text(value: Any, longest: int) -> str:
    clean = "".join(c for c in value if c.isprintable()).strip() if isinstance(value, str) else ""
    return clean[:longest]


def _family(said: dict[str, Any]) -> Family:
    # The code's own random name, else what stands in it: read twice it is the same family.
    name = _text(said.get("f"), 40) or json.dumps(said, sort_keys=True, ensure_ascii=True)
    party = uuid5(_FAMILIES, name)
    shared = {
        "address": _text(said.get("a"), _TEXTS["address"]),
        "telephone": _text(said.get("t"), _TEXTS["telephone"]),
    }
    left_out: list[str] = []
    members: list[Member] = []
    met: set[UUID] = set()
    for number, one in enumerate(said["m"][:MOST], 1):
        member = _member(party, one, shared, number, left_out, met)
        if member is not None:
            members.append(member)
            met.add(member.evacuee)
    if len(said["m"]) > MOST:
        left_out.append(f"{MOST + 1}人目からは読み取れません。氏名を聞いて受け付けてください。")
    if not members:
        raise Unreadable("事前登録のQRに、氏名のある人がいません。氏名を聞いて受け付けてください。")
    if pet := _text(said.get("p"), 100):
        members[0].needs.append(("pet", pet))
    return Family(party, members, _text(said.get("c"), 20), left_out)


def _member(
    party: UUID, one: Any, shared: dict[str, str], number: int, left_out: list[str], met: set[UUID]
) -> Member | None:
    """[name, kana, birth, sex, ticks, allergy, language, other]: later ones may be missing, more are passed over."""
    values = [*one, *[""] * 8] if isinstance(one, list) else [""] * 8
    name = _text(values[0], _TEXTS["name"])
    if not name:
        left_out.append(f"{number}人目は氏名がないので、読み取れません。")
        return None
    details = {"name": name, "kana": _text(values[1], _TEXTS["kana"]), **shared}
    if birth := _text(values[2], 10):
        try:
            details["birth"] = parse_date(f"{birth[:4]}-{birth[4:6]}-{birth[6:]}").iso
        except ValueError:
            left_out.append(f"{name} さんの生年月日が読めません。聞いて書き足してください。")
    if values[3] in ("1", "2"):
        details["sex"] = values[3]
    ticks = _text(values[4], 20)
    needs = [(need, "") for letter, need in TICKS.items() if letter in ticks]
    needs += [
        (need, text)
        for need, value in zip(("allergy", "language", "other"), values[5:8], strict=True)
        if (text := _text(value, 100))
    ]
    evacuee = _id(party, f"{name}/{details.get('birth', '')}", met)
    return Member(evacuee, {key: text for key, text in details.items() if text}, needs, UNTOLD in ticks)


def _id(party: UUID, key: str, met: set[UUID]) -> UUID:
    """Whose id it is; of several of one name and birth (two 赤ちゃん of whom no day is written) each has their own."""
    evacuee, times = uuid5(party, key), 1
    while evacuee in met:
        times += 1
        evacuee = uuid5(party, f"{key}/{times}")
    return evacuee
