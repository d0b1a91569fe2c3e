"""The order of the post, and what stands in the window of an envelope. Plain values only.

The order is that of a delivery round as far as an address tells it: postal code (where one is known; those without come
last), town, lot number by number, building. It is no sorting of the post office's own, which needs its customer bar code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.addresses import split_address

LINE = 19  # full-width characters that the window takes side by side
_POSTAL = re.compile(r"〒?\s*([0-9０-９]{3})[-－ー]?([0-9０-９]{4})(?:　|\s)+")
_NUMBERS = re.compile(r"\d+|[^\d-]+")
_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")

Key = tuple[bool, str, str, tuple[tuple[int, str], ...], tuple[tuple[int, str], ...]]


@dataclass(frozen=True)
class Place:
    """An address as letters carry it: `〒928-0001　大浜市西町1番地　コーポ101`, taken apart."""

    postal: str
    address: str
    building: str


def place(text: str) -> Place:
    """The parts of a mailing address; what has no postal code in front has none."""
    found = _POSTAL.match(text)
    postal = (found[1] + found[2]).translate(_WIDE) if found else ""
    rest = text[found.end() :] if found else text
    address, _, building = rest.strip().partition("　")
    return Place(postal, address, building.strip())


def post_key(where: Place) -> Key:
    """By what the papers are sorted; `2番地` comes before `10番地`, and room `２号` before room `１０号`."""
    town, lot = split_address(where.address)
    return (not where.postal, where.postal, town, numbered(lot), numbered(where.building))


def numbered(text: str) -> tuple[tuple[int, str], ...]:
    """A text in pieces that are compared: its numbers as numbers."""
    found = _NUMBERS.findall(text.translate(_WIDE))
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in found)


def window(where: Place) -> dict[str, object]:
    """The lines of the address."""
    postal = f"〒{where.postal[:3]}-{where.postal[3:]}" if where.postal else ""
    lines = [line for text in (where.address, where.building) if text for line in _folded(text)]
    return {"postal": postal, "lines": lines}


def _folded(text: str) -> Iterator[str]:
    """A text in lines that fit; a selector never stands apart from its character."""
    line = ""
    for character in text:
        if len(line) >= LINE and not (0xE0100 <= ord(character) <= 0xE01EF or 0xFE00 <= ord(character) <= 0xFE0F):
            yield line
            line = ""
        line += character
    if line:
        yield line
