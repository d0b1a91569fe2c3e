"""Tax rolls for tests, written as a town's tax system would write them."""

from __future__ import annotations

from backend.registry.rolls.layouts import HOUSE_LAYOUT, INCOME_LAYOUT

HOUSE_COLUMNS = [column.header for column in HOUSE_LAYOUT.columns]
INCOME_COLUMNS = [column.header for column in INCOME_LAYOUT.columns]
HOUSE = {
    "物件番号": "H001",
    "所在地": "大浜市西町12番地3",
    "家屋番号": "12番3",
    "台帳区分": "家屋",
    "所有者宛名番号": "0001001",
    "所有者氏名": "高橋　一郎",
    "種類": "居宅",
    "用途": "専用住宅",
    "構造": "木造瓦葺2階建",
    "階数": "2",
    "床面積": "98.50",
    "建築年": "昭和60年",
    "評価額": "3,210,000",
    "緯度": "38.01",
    "経度": "143.51",
}
INCOME = {
    "宛名番号": "0001001",
    "年度": "令和8年度",
    "合計所得金額": "2,500,000",
    "総所得金額": "2500000",
    "課税区分": "課税",
    "所得割額": "98000",
    "均等割額": "4000",
}


def house(number: str = "H001", **said: str) -> dict[str, str]:
    return {**HOUSE, "物件番号": number, **said}


def income(number: str = "0001001", **said: str) -> dict[str, str]:
    return {**INCOME, "宛名番号": number, **said}
