"""What the map draws inside a box: outlines and houses with how far their links are. Nobody's name, and nobody hidden.

A house in which somebody hidden lives is drawn as the bare outline of a building, like one of which nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.db.models.functions import Floor

from backend.core.errors import Refused
from backend.ledger.households.hidden import hidden_households
from backend.ledger.models import Disaster, HouseLink, HouseRecord, Outline

MOST = 1000  # shapes of one view; above that squares with counts are drawn
WIDEST = 3000  # metres: in a wider view a house would be a speck, so squares are drawn there too
METRES = 111_320  # of one degree of latitude
SQUARES = 24  # along the longer side of a view

STATES = {
    "confirmed": "世帯を確認済み",
    "linked": "世帯とつながる（自動）",
    "unsure": "つながりが要確認",
    "empty": "つながる世帯がない家屋",
    "bare": "外形だけ",
}


@dataclass(frozen=True)
class Box:
    west: float
    south: float
    east: float
    north: float

    @property
    def across(self) -> float:
        """How many metres it is wide."""
        middle = radians((self.south + self.north) / 2)
        return (self.east - self.west) * METRES * cos(middle)


def box_of(text: str) -> Box:
    """`west,south,east,north` in degrees; raises `Refused` for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Refused("地図の範囲は「西,南,東,北」を度で書いてください。") from error
    ordered = -180 <= west < east <= 180 and -90 <= south < north <= 90
    if not ordered:
        raise Refused("地図の範囲は「西,南,東,北」を度で書いてください。")
    return Box(west, south, east, north)


def extent() -> Box | None:
    """The box around everything there is to draw."""
    shapes = Outline.objects.filter(table__until=None).aggregate(
        west=Min("west"), south=Min("south"), east=Max("east"), north=Max("north")
    )
    places = HouseRecord.objects.filter(until=None, latitude__isnull=False).aggregate(
        west=Min("longitude"), south=Min("latitude"), east=Max("longitude"), north=Max("latitude")
    )
    sides = [side for side in (shapes, places) if side["west"] is not None]
    if not sides:
        return None
    lowest = [min(side[name] for side in sides) for name in ("west", "south")]
    highest = [max(side[name] for side in sides) for name in ("east", "north")]
    pad = 0.0003
    return Box(lowest[0] - pad, lowest[1] - pad, highest[0] + pad, highest[1] + pad)


def around(house: UUID, metres: float = 120) -> Box | None:
    """A box around one house, if its place is known."""
    record = HouseRecord.objects.filter(house=house, until=None, latitude__isnull=False).first()
    outline = Outline.objects.filter(house=house, table__until=None).first()
    if outline:
        latitude, longitude = (outline.south + outline.north) / 2, (outline.west + outline.east) / 2
    elif record and record.latitude is not None and record.longitude is not None:
        latitude, longitude = record.latitude, record.longitude
    else:
        return None
    half = metres / 111_000
    return Box(longitude - half * 1.25, latitude - half, longitude + half * 1.25, latitude + half)


def _outlines(box: Box) -> QuerySet[Outline]:
    inside = Q(south__lte=box.north, north__gte=box.south, west__lte=box.east, east__gte=box.west)
    return Outline.objects.filter(inside, table__until=None)


def _houses_without_outline(box: Box) -> QuerySet[HouseRecord]:
    inside = Q(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))
    drawn = Outline.objects.filter(table__until=None, house__isnull=False).values("house")
    return HouseRecord.objects.filter(inside, until=None).exclude(house__in=drawn)


def features(box: Box, disaster: Disaster | None, staff: Any, *, with_houses: bool) -> dict[str, Any]:
    """What is to be drawn. `with_houses`: whether this person may know of houses more than their outlines."""
    houses = _houses_without_outline(box) if with_houses else HouseRecord.objects.none()
    if box.across > WIDEST:
        return {"squares": _squares(box, houses), "states": STATES}
    outlines = list(_outlines(box).values_list("id", "rings", "house_id")[: MOST + 1])
    points = list(houses.values_list("house_id", "latitude", "longitude", "lot", "address")[: MOST + 1])
    if len(outlines) + len(points) > MOST:
        return {"squares": _squares(box, houses), "states": STATES}
    covered = {house for _, _, house in outlines if house} | {house for house, *_ in points}
    states, hidden = _states(covered, disaster, staff) if with_houses else ({}, set())
    labels = _labels(covered - hidden) if with_houses else {}
    drawn = []
    for pk, rings, house in outlines:
        known = house if with_houses and house and house not in hidden else None
        drawn.append(
            {
                "id": f"o{pk}",
                "rings": rings,
                "house": str(known) if known else None,
                "state": states.get(known, "empty") if known else "bare",
                "label": labels.get(known, "") if known else "",
            }
        )
    dots = [
        {
            "id": f"h{house.hex}",
            "place": [longitude, latitude],
            "house": str(house),
            "state": states.get(house, "empty"),
            "label": address or lot,
        }
        for house, latitude, longitude, lot, address in points
        if house not in hidden
    ]
    return {"outlines": drawn, "houses": dots, "states": STATES}


def _labels(houses: set[UUID]) -> dict[UUID, str]:
    rows = HouseRecord.objects.filter(house__in=houses, until=None).values_list("house_id", "address", "lot")
    return {house: address or lot for house, address, lot in rows}


def _states(houses: set[UUID], disaster: Disaster | None, staff: Any) -> tuple[dict[UUID, str], set[UUID]]:
    """How far the links of these houses are, and the houses that would show somebody who is hidden."""
    hidden = hidden_households(staff)
    links = HouseLink.objects.filter(house__in=houses, until=None)
    away = set(links.filter(household__in=hidden.part).values_list("house_id", flat=True)) if hidden.part else set()
    result: dict[UUID, str] = {}
    weight = {"unsure": 1, "linked": 2, "confirmed": 3}
    lives = links.filter(household__disaster=disaster, role="lives")
    for house, confidence, confirmed in lives.values_list("house_id", "confidence", "confirmed_by"):
        state = "confirmed" if confirmed else "unsure" if confidence == "unsure" else "linked"
        if weight[state] > weight.get(result.get(house, ""), 0):
            result[house] = state
    return result, away


def _squares(box: Box, houses: QuerySet[HouseRecord]) -> list[dict[str, Any]]:
    """How many buildings stand in each square of a view that holds too many to draw."""
    step = max(box.east - box.west, box.north - box.south) / SQUARES
    counts: dict[tuple[int, int], int] = {}
    sources: list[tuple[QuerySet, str, str]] = [(_outlines(box), "west", "south"), (houses, "longitude", "latitude")]
    for rows, x, y in sources:
        found = rows.order_by().annotate(column=Floor((F(x) - box.west) / step), row=Floor((F(y) - box.south) / step))
        for column, row, n in found.values_list("column", "row").annotate(n=Count("pk")):
            key = int(column), int(row)
            counts[key] = counts.get(key, 0) + n
    return [
        {
            "box": [box.west + c * step, box.south + r * step, box.west + (c + 1) * step, box.south + (r + 1) * step],
            "count": n,
        }
        for (c, r), n in sorted(counts.items())
    ]
