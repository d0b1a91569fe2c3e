"""What is different in a header since the one that a mapping was made from: nothing of it may be swallowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .guess import alike


@dataclass(frozen=True)
class HeaderChanges:
    gone: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    renamed: list[tuple[str, str]] = field(default_factory=list)  # probably: (before, now)

    def __bool__(self) -> bool:
        return bool(self.gone or self.new or self.renamed)

    def said(self) -> dict[str, Any]:
        """As plain data, to be kept with the file; empty if nothing changed."""
        return {"gone": self.gone, "new": self.new, "renamed": [list(p) for p in self.renamed]} if self else {}


def compare(before: list[str], now: list[str], *, same: Callable[[str, str], bool] = alike) -> HeaderChanges:
    """The order of columns says nothing; a column that is gone and one that is new and alike are one, renamed."""
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    renamed = []
    for name in list(gone):
        other = next((candidate for candidate in new if same(name, candidate)), None)
        if other is not None:
            renamed.append((name, other))
            gone.remove(name)
            new.remove(other)
    return HeaderChanges(gone, new, renamed)


def in_words(said: dict[str, Any]) -> list[str]:
    """One sentence for each kind of change."""
    lines = []
    if said.get("renamed"):
        pairs = "、".join(f"「{before}」→「{after}」" for before, after in said["renamed"])
        lines.append(f"名前が変わったらしい列：{pairs}")
    if said.get("gone"):
        lines.append(f"なくなった列：{'、'.join(said['gone'])}")
    if said.get("new"):
        lines.append(f"新しい列：{'、'.join(said['new'])}")
    return lines
