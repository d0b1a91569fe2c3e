"""The yardstick: what PostgreSQL itself takes for the same file. COPY of the full export into an empty logged table of
text columns, then the six indexes that a register is asked by."""

from __future__ import annotations

import csv
import time

import psycopg2

from .place import Place

INDEXED = ("宛名番号", "世帯番号", "氏名", "氏名カナ", "生年月日", "住所")
TIMES = 3


def measure(place: Place, times: int = TIMES) -> list[dict[str, float]]:
    """Seconds of COPY and of the indexes, `times` times, in a database of its own on the same server."""
    place.sql("DROP DATABASE IF EXISTS yardstick")
    url = place.postgresql("yardstick", migrated=False)
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        return [_once(connection, place) for _ in range(times)]
    finally:
        connection.close()


def best(runs: list[dict[str, float]]) -> float:
    return min(run["copy"] + run["indexes"] for run in runs)


def _once(connection: psycopg2.extensions.connection, place: Place) -> dict[str, float]:
    with place.full_file.open(encoding="utf-8", newline="") as file:
        columns = next(csv.reader(file))
    with connection.cursor() as cursor, place.full_file.open("rb") as file:
        cursor.execute("DROP TABLE IF EXISTS yardstick")
        cursor.execute(f"CREATE TABLE yardstick ({', '.join(f'{name} text' for name in columns)})")
        began = time.perf_counter()
        cursor.copy_expert("COPY yardstick FROM STDIN WITH (FORMAT csv, HEADER true)", file, size=1 << 18)
        copied = time.perf_counter()
        for name in INDEXED:
            cursor.execute(f"CREATE INDEX ON yardstick ({name})")
        indexed = time.perf_counter()
        cursor.execute("DROP TABLE yardstick")
    return {"copy": copied - began, "indexes": indexed - copied}
