"""The table of name-character variants (`variants.tsv`), as two translate tables."""

from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("variants.tsv")
_FOLDS = {"search", "identity", "both"}


class Variant(NamedTuple):
    """One checked pair: `variant` is read as `plain` in the folds named, on the ground named."""

    variant: str
    plain: str
    fold: str
    basis: str
    codes: str


def read_table(path: Path = TABLE) -> list[Variant]:
    """The pairs in the order of the file; ValueError naming the line for one that can't be read."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = []
    for number, line in enumerate(lines, start=1):
        if line.startswith(("#", "variant\t")) or not line:
            continue
        cells = line.split("\t")
        if len(cells) != 5 or len(cells[0]) != 1 or len(cells[1]) != 1 or cells[2] not in _FOLDS:
            raise ValueError(f"{path.name}:{number}: {line!r}")
        pairs.append(Variant(*cells))
    return pairs


def _table(fold: str) -> dict[str, str]:
    return {pair.variant: pair.plain for pair in _PAIRS if pair.fold in (fold, "both")}


_PAIRS = read_table()
SEARCH: dict[str, str] = _table("search")
IDENTITY: dict[str, str] = _table("identity")
