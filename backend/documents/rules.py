"""Numbers, years and fingerprints of issued papers, over plain values."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any


def fiscal_year(day: date) -> int:
    """The municipality's fiscal year that a day belongs to: April to March (地方自治法 第208条第1項)."""
    return day.year if day.month >= 4 else day.year - 1


def number_text(issuer: str, mark: str, year: int, number: int) -> str:
    """The document number as printed: `大浜市 被災第2026-000123号`."""
    return f"{issuer} {mark}第{year}-{number:06d}号"


def canonical(content: dict[str, Any]) -> bytes:
    """The one way in which content is written down for its fingerprint: sorted keys, no spaces, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(content: dict[str, Any]) -> str:
    """SHA-256 of the content, 64 hex digits; the same before and after any database has stored it."""
    return hashlib.sha256(canonical(content)).hexdigest()


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text inside content with its path: `members.0.name`. Other values are passed over."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{path}.{index}")
