"""Taking building outlines, and finding the house of each: by its number, by a house's place inside it, by its address."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
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
from backend.ledger.models import HouseRecord, HouseTable, Outline

from . import geojson, shapefile_reading
from .files import fingerprint, problems_of
from .geojson import Shape
from .keys import place_key
from .rules import ring_holds

CELL = 0.0005  # degrees: some fifty metres
COLUMNS = [
    "table_id", "digest", "rings", "south", "west", "north", "east", "property_no", "address_key", "house_id", "ground",
]  # fmt: skip


def take_outlines(
    *, path: Path, by: Staff | None, name: str | None = None, replace: bool = False, progress: Progress | None = None
) -> tuple[HouseTable, bool]:
    """Take a file of outlines; True if this very file is in force already. `replace`: those taken before end with it.

    Raises `Refused` for a file that can't be taken as a whole, with what to do about it.
    """
    if by is not None:
        require(by, "houses.write")
    name = name or path.name
    if not path.is_file():
        raise Refused(f"ファイルがありません：{name}")
    mark = fingerprint(path)
    kind = HouseTable.Kind.OUTLINES
    standing = HouseTable.objects.filter(kind=kind, fingerprint=mark, until=None).first()
    if standing:
        return standing, True
    is_shape = Path(name).suffix.lower() in (".shp", ".zip")
    with transaction.atomic():
        if replace:
            HouseTable.objects.filter(kind=kind, until=None).update(until=now())
        known = set(Outline.objects.filter(table__until=None).values_list("digest", flat=True))
        finder = HouseFinder()
        table = HouseTable.objects.create(kind=kind, name=name[:200], fingerprint=mark, received_by=by)
        problems: list[tuple[int, str]] = []
        read = shapefile_reading.shapes(path) if is_shape else geojson.shapes(path)
        try:
            rows = _rows(read, table, known, finder, problems, progress)
            bulk.load(Outline._meta.db_table, COLUMNS, rows)
        except Refused as refusal:
            raise Refused(f"{name}：{refusal.message} 何も取り込んでいません。") from refusal
        if not table.accepted and not table.unchanged:
            why = f"（{problems[0][1]}）" if problems else ""
            raise Refused(f"{name}：取り込める建物の面が一つもありません{why}。何も取り込んでいません。")
        table.set_aside, table.problems = len(problems), problems_of(problems)
        table.save()
        bulk.analyze(Outline._meta.db_table)
        audit(by=by, act="ledger.take_outlines", subject=f"house_table:{table.pk}", rows=table.rows)
    return table, False


def _rows(
    read: Iterator[Shape],
    table: HouseTable,
    known: set[str],
    finder: HouseFinder,
    problems: list[tuple[int, str]],
    progress: Progress | None,
) -> Iterator[list[Any]]:
    for shape in read:
        table.rows += 1
        if progress and table.rows % 2000 == 0:
            progress(table.rows, table.rows)
        if shape.wrong:
            problems.append((shape.place, f"{shape.place}番目の地物：{shape.wrong}"))
            continue
        rings = json.dumps(shape.rings, separators=(",", ":"))
        digest = hashlib.blake2b(rings.encode(), digest_size=16).hexdigest()
        if digest in known:
            table.unchanged += 1
            continue
        known.add(digest)
        table.accepted += 1
        key = place_key(shape.address)
        house, ground = finder.house_of(shape.rings, shape.box, shape.property_no, key)
        yield [table.pk, digest, rings, *shape.box, shape.property_no, key, house, ground]


def match_again() -> int:
    """Look once more for the house of every outline that has none: a roll came after the outlines. How many were found."""
    waiting = Outline.objects.filter(house=None, table__until=None)
    if not waiting.exists():
        return 0
    taken = Outline.objects.filter(table__until=None).exclude(house=None).values_list("house_id", flat=True)
    finder = HouseFinder(without=set(taken))
    found: list[Outline] = []
    for outline in waiting.iterator(chunk_size=5000):
        box = outline.south, outline.west, outline.north, outline.east
        house, ground = finder.house_of(outline.rings, box, outline.property_no, outline.address_key)
        if house:
            outline.house_id, outline.ground = house, ground  # type: ignore[assignment]
            found.append(outline)
    Outline.objects.bulk_update(found, ["house", "ground"], batch_size=500)
    return len(found)


class HouseFinder:
    """The houses by number, by place and by address; a house is given to one outline only."""

    def __init__(self, without: set[Any] | None = None) -> None:
        self.by_number: dict[str, str] = {}
        self.cells: dict[tuple[int, int], list[tuple[float, float, str]]] = defaultdict(list)
        self.by_key: dict[str, list[str]] = defaultdict(list)
        self.placed: set[str] = set()
        columns = ("house_id", "house__property_no", "lot_key", "address_key", "latitude", "longitude", "annex")
        # A house before its annexes: the outline of both is the house's.
        live = HouseRecord.objects.filter(until=None).order_by("annex", "house_id").values_list(*columns)
        for pk, number, lot, address, latitude, longitude, annex in live.iterator(chunk_size=20_000):
            if without and pk in without:
                continue
            house = bulk.key_text(pk) or ""
            if number:
                self.by_number[number] = house
            if latitude is not None:
                self.cells[_cell(latitude, longitude)].append((latitude, longitude, house))
                self.placed.add(house)
            elif not annex:
                for key in {lot, address} - {""}:
                    self.by_key[key].append(house)
        self.given: set[str] = set()

    def house_of(self, rings: Any, box: tuple, property_no: str, key: str) -> tuple[str | None, str]:
        for house, ground in self._candidates(rings, box, property_no, key):
            if house not in self.given:
                self.given.add(house)
                return house, ground
        return None, ""

    def _candidates(self, rings: Any, box: tuple, property_no: str, key: str) -> Iterator[tuple[str, str]]:
        if property_no and property_no in self.by_number:
            yield self.by_number[property_no], "number"
            return
        south, west, north, east = box
        (low, left), (high, right) = _cell(south, west), _cell(north, east)
        if (high - low) * (right - left) < 2500:  # an outline of a kilometre is none of a house
            near = (self.cells.get((y, x), ()) for y in range(low, high + 1) for x in range(left, right + 1))
            for latitude, longitude, house in chain.from_iterable(near):
                inside = south <= latitude <= north and west <= longitude <= east
                if inside and sum(ring_holds(ring, longitude, latitude) for ring in rings) % 2:
                    yield house, "place"
        if key and len(self.by_key.get(key, ())) == 1:
            yield self.by_key[key][0], "address"


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return int(latitude / CELL), int(longitude / CELL)
