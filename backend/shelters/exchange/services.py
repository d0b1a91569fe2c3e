"""Files to others and from them. Part of the room's services: each act says who did it, and what was given stays on record."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.downloads import Losses, write_csv
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.spreadsheets import harmless
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.facilities import queries as facilities
from backend.ledger.matching.services import take_records
from backend.ledger.queries import visible_persons

from ..acts import begin, introduce, moment
from ..people import each_known_as, protected
from ..queries import END
from ..telling.rules import Told
from ..telling.services import write_all
from . import queries, rules
from .models import ExchangeFile, ExchangeGiven, ExchangePerson

SEND, TAKE = "exchange.send", "exchange.take"
# Of this project alone; never changed, or a newer file would not be known to speak of the same people.
_PEOPLE = UUID("0d6d9a3e-6f4c-5a0e-9b52-7a1c4f3e8d21")
LARGEST = 200_000  # rows


@dataclass(frozen=True)
class Written:
    """A file that was made: its bytes, who was not in it for want of consent, and what Shift_JIS could not carry."""

    file: ExchangeFile
    content: bytes
    losses: Losses
    refused: int


@transaction.atomic
def export(
    *,
    by: Staff | None,
    layout: rules.Layout,
    partner: str,
    columns: Sequence[str] | None = None,
    home: str | None = None,
    encoding: str = "utf-8",
) -> Written:
    """Evacuees who agreed that other bodies be told, as a file in the columns of `layout` (`columns`: only these).

    `home`: only the evacuees of that municipality, which is told. Nobody under protection is ever in it.
    """
    if by is not None:
        require(by, SEND)
    if not partner.strip():
        raise Refused("提供する相手を入れてください。", fields={"partner": "例：石川県"})
    titles = layout.titles(columns)
    if not titles:
        raise Refused("提供する列を選んでください。", fields={"columns": "一つ以上選んでください。"})
    at = now()
    found = queries.to_tell(home=home)
    if not found.people:
        raise Refused(
            f"提供に同意した方がいません（同意のない方 {found.refused}人）。"
            "同意は、避難所の本人の画面の「関係機関への提供」で記録します。"
        )
    openings = {place.opening for _, place in found.people if place.opening and place.present}
    spots = {s.opening: s.facility.address for s in facilities.openings(END, only=openings)}
    said = {"municipality": settings.MUNICIPALITY, "municipality_code": settings.MUNICIPALITY_CODE}
    lines = [titles]
    for row in queries.written(found, at, spots):
        lines.append([harmless(cell) for cell in rules.write_row(layout, row, said, columns)])
    out = io.BytesIO()
    losses = write_csv(lines, out, encoding)
    content = out.getvalue()
    file = ExchangeFile.objects.create(
        direction=ExchangeFile.Direction.OUT,
        partner=partner.strip()[:100],
        layout=layout.name[:100],
        columns=titles,
        fingerprint=hashlib.sha256(content).hexdigest(),
        as_of=at,
        rows=len(found.people),
        made_by=by,
    )
    ExchangeGiven.objects.bulk_create(
        [ExchangeGiven(file=file, evacuee=face.id) for face, _ in found.people], batch_size=1000
    )
    audit(by=by, act="shelters.exchange_export", subject=f"exchange:{file.pk}", rows=file.rows, refused=found.refused)
    return Written(file, content, losses, found.refused)


# In ----------------------------------------------------------------------------------------------------------------------


def receive(
    *,
    by: Staff | None,
    path: Path,
    layout: rules.Layout,
    partner: str,
    as_of: datetime | None = None,
    name: str = "",
) -> ExchangeFile:
    """Read a file of another body, to be looked at: nothing follows from it until it is taken. A file that was taken already
    is given back as it is."""
    if by is not None:
        require(by, TAKE)
    if not partner.strip():
        raise Refused("どこからのファイルかを入れてください。", fields={"partner": "例：石川県、輪島市"})
    partner = partner.strip()[:100]
    at = moment(as_of)
    read, set_aside, fingerprint = _read(path, layout)
    before = ExchangeFile.objects.filter(partner=partner, fingerprint=fingerprint, taken_at__isnull=False).first()
    if before is not None:
        return before
    if not read:
        raise Refused("取り込める行がありません。" + (set_aside[0]["reason"] if set_aside else ""))
    with transaction.atomic():
        # Looked at before, and not taken: once is enough.
        ExchangeFile.objects.filter(direction="in", partner=partner, fingerprint=fingerprint, taken_at=None).delete()
        file = ExchangeFile.objects.create(
            direction=ExchangeFile.Direction.IN,
            partner=partner,
            layout=layout.name[:100],
            columns=layout.titles(),
            name=(name or path.name)[:200],
            fingerprint=fingerprint,
            as_of=at,
            rows=len(read),
            set_aside=set_aside,
            made_by=by,
        )
        people = []
        for line, said in read:
            kept = {
                f: said.get(f, "") for f in ("name", "kana", "birth", "sex", "address", "telephone", "place", "needs")
            }
            kind = said.get("kind", "") if said.get("kind", "") in rules.SOMEWHERE else ""
            key = uuid5(_PEOPLE, f"{partner}:{rules.identity(said)}")
            people.append(ExchangePerson(file=file, line=line, record=key, kind=kind, **kept))
        ExchangePerson.objects.bulk_create(people, batch_size=500)
        audit(
            by=by,
            act="shelters.exchange_receive",
            subject=f"exchange:{file.pk}",
            rows=len(read),
            set_aside=len(set_aside),
        )
    return file


def _read(path: Path, layout: rules.Layout) -> tuple[list[tuple[int, dict[str, str]]], list[dict[str, Any]], str]:
    rows: list[tuple[int, dict[str, str]]] = []
    set_aside: list[dict[str, Any]] = []
    seen: dict[str, int] = {}
    try:
        fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
        records = csv_rows(path, sniff_encoding(path))
        _, header = next(records, (1, []))
        columns, dropped = rules.read_header(layout, header)
        for line, cells in records:
            if len(rows) >= LARGEST:
                raise Refused(f"行が多すぎます（{LARGEST:,}行まで）。分けて取り込んでください。")
            try:
                said = rules.read_row(layout, cells, columns, settings.MUNICIPALITY)
                if (first := seen.setdefault(rules.identity(said), line)) != line:
                    raise rules.Wrong(f"{first}行目と同じ方です")
                rows.append((line, said))
            except rules.Wrong as error:
                set_aside.append({"line": line, "reason": str(error)})
    except FileNotFoundError:
        raise Refused(f"ファイルがありません：{path.name}") from None
    except IsADirectoryError:
        raise Refused(f"フォルダーです。CSVファイルを指定してください：{path.name}") from None
    except (UnreadableFile, rules.Wrong) as error:
        raise Refused(f"{path.name}：{error}") from error
    set_aside += [{"line": 1, "reason": f"個人番号の列は取り込んでいません（{title}）"} for title in dropped]
    return rows, set_aside, fingerprint


def take(*, by: Staff | None, file: UUID) -> ExchangeFile:
    """What was looked at is taken: its people are matched to the register as people typed by hand are. Twice is harmless."""
    if by is not None:
        require(by, TAKE)
    with transaction.atomic():
        found = ExchangeFile.objects.select_for_update().filter(pk=file, direction="in").first()
        if found is None:
            raise NotFound("このファイルは見つかりません。")
        if found.taken_at is not None:
            return found
        twin = ExchangeFile.objects.filter(partner=found.partner, fingerprint=found.fingerprint, taken_at__isnull=False)
        if twin.exists():
            raise Conflict("同じファイルを、ほかの方が先に取り込みました。")
        found.taken_at, found.taken_by = now(), by
        found.save(update_fields=["taken_at", "taken_by"])
        audit(by=by, act="shelters.exchange_take", subject=f"exchange:{found.pk}", rows=found.rows)
        records = list(found.people.values_list("record", flat=True))
        take_records(room="shelters", rows=list(queries.typed_records(records)))
    return found


@transaction.atomic
def discard(*, by: Staff | None, file: UUID) -> None:
    """A file that was only looked at is thrown away."""
    if by is not None:
        require(by, TAKE)
    rows = ExchangeFile.objects.filter(pk=file, direction="in", taken_at=None)
    if not rows.exists():
        raise Conflict("このファイルは、取り込み済みか、すでに捨てられています。")
    rows.delete()
    audit(by=by, act="shelters.exchange_discard", subject=f"exchange:{file}")


@transaction.atomic
def put_down(*, by: Staff | None, records: Sequence[UUID] | None = None) -> tuple[int, int]:
    """Where others say our residents are is put down as told by them: of those whose link somebody has confirmed.

    Whoever is still registered in a shelter of ours leaves it by this. Returns how many people, and how many left a
    shelter. A link that nobody confirmed says nothing here.
    """
    begin(by, "contacts.write")
    waiting = [t for t in queries.told(by) if t.waits and (records is None or t.row.record in records)]
    persons = {p.pk: p for p in visible_persons(by).filter(pk__in=[t.person for t in waiting])}
    guarded = protected(persons)
    done: list[ExchangePerson] = []
    for t in waiting:
        if t.person in persons and t.person not in guarded:
            t.row.told = t.person
            done.append(t.row)
    if not done:
        return 0, 0
    about = {row.told: persons[row.told] for row in done}  # type: ignore[index]
    introduce(by, [p for p in about.values() if not p.atena_no], min(row.file.as_of for row in done))
    known = each_known_as(list(about.values()))
    left = write_all(by, [(dict([known[row.told]]), _told(row), row.file.as_of) for row in done])  # type: ignore[index]
    ExchangePerson.objects.bulk_update(done, ["told"], batch_size=500)
    audit(by=by, act="shelters.exchange_put_down", people=len(done), left=left)
    return len(done), left


def _told(row: ExchangePerson) -> Told:
    return Told(status=rules.status_of(row.kind), place=row.place, told_by=f"{row.file.partner}の報告")
