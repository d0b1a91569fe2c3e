"""What a field of a tax roll may say: each function gives the value, or raises ValueError with what is wrong, in Japanese.

Pure functions over text; an empty field is the caller's.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

DIGITS = re.compile(r"[0-9]{1,15}\Z")
LARGEST = 10**13  # yen
# Who writes figures with commas, in full width or with the accountant's minus means the same number.
_MINUS = str.maketrans(dict.fromkeys("△▲−－‐", "-"))
_YES = {"1", "有", "あり", "○", "該当"}
_NO = {"0", "無", "なし", "×", "非該当"}
_ERAS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018, "明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}  # fmt: skip
_YEAR = re.compile(r"([MTSHR]|明治|大正|昭和|平成|令和)?\s*([0-9]{1,4}|元)\s*年?\s*度?\Z", re.IGNORECASE)
# Where Japan lies, from 沖ノ鳥島 to 択捉島 and from 与那国島 to 南鳥島.
LATITUDES, LONGITUDES = (20.0, 46.0), (122.0, 154.0)


def plain(text: str) -> str:
    """The text in half width, without space around it."""
    return unicodedata.normalize("NFKC", text).strip()


def number(text: str) -> str:
    """A 宛名番号: at most 15 digits, leading zeros kept."""
    text = text.strip()
    if not DIGITS.match(text):
        raise ValueError("15桁以内の数字ではありません")
    return text


def amount(text: str) -> int:
    """Whole yen."""
    found = plain(text).translate(_MINUS).replace(",", "").removesuffix("円")
    if not re.fullmatch(r"-?[0-9]{1,14}", found) or abs(int(found)) > LARGEST:
        raise ValueError("円単位の整数ではありません")
    return int(found)


def count(text: str) -> int:
    """How many people."""
    found = plain(text).removesuffix("人")
    if not re.fullmatch(r"[0-9]{1,2}", found):
        raise ValueError("人数ではありません")
    return int(found)


def area(text: str) -> Decimal:
    """Square metres with at most two decimals, as 床面積 is written (家屋の床面積: 不動産登記規則 第115条)."""
    found = plain(text).replace(",", "")
    try:
        value = Decimal(re.sub(r"(m2|平米|平方メートル)\Z", "", found))
    except InvalidOperation:
        raise ValueError("面積（平方メートル）ではありません") from None
    if not value.is_finite() or not 0 <= value < 10_000_000:
        raise ValueError("面積（平方メートル）ではありません")
    return value.quantize(Decimal("0.01"))


def yes_or_no(text: str) -> bool:
    found = plain(text)
    if found in _YES or found in _NO or found == "〇":
        return found in _YES or found == "〇"
    raise ValueError("1（有）か0（無）ではありません")


def latitude(text: str) -> float:
    return _degrees(text, LATITUDES, "緯度")


def longitude(text: str) -> float:
    return _degrees(text, LONGITUDES, "経度")


def _degrees(text: str, within: tuple[float, float], what: str) -> float:
    try:
        value = float(plain(text))
    except ValueError:
        raise ValueError("十進の度（例 38.2682）ではありません") from None
    if not within[0] <= value <= within[1]:
        raise ValueError(f"日本の{what}ではありません（緯度と経度が逆か、度ではない座標系のおそれ）")
    return value


def fiscal_year(text: str) -> int:
    """令和8年度, R8, 2026, 2026年度 → 2026. Two digits without an era are not guessed at."""
    found = _YEAR.match(plain(text))
    if not found:
        raise ValueError("年度ではありません（例 2026、令和8年度、R8）")
    era = (found[1] or "").upper()
    year = 1 if found[2] == "元" else int(found[2])
    if era:
        year = _ERAS[era] + year if 1 <= year <= 64 else 0
    if not 1950 <= year <= 2199:
        raise ValueError("年度ではありません（例 2026、令和8年度、R8）")
    return year
