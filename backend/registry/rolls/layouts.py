"""The columns of the tax rolls: Japanese header, our name, what the value may be, what makes a row one of its kind.

House roll: `docs/formats.md`, section 7. Income roll: what the relief schemes of a disaster ask for. 災害援護資金 looks at
総所得金額 (災害弔慰金の支給等に関する法律施行令 第4条), reductions of taxes at 合計所得金額 (地方税法 第292条第1項第13号), others at
whether 均等割 or 所得割 is paid at all (地方税法 第292条第1項第1号, 第2号, 第295条). Pure: no database, no Django.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import values

HOUSE, INCOME = "house", "income"


@dataclass(frozen=True)
class Column:
    """One column. `parse`: text → value, or ValueError with what is wrong; `filled`: an empty field is an error."""

    header: str
    name: str
    parse: Callable[[str], Any] | None = None  # None: text as received
    required: bool = False
    filled: bool = False
    longest: int = 200


@dataclass(frozen=True)
class Layout:
    kind: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # the columns that name what a row is about
    twice: str  # why a second row about the same is set aside

    @property
    def by_header(self) -> dict[str, Column]:
        return {column.header: column for column in self.columns}

    @property
    def required(self) -> list[str]:
        return [column.header for column in self.columns if column.required]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def header_of(self, name: str) -> str:
        return next((column.header for column in self.columns if column.name == name), name)


def _tax_class(text: str) -> str:
    """課税, 均等割のみ, 非課税, 未申告: what the town calls it, brought to these four."""
    found = TAX_CLASSES.get(values.plain(text))
    if found is None:
        raise ValueError("課税・均等割のみ・非課税・未申告のどれでもありません")
    return found


def _roll(text: str) -> str:
    found = ROLLS.get(values.plain(text))
    if found is None:
        raise ValueError("家屋・補充のどちらでもありません")
    return found


TAX_CLASSES = {
    "課税": "課税", "1": "課税", "所得割課税": "課税",
    "均等割のみ": "均等割のみ", "均等割のみ課税": "均等割のみ", "2": "均等割のみ",
    "非課税": "非課税", "3": "非課税",
    "未申告": "未申告", "9": "未申告",
}  # fmt: skip
# 地方税法 第341条第12号 (家屋課税台帳) and 第13号 (家屋補充課税台帳, houses that are not registered at the legal bureau).
ROLLS = {"家屋": "家屋", "1": "家屋", "家屋課税台帳": "家屋", "補充": "補充", "2": "補充", "家屋補充課税台帳": "補充"}

HOUSE_LAYOUT = Layout(
    HOUSE,
    "家屋課税台帳",
    (
        Column("物件番号", "property_no", required=True, filled=True, longest=40),
        Column("所在地", "lot", required=True, filled=True, longest=300),
        Column("住居表示住所", "address", longest=300),
        Column("家屋番号", "house_no", longest=60),
        Column("台帳区分", "roll", _roll),
        Column("所有者宛名番号", "owner_no", values.number),
        Column("所有者氏名", "owner_name"),
        Column("現況所有者", "present_owner"),
        Column("納税管理人", "tax_agent"),
        Column("共有", "shared", values.yes_or_no),
        Column("区分所有", "sectional", values.yes_or_no),
        Column("附属家", "annex", values.yes_or_no),
        Column("種類", "kind", longest=60),
        Column("用途", "use", longest=60),
        Column("構造", "structure", longest=100),
        Column("階数", "floors", longest=40),
        Column("床面積", "area", values.area),
        Column("建築年", "built", longest=40),
        Column("評価額", "assessed", values.amount),
        Column("緯度", "latitude", values.latitude),
        Column("経度", "longitude", values.longitude),
    ),
    ("property_no",),
    "同じ物件番号の行が前にあります（前の行を取り込みました）",
)
INCOME_LAYOUT = Layout(
    INCOME,
    "所得・住民税の課税台帳",
    (
        Column("宛名番号", "atena_no", values.number, required=True, filled=True),
        Column("年度", "year", values.fiscal_year, required=True, filled=True),
        Column("合計所得金額", "total_income", values.amount, required=True),
        Column("総所得金額", "gross_income", values.amount),
        Column("総所得金額等", "gross_income_etc", values.amount),
        Column("給与収入", "salary", values.amount),
        Column("公的年金等収入", "pension", values.amount),
        Column("課税区分", "tax_class", _tax_class),
        Column("所得割額", "income_levy", values.amount),
        Column("均等割額", "per_capita_levy", values.amount),
        Column("所得控除合計", "deductions", values.amount),
        Column("雑損控除", "casualty_deduction", values.amount),
        Column("扶養人数", "dependants", values.count),
        Column("障害者控除", "disability", values.yes_or_no),
        Column("ひとり親・寡婦控除", "single_parent", values.yes_or_no),
        Column("被扶養者", "dependant", values.yes_or_no),
    ),
    ("atena_no", "year"),
    "同じ宛名番号・年度の行が前にあります（前の行を取り込みました）",
)
LAYOUTS = {HOUSE: HOUSE_LAYOUT, INCOME: INCOME_LAYOUT}
