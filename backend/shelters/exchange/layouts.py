"""The mappings that come with the program, and one that somebody has written: YAML, read safely."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from backend.core.errors import Refused

from .rules import Layout, Wrong, read_layout

LARGEST = 1 << 18


@cache
def shipped() -> dict[str, Layout]:
    """Name of the file -> mapping."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "exchange"
    return {path.stem: parse(path.read_text(encoding="utf-8"), path.stem) for path in sorted(folder.glob("*.yaml"))}


def parse(text: str, name: str) -> Layout:
    import yaml  # with the server's libraries; a laptop exchanges nothing with others

    if len(text) > LARGEST:
        raise Refused(f"対応表「{name}」が大きすぎます。")
    try:
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ArithmeticError, AttributeError, LookupError, RecursionError, ValueError) as error:
        # What looks like a date or a number and is none, as 2026-13-45, ends in whatever its conversion raises.
        raise Refused(
            f'対応表「{name}」をYAMLとして読めません。日付のような値は "%Y-%m-%d" のように引用符で囲んでください。'
        ) from error
    try:
        return read_layout(said, name)
    except Wrong as error:
        raise Refused(f"対応表「{name}」：{error}") from error


def find(name: str) -> Layout:
    """A shipped mapping by its name, or a file's."""
    if name in shipped():
        return shipped()[name]
    path = Path(name)
    try:
        return parse(path.read_text(encoding="utf-8"), path.stem)
    except (OSError, UnicodeError) as error:
        known = "、".join(shipped())
        raise Refused(f"対応表がありません：{path.name}（{known}、またはYAMLファイルを指定してください）") from error
