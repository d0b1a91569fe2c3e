"""The fonts of this installation, in the order in which they are asked, and what each of them has.

The chain: the town's own fonts (TASUKI_FONT_DIRS, in order), IPAmj明朝 where the system has it (Moji_Joho sequences),
Noto Serif JP and Noto Sans JP from the package pylopdf-fonts-jp (Adobe-Japan1 sequences). The character tables are read
by us, because neither typesetters nor browsers say when they print the base shape in place of a variation sequence.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

SYSTEM_DIRS = ("/usr/share/fonts/truetype/ipamj", "/usr/share/fonts/opentype/ipamj", "/usr/local/share/fonts/ipamj")
# Where a character was lost on its way to us: 〓 (geta) and the replacement character are no part of any name.
LOST = {0x3013, 0xFFFD}
LOOK_AGAIN = 5  # seconds after which a changed folder is noticed

# A shelter's laptop prints nothing and has none of these: there, no font is known, and a text is shown as it is.
if HERE := find_spec("typst") is not None:
    import typst
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.ttLib import TTFont


@dataclass(frozen=True, eq=False)
class Face:
    """One font of the chain: its family as the typesetter knows it, its characters and variation sequences."""

    family: str
    path: str
    index: int
    own: bool
    characters: frozenset[int]
    sequences: frozenset[tuple[int, int]]

    def has(self, cluster: str) -> bool:
        """Whether every character of the cluster, and its base with its selector, is in this font."""
        codes = [ord(c) for c in cluster if not is_selector(ord(c))]
        selectors = [ord(c) for c in cluster if is_selector(ord(c))]
        if len(selectors) > 1 or (selectors and ord(cluster[1]) != selectors[0]):
            return False
        return self.characters.issuperset(codes) and all((codes[0], s) in self.sequences for s in selectors)

    def glyph(self, cluster: str) -> str:
        """The name of the glyph of a base with its selector (marks after it are left out)."""
        with TTFont(self.path, fontNumber=self.index, lazy=True) as font:
            plain = font.getBestCmap()[ord(cluster[0])]
            if len(cluster) > 1 and is_selector(ord(cluster[1])):
                for table in font["cmap"].tables:
                    if table.format == 14:
                        pairs = dict(table.uvsDict.get(ord(cluster[1]), ()))
                        return pairs.get(ord(cluster[0])) or plain
            return plain

    def drawing(self, cluster: str) -> Drawing:
        """The outline of a cluster's glyph, for pages on machines that don't have this font."""
        name = self.glyph(cluster)
        with TTFont(self.path, fontNumber=self.index, lazy=True) as font:
            glyphs = font.getGlyphSet()
            pen = SVGPathPen(glyphs, lambda value: f"{value:.0f}")
            glyphs[name].draw(pen)
            size = font["head"].unitsPerEm
            return Drawing(pen.getCommands(), round(glyphs[name].width), size, round(size * 0.88))

    @cached_property
    def by_mj(self) -> dict[str, str]:
        """MJ文字図形名 -> the text that prints it, read from the glyph names (`mj000001`) that IPAmj明朝 carries."""
        found: dict[str, str] = {}
        with TTFont(self.path, fontNumber=self.index, lazy=True) as font:
            plain = font.getBestCmap()
            for code, glyph in plain.items():
                if glyph.startswith("mj") and code in self.characters:
                    found.setdefault(glyph[:8].upper(), chr(code))
            # A sequence says the shape in every font, the bare character only in this one: so it goes first.
            for table in font["cmap"].tables:
                if table.format == 14:
                    for selector, pairs in table.uvsDict.items():
                        for base, glyph in pairs:
                            name = glyph or plain.get(base, "")
                            if name.startswith("mj"):
                                found[name[:8].upper()] = chr(base) + chr(selector)
        return found


@dataclass(frozen=True)
class Drawing:
    """An outline in font units: `path` with y upwards, its width, the size of the em, and where its top is."""

    path: str
    width: int
    em: int
    top: int


@dataclass(frozen=True, eq=False)
class Chain:
    """The fonts in the order in which they are asked, and the typesetter's own handle on them."""

    faces: tuple[Face, ...]
    fonts: typst.Fonts | None
    known: dict[str, int | None] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)  # ordinary characters found in the first font so far
    light: set[str] = field(default_factory=set)  # characters found in the last font so far, which is the lightest

    @property
    def families(self) -> list[str]:
        return [face.family for face in self.faces]

    def index(self, cluster: str) -> int | None:
        """The first font that has all of the cluster; None if none has."""
        if cluster not in self.known:
            lost = ord(cluster[0]) in LOST or is_selector(ord(cluster[0]))
            having = (i for i, face in enumerate(self.faces) if face.has(cluster))
            self.known[cluster] = None if lost else next(having, None)
        return self.known[cluster]

    def of_family(self, family: str) -> int | None:
        """The place of a font by its name."""
        return next((i for i, face in enumerate(self.faces) if face.family.casefold() == family.casefold()), None)

    def of_mj(self, number: str) -> str:
        """The text that prints this MJ文字図形名, or nothing when no font of the chain knows it."""
        return next((text for face in self.faces if (text := face.by_mj.get(number))), "")


