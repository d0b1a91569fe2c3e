"""Of which municipality an address is: its prefecture, its 郡 and its name, read from the beginning of the text.

Sources: 総務省 全国地方公共団体コード (the prefectures and municipalities, as of 2024).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_PREFECTURE = re.compile(
    "北海道|東京都|京都府|大阪府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|"
    "長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|"
    "宮崎|鹿児島|沖縄)県"
)
# Names that hold a 市, 町 or 村 before their last letter: these are read whole, all others end with the first such letter.
_COUNTIES = "余市|高市|田村|(?:東|西|北)村山"
_NAMES = (
    "四日市市", "廿日市市", "野々市市", "市川市", "市原市", "十日町市", "大町市", "町田市", "東村山市", "武蔵村山市",
    "村山市", "村上市", "羽村市", "田村市", "大村市", "余市町", "市貝町", "市川三郷町", "市川町", "上市町", "下市町",
    "大町町", "玉村町", "村田町",
)  # fmt: skip
_COUNTY = re.compile(
    rf"(?:{_COUNTIES}|[^0-9\s市区町村郡]{{1,6}})郡(?=[^0-9\s市区町村]{{1,6}}[町村]|{'|'.join(_NAMES)})"
)
_NAME = re.compile(rf"{'|'.join(_NAMES)}|[^0-9\s市区町村]{{1,6}}[市区町村]")


@dataclass(frozen=True)
class Town:
    """A municipality as an address names it; `prefecture` and `county` (郡) are often left out."""

    prefecture: str
    county: str
    name: str

    def __str__(self) -> str:
        return self.prefecture + self.county + self.name

    @property
    def certain(self) -> bool:
        """西町 alone may be a part of any town; with its prefecture or 郡, or as a city, it is a municipality."""
        return bool(self.prefecture or self.county) or self.name.endswith("市")

    def may_be(self, other: Town) -> bool:
        """Whether both can be one: 津市 is not 大津市, and 東京都府中市 not 広島県府中市."""
        return self.name == other.name and (
            not self.prefecture or not other.prefecture or self.prefecture == other.prefecture
        )


def town_of(address: str) -> Town | None:
    """The municipality that an address begins with; None where it names none."""
    rest = unicodedata.normalize("NFKC", address).replace(" ", "")
    prefecture, rest = _split(_PREFECTURE, rest)
    county, rest = _split(_COUNTY, rest)
    name, _ = _split(_NAME, rest)
    return Town(prefecture, county, name) if name else None


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    end = found.end() if (found := pattern.match(text)) else 0
    return text[:end], text[end:]


def is_ours(address: str, municipality: str) -> bool:
    """Whether an address names our municipality (as the installation is set up)."""
    town, ours = town_of(address), town_of(municipality)
    return town is not None and ours is not None and town.may_be(ours)


def without_prefecture(home: str) -> str:
    return _split(_PREFECTURE, home)[1]
