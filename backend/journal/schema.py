"""What a payload must look like, as plain values, so that every room can say it without importing anything.

A schema is a dictionary of key -> type; a key that ends in `?` may be missing. Types: `uuid`, `text` or `text:200`
(longest), `count` (0 to 10,000,000), `bool`, `time` (ISO 8601 with offset), `one:a|b|c`, a nested schema, or `[type]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

MOST = 10_000_000
LONGEST_TEXT = 1000
LONGEST_LIST = 1000
FIRST_YEAR, LAST_YEAR = 1900, 2200
UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
# A lone surrogate can't be written as UTF-8, a NUL can't be stored by PostgreSQL.
_UNSTORABLE = re.compile("[\\0\ud800-\udfff]").search


def problems(schema: Mapping[str, Any], value: Any, path: str = "", *, newer: bool = False) -> list[str]:
    """What is wrong with a payload, each as `key: reason`; empty when nothing is.

    Unknown keys are wrong in what is written here; in what a `newer` version may have written they are left alone.
    """
    if _fits(schema, value, newer):
        return []
    if not isinstance(value, dict):
        return [f"{path or 'payload'}: not an object"]
    found: list[str] = []
    known = set()
    for key, kind in schema.items():
        name = key.removesuffix("?")
        known.add(name)
        if name in value:
            found += _wrong(kind, value[name], f"{path}{name}", newer)
        elif not key.endswith("?"):
            found.append(f"{path}{name}: missing")
    return found if newer else found + [f"{path}{key}: unknown" for key in value if key not in known]


def _wrong(kind: Any, value: Any, path: str, newer: bool) -> list[str]:
    if isinstance(kind, dict):
        return problems(kind, value, f"{path}.", newer=newer)
    if isinstance(kind, list):
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            return [f"{path}: not a list of at most {LONGEST_LIST}"]
        return [problem for i, item in enumerate(value) for problem in _wrong(kind[0], item, f"{path}[{i}]", newer)]
    name, rest = _parts(kind)
    return [] if _CHECKS[name](value, rest) else [f"{path}: not {kind}"]


def _fits(kind: Any, value: Any, newer: bool) -> bool:
    """Whether nothing is wrong: asked first, as it nearly always is so and there are entries by the ten thousand."""
    if isinstance(kind, str):
        name, rest = _parts(kind)
        return _CHECKS[name](value, rest)
    if isinstance(kind, list):
        one = kind[0]
        return isinstance(value, list) and len(value) <= LONGEST_LIST and all(_fits(one, item, newer) for item in value)
    if not isinstance(value, dict):
        return False
    there = 0
    for key, wanted in kind.items():
        name = key.removesuffix("?")
        if name in value:
            there += 1
            if not _fits(wanted, value[name], newer):
                return False
        elif name == key:
            return False
    return newer or there == len(value)


@cache
def _parts(kind: str) -> tuple[str, str]:
    name, _, rest = kind.partition(":")
    return name, rest


def _is_uuid(value: Any, _: str) -> bool:
    return isinstance(value, str) and UUID_TEXT(value) is not None


def _is_text(value: Any, longest: str) -> bool:
    return isinstance(value, str) and len(value) <= int(longest or LONGEST_TEXT) and not _UNSTORABLE(value)


def _is_count(value: Any, _: str) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST


def _is_time(value: Any, _: str) -> bool:
    try:
        return isinstance(value, str) and is_moment(datetime.fromisoformat(value))
    except ValueError:
        return False


def is_moment(at: datetime) -> bool:
    """Whether a time has its offset, and is of years that every calendar and time zone can show. A laptop's clock may be
    wrong by decades, not by centuries."""
    return at.utcoffset() is not None and FIRST_YEAR <= at.year <= LAST_YEAR


@cache
def _choices(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


_CHECKS: dict[str, Callable[[Any, str], bool]] = {
    "uuid": _is_uuid,
    "text": _is_text,
    "count": _is_count,
    "time": _is_time,
    "bool": lambda value, _: isinstance(value, bool),
    "one": lambda value, choices: isinstance(value, str) and value in _choices(choices),
}
