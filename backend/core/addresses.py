"""Addresses: the keys by which a place is found however its number was written.

`大浜市西町一丁目2番3号`, `大浜市西町1丁目2-3` and `大浜市西町１の２の３` have one key. Keys are never shown. The same
functions make the key of what is stored and of what is asked for.
"""

import re
import unicodedata
from functools import lru_cache

from backend.core.names import search_key

_KANJI_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_KANJI_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERALS = "〇零一二三四五六七八九十百"

# 茅ヶ崎, 茅ケ崎, 茅が崎 are one place, written at will; so are 大字 said and left out.
_PLACE = str.maketrans({"ガ": "ケ", "ヶ": "ケ"})
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))

# Kanji numerals count as digits only before 丁目, 番, 番地, 号: not in 三日月町, 八千代, 三番町, 二番丁, 一号館.
_NUMBERED = re.compile(
    f"[{_NUMERALS}]+(?=丁目)"
    f"|[{_NUMERALS}千]+(?=番地|番$|番[0-9{_NUMERALS}のノ\\s-])"
    f"|(?<=[番地目号のノ0-9-])[{_NUMERALS}千]+(?=号$|号[0-9のノ\\s-])"
    f"|(?<=番地の)[{_NUMERALS}千]+$|(?<=番地)[{_NUMERALS}千]+$"
)
# And the other way round: a digit in the name of a town (北1条西, 3番町) is the numeral it is officially written with.
_NAMED = re.compile("[0-9]{1,2}(?=条|番町|番丁(?!目)|線)")

# What stands between two parts of a lot number, or after its last; ー is a hyphen only between digits.
_BETWEEN = re.compile(r"(?<=[0-9])(?:丁目|番地|番|号|[-ーのノ.・,、\s])+(?:の|ノ)?(?=[0-9])")
_AFTER = re.compile(r"(?<=[0-9])(?:丁目|番地|番|号)")
_ZEROS = re.compile("(?<![0-9])0+(?=[0-9])")
_DIGIT = re.compile("[0-9]")
_LOOSE_HYPHEN = re.compile("(?<![0-9])-+|-+(?![0-9])")

# A plain address: a place without digits, and after it a lot number of the usual parts only.
_PLAIN = re.compile(
    r"([^0-9０-９]*[^0-9０-９〇零一二三四五六七八九十百千])"
    r"([0-9０-９]{1,9}(?:(?:丁目|番地の?|番|号|[-－の])[0-9０-９]{1,9})*(?:丁目|番地|番|号)?)"
)
_NUMBERS = re.compile("[0-9０-９]+")


def split_address(address: str) -> tuple[str, str]:
    """The keys of the place and of the lot: `大浜市西町1丁目2番3号` → (`大浜市西町`, `1-2-3`), `西町` → (`西町`, ``).

    The place is what stands before the first number, folded as names are, with ケ・ヶ・が・ガ as one. The lot is its
    numbers with one hyphen between, and whatever follows them (`12甲`). Both may be empty.
    """
    # Nearly all addresses are a place that many share, which comes from the cache, and a plain number.
    if found := _PLAIN.fullmatch(address):
        town, head = _split(found[1])
        if not head or (head.isdecimal() and found[1].endswith("丁目")):
            lot = "-".join([str(int(number)) for number in _NUMBERS.findall(found[2])])
            return town, f"{head}-{lot}" if head else lot
    return _split(address)


def address_key(address: str) -> str:
    """Place and lot in one."""
    town, lot = split_address(address)
    return town + lot


@lru_cache(maxsize=65_536)
def _split(address: str) -> tuple[str, str]:
    key = address
    while (once := _fold(key)) != key:
        key = once
    first = _DIGIT.search(key)
    return (key[: first.start()], key[first.start() :]) if first else (key, "")


def _fold(address: str) -> str:
    text = unicodedata.normalize("NFKC", address).strip().translate(_HYPHENS)
    text = _NUMBERED.sub(_to_digits, text)
    text = _NAMED.sub(_to_kanji, text)
    text = _AFTER.sub("", _BETWEEN.sub("-", text))
    text = _LOOSE_HYPHEN.sub("", _ZEROS.sub("", text))
    return search_key(text).translate(_PLACE).replace("大字", "")


def _to_digits(found: re.Match[str]) -> str:
    """三 → 3, 二十三 → 23, 千二百 → 1200, and figure by figure: 一〇三 → 103."""
    numeral = found[0]
    if not any(character in _KANJI_UNITS for character in numeral):
        return "".join(str(_KANJI_DIGITS[character]) for character in numeral)
    total = digit = 0
    for character in numeral:
        if character in _KANJI_UNITS:
            total += (digit or 1) * _KANJI_UNITS[character]
            digit = 0
        else:
            digit = digit * 10 + _KANJI_DIGITS[character]
    return str(total + digit)


def _to_kanji(found: re.Match[str]) -> str:
    """1 to 99 as numerals: 3 → 三, 12 → 十二."""
    tens, ones = divmod(int(found[0]), 10)
    figures = "〇一二三四五六七八九"
    if not tens:
        return figures[ones]
    return (figures[tens] if tens > 1 else "") + "十" + (figures[ones] if ones else "")
