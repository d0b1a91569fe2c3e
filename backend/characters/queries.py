"""What a stored code point stands for, how it is found, shown and printed. What is stored never changes by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from . import faces
from .models import GaijiMap, GaijiRow, Source
from .rules import Meaning, is_private

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
PRIVATE_REGEX = _PRIVATE.pattern
# What every machine shows: nothing in such a text needs a second look.
_ORDINARY = re.compile(
    "[\r\n\t -~\u00a0-\u017f\u2010-\u2027\u2030-\u2312\u2460-\u26ff\u3000-\u3012\u3014-\u303f\u3041-\u30ff\u31f0-\u31ff"
    "\u3220-\u33ff\u4e00-\u9fff\uf900-\ufa6d\uff01-\uffe6]*"
)


@dataclass(frozen=True)
class Way:
    """How a cluster is printed exactly as registered: this text, in the font `font` or the first that has it."""

    text: str
    font: str = ""
    map: str = ""


@dataclass(frozen=True)
class Piece:
    """A part of a text as a page shows it. `kind`: text, drawn (an outline), near (base shape only), lost (〓)."""

    kind: str
    text: str
    codes: str = ""
    note: str = ""
    drawing: faces.Drawing | None = None


def in_force(source: str) -> GaijiMap | None:
    """The newest map of a source, if it has one."""
    return GaijiMap.objects.filter(source=source).order_by("-version").first()


@lru_cache(maxsize=16)
def meanings(map_id: UUID) -> dict[int, Meaning]:
    """All rows of one version; a version never changes."""
    rows = GaijiRow.objects.filter(map=map_id).values_list("code", "text", "mj", "font", "note")
    return {code: Meaning(code, text, mj, font, note) for code, text, mj, font, note in rows}


def meaning(cluster: str, source: str) -> Meaning | None:
    """What the source's map says of a private-use character; None without a map or a row."""
    if not is_private(ord(cluster[0])):
        return None
    found = in_force(source)
    return meanings(found.pk).get(ord(cluster[0])) if found else None


def way(cluster: str, source: str) -> Way | None:
    """How this character, from this source, is printed exactly; None if no map and no font knows it.

    A private-use code point of a source with a map means what the map says and nothing else; without a map it means
    what the town's own font (行政事務標準文字) has at that place.
    """
    chain = faces.chain()
    found = in_force(source) if is_private(ord(cluster[0])) else None
    if found is None:
        return Way(cluster) if chain.index(cluster) is not None else None
    said = meanings(found.pk).get(ord(cluster[0]))
    if said is None:
        return None
    for text in (said.text, chain.of_mj(said.mj) if said.mj and not said.text else ""):
        if text and chain.index(text + cluster[1:]) is not None:
            return Way(text + cluster[1:], map=str(found.pk))
    at = chain.of_family(said.font) if said.font else None
    if at is not None and chain.faces[at].has(cluster):
        return Way(cluster, chain.faces[at].family, str(found.pk))
    return None


def has_private(text: str) -> bool:
    """Whether a character stands in it that only a vendor's map explains."""
    return _PRIVATE.search(text) is not None


def plain(text: str, source: str = Source.REGISTER) -> str:
    """The text for search keys: what a map says a private-use character is, in its place. Others stay."""
    return reader(source)(text) if has_private(text) else text


def reader(source: str) -> Callable[[str], str]:
    """`plain` for many texts of one source: the map is asked for once, now."""
    found = in_force(source)
    said = {code: text for code, m in meanings(found.pk).items() if (text := _readable(m))} if found else {}
    if not said:
        return str
    return lambda text: _PRIVATE.sub(lambda hit: said.get(ord(hit[0]), hit[0]), text)


def _readable(said: Meaning) -> str:
    return said.text or (faces.chain().of_mj(said.mj) if said.mj else "")


def is_ordinary(text: str) -> bool:
    return _ORDINARY.fullmatch(text) is not None


def pieces(text: str, source: str = Source.REGISTER) -> list[Piece]:
    """A text as a page shows it: what no map and no font has is a 〓 that says its code point."""
    result: list[Piece] = []
    for cluster in faces.clusters(text):
        piece = _piece(cluster, source)
        if result and piece.kind == "text" == result[-1].kind and not (piece.note or result[-1].note):
            result[-1] = Piece("text", result[-1].text + piece.text)
        else:
            result.append(piece)
    return result


def shown(text: str) -> list[Piece] | None:
    """For the filter of the templates: pieces, or None when every machine can show the text as it is."""
    return None if is_ordinary(text) else pieces(text)


def _piece(cluster: str, source: str) -> Piece:
    if is_ordinary(cluster):
        return Piece("text", cluster)
    found, codes = way(cluster, source), faces.codes(cluster)
    if found is None:
        if len(cluster) > 1 and is_ordinary(cluster[0]):
            return Piece("near", cluster, codes, "登録された字形の書体がないため、似た字形で表示しています")
        said = meaning(cluster, source)
        note = "、".join(part for part in (said.mj, said.note) if part) if said else ""
        return Piece("lost", "〓", codes, note)
    if is_private(ord(found.text[0])):
        chain = faces.chain()
        at = chain.of_family(found.font) if found.font else chain.index(cluster)
        return Piece("drawn", cluster, codes, drawing=_drawing(chain, at or 0, cluster))
    return Piece("text", found.text, codes if found.text != cluster else "", "外字" if found.text != cluster else "")


@lru_cache(maxsize=500)
def _drawing(chain: faces.Chain, at: int, cluster: str) -> faces.Drawing:
    return chain.faces[at].drawing(cluster)


def unreadable(text: str, source: str = Source.REGISTER) -> list[tuple[int, str]]:
    """(place from 1, code points) of what can't be shown and printed exactly as registered."""
    if is_ordinary(text):
        return []
    found = enumerate(faces.clusters(text), 1)
    return [(place, faces.codes(c)) for place, c in found if not is_ordinary(c) and way(c, source) is None]


# Lists for the page ----------------------------------------------------------------------------------------------


def maps() -> list[dict[str, Any]]:
    """Every version of every map, with how many code points of each kind it has; newest of a source first."""
    result = []
    for found in GaijiMap.objects.select_related("loaded_by"):
        said = meanings(found.pk).values()
        result.append(
            {
                "map": found,
                "rows": len(said),
                "texts": sum(bool(m.text) for m in said),
                "mj": sum(bool(m.mj and not m.text) for m in said),
                "fonts": sum(bool(m.font and not m.text and not m.mj) for m in said),
                "pictures": sum(not (m.text or m.mj or m.font) for m in said),
                "in_force": not any(other["map"].source == found.source for other in result),
            }
        )
    return result


def rows_of(found: GaijiMap) -> Iterator[tuple[Meaning, Way | None]]:
    """The rows of a version in the order of their codes, each with how it would be printed now."""
    for said in sorted(meanings(found.pk).values(), key=lambda m: m.code):
        yield said, way(chr(said.code), found.source) if in_force(found.source) == found else None


@dataclass(frozen=True)
class Font:
    """One font of the chain, as the page lists it."""

    place: int
    family: str
    whose: str
    characters: int
    sequences: int
    private: int


def fonts() -> list[Font]:
    """The fonts found, in the order in which they are asked."""
    result = []
    for place, face in enumerate(faces.look_again().faces, 1):
        whose = "市町村の書体" if face.own else "IPAmj明朝" if "IPAmj" in face.family else "付属の書体"
        private = sum(map(is_private, face.characters))
        result.append(Font(place, face.family, whose, len(face.characters), len(face.sequences), private))
    return result
