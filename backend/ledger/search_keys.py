"""The search keys of a person: folds of name, kana, alias and address, made when the row is written.

A key finds, it never proves: two people with the same key are two people.
"""

from __future__ import annotations

from collections.abc import Callable

from backend.characters.models import Source
from backend.characters.queries import plain
from backend.core.addresses import split_address
from backend.core.kana import search_kana
from backend.core.names import search_key

COLUMNS = ("family_key", "given_key", "kana_family_key", "kana_given_key", "alias_key", "town_key", "lot_key")

LONGEST = 100  # characters of one key; a longer word is found by its first hundred


class Words(dict[str, str]):
    """Word -> what `fold` makes of it, once: a million people have some ten thousand words. Emptied when it grows large."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self.fold = fold

    def __missing__(self, word: str) -> str:
        if len(self) > 200_000:
            self.clear()
        key = self[word] = self.fold(word)
        return key


def name_key(word: str) -> str:
    """The key of a family name, a given name or a 通称."""
    return search_key(word)[:LONGEST]


def kana_key(word: str) -> str:
    """The key of one word of the reading."""
    return search_kana(word)[:LONGEST]


def place_keys(address: str) -> tuple[str, str]:
    """The keys of the town and of the lot."""
    town, lot = split_address(address)
    return town[:LONGEST], lot[:LONGEST]


_NAMES, _READINGS = Words(name_key), Words(kana_key)


def key_values(name: str, kana: str, alias: str, address: str) -> tuple[str, str, str, str, str, str, str]:
    """The keys in the order of `COLUMNS`, of texts in which 外字 are written out already (`characters.queries.reader`)."""
    (family, given, *_), (kana_family, kana_given, *_) = (*name.split(None, 1), "", ""), (*kana.split(None, 1), "", "")
    alias_key = _NAMES[alias] if alias else ""
    return (
        *(_NAMES[family], _NAMES[given], _READINGS[kana_family], _READINGS[kana_given], alias_key),
        *place_keys(address),
    )


def search_keys(
    *, name: str, kana: str = "", alias: str = "", address: str = "", source: str = Source.REGISTER
) -> dict[str, str]:
    """The keys by column name, for a single person; `source` says whose private-use characters they are written in."""
    texts = (plain(name, source), kana, plain(alias, source), plain(address, source))
    return dict(zip(COLUMNS, key_values(*texts), strict=True))
