"""tasuki import_outlines FILE…: takes building outlines, GeoJSON or Shape."""

from pathlib import Path
from typing import Any

from backend.ledger.houses.command import TableCommand
from backend.ledger.houses.outlines import take_outlines
from backend.ledger.models import HouseTable


class Command(TableCommand):
    help = "建物の外形（GeoJSON、またはShapeの .shp・.zip）を取り込みます。座標系は緯度・経度（JGD2011、JGD2000、WGS 84）だけです。"

    def take(self, path: Path, *, replace: bool, progress: Any) -> tuple[HouseTable, bool]:
        return take_outlines(path=path, by=None, replace=replace, progress=progress)