def is_selector(code: int) -> bool:
    return 0xE0100 <= code <= 0xE01EF or 0xFE00 <= code <= 0xFE0F


def clusters(text: str) -> Iterator[str]:
    """Base characters, each with the selectors and combining marks that follow it."""
    held = ""
    for character in text:
        if held and (is_selector(ord(character)) or unicodedata.combining(character)):
            held += character
            continue
        if held:
            yield held
        held = character
    if held:
        yield held


def codes(cluster: str) -> str:
    """`U+845B U+E0100`."""
    return " ".join(f"U+{ord(c):04X}" for c in cluster)


def chain() -> Chain:
    """The chain of this installation. A font that is put into a folder or taken away is noticed after a few seconds."""
    return _chain(tuple(settings.FONT_DIRS), _state(tuple(settings.FONT_DIRS), int(time.monotonic() / LOOK_AGAIN)))


def look_again() -> Chain:
    """The same, noticing a changed folder at once."""
    _state.cache_clear()
    return chain()


@lru_cache(maxsize=4)
def _state(town_dirs: tuple[str, ...], moment: int) -> tuple[tuple[str, int, int], ...]:
    """What lies in the town's folders now: the chain is read again when this is another."""
    files = (path for folder in town_dirs for path in sorted(Path(folder).glob("**/*")) if path.is_file())
    return tuple((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)


@lru_cache(maxsize=4)
def _chain(town_dirs: tuple[str, ...], state: tuple[tuple[str, int, int], ...]) -> Chain:
    if not HERE:
        return Chain((), None)
    spec = find_spec("pylopdf_fonts_jp")
    packaged = [str(Path(spec.origin).parent)] if spec and spec.origin else []
    faces: dict[str, Face] = {}
    used: list[str] = []
    for folder in [*town_dirs, *(d for d in SYSTEM_DIRS if Path(d).is_dir()), *packaged]:
        found = _faces(folder, own=folder in town_dirs)
        fresh = [face for face in found if face.family not in faces]
        if fresh:
            used.append(folder)
            faces |= {face.family: face for face in fresh}
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=used)
    return Chain(tuple(faces.values()), fonts)


def _faces(folder: str, *, own: bool) -> list[Face]:
    """The regular faces in a directory, serif before sans, one a family."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder]).fonts()
    best: dict[str, typst.FontInfo] = {}
    for font in sorted(fonts, key=lambda f: (f.style != "normal", abs(f.weight - 400), str(f.path))):
        best.setdefault(font.family, font)
    ordered = sorted(best.values(), key=lambda f: ("Sans" in f.family or "Gothic" in f.family, str(f.path)))
    return [_face(font.family, str(font.path), font.index, own) for font in ordered]


def _face(family: str, path: str, index: int, own: bool) -> Face:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        table = font["cmap"]
        characters = set(table.getBestCmap())
        sequences = {
            (base, selector)
            for part in table.tables
            if part.format == 14
            for selector, pairs in part.uvsDict.items()
            for base, _glyph in pairs
        }
    if not own:
        # Private-use code points mean what the town's own font says, and nothing else.
        characters = {c for c in characters if not (0xE000 <= c <= 0xF8FF or c >= 0xF0000)}
    return Face(family, path, index, own, frozenset(characters), frozenset(sequences))
