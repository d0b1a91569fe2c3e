"""Which font prints which character, decided by us and not by the typesetter.

A typesetter that misses a variation sequence prints the base character of its first font without a word: another
form of the name. So every text is cut into runs, each for the first font of the chain (`characters.faces`) that has
all of it; a character (or sequence) that no font has is reported, and the paper is held for a person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.characters import faces
from backend.characters import queries as characters
from backend.core.errors import Refused

BOX = -1  # in place of a font: an empty box of one character, to be filled by hand


Ways = Mapping[str, Mapping[str, Any]]  # code points -> how that character of one text is printed (`settling`)


@dataclass(frozen=True)
class Waiting:
    """A character that keeps a paper back: in which field, whose, and from which source its code points are."""

    kind: str
    disaster: UUID
    household: UUID
    person: UUID | None
    source: str
    cluster: str
    label: str


class Held(Refused):
    """The paper is not issued: a character can't be printed exactly. `fields` says which and where."""

    code = "held"

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, waiting: Iterable[Waiting] = ()) -> None:
        super().__init__(message, fields=fields)
        self.waiting = tuple(waiting)


def runs(text: str, ways: Ways | None = None) -> list[tuple[int, str]]:
    """The text cut into (index of the font in the chain, piece); raises `Held` if a character is in no font.

    `ways`: what was settled for characters of this text: another `text`, a `font`, or `hand`, an empty box.
    """
    if not ways and is_plain(text):
        return [(0, text)] if text else []
    return _runs(text, ways)


def is_plain(text: str) -> bool:
    """Whether every character of the text is an ordinary one of the first font: nothing is to be cut or settled."""
    chain = faces.chain()
    if chain.plain.issuperset(text):
        return True
    if not characters.is_ordinary(text):
        return False
    # Characters that no other character can belong to: each stands for itself, and is asked for once.
    chain.plain.update(c for c in text if not unicodedata.combining(c) and chain.index(c) == 0)
    return chain.plain.issuperset(text)


def plain_run(text: str) -> list[tuple[int, str]]:
    """Words of a form, which are nobody's name: in the last font of the chain that has all of them, which is the lightest."""
    chain = faces.chain()
    last = len(chain.faces) - 1
    if not text:
        return []
    if chain.light.issuperset(text):
        return [(last, text)]
    clusters = list(faces.clusters(text))
    for index in range(last, -1, -1):
        if all(chain.faces[index].has(cluster) for cluster in clusters):
            if index == last:
                # What stands for itself; a mark or selector, which belongs to what is before it, is asked for each time.
                chain.light.update(one for one in clusters if len(one) == 1 and not unicodedata.combining(one))
            return [(index, text)]
    return _runs(text)


def _runs(text: str, ways: Ways | None = None) -> list[tuple[int, str]]:
    result: list[tuple[int, str]] = []
    chain = faces.chain()
    for cluster in faces.clusters(text):
        for index, piece in printed(cluster, (ways or {}).get(faces.codes(cluster), {}), chain):
            if index is None:
                raise held_for([("文書", text, ways or {})])
            if result and result[-1][0] == index != BOX:
                result[-1] = (index, result[-1][1] + piece)
            else:
                result.append((index, piece))
    return result


def printed(cluster: str, way: Mapping[str, Any], chain: faces.Chain) -> list[tuple[int | None, str]]:
    """The runs of one character; None in place of the font that is missing."""
    if way.get("hand"):
        return [(BOX, "")]
    text = way.get("text") or cluster
    if way.get("font"):
        at = chain.of_family(way["font"])
        return [(at if at is not None and chain.faces[at].has(text) else None, text)]
    return [(chain.index(part), part) for part in faces.clusters(text)]


def missing(text: str, ways: Ways | None = None) -> list[tuple[int, str]]:
    """(place from 1, code points) of what can't be printed exactly, or as it was settled."""
    if not ways and is_plain(text):
        return []
    chain, ways = faces.chain(), ways or {}
    return [
        (place, faces.codes(cluster))
        for place, cluster in enumerate(faces.clusters(text), 1)
        if any(index is None for index, _ in printed(cluster, ways.get(faces.codes(cluster), {}), chain))
    ]


def hold(labelled: Iterable[tuple[str, str, Ways]]) -> None:
    """Raises `Held` naming label and place of every character that can't be printed; labels are Japanese."""
    labelled = list(labelled)
    if any(missing(text, ways) for _, text, ways in labelled):
        raise held_for(labelled)


def held_for(labelled: Iterable[tuple[str, str, Ways]]) -> Held:
    """The refusal for texts in which the chain misses characters."""
    return held_at((label, place, codes) for label, text, ways in labelled for place, codes in missing(text, ways))


def held_at(places: Iterable[tuple[str, int, str]], waiting: Iterable[Waiting] = ()) -> Held:
    """The refusal, from (label, place from 1, code points). It never names the name that they stand in."""
    fields: dict[str, list[str]] = {}
    for label, place, codes in places:
        fields.setdefault(label, []).append(f"{place}文字目（{codes}）")
    said = {label: "、".join(found) for label, found in fields.items()}
    where = "、".join(f"{label}の{found}" for label, found in said.items())
    return Held(
        f"正しい字形で印字できる書体がない文字があるため、交付を保留しました：{where}。"
        "別の字形では印字しません。外字・文字の担当に確認してください。",
        fields=said,
        waiting=waiting,
    )
