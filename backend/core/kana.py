"""Kana: the width in which readings are stored, and the key by which they are found."""

import re
import unicodedata
from functools import lru_cache

import jaconv

_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_BESIDE_KANA = r"[\s・･.\-゛゜ﾞﾟーｰ\u3099\u309a]*"
_KANA_ONLY = re.compile(f"{_BESIDE_KANA}(?:[ぁ-ゖァ-ヺヽヾゝゞｦ-ｯｱ-ﾝ]{_BESIDE_KANA})+")
_ITERATION = re.compile("[ヽヾ]")

_SAME_SOUND = dict(
    zip("ァィゥェォッャュョヮヵヶヂヅヲヰヱヸヹヺ", "アイウエオツヤユヨワカケジズオイエイエオ", strict=True)
)


class _SoundTable(dict[int, str | None]):
    """Per character: its sound, or None for spaces and punctuation; filled as characters are met."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if "ぁ" <= character <= "ゖ" or character in "ゝゞ":
            character = chr(code + 0x60)
        value: str | None = _SAME_SOUND.get(character, character).casefold()
        # Letters and numbers count; the long mark is a letter to Unicode, but nobody writes it reliably.
        if character == "ー" or unicodedata.category(character)[0] not in "LN":
            value = None
        self[code] = value
        return value


_SOUNDS = _SoundTable()


def has_half_width(text: str) -> bool:
    """Whether there is half-width kana in it, so that `to_wide` would change it."""
    return _HALF_WIDTH.search(text) is not None


def to_wide(text: str) -> str:
    """Half-width kana to full-width katakana, everything else untouched: the form in which readings are stored."""
    if not has_half_width(text):
        return text
    # Word by word: a town has few family names and few given names, and many pairs of them.
    return " ".join([_wide_word(word) for word in text.split(" ")])


@lru_cache(maxsize=65_536)
def _wide_word(word: str) -> str:
    return jaconv.h2z(word, kana=True, ascii=False, digit=False)


def search_kana(text: str) -> str:
    """The key under which a reading is found; never shown.

    Katakana of one size: NFKC, hiragana to katakana, small to large (ャ→ヤ, ッ→ツ), ヂヅヲヰヱ as they sound (ジズオイエ), without
    spaces, punctuation, hyphens and long marks. Voiced sounds stay apart from unvoiced.
    """
    key = "".join([_sound(word) for word in text.split()])
    return key if unicodedata.is_normalized("NFKC", key) else _sound(key)


@lru_cache(maxsize=65_536)
def _sound(word: str) -> str:
    while True:
        key = unicodedata.normalize("NFKC", word).translate(_SOUNDS)
        if _ITERATION.search(key):
            key = _without_iteration(key)
        # Taking a mark out can bring two characters together that compose; then once more.
        if key == word:
            return key
        word = key


def _without_iteration(key: str) -> str:
    """Writes out ヽ and ヾ (スヾ → スズ); one that follows nothing falls away."""
    written = ""
    for character in key:
        if character == "ヽ":
            character = written[-1:]
        elif character == "ヾ":
            character = unicodedata.normalize("NFC", written[-1:] + "\u3099")[:1] if written else ""
        written += character
    return written


def looks_like_kana(text: str) -> bool:
    """Whether the text is a reading: kana of either kind and width, with spaces, dots and long marks."""
    return _KANA_ONLY.fullmatch(text) is not None
