"""Writing places: the whole sheet at once. What the journal says of them is written by `apply` alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.errors import Refused
from backend.core.kana import to_wide
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding

from . import rules
from .models import Facility

_KEPT = {"id", "open_data_id", "active", "kind"}  # never overwritten by a file


def import_facilities(
    *, by: Staff | None, path: Path, kind: str = Facility.Kind.EMERGENCY, tick: Callable[[int], Any] = lambda _: None
) -> dict[str, Any]:
    """Take an open data file (UTF-8 or Shift_JIS CSV). A known ID (or, without IDs, a known name and address) is renewed.

    Rows that can't be read are set aside and named (`set_aside`: line, reason); places missing from the file stay.
    `by=None` is an operator's command.
    """
    if by is not None:
        require(by, "facilities.write")
    if kind not in Facility.Kind.values:
        raise Refused(f"種別「{kind}」はありません。使える種別：{'、'.join(Facility.Kind.values)}")
    rows, set_aside = _read(path)
    with transaction.atomic():
        created, changed = _write(rows, kind)
        audit(
            by=by,
            act="facilities.import",
            rows=len(rows),
            created=created,
            changed=changed,
            set_aside=len(set_aside),
        )
    tick(len(rows))
    return {
        "rows": len(rows) + len(set_aside),
        "accepted": created + changed,
        "unchanged": len(rows) - created - changed,
        "set_aside": len(set_aside),
        "reasons": set_aside,
    }


@transaction.atomic
def add_place(*, by: Staff | None, name: str, kind: str = Facility.Kind.SPONTANEOUS, **fields: Any) -> Facility:
    """Make a place that was not designated (自主避難所 and the like), as whoever opens shelters meets it."""
    if by is not None:
        require(by, "shelters.write")
    if not name.strip():
        raise Refused("名称を入力してください。", fields={"name": "避難所の名称を入力してください。"})
    place = Facility.objects.create(name=name.strip(), kind=kind, **fields)
    audit(by=by, act="facilities.add_place", subject=f"facility:{place.pk}", kind=kind)
    return place


def _read(path: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    try:
        records = csv_rows(path, sniff_encoding(path))
        _, header = next(records, (1, []))
        columns = rules.read_header(header)
        return _readable(records, columns)
    except FileNotFoundError:
        raise Refused(f"ファイルがありません：{path.name}") from None
    except IsADirectoryError:
        raise Refused(f"フォルダーです。CSVファイルを指定してください：{path.name}") from None
    except (UnreadableFile, rules.Unreadable) as error:
        raise Refused(f"{path.name}：{error}") from error


def _readable(
    records: Iterable[tuple[int, list[str]]], columns: dict[int, str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    set_aside: list[dict[str, Any]] = []
    seen: set[Any] = set()
    for line, cells in records:
        try:
            row = rules.read_row({field: cells[i] if i < len(cells) else "" for i, field in columns.items()})
            key = row["open_data_id"] or (row["name"], row.get("address"))
            if key in seen:
                raise rules.Unreadable("同じIDまたは同じ名称・所在地の行が前にあります")
        except rules.Unreadable as error:
            set_aside.append({"line": line, "reason": str(error)})
            continue
        seen.add(key)
        if "kana" in row:
            row["kana"] = to_wide(str(row["kana"]))
        rows.append(row)
    return rows, set_aside


def _write(rows: list[dict[str, Any]], kind: str) -> tuple[int, int]:
    """New and changed places, in one statement each."""
    everything = list(Facility.objects.select_for_update())
    by_id = {place.open_data_id: place for place in everything if place.open_data_id}
    by_place = {(place.name, place.address): place for place in everything}
    new, changed, fields = [], [], sorted({field for row in rows for field in row} - _KEPT)
    for row in rows:
        key = row["open_data_id"]
        place = by_id.get(key) if key else by_place.get((row["name"], row.get("address", "")))
        if place is None:
            new.append(Facility(kind=kind, **row))
        elif any(getattr(place, field) != value for field, value in row.items() if field not in _KEPT):
            for field in row.keys() - _KEPT:
                setattr(place, field, row[field])
            changed.append(place)
    Facility.objects.bulk_create(new)
    if changed:
        Facility.objects.bulk_update(changed, fields, batch_size=100)
    return len(new), len(changed)
