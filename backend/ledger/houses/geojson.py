"""Building outlines from GeoJSON (RFC 7946), one feature after the other, whatever the size of the file.

Only degrees of WGS 84 or JGD are taken: which of 19 plane coordinate systems metres belong to is nothing to be guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from backend.core.errors import Refused

from .rules import LATITUDES, LONGITUDES

PIECE = 1 << 18
LARGEST_FEATURE = 8 << 20
# EPSG: 4326 WGS 84, 4979 the same in three dimensions, 4612 JGD2000, 6668 JGD2011, 6667 and 6697 with heights.
DEGREES = {"4326", "4979", "4612", "6668", "6667", "6697"}
CONVERT = "QGISなどで「EPSG:6668（JGD2011）」か「EPSG:4326（WGS 84）」に変換して、書き出し直してください。"
NUMBER_NAMES = ("物件番号", "家屋物件番号", "property_no")
PLACE_NAMES = ("所在地", "地番", "住居表示", "住所", "所在", "address")


@dataclass
class Shape:
    """An outline as read. `place`: which feature it was, counted from 1; `wrong`: why it can't be taken, or ''."""

    place: int
    rings: list[list[list[float]]] = field(default_factory=list)
    property_no: str = ""
    address: str = ""
    wrong: str = ""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """South, west, north, east."""
        xs = [x for ring in self.rings for x, _ in ring]
        ys = [y for ring in self.rings for _, y in ring]
        return min(ys), min(xs), max(ys), max(xs)


def shapes(path: Path) -> Iterator[Shape]:
    """The features of a file. Raises `Refused` for what is no FeatureCollection in degrees."""
    with path.open("rb") as file:
        start = file.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start[:2] == b"PK" or start == b"%PDF":
        raise Refused("GeoJSON（UTF-8の文字）ではありません。GeoJSONで書き出したファイルを選んでください。")
    try:
        with path.open(encoding="utf-8-sig") as file:
            reader = _Reader(file)
            for number, feature in enumerate(reader.features(), 1):
                yield shape_of(feature, number)
            reader.finish()
    except UnicodeDecodeError as error:
        raise Refused("GeoJSONはUTF-8でなければ読めません。UTF-8で書き出してください（RFC 7946）。") from error


class _Reader:
    """The top level of one file, value by value."""

    def __init__(self, file: TextIO) -> None:
        self.file, self.buffer, self.at, self.ended = file, "", 0, False
        self.decoder = json.JSONDecoder()
        self.said: dict[str, Any] = {}
        self.count = 0
        self.had_features = False

    def features(self) -> Iterator[Any]:
        if self.peek() != "{":
            raise Refused("GeoJSONではありません（最初の文字が { ではありません）。")
        self.at += 1
        while (mark := self.peek()) != "}":
            if mark == ",":
                self.at += 1
                continue
            name = self.value()
            if not isinstance(name, str) or self.peek() != ":":
                raise self.broken()
            self.at += 1
            if name == "features":
                yield from self.elements()
            else:
                self.said[name] = self.value()
                if name == "crs":
                    check_crs(self.said["crs"])

    def elements(self) -> Iterator[Any]:
        if self.peek() != "[":
            raise self.broken()
        self.had_features = True
        self.at += 1
        while (mark := self.peek()) != "]":
            if mark == ",":
                self.at += 1
                continue
            self.count += 1
            yield self.value()
        self.at += 1

    def finish(self) -> None:
        if self.said.get("type") != "FeatureCollection" or not self.had_features:
            raise Refused("GeoJSONの FeatureCollection ではありません。建物の面をまとめて書き出してください。")

    def peek(self) -> str:
        """The next character that says something."""
        while True:
            found = re.compile(r"\S").search(self.buffer, self.at)
            if found:
                self.at = found.start()
                return found[0]
            if not self.more():
                raise self.broken()

    def value(self) -> Any:
        """The JSON value that begins here; more of the file is read until it is whole."""
        self.peek()
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.at)
            except (json.JSONDecodeError, RecursionError) as error:
                if isinstance(error, RecursionError) or len(self.buffer) - self.at > LARGEST_FEATURE or not self.more():
                    raise self.broken() from None
                continue
            if end == len(self.buffer) and self.more():  # a number may go on
                continue
            self.at = end
            return value

    def more(self) -> bool:
        piece = self.file.read(PIECE)
        self.buffer, self.at = self.buffer[self.at :] + piece, 0
        return bool(piece)

    def broken(self) -> Refused:
        where = f"{self.count}番目の地物のあたり" if self.count else "始めのあたり"
        return Refused(f"GeoJSONとして読めません（{where}）。途中で切れていないか確かめてください。")


def check_crs(crs: Any) -> None:
    """The member of the older GeoJSON (2008). Without it a file is in degrees of WGS 84, says RFC 7946."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if "CRS84" in name or (name.split(":")[-1] in DEGREES and "EPSG" in name.upper()):
        return
    raise Refused(f"座標系「{name[:60] or '不明'}」は読めません。{CONVERT}")


def shape_of(feature: Any, place: int) -> Shape:
    """A feature as an outline, or with what is wrong with it. Raises `Refused` where the whole file is of another system."""
    shape = Shape(place)
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        shape.wrong = "面（Polygon・MultiPolygon）ではありません"
        return shape
    polygons = [geometry.get("coordinates")] if geometry["type"] == "Polygon" else geometry.get("coordinates")
    try:
        shape.rings = [_ring(ring) for polygon in polygons for ring in polygon]  # type: ignore[union-attr]
    except (TypeError, ValueError, IndexError, OverflowError):
        shape.wrong = "座標が数の組ではありません"
        return shape
    if not shape.rings or min(len(ring) for ring in shape.rings) < 4:
        shape.wrong = "頂点が三つに足りない面です"
        return shape
    south, west, north, east = shape.box
    if not _inside(south, west, north, east):
        shape.rings, shape.wrong = [], "日本の緯度・経度ではありません"
        return shape
    properties = feature.get("properties")
    if isinstance(properties, dict):
        shape.property_no = _first(properties, NUMBER_NAMES)[:40]
        shape.address = _first(properties, PLACE_NAMES)[:300]
    return shape


def _ring(points: Any) -> list[list[float]]:
    """Closed, without heights, to a centimetre."""
    ring = [[round(float(point[0]), 7), round(float(point[1]), 7)] for point in points]
    if ring and ring[0] != ring[-1]:
        ring.append(ring[0])
    return ring


def _inside(south: float, west: float, north: float, east: float) -> bool:
    if max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 180:
        if LONGITUDES[0] <= south <= north <= LONGITUDES[1] and LATITUDES[0] <= west <= east <= LATITUDES[1]:
            raise Refused("緯度と経度の順が逆です。RFC 7946 では［経度, 緯度］の順です。書き出し直してください。")
        raise Refused(f"座標が度ではありません（平面直角座標などのメートルのようです）。{CONVERT}")
    return LATITUDES[0] <= south <= north <= LATITUDES[1] and LONGITUDES[0] <= west <= east <= LONGITUDES[1]


def _first(properties: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(properties[name]).strip() for name in names if properties.get(name) not in (None, "")), "")
