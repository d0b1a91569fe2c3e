"""Names: the keys under which they are found and compared, their two parts, and a look for unreadable characters.

Keys are for finding and comparing only; what is stored, shown and printed is the name as registered.
"""

import re
import unicodedata

from backend.core import variants

_DOTS = "・·‧•∙⋅･"

# The known sets: what resident systems can hold and a font can show, by blocks: JIS X 0213 with Latin, Greek,
# Cyrillic, kana and symbols, all Han ideographs up to extension J, and variation selectors. Everything else is odd:
# private use (a vendor's 外字), control characters, noncharacters, unassigned code points, other scripts, U+FFFD, and
# 〓 (U+3013), which stands where a character was lost.
_KNOWN = (
    " -~\u00a0-\u024f\u02bb-\u02bd\u0300-\u034e\u0391-\u03a1\u03a3-\u03c9\u0401-\u045f\u1e00-\u1eff"
    "\u2010-\u2027\u2030-\u205e\u2070\u2071\u2074-\u208e\u2100-\u218b\u2190-\u23ff\u2460-\u27bf\u2e80-\u2e99"
    "\u2e9b-\u2ef3\u2f00-\u2fd5\u3000-\u3012\u3014-\u303f\u3041-\u3096\u3099-\u30ff\u31c0-\u31e3\u31f0-\u31ff"
    "\u3200-\u321e\u3220-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9\ufe00-\ufe0d\uff01-\uff9f\uffe0-\uffe6"
    "\U0001b000-\U0001b122\U00020000-\U0002a6df\U0002a700-\U0002b73f\U0002b740-\U0002b81d\U0002b820-\U0002cead"
    "\U0002ceb0-\U0002ebe0\U0002ebf0-\U0002ee5d\U0002f800-\U0002fa1d\U00030000-\U0003134a\U00031350-\U00033479"
    "\U000e0100-\U000e01ef"
)
_odd = re.compile(f"[^{_KNOWN}]").search


class _FoldTable(dict[int, str | None]):
    """Per character what the key holds of it (None: nothing); filled as characters are met."""

    def __init__(self, pairs: dict[str, str]) -> None:
        self._pairs = pairs

    def __missing__(self, code: int) -> str | None:
        value = self[code] = self._fold(chr(code))
        return value

    def _fold(self, character: str) -> str | None:
        if "\ufe00" <= character <= "\ufe0d" or "\U000e0100" <= character <= "\U000e01ef":
            return None
        if character.isspace() or character in _DOTS or unicodedata.category(character) in ("Zs", "Cf"):
            return None
        if "ぁ" <= character <= "ゖ" or character in "ゝゞ":
            character = chr(ord(character) + 0x60)
        return self._pairs.get(character, character).casefold()


# ヵ and ヶ are written small or large at will (三ヶ尻, 三ケ尻); the strict key leaves them as they are.
_SEARCH = _FoldTable(variants.SEARCH | {"ヵ": "カ", "ヶ": "ケ"})
_IDENTITY = _FoldTable(variants.IDENTITY)


def search_key(text: str) -> str:
    """The wide key: everything a clerk may take for the same name has the same one.

    NFKC, variation selectors gone, variants to their plain form (the four さいとう are one), katakana, without spaces,
    middle dots and case; 々 is written out. The key of a part of a name is a part of the name's key,
    unless the part starts with 々.
    """
    key = _fixed(text, _SEARCH)
    return _fixed(_without_repetition(key), _SEARCH) if "々" in key else key


def identity_key(text: str) -> str:
    """The strict key: as `search_key`, but only shapes of one and the same character are one (斎・齋, not 斉)."""
    return _fixed(text, _IDENTITY)


def split_name(name: str) -> tuple[str, str]:
    """Family and given name at the first space of any width; a name without a space is all family name."""
    parts = name.split(None, 1)
    if len(parts) == 2:
        return parts[0], parts[1].rstrip()
    return (parts[0] if parts else ""), ""


def is_odd(text: str) -> bool:
    """Whether a character is outside the known sets, so that a person should look at it (a lost 外字, 〓, controls)."""
    return _odd(text) is not None


def _fixed(text: str, table: _FoldTable) -> str:
    key = unicodedata.normalize("NFKC", text).translate(table)
    # Leaving a mark out, or casefolding, can bring characters together that NFKC composes: rare, so only then again.
    while not unicodedata.is_normalized("NFKC", key):
        key = unicodedata.normalize("NFKC", key).translate(table)
    return key


def _without_repetition(key: str) -> str:
    """佐々木 → 佐佐木: some write the one, some the other. A 々 at the start repeats nothing and stays."""
    written = ""
    for character in key:
        written += written[-1:] if character == "々" and written else character
    return written
