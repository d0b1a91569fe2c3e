"""CSV files that leave the house: UTF-8 with a byte order mark, or Shift_JIS with a list of what it could not carry.

Shift_JIS (CP932) has neither 𠮷 nor any variation sequence. Such a character is never a silent `?` and never another one:
its place holds 〓, and a second file says row, column and code points. 外字 of the user-defined area (U+E000 to U+E757)
go out under their own codes (F040 to F9FC).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .text_files import cp932_losses

GETA = "〓"
ENCODINGS = ("utf-8", "shift_jis")
LISTED = 100  # kinds of characters that a page names
LOSS_COLUMNS = ("行", "列", "文字", "コード")


@dataclass
class Losses:
    """What a file in Shift_JIS could not carry: each place, and how often each character."""

    places: list[tuple[int, str, str]] = field(default_factory=list)
    characters: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Iterator[list[str]]:
        """The second file: line of the CSV, column, character, code points."""
        yield list(LOSS_COLUMNS)
        for line, column, character in self.places:
            yield [str(line), column, character, code_points(character)]

    def listed(self) -> list[dict[str, Any]]:
        return [
            {"character": character, "codes": code_points(character), "times": times}
            for character, times in self.characters.most_common(LISTED)
        ]


def code_points(text: str) -> str:
    return " ".join(f"U+{ord(c):04X}" for c in text)


def write_csv(rows: Iterable[Sequence[Any]], out: BinaryIO, encoding: str, *, lineterminator: str = "\r\n") -> Losses:
    """Write records (the first is the header) in one of `ENCODINGS` and say what was lost; UTF-8 loses nothing."""
    losses = Losses()
    text = io.TextIOWrapper(out, encoding="cp932" if encoding == "shift_jis" else "utf-8-sig", newline="")
    writer = csv.writer(text, lineterminator=lineterminator)
    header: Sequence[Any] = ()
    line = 1
    for row in rows:
        if encoding == "shift_jis":
            header = header or row
            row = [_carried(str(cell), line, column, header, losses) for column, cell in enumerate(row)]
        writer.writerow(row)
        line += 1 + sum(str(cell).count("\n") for cell in row)
    text.flush()
    text.detach()
    return losses


def _carried(cell: str, line: int, column: int, header: Sequence[Any], losses: Losses) -> str:
    lost = cp932_losses(cell)
    # Longest first: a base with its selector goes before the base.
    for character in sorted(lost, key=len, reverse=True):
        times = cell.count(character)
        cell = cell.replace(character, GETA)
        name = str(header[column]) if column < len(header) else str(column + 1)
        losses.places += [(line, name, character)] * times
        losses.characters[character] += times
    return cell


def recode(path: Path, target: Path) -> Losses:
    """A CSV file in UTF-8 once more in Shift_JIS."""
    with path.open(encoding="utf-8-sig", newline="") as source, target.open("wb") as out:
        return write_csv(csv.reader(source), out, "shift_jis")


def write_losses(losses: Losses, target: Path) -> None:
    with target.open("wb") as out:
        write_csv(losses.rows(), out, "utf-8")


def asked_encoding(request: HttpRequest) -> str:
    """`?encoding=shift_jis`; everything else is UTF-8."""
    asked = request.POST.get("encoding") or request.GET.get("encoding") or ""
    return asked if asked in ENCODINGS else "utf-8"


def csv_answer(request: HttpRequest, rows: Iterable[Sequence[Any]], name: str, *, lossy: bool = True) -> HttpResponse:
    """The download that was asked for; if Shift_JIS can't carry all of it, first a page that says what.

    `lossy=False` for a file that is taken in again later: a 〓 would come back as part of a name.
    """
    out = io.BytesIO()
    losses = write_csv(rows, out, asked_encoding(request))
    return answer(request, out.getvalue(), losses, name, lossy=lossy)


def answer(request: HttpRequest, content: bytes, losses: Losses, name: str, *, lossy: bool = True) -> HttpResponse:
    """The same for a file that has been made already."""
    if not losses.places:
        charset = "Shift_JIS" if asked_encoding(request) == "shift_jis" else "utf-8"
        return _file(content, name, f"text/csv; charset={charset}")
    if lossy and "lossy" in {*request.GET, *request.POST}:
        stem = name.removesuffix(".csv")
        packed, listed = io.BytesIO(), io.BytesIO()
        write_csv(losses.rows(), listed, "utf-8")
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
            archive.writestr(f"{stem}_Shift_JISにない文字.csv", listed.getvalue())
        return _file(packed.getvalue(), f"{stem}.zip", "application/zip")
    context = {
        "losses": losses.listed(),
        "kinds": len(losses.characters),
        "places": len(losses.places),
        "lossy": lossy,
        "post": request.method == "POST",
        "kept": [(k, v) for k, v in request.GET.items() if k not in {"encoding", "lossy"}],
        "action": request.path,
    }
    return render(request, "core/shift_jis.html", context)


def _file(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response
