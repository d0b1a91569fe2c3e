"""Fixtures: a town's font, and a vendor's map of 外字."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen


def square() -> Any:
    """A glyph that is there and looks like nothing else."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for point in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


@pytest.fixture
def build_font(tmp_path: Path, settings: Any) -> Callable[..., Path]:
    """`build_font("Town Gaiji", {0xE000: "gaiji"})`: a font with these characters in the town's folder."""
    folder = tmp_path / "fonts"
    folder.mkdir()
    settings.FONT_DIRS = [str(folder)]

    def build(family: str, characters: dict[int, str]) -> Path:
        names = [".notdef", *dict.fromkeys(characters.values())]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap(characters)
        builder.setupGlyf({name: square() for name in names})
        builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family.replace(" ", "")})
        builder.setupOS2(sTypoAscender=800, usWeightClass=400)
        builder.setupPost()
        path = folder / f"{family.replace(' ', '')}.ttf"
        builder.save(path)
        return path

    return build


@pytest.fixture
def load(db: None, tmp_path: Path) -> Callable[..., Any]:
    """`load("コード,文字\\nU+E000,葛\\n", source="register")`: a map as its newest version."""
    from backend.characters import services

    def take(text: str, source: str = "register", name: str = "map.csv", **fields: Any) -> Any:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return services.load_map(by=None, path=path, source=source, **fields)

    return take
