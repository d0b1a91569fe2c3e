"""Head counts of many shelters in one act: a list that was kept elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Refused
from backend.core.fields import uuid7
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.facilities import queries as facilities
from backend.facilities.models import Facility, HeadCount
from backend.facilities.services import add_place
from backend.journal.services import Draft, record_many

from ..acts import begin, moment
from ..queries import staying
from . import rules
from .rules import Line


@dataclass
class State:
    """The shelters of one list, at one time."""

    file: str
    at: datetime
    lines: list[Line]


@dataclass
class Taken:
    """What became of the lists."""

    rows: int = 0
    accepted: int = 0
    unchanged: int = 0
    opened: int = 0
    closed: int = 0
    places: int = 0
    set_aside: list[dict[str, Any]] = field(default_factory=list)

    def aside(self, file: str, line: int | None, reason: str) -> None:
        self.set_aside.append({"file": file, "line": line, "reason": reason})


def import_head_counts(
    *, by: Staff | None, paths: Sequence[Path], complete: bool = False, at: datetime | None = None
) -> dict[str, Any]:
    """Take lists of shelters with their head counts, each as of the time that it names (or `at`).

    A shelter that is not open then is opened; a place that nobody knows is made, as one that was not designated. With
    `complete` a list names all that is open: open shelters missing from it are closed, unless the roster has people in
    them. Rows that can't be taken are set aside and named. The same list again changes nothing.
    """
    taken = Taken()
    states = sorted((s for path in paths for s in _read(path, at, taken)), key=lambda state: state.at)
    with transaction.atomic():
        begin(by)
        for state in states:
            moment(state.at)
            _take(by, state, taken, complete=complete)
        audit(
            by=by,
            act="shelters.import_head_counts",
            rows=taken.rows,
            counted=taken.accepted,
            opened=taken.opened,
            closed=taken.closed,
            set_aside=len(taken.set_aside),
        )
    result = {name: getattr(taken, name) for name in ("rows", "accepted", "unchanged", "opened", "closed", "places")}
    return result | {"files": len(paths), "set_aside": len(taken.set_aside), "reasons": taken.set_aside}


def _read(path: Path, at: datetime | None, taken: Taken) -> list[State]:
    """The states of one file: one, unless its rows name several times."""
    try:
        records = csv_rows(path, sniff_encoding(path))
        _, header = next(records, (1, []))
        columns, named = rules.read_header(header)
        found: dict[datetime, State] = {}
        for number, cells in records:
            taken.rows += 1
            try:
                line = rules.read_line(number, cells, columns, at or named)
            except rules.Unreadable as error:
                taken.aside(path.name, number, str(error))
                continue
            if line.at is None:
                raise Refused(
                    f"{path.name}：いつの人数か分かりません。「時点」の列を加えるか、--at で日時を指定してください。"
                )
            found.setdefault(line.at, State(path.name, line.at, [])).lines.append(line)
        return list(found.values())
    except FileNotFoundError:
        raise Refused(f"ファイルがありません：{path.name}") from None
    except IsADirectoryError:
        raise Refused(f"フォルダーです。CSVファイルを指定してください：{path.name}") from None
    except (UnreadableFile, rules.Unreadable) as error:
        raise Refused(f"{path.name}：{error}") from error


def _take(by: Staff | None, state: State, taken: Taken, *, complete: bool) -> None:
    here = {s.facility.pk: s for s in facilities.openings(state.at) if s.is_open}
    open_now = {s.facility.pk: s for s in facilities.open_shelters()}
    counted = {pk: row for pk, row in facilities.head_counts(state.at).items() if row.occurred_at == state.at}
    drafts: list[Draft] = []
    seen: set[UUID] = set()
    for line in state.lines:
        place = _place(by, line, taken)
        if place is None:
            taken.aside(state.file, line.line, f"「{line.name}」という施設がいくつもあります。IDを入れてください")
            continue
        if place.pk in seen:
            taken.aside(state.file, line.line, "同じ施設の行が前にあります")
            continue
        seen.add(place.pk)
        shelter = here.get(place.pk)
        if shelter is None and (later := open_now.get(place.pk)):
            taken.aside(state.file, line.line, f"この時点より後に開設されています（{later.name}）")
            continue
        opening = shelter.opening if shelter else uuid7()
        if shelter is None:
            drafts.append(Draft("facility.opened", {"opening": str(opening), "facility": str(place.pk)}, state.at))
            taken.opened += 1
        if _same(counted.get(opening), line):
            taken.unchanged += 1
            continue
        payload: dict[str, Any] = {"opening": str(opening), "people": line.people}
        payload |= {key: n for key, n in (("households", line.households), ("outside", line.outside)) if n is not None}
        drafts.append(Draft("headcount.reported", payload, state.at))
        taken.accepted += 1
    if complete:
        drafts += _missing(state, [s for pk, s in here.items() if pk not in seen], taken)
    if drafts:
        record_many(drafts=drafts, by=by)


def _missing(state: State, shelters: Sequence[facilities.Shelter], taken: Taken) -> list[Draft]:
    """Close what a complete list does not name any more."""
    drafts = []
    for shelter in shelters:
        if not (current := facilities.opening(shelter.opening)) or not current.is_open:
            continue  # closed since, by an entry of its own
        if staying(opening=shelter.opening).exists():
            taken.aside(state.file, None, f"「{shelter.name}」は一覧にありませんが、名簿に人がいるため閉鎖していません")
            continue
        drafts.append(Draft("facility.closed", {"opening": str(shelter.opening)}, state.at))
        taken.closed += 1
    return drafts


def _same(row: HeadCount | None, line: Line) -> bool:
    return row is not None and (row.people, row.households, row.outside) == (line.people, line.households, line.outside)


def _place(by: Staff | None, line: Line, taken: Taken) -> Facility | None:
    """The place of a line: by ID, else by its only namesake, else a new one. None when several bear the name."""
    if line.id and (place := Facility.objects.filter(open_data_id=line.id).first()):
        return place
    namesakes = list(Facility.objects.filter(name=line.name)[:2])
    if len(namesakes) == 1 and (not line.id or not namesakes[0].open_data_id):
        return namesakes[0]
    if namesakes and not line.id:
        return None
    taken.places += 1
    degrees = {key: _degrees(line.place[key]) for key in ("latitude", "longitude") if line.place.get(key)}
    texts = {key: line.place[key] for key in ("kana", "address", "phone") if line.place.get(key)}
    both = degrees if len(degrees) == 2 and None not in degrees.values() else {}
    return add_place(by=by, name=line.name, open_data_id=line.id or None, **texts, **both)


def _degrees(text: str) -> Decimal | None:
    try:
        return Decimal(text).quantize(Decimal("0.00000001"))
    except ArithmeticError:
        return None
