"""The search keys of a person: folds of name, kana, alias and address, made when the row is written.

A key finds, it never proves: two people with the same key are two people.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from backend.characters.models import Source
from backend.characters.queries import plain
from backend.core.addresses import split_address
from backend.core.kana import search_kana
from backend.core.names import search_key

COLUMNS = ("family_key", "given_key", "kana_family_key", "kana_given_key", "alias_key", "town_key", "lot_key")

LONGEST = 100  # characters of one key; a longer word is found by its first hundred


class _Words(dict[str, str]):
    """Word -> key, made once: a million people have some ten thousand different words. Emptied when it grows large."""

    def __init__(self, fold: Callable[[str], str]) -> None:
        self.fold = fold

    def __missing__(self, word: str) -> str:
        if len(self) > 200_000:
            self.clear()
        key = self[word] = self.fold(word)[:LONGEST]
        return key


_WORDS, _READINGS = _Words(search_key), _Words(search_kana)


@lru_cache(maxsize=8)  # the members of a household follow each other
def _place(address: str) -> tuple[str, str]:
    town, lot = split_address(address)
    return town[:LONGEST], lot[:LONGEST]


def key_values(name: str, kana: str, alias: str, address: str) -> tuple[str, str, str, str, str, str, str]:
    """The keys in the order of `COLUMNS`, of texts in which 外字 are written out already (`characters.queries.reader`)."""
    names, readings = (*name.split(None, 1), "", ""), (*kana.split(None, 1), "", "")
    town, lot = _place(address)
    return (
        _WORDS[names[0]],
        _WORDS[names[1]],
        _READINGS[readings[0]],
        _READINGS[readings[1]],
        _WORDS[alias] if alias else "",
        town,
        lot,
    )


def search_keys(
    *, name: str, kana: str = "", alias: str = "", address: str = "", source: str = Source.REGISTER
) -> dict[str, str]:
    """The keys by column name, for a single person; `source` says whose private-use characters they are written in."""
    texts = (plain(name, source), kana, plain(alias, source), plain(address, source))
    return dict(zip(COLUMNS, key_values(*texts), strict=True))
