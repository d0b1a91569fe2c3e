"""Who of the emergency register is who of the real one: by the four facts, and by nothing that a machine may guess.

The basic-register network gives 氏名, 生年月日, 性別, 住所 (住民基本台帳法 第30条の6). All four alike, and nobody else on either
side with the same four: certain. Some of them alike: a person decides. Nothing alike: somebody else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend.core.addresses import address_key
from backend.core.names import identity_key, search_key, split_name

FIRST_OWN = 900_000_000_000_000


def is_own(number: str | None) -> bool:
    """Whether a 宛名番号 is one that was given here, and not by the town's system."""
    return bool(number) and len(number or "") == 15 and (number or "") >= str(FIRST_OWN)


@dataclass(frozen=True, slots=True)
class Facts:
    """The four facts of somebody."""

    name: str
    birth: str
    sex: str
    address: str

    def key(self) -> bytes | None:
        """The same for two who agree in all four; None where one of them is missing, so that nothing is certain."""
        if not (self.name and len(self.birth) == 10 and "-00" not in self.birth and self.sex and self.address):
            return None
        said = (identity_key(self.name), self.birth, self.sex, address_key(self.address))
        return hashlib.blake2b("\x1f".join(said).encode(), digest_size=16).digest()

    def likenesses(self) -> Iterator[tuple[str, ...]]:
        """In which ways somebody else may be alike enough to be looked at: one way in common is enough."""
        family, given = (search_key(part) for part in split_name(self.name))
        place = address_key(self.address)
        yield "name", search_key(self.name)
        if self.birth:
            yield "birth and family name", self.birth, family
            if given:
                yield "birth and given name", self.birth, given
            if place:
                yield "birth and address", self.birth, place


def unique(pairs: Iterable[tuple[bytes | None, str]]) -> dict[bytes, str | None]:
    """key -> whose it is; None where two have it."""
    found: dict[bytes, str | None] = {}
    for key, who in pairs:
        if key is not None:
            found[key] = None if key in found else who
    return found


def certain(ours: dict[bytes, str | None], theirs: dict[bytes, str | None]) -> dict[str, str]:
    """Who is who beyond doubt: the same four facts, and nobody else with them on either side."""
    return {one: other for key, one in ours.items() if one and (other := theirs.get(key))}
