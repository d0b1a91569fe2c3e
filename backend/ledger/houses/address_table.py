"""The town's 住居表示–地番 table: read, taken whole, and the houses linked anew with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.progress import Progress
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.ledger.models import AddressPair, Disaster, HouseTable

from . import linking
from .files import fingerprint, problems_of
from .keys import place_key

ADDRESS = ("住居表示", "住居表示住所", "住居表示番号", "新住所")
LOT = ("地番", "所在地番", "所在地", "旧地番", "旧住所")
COLUMNS = ["table_id", "address", "lot", "address_key", "lot_key"]


def take_addresses(
    *, path: Path, by: Staff | None, name: str | None = None, replace: bool = False, progress: Progress | None = None
) -> tuple[HouseTable, bool]:
    """Take a table; True if this very file is in force already. `replace`: the tables taken before end with it.

    Raises `Refused` for a file that is no such table, with what to do about it.
    """
    if by is not None:
        require(by, "houses.write")
    name = name or path.name
    if not path.is_file():
        raise Refused(f"ファイルがありません：{name}")
    try:
        encoding = sniff_encoding(path)
        mark = fingerprint(path)
        standing = HouseTable.objects.filter(kind=HouseTable.Kind.ADDRESSES, fingerprint=mark, until=None).first()
        if standing:
            return standing, True
        at_address, at_lot = _columns(path, encoding)
        with transaction.atomic():
            if replace:
                HouseTable.objects.filter(kind=HouseTable.Kind.ADDRESSES, until=None).update(until=now())
            table = HouseTable.objects.create(
                kind=HouseTable.Kind.ADDRESSES, name=name[:200], fingerprint=mark, received_by=by
            )
            problems: list[tuple[int, str]] = []
            rows = _rows(path, encoding, at_address, at_lot, table, problems)
            bulk.load(AddressPair._meta.db_table, COLUMNS, rows)
            bulk.analyze(AddressPair._meta.db_table)
            if not table.accepted:
                raise Refused(f"{name}：読める行が一つもありません。住居表示と地番の列を確認してください。")
            table.set_aside, table.problems = len(problems), problems_of(problems)
            table.save()
            audit(by=by, act="ledger.take_address_table", subject=f"house_table:{table.pk}", rows=table.rows)
            for disaster in Disaster.objects.all():
                linking.link(disaster, by=by, progress=progress)
    except UnreadableFile as error:
        raise Refused(f"{name}：{error} 何も取り込んでいません。") from error
    return table, False


def _columns(path: Path, encoding: str) -> tuple[int, int]:
    rows = csv_rows(path, encoding)
    names = [name.strip().lstrip("\ufeff") for name in next(rows, (0, []))[1]]
    rows.close()  # type: ignore[attr-defined]
    at = [next((names.index(one) for one in wanted if one in names), None) for wanted in (ADDRESS, LOT)]
    missing = [wanted[0] for wanted, found in zip((ADDRESS, LOT), at, strict=True) if found is None]
    if missing:
        raise Refused(f"必要な列がありません：{'、'.join(missing)}。1行目に「住居表示」と「地番」の見出しが要ります。")
    return at[0], at[1]  # type: ignore[return-value]


def _rows(
    path: Path, encoding: str, at_address: int, at_lot: int, table: HouseTable, problems: list[tuple[int, str]]
) -> Iterator[list[Any]]:
    """The pairs of the file, each once; what can't be read is noted with its line."""
    seen: set[tuple[str, str]] = set()
    records = csv_rows(path, encoding)
    next(records, None)
    for line_no, record in records:
        table.rows += 1
        address, lot = (record[at].strip() if len(record) > at else "" for at in (at_address, at_lot))
        keys = place_key(address), place_key(lot)
        if not all(keys) or len(address) > 300 or len(lot) > 300:
            what = "住居表示" if not keys[0] else "地番"
            problems.append((line_no, f"{what}に番号がないか、長すぎます"))
        elif keys in seen:
            table.unchanged += 1
        else:
            seen.add(keys)
            table.accepted += 1
            yield [table.pk, address, lot, *keys]
