"""Check digits by ISO 7064 MOD 97-10, and the り災番号 `DDDD-NNNNNNN-CC` that carries them.

Why every slip of one kind is caught. The number is read without its hyphens as one decimal number, letters as the two
digits 10 to 35. A wrong digit changes it by d·10^k, a wrong letter by d·10^k with |d| ≤ 25: never a multiple of the
prime 97. A swap of two digits a, b at the places i, j changes it by (a − b)(10^i − 10^j), which 97 divides only if
a = b (nothing changed) or 96 divides i − j (10 is a primitive root of 97), and the number is shorter than that; for
two letters the same holds with 100 and 48. A letter among the digits, a digit in a code of letters and a hyphen in
another place break the form. So all single wrong characters and all swaps of any two different characters are caught.
Check digits are compared as written (02 to 98): 00, 01 and 99, which would leave the same remainder, are refused.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_CODE = re.compile(r"[0-9]{4}|[A-Z]{4}")
_BARE = re.compile(r"(?:[0-9]{4}|[A-Z]{4})[0-9]{9}")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LENGTH = 13
_LARGEST = 9_999_999
# Where hyphens stand, counted in characters before them. Elsewhere one has changed places with a character.
_HYPHEN_PLACES: tuple[list[int], ...] = ([], [4], [11], [4, 11])


class CheckDigitError(ValueError):
    """Looks like a り災番号, but was mistyped: its check digits or its form are wrong."""


@dataclass(frozen=True, slots=True)
class DisasterNumber:
    """A checked り災番号: the disaster's code, the running number, and the whole as printed."""

    code: str
    n: int
    text: str


def mod97_10(text: str) -> str:
    """The two check digits (`02` to `98`) of digits and letters A–Z; ValueError for anything else."""
    if not text or any(character not in _ALPHABET for character in text):
        raise ValueError("検査数字は、数字と英大文字にだけ付けられます。")
    return f"{98 - int(''.join(str(_ALPHABET.index(character)) for character in text)) * 100 % 97:02d}"


def format_disaster_number(code: str, n: int) -> str:
    """The り災番号 of household `n` (1 to 9,999,999); ValueError when code or number can't make one."""
    if not _CODE.fullmatch(code):
        raise ValueError("災害コードは、数字4桁または英大文字4字です(混ぜることはできません)。")
    if not 1 <= n <= _LARGEST:
        raise ValueError("り災番号の一連番号は、1から9999999までです。")
    return f"{code}-{n:07d}-{mod97_10(f'{code}{n:07d}')}"


def disaster_numbers(code: str, first: int) -> Iterator[str]:
    """り災番号 of one disaster in order, from running number `first` on: for households by the hundred thousand."""
    format_disaster_number(code, first)
    start = int("".join(str(_ALPHABET.index(character)) for character in code)) * 10_000_000
    for n in range(first, _LARGEST + 1):
        yield f"{code}-{n:07d}-{98 - (start + n) * 100 % 97:02d}"
    raise ValueError("り災番号の一連番号は、1から9999999までです。")


def parse_disaster_number(text: str) -> DisasterNumber:
    """Reads a り災番号 in either width, with or without hyphens and spaces, in either case.

    Raises CheckDigitError when thirteen characters are there and don't fit together, ValueError when it is no
    り災番号 at all.
    """
    bare, places = _bare(text)
    if len(bare) != _LENGTH or any(character not in _ALPHABET for character in bare):
        raise ValueError("り災番号の形ではありません。")
    if not _checks(bare):
        raise CheckDigitError("り災番号の検査数字が合いません。番号をもう一度ご確認ください。")
    if places not in _HYPHEN_PLACES:
        raise CheckDigitError("り災番号のハイフンの位置が違います。番号をもう一度ご確認ください。")
    return _number(bare)


def completed(text: str) -> str:
    """The whole number, as printed, of a り災番号 whose check digits were left out; empty for anything else.

    With the hyphen behind the code the zeros before the running number may be left out, too.
    """
    bare, places = _bare(text)
    code, number = bare[:4], bare[4:]
    typed = len(number) == 7 if not places else places == [4] and 1 <= len(number) <= 7
    if not (typed and _CODE.fullmatch(code) and number.isascii() and number.isdecimal() and int(number)):
        return ""
    return format_disaster_number(code, int(number))


def suggestions(text: str) -> list[str]:
    """All well-formed numbers one wrong character or one swap of neighbours away from `text`, as printed.

    Swaps come first. The caller keeps those that exist. Empty for what is not thirteen characters long.
    """
    bare, _places = _bare(text)
    if len(bare) != _LENGTH:
        return []
    tried = [bare]
    tried += [bare[:i] + bare[i + 1] + bare[i] + bare[i + 2 :] for i in range(_LENGTH - 1)]
    tried += [bare[:i] + character + bare[i + 1 :] for i in range(_LENGTH) for character in _ALPHABET]
    return [_number(candidate).text for candidate in dict.fromkeys(tried) if _checks(candidate)]


def _bare(text: str) -> tuple[str, list[int]]:
    """The characters without spaces and hyphens, and the places where hyphens stood."""
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_HYPHENS).split()).upper()
    pieces = plain.split("-")
    places = [len("".join(pieces[:count])) for count in range(1, len(pieces))]
    return "".join(pieces), places


def _checks(bare: str) -> bool:
    return bool(_BARE.fullmatch(bare)) and bare[4:11] != "0000000" and mod97_10(bare[:11]) == bare[11:]


def _number(bare: str) -> DisasterNumber:
    return DisasterNumber(bare[:4], int(bare[4:11]), f"{bare[:4]}-{bare[4:11]}-{bare[11:]}")
