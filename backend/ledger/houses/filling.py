"""What a roll says of houses, on its way into the ledger. Called by services and by `opening`, inside their transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import connection

from backend.accounts.models import Staff
from backend.core import bulk
from backend.core.clock import now
from backend.core.fields import uuid7_texts
from backend.ledger.models import House, HouseRecord

from .keys import place_key

# What is told of a house, in the order in which a roll gives it.
TOLD = (
    "property_no", "year", "lot", "address", "house_no", "roll", "owner_no", "owner_name", "present_owner", "shared",
    "sectional", "annex", "kind", "use", "structure", "floors", "area", "built", "latitude", "longitude",
)  # fmt: skip
_AT = {name: i for i, name in enumerate(TOLD)}
_YES_OR_NO = tuple(_AT[name] for name in ("shared", "sectional", "annex"))
_NUMBERS = tuple(_AT[name] for name in ("area", "latitude", "longitude"))
RECORD_COLUMNS = ["house_id", *TOLD[1:], "note", "lot_key", "address_key", "digest", "since", "by_id"]
CHUNK = 5000
_YES = {"1", "t", "True"}


def fill(rows: Iterable[tuple], *, by: Staff | None) -> tuple[int, int]:
    """Houses and their newest records from rows in the order of `TOLD`; (new houses, records that followed another).

    A house that is in no roll any more stays: it stood there when somebody lived in it.
    """
    moment = now()
    standing: dict[str, tuple[str, str]] = {}
    live = HouseRecord.objects.filter(until=None).exclude(house__property_no=None)
    columns = live.values_list("house__property_no", "house_id", "digest")
    for number, house, digest in columns.iterator(chunk_size=20_000):
        standing[number] = (bulk.key_text(house) or "", digest)
    ids = uuid7_texts(hyphens=connection.vendor != "sqlite")
    made = followed = 0
    houses: list[list[Any]] = []
    records: list[list[Any]] = []
    ended: list[str] = []
    said = str(connection.ops.adapt_datetimefield_value(moment))

    def put() -> None:
        bulk.load(House._meta.db_table, ["id", "property_no", "created_at", "created_by_id"], houses)
        for start in range(0, len(ended), 500):
            HouseRecord.objects.filter(house__in=ended[start : start + 500], until=None).update(until=moment)
        bulk.load(HouseRecord._meta.db_table, RECORD_COLUMNS, records)
        houses.clear()
        ended.clear()
        records.clear()

    author = bulk.key_text(by.pk) if by else None
    for row in rows:
        number, digest = row[0], _digest(row)
        known = standing.get(number)
        if known and known[1] == digest:
            continue
        if known:
            house, followed = known[0], followed + 1
            ended.append(house)
        else:
            house, made = next(ids), made + 1
            houses.append([house, number, said, author])
        standing[number] = (house, digest)
        records.append([house, *_plain(row), digest, said, author])
        if len(records) >= CHUNK:
            put()
    put()
    bulk.analyze(House._meta.db_table)
    bulk.analyze(HouseRecord._meta.db_table)
    return made, followed


def _digest(row: tuple) -> str:
    """Of what a row says of the house. The year counts: that a later roll says the same is worth knowing.

    The two databases hand over numbers, and yes and no, differently; what is said is the same.
    """
    values = ["" if value is None else str(value) for value in row]
    for at in _YES_OR_NO:
        values[at] = "1" if values[at] in _YES else ""
    for at in _NUMBERS:
        values[at] = str(float(values[at])) if values[at] else ""
    return hashlib.blake2b("\x1f".join(values).encode(), digest_size=16).hexdigest()


def _plain(row: tuple) -> list[Any]:
    values = list(row)
    for at in _YES_OR_NO:
        values[at] = "1" if str(values[at]) in _YES else "0"
    for at in _NUMBERS:
        values[at] = None if values[at] in (None, "") else values[at]
    values = ["" if value is None and at not in _NUMBERS else value for at, value in enumerate(values)]
    return [*values[1:], "", place_key(row[_AT["lot"]]), place_key(row[_AT["address"]] or "")]
