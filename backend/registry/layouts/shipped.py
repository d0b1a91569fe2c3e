"""The mappings that come with the program, and those in a file that somebody has written: YAML, read safely."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from backend.core.errors import Refused

from .mapping import Mapping, WrongMapping, read

FOLDER = Path(__file__).parent / "mappings"
CANONICAL = "canonical"
LARGEST = 1 << 20


@cache
def shipped() -> dict[str, Mapping]:
    """Name -> mapping of every file in the folder `mappings`."""
    found = [read_file(path) for path in sorted(FOLDER.glob("*.yaml"))]
    return {mapping.name: mapping for mapping in found}


def read_file(path: Path) -> Mapping:
    """Raises `Refused` with the file's name and what is wrong in it."""
    import yaml  # with the server's libraries; a laptop takes no register

    try:
        if path.stat().st_size > LARGEST:
            raise Refused(f"対応表「{path.name}」が大きすぎます。")
        return read(yaml.safe_load(path.read_text(encoding="utf-8")), path.stem)
    except WrongMapping as error:
        raise Refused(f"対応表「{path.name}」：{error}") from error
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        raise Refused(f"対応表「{path.name}」をYAMLとして読めません。") from error
    except OSError as error:
        raise Refused(f"対応表のファイルがありません：{path.name}") from error
