"""Loading a vendor's 外字 map: one more version of its source, and the search words that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.errors import Conflict, Refused
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding

from . import queries, rules
from .models import GaijiMap, GaijiRow, Source

MOST = 20_000  # the private-use area of the BMP has 6,400 places
LARGEST = 5 * 1024**2
SAID = 20  # problems that a refusal names


def load_map(
    *, by: Staff | None, path: Path, source: str, note: str = "", name: str = ""
) -> tuple[GaijiMap, dict[str, Any]]:
    """Take a map (CSV or YAML) as the newest version of its source; whole or not at all.

    The same content as the version in force makes no new one. `by=None` is an operator's command. Raises `Refused`
    with the lines that can't be read. Search words are made anew in the same transaction.
    """
    if by is not None:
        require(by, "characters.write")
    if source not in Source.values:
        raise Refused(f"対象の台帳「{source}」はありません。使える値：{'、'.join(Source.values)}")
    name = name or path.name
    content = _bytes(path, name)
    said = _read(path, name)
    digest = hashlib.sha256(content).hexdigest()
    counts = {
        "rows": len(said),
        "texts": sum(bool(m.text or m.mj) for m in said),
        "only_font": sum(bool(m.font and not (m.text or m.mj)) for m in said),
        "only_picture": sum(not (m.text or m.mj or m.font) for m in said),
    }
    standing = queries.in_force(source)
    if standing and standing.sha256 == digest:
        return standing, {**counts, "unchanged": len(said), "refolded": 0}
    with transaction.atomic():
        try:
            with transaction.atomic():
                new = GaijiMap.objects.create(
                    source=source,
                    version=(standing.version if standing else 0) + 1,
                    name=name[:200],
                    sha256=digest,
                    note=note.strip()[:200],
                    loaded_by=by,
                )
        except IntegrityError as error:
            raise Conflict("同時にほかの対応表が登録されました。画面を開き直して確かめてください。") from error
        GaijiRow.objects.bulk_create(
            (GaijiRow(map=new, code=m.code, text=m.text, mj=m.mj, font=m.font, note=m.note) for m in said),
            batch_size=500,
        )
        refolded = tell_map_changed(source)
        audit(by=by, act="characters.load_map", subject=f"gaiji_map:{new.pk}", source=source, rows=len(said))
    return new, {**counts, "unchanged": 0, "refolded": refolded}


def tell_map_changed(source: str) -> int:
    """Calls what other rooms left as `after_gaiji_map` on their AppConfig; how many of their rows changed in all."""
    changed = 0
    for config in apps.get_app_configs():
        hook = getattr(config, "after_gaiji_map", None)
        if hook:
            changed += import_string(hook)(source)
    return changed


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Refused(f"{name}：5MBを超えています。外字対応表のファイルか確かめてください。")
        return path.read_bytes()
    except FileNotFoundError:
        raise Refused(f"ファイルがありません：{name}") from None
    except IsADirectoryError:
        raise Refused(f"フォルダーです。CSVかYAMLのファイルを指定してください：{name}") from None


def _read(path: Path, name: str) -> list[rules.Meaning]:
    try:
        rows = _yaml(path) if name.lower().endswith((".yaml", ".yml")) else _csv(path)
        said, problems = rules.read_rows(rows)
    except (UnreadableFile, rules.Unreadable) as error:
        raise Refused(f"{name}：{error}。何も登録していません。") from error
    if problems:
        more = f"、ほか{len(problems) - SAID}行" if len(problems) > SAID else ""
        raise Refused(f"{name}：読めない行があります。何も登録していません。{'、'.join(problems[:SAID])}{more}")
    if not said:
        raise Refused(f"{name}：外字の行がありません。何も登録していません。")
    if len(said) > MOST:
        raise Refused(f"{name}：{len(said):,}行あります。外字は{MOST:,}行までです。")
    return said


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    records = csv_rows(path, sniff_encoding(path))
    _, header = next(records, (1, []))
    columns = rules.read_header(header)
    ours = [columns.get(name) for name in header]
    for line, cells in records:
        yield line, {key: cell for key, cell in zip(ours, cells, strict=False) if key}


def _yaml(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """A list of mappings with the same names as the columns of a CSV."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise rules.Unreadable("YAMLはUTF-8で書いてください") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise rules.Unreadable("YAMLとして読めません" + (f"（{mark.line + 1}行目）" if mark else "")) from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise rules.Unreadable("YAMLは「コード」「文字」などの組の並びで書いてください")
    columns = rules.read_header(dict.fromkeys(str(key) for row in found for key in row))
    for number, row in enumerate(found, 1):
        yield number, {columns[str(k)]: _word(v) for k, v in row.items() if str(k) in columns}


def _word(value: object) -> str:
    # YAML reads 0xE000 as a number.
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:04X}" if value >= 0xE000 else str(value)
    return "" if value is None else str(value)
