"""Which font prints which character, decided by us and not by the typesetter.

A typesetter that misses a variation sequence prints the base character of its first font without a word: another
form of the name. So every text is cut into runs, each for the first font of the chain (`characters.faces`) that has
all of it; a character (or sequence) that no font has is reported, and the paper is held for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backend.characters import faces
from backend.core.errors import Refused

BOX = -1  # in place of a font: an empty box of one character, to be filled by hand


class Held(Refused):
    """The paper is not issued: a character can't be printed exactly. `fields` says which and where."""

    code = "held"


def runs(text: str, ways: Mapping[str, Mapping[str, str]] | None = None) -> list[tuple[int, str]]:
    """The text cut into (index of the font in the chain, piece); raises `Held` if a character is in no font.

    `ways` (of `settling`): code points -> how this text's character is printed: another `text`, a `font`, by `hand`.
    """
    result: list[tuple[int, str]] = []
    chain = faces.chain()
    for cluster in faces.clusters(text):
        way = (ways or {}).get(faces.codes(cluster), {})
        if way.get("hand"):
            result.append((BOX, ""))
            continue
        piece = way.get("text") or cluster
        found = (
            [(chain.of_family(way["font"]), piece)]
            if way.get("font")
            else [(chain.index(part), part) for part in faces.clusters(piece)]
        )
        for index, part in found:
            if index is None:
                raise held_for([("文書", text)])
            if result and result[-1][0] == index:
                result[-1] = (index, result[-1][1] + part)
            else:
                result.append((index, part))
    return result


def missing(text: str) -> list[tuple[int, str]]:
    """(place from 1, code points) of what no font of the chain can print exactly."""
    chain = faces.chain()
    return [
        (place, faces.codes(cluster))
        for place, cluster in enumerate(faces.clusters(text), 1)
        if chain.index(cluster) is None
    ]


def hold(labelled: Iterable[tuple[str, str]]) -> None:
    """Raises `Held` naming label and place of every character that can't be printed; labels are Japanese."""
    labelled = list(labelled)
    if any(missing(text) for _, text in labelled):
        raise held_for(labelled)


def held_for(labelled: Iterable[tuple[str, str]]) -> Held:
    """The refusal for texts in which the chain misses characters."""
    return held_at((label, place, codes) for label, text in labelled for place, codes in missing(text))


def held_at(places: Iterable[tuple[str, int, str]]) -> Held:
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
    )
