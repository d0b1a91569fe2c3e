"""Numbers, years and fingerprints of issued papers, over plain values."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any


def fiscal_year(day: date) -> int:
    """The municipality's fiscal year that a day belongs to: April to March (地方自治法 第208条第1項)."""
    return day.year if day.month >= 4 else day.year - 1


NUMBER_FORMAT = "{発行者} {記号}第{年度}-{番号6}号"
_PLACE = re.compile(r"\{([^{}]*)\}")


def number_text(issuer: str, mark: str, year: int, number: int, shape: str = NUMBER_FORMAT) -> str:
    """The document number as printed: `大浜市 被災第2026-000123号`, or in the town's own shape.

    ValueError for a shape without the number, without a fiscal year (numbers begin anew each April), or with a word that
    nobody knows.
    """
    words = {"発行者": issuer, "記号": mark, "年度": str(year), "和暦年度": f"令和{_reiwa(year)}年度"}
    used = _PLACE.findall(shape)

    def said(found: re.Match[str]) -> str:
        word = found[1]
        if word in words:
            return words[word]
        if re.fullmatch("番号[1-9]?", word):
            return str(number).zfill(int(word[2:] or 1))
        raise ValueError(
            f"「{{{word}}}」は使えません。{{発行者}} {{記号}} {{年度}} {{和暦年度}} {{番号}} を使ってください。"
        )

    text = _PLACE.sub(said, shape)
    if not any(word.startswith("番号") for word in used):
        raise ValueError("{番号} を入れてください。")
    if not {"年度", "和暦年度"} & set(used):
        raise ValueError("{年度} か {和暦年度} を入れてください。番号は年度ごとに1から付くためです。")
    if "{" in text or "}" in text:
        raise ValueError("{ と } を正しく閉じてください。")
    return text


def number_pattern(issuer: str, mark: str, shape: str) -> str:
    """The shape with issuer and mark in it, so that a program has only years and numbers to put in: `大浜市 被災第{年度}-{番号6}号`."""
    return shape.replace("{発行者}", issuer).replace("{記号}", mark)


def _reiwa(year: int) -> str:
    return "元" if year == 2019 else str(year - 2018)


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
