"""What becomes of a character that can't be printed as it stands: one function for every paper.

In this order: the vendor's map says what it is and a font has that; a font has it; a decision for this person, this
household or everywhere settles it; else it waits. Exact always goes before a decision: who agreed to another shape did so
because theirs could not be had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.characters import faces
from backend.characters import queries as characters
from backend.characters.models import Source

from . import fonts
from .models import CharacterDecision


@dataclass(frozen=True)
class Whose:
    """Of whom a text on a paper is, and from which source its code points came."""

    household: UUID
    person: UUID | None = None
    source: str = Source.REGISTER


def settle(
    labelled: Iterable[tuple[str, str, str]], whose: Mapping[str, Whose], **paper: Any
) -> dict[str, dict[str, Any]]:
    """(path, label, text) -> path -> code points -> way; raises `fonts.Held` with everything that has to wait."""
    settled: dict[str, dict[str, Any]] = {}
    places: list[tuple[str, int, str]] = []
    waiting: dict[tuple[str, str], fonts.Waiting] = {}
    for path, label, text in labelled:
        if fonts.is_plain(text):
            continue
        owner = whose.get(path)
        for place, cluster in enumerate(faces.clusters(text), 1):
            if characters.is_ordinary(cluster) and faces.chain().index(cluster) is not None:
                continue
            way = how(cluster, owner)
            if way is None:
                places.append((label, place, faces.codes(cluster)))
                if owner:
                    waiting[label, cluster] = fonts.Waiting(
                        **paper, person=owner.person, source=owner.source, cluster=cluster, label=label
                    )
            elif way:
                settled.setdefault(path, {})[faces.codes(cluster)] = way
    if places:
        raise fonts.held_at(places, waiting.values())
    return settled


def how(cluster: str, owner: Whose | None) -> dict[str, Any] | None:
    """The way in which a character is printed: {} as it stands, None not at all."""
    exact = characters.way(cluster, owner.source if owner else Source.TYPED)
    if exact is not None:
        if exact.text == cluster and not exact.font:
            return {}
        return {"text": exact.text, "font": exact.font, "map": exact.map}
    found = decision(cluster, owner) if owner else None
    if found is None:
        return None
    if found.how == CharacterDecision.How.BY_HAND:
        return {"hand": True, "decision": str(found.pk)}
    if any(index is None for index, _ in fonts.printed(cluster, {"text": found.text}, faces.chain())):
        return None
    return {"text": found.text, "decision": str(found.pk)}


def decision(cluster: str, owner: Whose) -> CharacterDecision | None:
    """The decision that settles a character for its owner: the person's before the household's before everybody's."""
    rows = CharacterDecision.objects.filter(cluster=cluster, source=owner.source, ended_at=None).exclude(
        how=CharacterDecision.How.FONT
    )
    subjects = {
        CharacterDecision.Scope.PERSON: owner.person,
        CharacterDecision.Scope.HOUSEHOLD: owner.household,
        CharacterDecision.Scope.ALL: None,
    }
    for scope, subject in subjects.items():
        if scope == CharacterDecision.Scope.PERSON and subject is None:
            continue
        found = next((row for row in rows if row.scope == scope and row.subject == subject), None)
        if found:
            return found
    return None


def counts(settled: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """For the audit book: how many characters were printed otherwise than they stand, and how many are left to a hand."""
    ways = [way for found in settled.values() for way in found.values()]
    said = {
        "by_hand": sum(bool(way.get("hand")) for way in ways),
        "substituted": sum(bool(way.get("decision") and not way.get("hand")) for way in ways),
    }
    return {name: number for name, number in said.items() if number}


def in_words(content: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    """What was settled on an issued paper, for its page: `世帯員1の氏名の U+E000：手書き`."""
    lines = []
    for path, ways in content.get("characters", {}).items():
        for codes, way in ways.items():
            if way.get("hand"):
                lines.append(f"{labels[path]}の {codes}：手書き（枠の中に書いてください）")
            elif way.get("decision"):
                lines.append(f"{labels[path]}の {codes}：同意により「{way['text']}」と印字")
    return lines
