"""Which published file an address means; nothing outside the publication folder is ever opened."""

from __future__ import annotations

from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".geojson": "application/geo+json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


def published_file(root: Path, address: str) -> Path | None:
    """The file below `root` for an address like `open/` or `open/shelters.csv`; None if there is none to show.

    A folder means its index.html. Hidden names, other endings, and whatever leads out of the folder (`..`, links)
    are no files.
    """
    parts = [part for part in address.split("/") if part]
    if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
        return None
    try:
        base = root.resolve(strict=True)
        found = base.joinpath(*parts)
        if found.is_dir():
            found = found / "index.html"
        found = found.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
    if not found.is_relative_to(base) or not found.is_file() or found.suffix.lower() not in TYPES:
        return None
    return found
