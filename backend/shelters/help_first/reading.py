"""A CSV file of the list or of plans, line by line: what can't be read is set aside and named, the others are taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from backend.core.errors import Refused
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding

from . import rules

C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True)
class Read(Generic[R]):
    """`rows`: (line, what it says). `dropped`: titles of columns that are never taken over; `unused`: of those that nobody
    reads. `fingerprint`: the same for the same file with the same columns named."""

    rows: list[tuple[int, R]]
    set_aside: list[dict[str, Any]]
    dropped: list[str]
    unused: list[str]
    fingerprint: str


def read(
    path: Path,
    named: Mapping[str, str],
    *,
    header: Callable[[Sequence[str], Mapping[str, str]], tuple[C, list[str], list[str]]],
    row: Callable[[Sequence[str], C], R],
) -> Read[R]:
    """`header`: which column holds what, titles of those dropped and of those unused; `row`: one record, or Unreadable with the reason."""
    rows: list[tuple[int, R]] = []
    set_aside: list[dict[str, Any]] = []
    try:
        fingerprint = hashlib.sha256(path.read_bytes() + repr(sorted(named.items())).encode()).hexdigest()
        records = csv_rows(path, sniff_encoding(path))
        _, titles = next(records, (1, []))
        columns, dropped, unused = header(titles, named)
        for line, cells in records:
            try:
                rows.append((line, row(cells, columns)))
            except rules.Unreadable as error:
                set_aside.append({"line": line, "reason": str(error)})
    except FileNotFoundError:
        raise Refused(f"ファイルがありません：{path.name}") from None
    except IsADirectoryError:
        raise Refused(f"フォルダーです。CSVファイルを指定してください：{path.name}") from None
    except (UnreadableFile, rules.Unreadable) as error:
        raise Refused(f"{path.name}：{error}") from error
    return Read(rows, set_aside, dropped, unused, fingerprint)


def result(
    read: Read[Any],
    *,
    accepted: int = 0,
    unchanged: int = 0,
    set_aside: list[dict[str, Any]],
    also_read: Collection[str] = (),
) -> dict[str, Any]:
    """What taking a file over came to, for the page and for `--json`. `also_read`: titles that were read a second time."""
    return {
        "rows": accepted + unchanged + len(set_aside),
        "accepted": accepted,
        "unchanged": unchanged,
        "set_aside": len(set_aside),
        "dropped": read.dropped,
        "unused": [title for title in read.unused if title not in also_read],
        "reasons": set_aside,
    }


def columns_left_out(result: dict[str, Any]) -> list[str]:
    """The same in words: which columns of the file were not taken over."""
    said = {"個人番号の列は取り込んでいません": result["dropped"], "使わなかった列": result["unused"]}
    return [f"{text}：{'、'.join(titles)}" for text, titles in said.items() if titles]
