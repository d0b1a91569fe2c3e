"""Which characters of the stored names and addresses no font prints exactly: everybody's, in one pass.

Rooms offer their texts (`texts_on_paper` of their AppConfig), so that this room knows none of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

from . import faces, queries
from .models import Source

CHUNK = 10_000
MOST = 500  # lines that a page shows
LABELS = ("氏名", "通称", "住所", "方書")


@dataclass
class Missing:
    """A character that can't be printed: from which source, in which columns, of how many people."""

    cluster: str
    source: str
    people: int = 0
    columns: set[str] = field(default_factory=set)

    @property
    def codes(self) -> str:
        return faces.codes(self.cluster)

    @property
    def pieces(self) -> list[queries.Piece]:
        return queries.pieces(self.cluster, self.source)

    @property
    def where(self) -> str:
        return "・".join(label for label in LABELS if label in self.columns)

    @property
    def source_label(self) -> str:
        return str(Source(self.source).label)


@dataclass(frozen=True)
class Result:
    people: int
    missing: list[Missing]


def scan(staff: Any) -> Result:
    """All that no map and no font knows, most frequent first. `staff`: those they may see; None: everybody."""
    found: dict[tuple[str, str], Missing] = {}
    people = 0
    good: defaultdict[str, set[str]] = defaultdict(set)  # by source: clusters that are known to be printable
    for source, chunk in _chunks(staff):
        people += len(chunk)
        ok = good[source]
        seen = set("".join(text for texts in chunk for text in texts))
        # Only a chunk with something new is looked at line by line; after a while hardly any is.
        if seen <= ok:
            continue
        for texts in chunk:
            _look(texts, source, ok, found)
    return Result(people, sorted(found.values(), key=lambda m: (-m.people, m.cluster)))


def _look(texts: tuple[str, ...], source: str, ok: set[str], found: dict[tuple[str, str], Missing]) -> None:
    mine: set[str] = set()
    for label, text in zip(LABELS, texts, strict=True):
        if ok.issuperset(text):
            continue
        for cluster in faces.clusters(text):
            if cluster in ok:
                continue
            if queries.way(cluster, source) is not None:
                ok.add(cluster)
                continue
            one = found.setdefault((source, cluster), Missing(cluster, source))
            one.columns.add(label)
            mine.add(cluster)
    for cluster in mine:
        found[source, cluster].people += 1


def _chunks(staff: Any) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The offered texts, by source and some thousand at a time."""
    waiting: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for config in apps.get_app_configs():
        name = getattr(config, "texts_on_paper", None)
        for source, texts in import_string(name)(staff) if name else ():
            waiting[source].append(texts)
            if len(waiting[source]) >= CHUNK:
                yield source, waiting.pop(source)
    yield from waiting.items()
