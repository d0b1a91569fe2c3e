"""Uploaded register files that wait for a clerk's yes: kept in the data folder under a random name, for a day at most."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from django.conf import settings

from backend.core.work import new_token

KEPT = 24 * 3600.0  # seconds
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}\Z")


@dataclass(frozen=True)
class Staged:
    """An upload with what the clerk said about it. `kind`: full, change or correction."""

    token: str
    owner: str
    name: str
    kind: str
    as_of: str
    size: int
    fingerprint: str
    layout: str = "canonical"

    @property
    def path(self) -> Path:
        return _folder() / f"{self.token}.csv"

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.as_of) if self.as_of else None


def stage(
    *, pieces: Iterable[bytes], name: str, kind: str, as_of: date | None, owner: str, layout: str = "canonical"
) -> Staged:
    """Keep an upload, readable for the server's own user only."""
    clean_up()
    token, sha, size = new_token(), hashlib.sha256(), 0
    path = _folder() / f"{token}.csv"
    try:
        with _private(path) as file:
            for piece in pieces:
                sha.update(piece)
                size += len(piece)
                file.write(piece)
        plain_name = name.replace("\\", "/").rsplit("/", 1)[-1][:200] or "upload.csv"
        day = as_of.isoformat() if as_of else ""
        staged = Staged(token, owner, plain_name, kind, day, size, sha.hexdigest(), layout)
        with _private(path.with_suffix(".json")) as file:
            file.write(json.dumps(asdict(staged), ensure_ascii=False).encode())
    except BaseException:
        # The browser went away, or the disk is full: half an upload is somebody's register too.
        path.unlink(missing_ok=True)
        path.with_suffix(".json").unlink(missing_ok=True)
        raise
    return staged


def with_layout(staged: Staged, layout: str) -> Staged:
    """The same upload, to be read by another mapping from now on."""
    said = replace(staged, layout=layout)
    path = staged.path.with_suffix(".json")
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with _private(fresh) as file:
        file.write(json.dumps(asdict(said), ensure_ascii=False).encode())
    fresh.replace(path)
    return said


def find(token: str, owner: str) -> Staged | None:
    """The upload under this token, if it is there still and this person's own."""
    if not TOKEN.match(token):
        return None
    clean_up()  # what is older than a day is gone, also where nobody has uploaded since
    try:
        staged = Staged(**json.loads((_folder() / f"{token}.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return staged if staged.owner == owner and staged.path.is_file() else None


def remove(staged: Staged) -> None:
    staged.path.unlink(missing_ok=True)
    staged.path.with_suffix(".json").unlink(missing_ok=True)


def clean_up() -> None:
    """Remove what nobody came back for."""
    for path in _folder().iterdir():
        try:
            if time.time() - path.stat().st_mtime > KEPT:
                path.unlink()
        except FileNotFoundError:
            continue


def private_path(suffix: str) -> Path:
    """A new empty file in the same folder, for what is written before it is sent; swept like an upload."""
    path = _folder() / f"{new_token()}{suffix}"
    _private(path).close()
    return path


def _private(path: Path):  # type: ignore[no-untyped-def]
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
