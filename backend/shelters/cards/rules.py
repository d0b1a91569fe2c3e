"""避難者の札: a number for every evacuee that any device makes by itself, always the same one, without a line.

The number follows from the evacuee's id: ten digits of its SHA-256, and two check digits by ISO 7064 MOD 97-10, by which every
single wrong digit and every swap of two is caught. Digits only, so that it can be read aloud, typed on a keypad and
written on a wrist band. Two people may have the same one (one pair is to be expected among 140,000): both are shown then.
The QR holds the letters TSKC and the twelve digits: nothing of the person, and nothing that a keyboard of another country types otherwise.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from uuid import UUID

from backend.core.check_digits import mod97_10

MARK = "TSKC"
_BARE = re.compile(r"[0-9]{12}")
_APART = re.compile(r"[\s‐‑‒–—―−ー-]+")


class Misread(ValueError):
    """This is meant to be a card's number, but was read or typed wrongly."""


def card_of(evacuee: UUID) -> str:
    """The twelve digits of somebody's card."""
    ten = int.from_bytes(hashlib.sha256(evacuee.bytes).digest()[:8], "big") % 10**10
    return f"{ten:010d}{mod97_10(f'{ten:010d}')}"


def printed(card: str) -> str:
    return f"{card[:4]}-{card[4:8]}-{card[8:]}"


def in_qr(card: str) -> str:
    return MARK + card


def read(text: str) -> str | None:
    """The card that was scanned or typed, in either width, with or without hyphens; None when it is something else.

    `Misread` for a scan that is a card's, and for digits written as one, that do not check.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    bare = _APART.sub("", plain)
    scanned = bare.startswith(MARK)
    digits = bare.removeprefix(MARK)
    if _BARE.fullmatch(digits) and mod97_10(digits[:10]) == digits[10:]:
        return digits
    if scanned or re.fullmatch(r"[0-9]{4}-[0-9]{4}-[0-9]{4}", _APART.sub("-", plain)):
        raise Misread("札の番号が正しく読めていません。もう一度読み取るか、12桁の数字を確かめて入れてください。")
    return None
