"""Houses and outlines for tests: a row as a roll gives it, a square on the ground, a file of outlines."""

from __future__ import annotations

OWNER = "0001001"


def told(number, lot, **said):
    """A row as a roll gives it."""
    values = {
        "property_no": number, "year": "2026", "lot": lot, "address": "", "house_no": "", "roll": "家屋", "owner_no": "",
        "owner_name": "", "present_owner": "", "shared": None, "sectional": None, "annex": None, "kind": "居宅",
        "use": "専用住宅", "structure": "木造", "floors": "2", "area": "98.5", "built": "1985", "latitude": None,
        "longitude": None, **said,
    }  # fmt: skip
    return tuple(values.values())


def square(x=143.5, y=38.0, side=0.0002):
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def feature(*rings, kind="Polygon", **properties):
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": list(rings)}}


def collection(*features, **more):
    return {"type": "FeatureCollection", **more, "features": list(features)}
