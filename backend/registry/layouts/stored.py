"""Which mapping a name means: one that comes with the program, one that was saved here, or a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import Refused
from backend.registry.models import RegisterFile, SavedLayout
from backend.registry.reading import is_my_number

from .checking import open_mapped
from .header_changes import HeaderChanges, compare
from .mapping import Mapping, read
from .shipped import CANONICAL, read_file, shipped


@dataclass(frozen=True)
class Found:
    """`mapping` is None for the canonical layout, which needs none."""

    name: str
    mapping: Mapping | None = None
    version: int | None = None
    header: tuple[str, ...] = ()  # that it was saved with
    kind: str = ""


def find(name: str) -> Found:
    """The newest version under a name, or the YAML file of that path. Refuses a name that nobody knows, with those known."""
    if name == CANONICAL:
        return Found(CANONICAL)
    if name in shipped():
        return Found(name, shipped()[name])
    saved = SavedLayout.objects.filter(name=name).order_by("-version").first()
    if saved:
        return _found(saved)
    if Path(name).suffix in {".yaml", ".yml"}:
        mapping = read_file(Path(name))
        return Found(mapping.name, mapping)
    known = "、".join(names())
    raise Refused(f"列の対応表「{name}」はありません。使えるもの：{known}。YAMLファイルのパスでも指定できます。")


def names() -> list[str]:
    """Of every mapping that can be used, the shipped ones first."""
    return [*shipped(), *SavedLayout.objects.order_by("name").values_list("name", flat=True).distinct()]


def for_corrections(origin: RegisterFile, header: list[str], kind: str) -> Found:
    """The mapping for rows that go back into `origin`: the newest version that fits them, else the one of that time.

    So a code that is put into the table afterwards lets the very same rows pass.
    """
    if origin.layout == CANONICAL:
        return Found(CANONICAL)
    if origin.layout in shipped():
        return Found(origin.layout, shipped()[origin.layout])
    versions = [_found(saved) for saved in SavedLayout.objects.filter(name=origin.layout).order_by("-version")]
    for found in versions:
        try:
            assert found.mapping is not None  # noqa: S101 - a saved one always has it
            open_mapped(header, kind, found.mapping, corrected=True)
        except Refused:
            continue
        return found
    raise Refused(
        f"このファイルは列の対応表「{origin.layout}」で取り込まれていますが、直したファイルの見出しに合う版がありません。"
        "見出しは変えずに、値だけを直してください。"
    )


def changes_of_header(found: Found, kind: str, header: list[str]) -> HeaderChanges:
    """Against the header that the mapping was saved with; for another one against the last file taken with it."""
    now = without_my_number(header)
    if found.header and found.kind == kind:
        return compare(without_my_number(list(found.header)), now)
    last = RegisterFile.objects.filter(layout=found.name, kind=kind).exclude(header=[]).order_by("-received_at").first()
    return compare(last.header, now) if last else HeaderChanges()


def without_my_number(header: list[str]) -> list[str]:
    return [name for name in header if not is_my_number(name)]


def _found(saved: SavedLayout) -> Found:
    return Found(saved.name, read(saved.definition, saved.name), saved.version, tuple(saved.header), saved.kind)
