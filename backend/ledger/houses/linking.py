"""The rules' links of a whole ledger, kept beside what people decided: only what is new is written.

Called by services and by `opening`, inside their transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from backend.accounts.models import Staff
from backend.core import bulk
from backend.core.clock import now
from backend.core.fields import uuid7_texts
from backend.core.names import identity_key, search_key, split_name
from backend.core.progress import Progress
from backend.ledger.models import AddressPair, Disaster, House, Household, HouseLink, HouseRecord, Person

from . import rules
from .keys import place_key
from .rules import HomeAt, HouseAt, Linking

CHUNK = 5000
_YES = {"t", 1}  # as the two databases tell it
COLUMNS = ["id", "house_id", "household_id", "role", "confidence", "reasons", "by_rule", "since", "by_id", "ended"]


@dataclass
class Linked:
    """What linking found: how many links the rules give, how many of them are new, how many older ones ended."""

    links: int = 0
    new: int = 0
    ended: int = 0


def link(disaster: Disaster, *, by: Staff | None, progress: Progress | None = None) -> Linked:
    """Link every house to the households of one ledger. What a person confirmed, entered or rejected stays."""
    if not House.objects.exists():
        return Linked()
    members = _owners_among_the_people(disaster)
    linking = Linking(_houses(), _streets(), members)
    live, decided, settled = _standing(disaster)
    result, found = Linked(), set()
    moment = str(connection.ops.adapt_datetimefield_value(now()))
    ids = uuid7_texts(hyphens=connection.vendor != "sqlite")
    yes = "1" if connection.vendor == "sqlite" else "t"
    author = bulk.key_text(by.pk) if by else None
    rows: list[list[Any]] = []
    ended: list[Any] = []

    def put() -> None:
        # A link that a stronger or weaker one follows must end before its follower comes.
        for start in range(0, len(ended), 500):
            HouseLink.objects.filter(pk__in=ended[start : start + 500]).update(until=now(), ended="superseded")
        bulk.load(HouseLink._meta.db_table, COLUMNS, rows)
        result.new += len(rows)
        result.ended += len(ended)
        rows.clear()
        ended.clear()

    for one in linking.run(_groups(disaster, progress)):
        if one.confidence == rules.UNSURE and one.role == rules.LIVES and one.household in settled:
            continue
        result.links += 1
        key = (one.house, one.household, one.role)
        found.add(key)
        if key in decided:
            continue
        before = live.get(key)
        reasons = list(one.reasons)
        if before and before[1:] == (one.confidence, reasons):
            continue
        if before:
            ended.append(before[0])
        said = json.dumps(reasons, ensure_ascii=False)
        rows.append([next(ids), one.house, one.household, one.role, one.confidence, said, yes, moment, author, ""])
        if len(rows) >= CHUNK:
            put()
    ended += [pk for key, (pk, _, _) in live.items() if key not in found]
    put()
    bulk.analyze(HouseLink._meta.db_table)
    return result


def _stream(rows: QuerySet) -> Iterator[tuple]:
    """The rows as the database tells them, keys as `bulk.load` wants them again: half a million UUIDs are not made."""
    sql, params = rows.query.sql_with_params()
    return bulk.stream(sql, params)


def _houses() -> Iterator[HouseAt]:
    columns = (
        "house_id", "lot_key", "address_key", "owner_no", "owner_name", "present_owner", "kind", "use", "annex",
    )  # fmt: skip
    for pk, lot, address, owner_no, owner, present, kind, use, annex in _stream(
        HouseRecord.objects.filter(until=None).values_list(*columns)
    ):
        yield HouseAt(
            pk,
            lot,
            address,
            owner_no,
            identity_key(owner) if owner else "",
            identity_key(present) if present else "",
            search_key(split_name(present or owner)[0]) if owner or present else "",
            rules.is_apartment(kind, use),
            rules.is_dwelling(kind, use),
            annex in _YES,
        )


def _streets() -> dict[str, list[str]]:
    """Key of a lot → the keys of the 住居表示 on it."""
    found: dict[str, list[str]] = {}
    pairs = AddressPair.objects.filter(table__until=None).order_by("id").values_list("lot_key", "address_key")
    for lot, address in pairs.iterator(chunk_size=20_000):
        keys = found.setdefault(lot, [])
        if address not in keys:
            keys.append(address)
    return found


def _owners_among_the_people(disaster: Disaster) -> dict[str, str]:
    """宛名番号 of owners of houses who are members of a household of this ledger → that household."""
    owners = HouseRecord.objects.filter(until=None).exclude(owner_no="").values("owner_no")
    people = Person.objects.filter(disaster=disaster, atena_no__in=owners).exclude(household=None)
    return dict(_stream(people.values_list("atena_no", "household_id")))  # type: ignore[arg-type]


def _groups(disaster: Disaster, progress: Progress | None) -> Iterator[list[HomeAt]]:
    """The households of the ledger, those of one address together."""
    homes = [home for home in _homes(disaster) if home.id]
    homes.sort(key=lambda home: (home.key, home.by))
    total = len(homes)
    for done, (_, group) in enumerate(groupby(homes, key=lambda home: (home.key, home.by))):
        if progress and done % 1000 == 0:
            progress(min(done, total), total)
        yield list(group)


def _homes(disaster: Disaster) -> Iterator[HomeAt]:
    heads = Person.objects.filter(disaster=disaster, is_head=True).exclude(household=None).order_by("position")
    names: dict[Any, tuple[str, str]] = {}
    for household, name, family in _stream(heads.values_list("household_id", "name", "family_key")):
        names.setdefault(household, (name, family))
    columns = ("id", "address", "building")
    homes = Household.objects.filter(disaster=disaster, kind=Household.Kind.RESIDENT).values_list(*columns)
    for pk, address, building in _stream(homes):
        name, family = names.get(pk, ("", ""))
        yield HomeAt(
            pk,
            place_key(address),
            rules.numbered_by(address),
            bool(building.strip()),
            identity_key(name) if name else "",
            family,
        )


def _standing(disaster: Disaster) -> tuple[dict[tuple, tuple], set[tuple], set[str]]:
    """The live links made by rule that nobody touched: key → (id, confidence, reasons); the pairs somebody decided; and
    the households of which a person has said where they lived."""
    live: dict[tuple, tuple] = {}
    decided: set[tuple] = set()
    settled: set[str] = set()
    rejected: dict[tuple, bool] = {}
    columns = (
        "id", "house_id", "household_id", "role", "confidence", "reasons", "by_rule", "confirmed_at", "until", "ended",
    )  # fmt: skip
    rows = HouseLink.objects.filter(household__disaster=disaster).order_by("since", "id").values_list(*columns)
    for pk, house, household, role, confidence, reasons, by_rule, confirmed, until, ended in _stream(rows):
        key = (house, household, role)
        if until is None and by_rule in _YES and confirmed is None:
            live[key] = (pk, confidence, json.loads(reasons))
        elif until is None:
            decided.add(key)
            if role == rules.LIVES:
                settled.add(key[1])
        rejected[key] = ended == HouseLink.Ended.REJECTED
    decided |= {key for key, last in rejected.items() if last}
    return live, decided, settled
