"""Register files for tests, written as a city's system would write them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from backend.registry.layout import COLUMNS, JAPANESE

FULL = tuple(COLUMNS)[:15]
CHANGE = tuple(COLUMNS)
SOMEBODY = {
    "宛名番号": "1001",
    "世帯番号": "501",
    "氏名": "高橋 一郎",
    "氏名カナ": "タカハシ イチロウ",
    "生年月日": "1970-01-02",
    "性別": "1",
    "続柄": "世帯主",
    "郵便番号": "0000001",
    "住所": "大浜市西町１番地",
    "住民となった日": "1990-04-01",
    "国籍区分": "1",
}
CHANGED = {"異動事由": "転居", "異動年月日": "2026-11-10", "処理日時": "2026-11-11T09:00:00+09:00", "処理連番": "1"}

Row = dict[str, str]


def person(number: str = "1001", **said: str) -> Row:
    """A row of an export; words like `address="…"` name our columns."""
    return {**SOMEBODY, "宛名番号": number, **{JAPANESE.get(name, name): value for name, value in said.items()}}


def change(number: str = "1001", reason: str = "転居", **said: str) -> Row:
    """A row of change, in force on 2026-11-10 and processed on the 11th if nothing else is said."""
    return {**CHANGED, **person(number, **said), "異動事由": reason}


def write(path: Path, rows: Iterable[Row], columns: Iterable[str] = FULL, encoding: str = "utf-8") -> Path:
    columns = list(columns)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return path


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(path: Path, mend: Callable[[Row], Any]) -> Path:
    """Correct a file in place, as a clerk does in a spreadsheet."""
    rows = read(path)
    for row in rows:
        mend(row)
    return write(path, rows, rows[0], encoding="utf-8-sig")
