"""Which font prints which character, decided by us and not by the typesetter.

A typesetter that misses a variation sequence prints the base character of its first font without a word: another
form of the name. So every text is cut into runs, each for the first font of the chain that has all of it; a
character (or sequence) that no font has is reported, and the paper is held for a person.

The chain: the town's own fonts (TASUKI_FONT_DIRS, in order), IPAmj明朝 where the system has it (Moji_Joho sequences),
Noto Serif JP and Noto Sans JP from the package pylopdf-fonts-jp (Adobe-Japan1 sequences).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import typst
from django.conf import settings
from fontTools.ttLib import TTFont

from backend.core.errors import Refused

SYSTEM_DIRS = ("/usr/share/fonts/truetype/ipamj", "/usr/share/fonts/opentype/ipamj", "/usr/local/share/fonts/ipamj")
# Where a character was lost on its way to us: 〓 (geta) and the replacement character are no part of any name.
LOST = {0x3013, 0xFFFD}


class Held(Refused):
    """The paper is not issued: a character can't be printed exactly. `fields` says which and where."""

    code = "held"


@dataclass(frozen=True)
class Face:
    """One font of the chain: its family as the typesetter knows it, its characters and variation sequences."""

    family: str
    characters: frozenset[int]
    sequences: frozenset[tuple[int, int]]

    def has(self, cluster: str) -> bool:
        """Whether every character of the cluster, and its base with its selector, is in this font."""
        codes = [ord(c) for c in cluster if not is_selector(ord(c))]
        selectors = [ord(c) for c in cluster if is_selector(ord(c))]
        if len(selectors) > 1 or (selectors and ord(cluster[1]) != selectors[0]):
            return False
        return self.characters.issuperset(codes) and all((codes[0], s) in self.sequences for s in selectors)


@dataclass(frozen=True, eq=False)
class Chain:
    """The fonts in the order in which they are asked, and the typesetter's own handle on them."""

    faces: tuple[Face, ...]
    fonts: typst.Fonts
    known: dict[str, int | None] = field(default_factory=dict)

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


def chain() -> Chain:
    """The chain of this installation; read once for each set of directories."""
    return _chain(tuple(settings.FONT_DIRS))


def runs(text: str) -> list[tuple[int, str]]:
    """The text cut into (index of the font in the chain, piece); raises `Held` if a character is in no font."""
    result: list[tuple[int, str]] = []
    fonts = chain()
    for cluster in clusters(text):
        index = fonts.index(cluster)
        if index is None:
            raise held_for([("文書", text)])
        if result and result[-1][0] == index:
            result[-1] = (index, result[-1][1] + cluster)
        else:
            result.append((index, cluster))
    return result


def missing(text: str) -> list[tuple[int, str]]:
    """(place from 1, code points) of what no font of the chain can print exactly."""
    fonts = chain()
    return [
        (place, " ".join(f"U+{ord(c):04X}" for c in cluster))
        for place, cluster in enumerate(clusters(text), 1)
        if fonts.index(cluster) is None
    ]


def hold(labelled: Iterable[tuple[str, str]]) -> None:
    """Raises `Held` naming label and place of every character that can't be printed; labels are Japanese."""
    labelled = list(labelled)
    if any(missing(text) for _, text in labelled):
        raise held_for(labelled)


def held_for(labelled: Iterable[tuple[str, str]]) -> Held:
    """The refusal. It names code points and places, never the name that they stand in."""
    fields = {}
    for label, text in labelled:
        found = missing(text)
        if found:
            fields[label] = "、".join(f"{place}文字目（{codes}）" for place, codes in found)
    where = "、".join(f"{label}の{places}" for label, places in fields.items())
    return Held(
        f"正しい字形で印字できる書体がない文字があるため、交付を保留しました：{where}。"
        "別の字形では印字しません。外字・文字の担当に確認してください。",
        fields=fields,
    )


@lru_cache(maxsize=4)
def _chain(town_dirs: tuple[str, ...]) -> Chain:
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
    return Face(family, frozenset(characters), frozenset(sequences))
