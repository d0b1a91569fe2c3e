"""The signed proof in the QR code: what a bank can check without a connection and without learning who else there is.

It stands after the `#` of the address, which browsers keep to themselves. Twelve parts with a dot between:
`1.MUNICIPALITY.KIND.YEAR.NUMBER.DAY.CLASS.KEY.SALT.NAME.ADDRESS.SIGNATURE`. Name and address of the head of the household
are in it as salted hashes: who has the paper reads them anyway, and compares what they type. The signature is Ed25519
(RFC 8032) over everything before it.

The rules here are over plain values; keys come from `signing`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass

VERSION = "1"
CONTEXT = b"tasuki-proof\n"  # so that nothing else that is ever signed with the key can pass for a proof
HASH = 10  # bytes: nobody finds another name that has the same 80 bits
NO_CLASS = "-"
_LOOSE = re.compile("[\\s\ufe00-\ufe0f\U000e0100-\U000e01ef]+")


@dataclass(frozen=True)
class Claims:
    """What a proof says."""

    municipality: str
    kind: str
    year: int
    number: int
    day: str  # YYYYMMDD
    damage: str = NO_CLASS


def comparable(text: str) -> str:
    """A name or address as it is compared: width, spaces and variation selectors don't count, other shapes do."""
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text))


def hashed(salt: str, text: str) -> str:
    """The salted hash of a name or address."""
    return encoded(hashlib.sha256(f"{salt}\n{comparable(text)}".encode()).digest()[:HASH])


def unsigned(claims: Claims, *, key: str, salt: str, name: str, address: str) -> str:
    """A proof without its signature."""
    parts = (
        *(VERSION, claims.municipality, claims.kind, claims.year, claims.number, claims.day, claims.damage, key, salt),
        *(hashed(salt, name), hashed(salt, address)),
    )
    return ".".join(map(str, parts))


def signed_bytes(text: str) -> bytes:
    """What the signature is over."""
    return CONTEXT + text.encode()


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
