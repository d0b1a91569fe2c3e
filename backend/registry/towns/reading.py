"""A file of 町字: that of the address base registry (its English columns), one with Japanese columns, or names alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.core import text_files
from backend.core.errors import Refused

NAME = ("町字名", "町字")
PARTS = (("大字・町名", "大字_町名", "oaza_cho"), ("丁目名", "chome"), ("小字名", "koaza"))
CITY = ("市区町村名", "city")
COUNTY = ("郡名", "county")
WARD = ("政令市区名", "ward")
TOWN_ID = ("町字ID", "machiaza_id")
BY_STREET = ("住居表示フラグ", "rsdt_addr_flg")


@dataclass(frozen=True)
class TownRow:
    town_id: str
    city: str
    name: str
    by_street: bool | None


def read(path: Path) -> list[TownRow]:
    """The 町字 of a file, each once. Raises `Refused` where there is none to be found."""
    try:
        rows = list(text_files.csv_rows(path, text_files.sniff_encoding(path)))
    except text_files.UnreadableFile as error:
        raise Refused(f"{error} 何も取り込んでいません。") from error
    names = [name.strip().lstrip("\ufeff") for name in rows[0][1]] if rows else []

    def at(wanted: tuple[str, ...]) -> int | None:
        return next((names.index(name) for name in wanted if name in names), None)

    whole, parts = at(NAME), [at(part) for part in PARTS]
    if whole is None and parts[0] is None:
        raise Refused(
            "町字の列がありません。1行目の見出しに「町字名」か、アドレス・ベース・レジストリの「大字・町名」（oaza_cho）が要ります。"
        )
    found: dict[tuple[str, str], TownRow] = {}
    for _, record in rows[1:]:

        def cell(position: int | None, record: list[str] = record) -> str:
            return record[position].strip() if position is not None and position < len(record) else ""

        name = cell(whole) if whole is not None else "".join(cell(part) for part in parts)
        if not name or len(name) > 200:
            continue
        city = "".join(cell(at(part)) for part in (COUNTY, CITY, WARD))[:100]
        flag = cell(at(BY_STREET))
        row = TownRow(
            cell(at(TOWN_ID)).zfill(7)[:7] if cell(at(TOWN_ID)) else "", city, name, flag == "1" if flag else None
        )
        found.setdefault((city, name), row)
    if not found:
        raise Refused("町字が一つもありません。ファイルを確認してください。")
    return list(found.values())
