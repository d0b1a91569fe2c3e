"""Both sides of a case as plain values for the page: field by field, with what differs said in a word."""

from __future__ import annotations

from typing import Any

from backend.core.dates import era, parse_date
from backend.ledger.models import Person, TypedRecord

from .queries import CandidateView

SEX = {"1": "男", "2": "女"}
ROOMS = {"ledger": "台帳の窓口", "shelters": "避難所"}
COLUMNS = [{"label": "項目"}, {"label": "入力された記録"}, {"label": "住民記録"}, {"label": "見くらべ"}]
Row = dict[str, Any]


def room_of(record: TypedRecord) -> str:
    return ROOMS.get(record.room, record.room)


def in_words(birth: str) -> str:
    try:
        return era(parse_date(birth)) if birth else ""
    except ValueError:
        return birth


def side_by_side(record: TypedRecord, candidate: CandidateView | None) -> list[Row]:
    """Rows for the component `table`: label, what was typed, what the register has, and how they compare."""
    return _rows(record, candidate.person if candidate else None, candidate.likeness if candidate else None)


def pair(record: TypedRecord, person: Person) -> list[Row]:
    """The same of two who are linked, without what a comparison says."""
    return [{"cells": row["cells"][:3]} for row in _rows(record, person, None)]


def _rows(record: TypedRecord, person: Person | None, likeness: Any) -> list[Row]:
    address = " ".join(part for part in (person.address, person.building) if part) if person else ""
    rows = [
        _row("氏名", record.name, person and person.name, likeness and likeness.name, named=True),
        _row("カナ", record.kana, person and person.kana, likeness and likeness.kana),
        _row("生年月日", in_words(record.birth), person and in_words(person.birth), likeness and likeness.birth),
        _row("性別", SEX.get(record.sex, ""), person and SEX.get(person.sex, ""), likeness and likeness.sex),
        _row("住所", record.address, address, likeness and likeness.place),
    ]
    if person and person.alias:
        rows.append(_row("通称", "", person.alias, None, named=True))
    if record.telephone:
        rows.append(_row("電話番号", record.telephone, "", None))
    return rows


def _row(label: str, typed: str, other: str | None, said: Any, *, named: bool = False) -> Row:
    mark: Any = ""
    if said:
        text = str(said).replace("氏名は読みだけで、カナが同じ", "読みだけで、カナが同じ")
        same = said.name == "SAME"
        # Old and new forms of a character count as the same name, but whoever compares them sees two.
        word = "同じ（字形だけ違う）" if named and _bare(typed) != _bare(other) else "同じ"
        mark = {"text": word if same else text, "badge": "success" if same else _colour(said.name)}
    cells = [{"text": text or "―", "name": bool(named and text)} for text in (typed, other)]
    return {"cells": [label, *cells, mark]}


def _bare(name: str | None) -> str:
    return "".join((name or "").split())


def _colour(name: str) -> str:
    return {"OTHER": "danger", "UNKNOWN": "neutral"}.get(name, "warning")
