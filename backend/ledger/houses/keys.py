"""The keys by which houses and households find each other: those of `core.addresses`, without the municipality."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from backend.core.addresses import split_address
from backend.core.names import search_key

from .rules import without_municipality

LONGEST = 200


def place_key(address: str) -> str:
    """`大浜市西町12番地3` and `西町12-3` have one key; '' for an address without a number."""
    town, lot = split_address(address.strip())
    if not lot:
        return ""
    return (_town(town, settings.MUNICIPALITY) + lot)[:LONGEST]


@lru_cache(maxsize=65_536)
def _town(town: str, municipality: str) -> str:
    return without_municipality(town, search_key(municipality))
