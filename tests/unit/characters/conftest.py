"""Maps and fonts to read."""

from tests.fonts import build_font, load

__all__ = ["build_font", "load"]
