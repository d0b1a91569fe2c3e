"""What may be in a bundle, how it is written and read, and how a typed token is understood. Plain values only.

The columns listed here are all that ever leaves the house in a bundle: a column more, on either side, is refused.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from .applying.rules import CARRIED

FORMAT = "tasuki-bundle"
VERSION = 1
HEAD = {"format", "version", "made_at", "municipality", "sha256", "parts"}

_SHAPES = {
    "certificates": {
        "token_hash": re.compile(r"[0-9a-f]{64}"),
        "kind": re.compile(r".{1,40}"),
        "number": re.compile(r".{1,100}"),
        "issued_on": re.compile(r"\d{4}-\d\d-\d\d"),
        "status": re.compile(r"valid|superseded|withdrawn"),
    },
    "keys": {
        "key": re.compile(r"[0-9a-f]{8}"),
        "public": re.compile(r"[0-9a-f]{64}"),
        "since": re.compile(r"\d{4}-\d\d-\d\d"),
        "until": re.compile(r"(\d{4}-\d\d-\d\d)?"),
        "state": re.compile(r"in_use|ended|lost"),
    },
    # The names that kinds of paper are printed with, and how their numbers are written.
    "kinds": {
        "kind": re.compile(r"[a-z]{1,20}"),
        "title": re.compile(r".{1,40}"),
        "number": re.compile(r".{0,200}"),
        "since": re.compile(r"\d{4}-\d\d-\d\d"),
        "until": re.compile(r"(\d{4}-\d\d-\d\d)?"),
    },
    # Where applications are taken online, with the key to seal them for; and how far each of them is.
    "desks": {
        "disaster": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        "name": re.compile(r".{1,100}"),
        "since": re.compile(r"\d{4}-\d\d-\d\d"),
        "key": re.compile(r"[0-9a-f]{8}"),
        "public": re.compile(r"[0-9a-f]{64}"),
    },
    "applications": {
        "lookup": re.compile(r"[0-9a-f]{64}"),
        "state": re.compile("|".join(CARRIED)),
    },
}
_OWN = {
    "certificates": ("token_hash",),
    "keys": ("key",),
    "kinds": ("kind", "title", "number"),
    "desks": ("disaster",),
    "applications": ("lookup",),
}  # what no two rows of a part have in common
_DAYS = {
    "certificates": ("issued_on",),
    "keys": ("since", "until"),
    "kinds": ("since", "until"),
    "desks": ("since",),
    "applications": (),
}
PARTS = tuple(_SHAPES)

# A token is 28 characters without I, L, O and U; people type what they see, in any grouping.
_TOKEN = re.compile(r"[0-9A-HJKMNP-TV-Z]{28}")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


class BundleError(ValueError):
    """The file is no bundle that may be loaded; the message (Japanese) says why."""


@dataclass(frozen=True)
class Parsed:
    """A bundle that was read and found whole."""

    made_at: datetime
    municipality: str
    sha256: str
    parts: dict[str, list[dict[str, str]]]

    @property
    def rows(self) -> int:
        return sum(len(rows) for rows in self.parts.values())


def write(
    parts: Mapping[str, Iterable[Mapping[str, str]]], *, made_at: datetime, municipality: str
) -> tuple[bytes, str]:
    """The bundle's bytes and its SHA-256. Raises BundleError for a part or a column that may not go out."""
    body: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": made_at.isoformat(),
        "municipality": municipality,
        "parts": {name: _checked(name, rows) for name, rows in parts.items()},
    }
    digest = hashlib.sha256(_canonical(body)).hexdigest()
    return _canonical(body | {"sha256": digest}), digest


def read(data: bytes) -> Parsed:
    """The bundle in these bytes. Raises BundleError when it is damaged, of another version, or holds something else."""
    try:
        whole = json.loads(data)
    except ValueError as error:
        raise BundleError("ファイルが壊れているか、公開用の束ではありません。") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise BundleError("公開用の束ではありません。")
    if whole.get("version") != VERSION:
        raise BundleError("この版の束は読み込めません。プログラムの版を確かめてください。")
    if set(whole) != HEAD or not isinstance(whole["parts"], dict):
        raise BundleError("束の項目が決められたものと違います。")
    body = {key: value for key, value in whole.items() if key != "sha256"}
    if hashlib.sha256(_canonical(body)).hexdigest() != whole["sha256"]:
        raise BundleError("束の中身が作成時から変わっています（指紋が一致しません）。")
    try:
        made_at = datetime.fromisoformat(whole["made_at"])
    except (TypeError, ValueError) as error:
        raise BundleError("束の作成日時を読めません。") from error
    if made_at.utcoffset() is None:
        raise BundleError("束の作成日時を読めません。")
    parts = {name: _checked(name, rows) for name, rows in whole["parts"].items()}
    return Parsed(made_at, str(whole["municipality"]), whole["sha256"], parts)


def token_hash(typed: str) -> str | None:
    """The key under which a token is looked up; None for what can't be a token.

    Either width and case, hyphens and spaces anywhere; O is read as 0, I and L as 1.
    """
    plain = re.sub(r"[\s‐‑–—―−ー-]", "", typed.translate(_WIDE)).upper().translate(_MISREAD)
    return hashlib.sha256(plain.encode()).hexdigest() if _TOKEN.fullmatch(plain) else None


def _checked(name: str, rows: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    shape = _SHAPES.get(name)
    if shape is None:
        raise BundleError(f"束に入れられない部分です（{name[:40]}）。")
    if not isinstance(rows, Iterable) or isinstance(rows, (str, Mapping)):
        raise BundleError("束の形が決められたものと違います。")
    taken, seen = [], set()
    for row in rows:
        if not isinstance(row, Mapping) or set(row) != set(shape):
            raise BundleError(f"束に決められていない項目があります（{name}）。")
        if not all(isinstance(row[key], str) and pattern.fullmatch(row[key]) for key, pattern in shape.items()):
            raise BundleError(f"束の値の形が違います（{name}）。")
        for day in _DAYS[name]:
            if row[day] or day != "until":
                _require_day(row[day])
        own = tuple(row[key] for key in _OWN[name])
        if own in seen:
            raise BundleError(f"束に同じ行が2度あります（{name}）。")
        seen.add(own)
        taken.append(dict(row))
    return taken


def _require_day(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise BundleError("束の日付を読めません。") from error


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
