"""What the readers of the towns' tables share."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

SHOWN = 100


def fingerprint(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problems_of(problems: list[tuple[Any, str]]) -> list[list[Any]]:
    """The first of them, to be kept with the table."""
    return [list(problem) for problem in problems[:SHOWN]]
