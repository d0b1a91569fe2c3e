"""宛名番号 for people of a file that has none: from 900000000000000 up, and the same ones whenever the same people come.

Somebody is known by the four facts (住民基本台帳法 第30条の6: 氏名, 生年月日, 住所, 性別). Who shares all four with somebody
else in one file is another person: the second of them is remembered as the second, in whatever order the rows come.
"""

from __future__ import annotations

import hashlib
import unicodedata
from array import array
from collections.abc import Iterator
from itertools import islice

from django.db import connection
from django.db.models import Max

from .layouts.checking import PLACEHOLDER, MappedChecker
from .models import OwnNumber
from .reading import CheckedRow

FIRST = int(PLACEHOLDER)
CHUNK = 5000
ASKED = 900  # values in one question; SQLite takes no more than a thousand


def give(checker: MappedChecker, records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[str, str]]:
    """Go once through a file and number its people; gives (宛名番号, 世帯番号) of each record in the file's order.

    Everybody is a household of one until somebody confirms who lives together. A row that can't be taken gets none.
    Must run inside the transaction that takes the file.
    """
    _hold_the_book()
    numbers = array("Q")
    seen: dict[bytes, int] = {}
    last = OwnNumber.objects.aggregate(last=Max("atena_no"))["last"]
    following = int(last) + 1 if last else FIRST
    rows = checker.rows(records)
    while chunk := list(islice(rows, CHUNK)):
        keys: list[tuple[str, int] | None] = []
        for row in chunk:
            if not isinstance(row, CheckedRow):
                keys.append(None)
                continue
            facts = facts_of(row.values)
            ordinal = seen[facts] = seen.get(facts, 0) + 1
            keys.append((facts.hex(), ordinal))
        wanted = list(dict.fromkeys(key for key in keys if key))
        known = _known(wanted)
        fresh = []
        for key in wanted:
            if key not in known:
                known[key] = following
                fresh.append(OwnNumber(atena_no=str(following), facts=key[0], ordinal=key[1]))
                following += 1
        OwnNumber.objects.bulk_create(fresh, batch_size=1000)
        numbers.extend(known[key] if key else 0 for key in keys)
    checker.left_out = 0
    return ((str(number), str(number)) if number else (PLACEHOLDER, PLACEHOLDER) for number in numbers)


def facts_of(values: dict[str, str]) -> bytes:
    """What somebody is known by. Widths and spaces are style, a variant of a character is not."""
    said = [_plain(values.get(column, "")) for column in ("name", "birth", "address", "sex")]
    return hashlib.sha256("\x1f".join(said).encode()).digest()


def _plain(text: str) -> str:
    """Without spaces and widths; variation selectors stay, since they tell two names apart."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _known(wanted: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    result = {}
    facts = list({key[0] for key in wanted})
    for start in range(0, len(facts), ASKED):
        rows = OwnNumber.objects.filter(facts__in=facts[start : start + ASKED])
        result.update({(f, o): int(n) for f, o, n in rows.values_list("facts", "ordinal", "atena_no")})
    return result


def _hold_the_book() -> None:
    """One file at a time is numbered: two at once would give one number twice, and one of them would fail."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {OwnNumber._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
