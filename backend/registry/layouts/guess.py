"""Which of our columns a vendor's column probably is, by its name alone. A person looks at every guess before it counts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from .. import layout
from .mapping import plain

NAMES = Path(__file__).parent / "column_names.yaml"
STATE = "住民状態"
_MARKS = re.compile(r"[\s_・.\-‐－()\[\]（）「」:：/／#№]+")
ALIKE = 75.0  # of a hundred; below it two names are two things


def key(name: str) -> str:
    """A column's name without what is only style."""
    return _MARKS.sub("", plain(name)).casefold()


@cache
def known() -> dict[str, str]:
    """Key of a name -> what it is called here: our columns, and 住民状態."""
    import yaml  # with the server's libraries; a laptop takes no register

    table = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return {key(name): ours for ours, names in table.items() for name in (ours, *names)}


def ours_for(name: str) -> str | None:
    """Our Japanese header for one of theirs, None where nothing is near enough."""
    text, names = key(name), known()
    if text in names or len(text) < 3:
        return names.get(text) if names.get(text) != STATE else None
    from rapidfuzz import fuzz, process  # with the server's libraries; a laptop takes no register

    found = process.extractOne(text, list(names), scorer=fuzz.ratio, score_cutoff=ALIKE)
    return names[found[0]] if found and names[found[0]] != STATE else None


def guess(names: list[str]) -> dict[str, str | None]:
    """Their column -> ours. Where one of theirs is called exactly as ours, no other is guessed to be it too."""
    exact = {name for name in names if name in layout.COLUMNS}
    result: dict[str, str | None] = {}
    for name in names:
        ours = name if name in exact else ours_for(name)
        result[name] = None if ours in exact and name != ours else ours
    return result


def tells_who_lives_here(name: str) -> bool:
    """Whether a column says if a row is of somebody who lives here now (住民状態)."""
    return known().get(key(name)) == STATE


def alike(before: str, now: str) -> bool:
    """Whether a column that is gone and a new one are probably the same, under another name."""
    one, other = key(before), key(now)
    names = known()
    if one in names and other in names:
        return names[one] == names[other]
    if one == other or (min(len(one), len(other)) > 1 and (one.startswith(other) or other.startswith(one))):
        return True
    from rapidfuzz import fuzz

    return bool(fuzz.ratio(one, other) >= ALIKE)
