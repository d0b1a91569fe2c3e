"""Where a file is taken: its mapping is found, noted with the file, and put in front of the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from backend.accounts.models import Staff
from backend.core.errors import Refused
from backend.registry import own_numbers
from backend.registry.models import RegisterFile
from backend.registry.reading import Checker, Header, header_names, open_header
from backend.registry.set_aside import records
from backend.registry.towns.services import known_towns

from . import services
from .checking import MappedChecker, MappedHeader, open_mapped
from .shipped import CANONICAL
from .stored import Found, changes_of_header, find, for_corrections, without_my_number

Records = Iterator[tuple[int, list[str]]]


def open_file(
    path: Path, kind: str, encoding: str, layout_name: str, *, corrected: bool = False
) -> tuple[Found, Header]:
    """The mapping for a file, and its header as read by it. Corrected rows are read as their own file was."""
    if corrected and layout_name == CANONICAL:
        origin = origin_of(path, encoding)
        used = (
            for_corrections(origin, header_names(path, encoding, corrected=True), kind) if origin else Found(CANONICAL)
        )
    else:
        used = find(layout_name)
    if used.mapping is None:
        return used, open_header(path, kind, encoding, corrected=corrected)
    if used.mapping.own_numbers and kind != "full":
        raise Refused(f"列の対応表「{used.name}」には宛名番号がないので、全件だけを取り込めます。")
    return used, open_mapped(header_names(path, encoding, corrected=corrected), kind, used.mapping, corrected=corrected)


def origin_of(path: Path, encoding: str) -> RegisterFile | None:
    """The file that corrected rows say they came from, by the first of them."""
    names = header_names(path, encoding, corrected=True)
    if "元ファイルの指紋" not in names:
        return None
    at = names.index("元ファイルの指紋")
    rows = records(path, encoding, corrected=True)
    next(rows, None)
    _, record = next(rows, (0, []))
    rows.close()  # type: ignore[attr-defined]
    said = record[at].strip() if len(record) > at else ""
    return RegisterFile.objects.filter(fingerprint=said).exclude(kind=RegisterFile.Kind.CORRECTION).first()


def note(file: RegisterFile, used: Found, path: Path, *, by: Staff | None) -> None:
    """Write down which mapping, in which version, a file was read with, its header, and what is new in that."""
    header = header_names(path, file.encoding)
    file.header = without_my_number(header)
    file.layout_version = used.version
    if file.kind != RegisterFile.Kind.CORRECTION:
        file.header_changes = changes_of_header(used, file.kind, header).said()
        if used.mapping and used.version is None:
            saved = services.keep_from_file(used.mapping, header=header, kind=file.kind, by=by)
            file.layout_version = saved.version if saved else None


def checker(file: RegisterFile, header: Header, records: Callable[[], Records], kind: str) -> Checker:
    """The reader for a file; one without numbers is gone through first, so that everybody has theirs."""
    towns = known_towns()
    if not isinstance(header, MappedHeader):
        return Checker(header, kind, towns)
    numbers = None
    if header.bound.mapping.own_numbers:
        numbers = own_numbers.give(MappedChecker(header, kind, towns, None), records())
    return MappedChecker(header, kind, towns, numbers)
