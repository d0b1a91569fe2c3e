"""Changes that an office enters after the ledger was opened, many of them about the time before the disaster."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from fixtures.town import CHANGE_COLUMNS, FULL_COLUMNS

PROCESSED = "2026-11-30T{:02}:{:02}:{:02}+09:00"
BEFORE, AFTER = "2026-11-12", "2026-11-24"
# What is told, from when, and what the row shows besides: most of it changes the register as of the day.
KINDS = (
    ("転居", BEFORE, {"住所": "大浜市港町９９番地９", "方書": ""}),
    ("転居", AFTER, {"住所": "大浜市港町９９番地９", "方書": ""}),
    ("転出", BEFORE, {}),
    ("死亡", AFTER, {}),
    ("世帯分離", BEFORE, {"世帯番号": None, "続柄": "世帯主"}),
    ("氏名変更", BEFORE, {"氏名": "港 花子", "氏名カナ": "ミナト ハナコ"}),
    ("出生", BEFORE, {"宛名番号": None, "続柄": "子", "氏名": "港 新", "生年月日": BEFORE}),
    ("職権修正", BEFORE, {"郵便番号": "0000099"}),
)


def write(export: Path, to: Path, rows: int, seed: int = 7) -> Path:
    """A file of change with so many rows about people of an export, each about somebody else."""
    rng = Random(seed)
    with export.open(encoding="utf-8-sig", newline="") as file:
        everybody = list(csv.DictReader(file))
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CHANGE_COLUMNS)
        writer.writeheader()
        for turn, person in enumerate(rng.sample(everybody, rows)):
            reason, force, shows = KINDS[turn % len(KINDS)]
            row = {column: person.get(column, "") for column in FULL_COLUMNS}
            row |= {column: value if value is not None else str(770_000_000 + turn) for column, value in shows.items()}
            moment = PROCESSED.format(9 + turn // 3600, turn // 60 % 60, turn % 60)
            row |= {
                "異動事由": reason,
                "異動年月日": force,
                "届出年月日": "2026-11-30",
                "処理日時": moment,
                "処理連番": "1",
            }
            writer.writerow(row)
    return to
