"""The kinds of entries, as the installed rooms offer them: read from a plain attribute, so that no room is imported.

An AppConfig may have `journal_kinds` (dotted path of a list of dictionaries `name, v, schema, apply`, and optionally
`check, void, topics, title, files, told_by`; functions as dotted paths), `journal_drop` (dotted path of a function that empties the room's
projections), `journal_retimed` (dotted path of a function that gives what entries left behind another time) and `journal_wrote`
(dotted path of a function that is told of every act written here).

    apply(entries) -> None                    set-based, in the order of receipt; safe to repeat
    check(entries) -> [(uuid, code, text)]    named contradictions; asked after `apply` of the whole batch, never a
                                              ground for refusal
    void(targets, at) -> None                 take back what these entries did, as known from `at` on
    topics(payload) -> [(of, UUID | None)]    what it speaks of (models.Topic): by it laptops are given their part;
                                              ValueError for a payload that names nobody
    files(payload) -> [(sha256, bytes)]       the files that it names (journal.files)

`told_by` says whom headquarters believes in it (journal.authority): "anybody" who may write at all, where nothing is said;
"shelter", a laptop of whose shelter or people `entry` speaks; "author", the laptop that wrote `entry`; "headquarters" alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Kind:
    """One kind of entry in one version."""

    name: str
    v: int
    room: str
    schema: dict[str, Any]
    title: str
    apply: Callable[[Sequence[Any]], None]
    check: Callable[[Sequence[Any]], list[tuple[Any, str, str]]] | None
    void: Callable[[Sequence[Any], Any], None] | None
    topics: Callable[[dict[str, Any]], list[tuple[str, Any]]] | None
    files: Callable[[dict[str, Any]], list[tuple[str, int]]] | None
    told_by: str


@cache
def all_kinds() -> dict[tuple[str, int], Kind]:
    """By name and version, in the order in which they are applied: rooms as installed, the journal's own last."""
    rooms = sorted(apps.get_app_configs(), key=lambda config: config.label == "journal")
    found: dict[tuple[str, int], Kind] = {}
    for config in rooms:
        path = getattr(config, "journal_kinds", None)
        for given in import_string(path) if path else []:
            kind = _kind(config.label, given)
            if (kind.name, kind.v) in found:
                raise RuntimeError(f"two rooms offer {kind.name} v{kind.v}")
            found[kind.name, kind.v] = kind
    return found


def _kind(room: str, given: dict[str, Any]) -> Kind:
    def load(name: str) -> Any:
        return import_string(given[name]) if given.get(name) else None

    return Kind(
        name=given["name"],
        v=given["v"],
        room=room,
        schema=given["schema"],
        title=given.get("title", given["name"]),
        apply=load("apply"),
        check=load("check"),
        void=load("void"),
        topics=load("topics"),
        files=load("files"),
        told_by=given.get("told_by", "anybody"),
    )


def newest(name: str) -> Kind:
    """The newest version of a kind; KeyError when no installed room has it."""
    versions = [kind for kind in all_kinds().values() if kind.name == name]
    if not versions:
        raise KeyError(name)
    return max(versions, key=lambda kind: kind.v)


def drop_of(room: str) -> Callable[[], None] | None:
    path = getattr(apps.get_app_config(room), "journal_drop", None)
    return import_string(path) if path else None


@cache
def retiming_rooms() -> list[Callable[[dict[Any, Any]], None]]:
    """How each room gives what entries left behind another time: entry -> when it was so."""
    paths = [getattr(config, "journal_retimed", None) for config in apps.get_app_configs()]
    return [import_string(path) for path in paths if path]


@cache
def told_of_own() -> list[Callable[[Sequence[Any]], None]]:
    """Who wants to know what this database itself has just written (`journal_wrote` of an AppConfig), in its transaction."""
    paths = [getattr(config, "journal_wrote", None) for config in apps.get_app_configs()]
    return [import_string(path) for path in paths if path]
