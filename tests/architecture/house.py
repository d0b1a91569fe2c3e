"""What the house rules look at: the rooms, the files of the repository, and the text in them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BACKEND = ROOT / "backend"
ROOMS = sorted(path.parent for path in BACKEND.glob("*/apps.py"))
NOT_OURS = {".git", ".venv", "var", "node_modules", "__pycache__"}
NOT_TEXT = {".png", ".jpg", ".woff2", ".otf", ".ttf", ".pdf", ".gz", ".zip", ".ico", ".sqlite3"}


def files() -> list[Path]:
    """Every file that is, or could be, committed: without git, all but what is made while running."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
        return [path for name in listed if name and (path := ROOT / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p for p in ROOT.rglob("*") if p.is_file() and not NOT_OURS & set(p.relative_to(ROOT).parts)]


def texts(*suffixes: str) -> Iterator[tuple[str, str]]:
    """(path from the root, text) of every text file; only of these endings if some are given."""
    for path in files():
        if path.suffix in NOT_TEXT or (suffixes and path.suffix not in suffixes):
            continue
        yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")


def sources(*, migrations: bool = False) -> Iterator[tuple[Path, ast.Module]]:
    """Every Python file of the backend with its syntax tree."""
    for path in sorted(BACKEND.rglob("*.py")):
        if migrations or "migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def table(document: str, heading: str) -> list[list[str]]:
    """The cells of the first Markdown table below a heading, without its head."""
    lines = (ROOT / document).read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("#") and line.lstrip("# ").strip() == heading)
    rows: list[list[str]] = []
    for line in lines[start + 1 :]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif rows or line.startswith("#"):
            break
    return rows[2:]
