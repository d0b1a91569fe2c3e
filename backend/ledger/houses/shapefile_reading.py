"""Building outlines from Shape files, through pyshp (the extra `shape`). Which system the numbers are in says the .prj."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.core.errors import Refused

from .geojson import CONVERT, Shape, shape_of

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
LARGEST = 4 << 30  # bytes, unpacked
_DEGREES = re.compile(r"JGD[_ ]?(?:2000|2011)|WGS[_ ]?(?:19)?84", re.IGNORECASE)


def shapes(path: Path) -> Iterator[Shape]:
    """The outlines of NAME.shp with its .dbf and .prj beside it, or of a .zip that holds them. Raises `Refused`."""
    try:
        import shapefile
    except ImportError:
        raise Refused(
            "Shapeファイルを読む部品（pyshp）が入っていません。GeoJSONで書き出すか、"
            "システム管理者に tasuki[shape] の導入を頼んでください。"
        ) from None
    with _unpacked(path) as base:
        _check_projection(base)
        try:
            with shapefile.Reader(str(base), encoding=_encoding(base), encodingErrors="replace") as reader:
                for place, found in enumerate(reader.iterShapeRecords(), 1):
                    yield shape_of(_feature(found), place)
        except (shapefile.ShapefileException, OSError, ValueError, IndexError, AssertionError) as error:
            raise Refused(
                "Shapeファイルとして読めません。.shp、.shx、.dbf、.prj がそろっているか確かめてください。"
            ) from error
        except Exception as error:
            # What a broken file makes of struct is not told by the library in one class of its own.
            if type(error).__module__ not in ("struct", "builtins"):
                raise
            raise Refused("Shapeファイルとして読めません。壊れていないか確かめてください。") from error


def _feature(found: Any) -> dict[str, Any]:
    geometry = found.shape.__geo_interface__ if found.shape.points else None
    return {"geometry": geometry, "properties": found.record.as_dict()}


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The .shp, out of its archive if it is in one."""
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.infolist() if Path(m.filename).suffix.lower() in PARTS]
                if sum(member.file_size for member in members) > LARGEST:
                    raise Refused("展開すると4GBを超えます。地区ごとに分けてください。")
                for member in members:
                    suffix = Path(member.filename).suffix.lower()
                    if (Path(folder) / f"outlines{suffix}").exists():
                        raise Refused("一つのZIPに、Shapeが二つ以上あります。一つずつ取り込んでください。")
                    with archive.open(member) as source, (Path(folder) / f"outlines{suffix}").open("wb") as target:
                        while piece := source.read(1 << 20):
                            target.write(piece)
        except (zipfile.BadZipFile, RuntimeError) as error:
            raise Refused("ZIPとして開けません（壊れているか、パスワードが付いています）。") from error
        base = Path(folder) / "outlines.shp"
        if not base.exists():
            raise Refused("ZIPの中に .shp がありません。")
        yield base


def _check_projection(base: Path) -> None:
    """Degrees of WGS 84 or JGD, said by the .prj; without one nobody knows where the numbers lie."""
    prj = next((p for p in (base.with_suffix(".prj"), base.with_suffix(".PRJ")) if p.exists()), None)
    if prj is None:
        raise Refused(f".prj がなく、座標系が分かりません。{CONVERT}")
    text = prj.read_text(encoding="utf-8", errors="replace")
    name = re.search(r'\[\s*"([^"]{1,60})"', text)
    if text.lstrip().upper().startswith("PROJCS") or not _DEGREES.search(text):
        raise Refused(f"座標系「{name[1] if name else '不明'}」は読めません。{CONVERT}")


def _encoding(base: Path) -> str:
    cpg = base.with_suffix(".cpg")
    said = cpg.read_text(encoding="ascii", errors="replace").strip().lower() if cpg.exists() else ""
    return "utf-8" if "utf" in said or said == "65001" else "cp932"
