"""The laptop's folder: an encrypted database, and beside it what may be read without the passphrase (nothing personal)."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any


def folder() -> Path:
    """`TASUKI_SHELTER_HOME`, else a folder of the user's."""
    return Path(os.environ.get("TASUKI_SHELTER_HOME") or Path.home() / ".tasuki-shelter")


def database() -> Path:
    return folder() / "shelter.sqlite3"


def read(name: str = "laptop.json") -> dict[str, Any]:
    try:
        return dict(json.loads((folder() / name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def write(values: dict[str, Any], name: str = "laptop.json") -> None:
    """Whole or not at all, and on the disk."""
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    place = folder() / name
    # Not one name for all: the server and a command may write at once.
    fresh = folder() / f"{name}.{secrets.token_hex(4)}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(values, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(place)


def update(**values: Any) -> dict[str, Any]:
    merged = read() | values
    write(merged)
    return merged


def salt() -> bytes:
    """Of the passphrase: made once with the database, useless alone."""
    kept = read().get("salt")
    if kept is None:
        kept = update(salt=base64.b64encode(secrets.token_bytes(16)).decode())["salt"]
    return base64.b64decode(kept)
