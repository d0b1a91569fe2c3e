"""Attaching a photographed list, and typing from it. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.core.pictures import NoPicture, cleaned
from backend.journal import files
from backend.journal.services import record
from backend.shelters.acts import begin, moment, opened, references
from backend.shelters.models import Sheet, SheetLine
from backend.shelters.queries import party_of
from backend.shelters.services import check_in_new

from . import rules


@dataclass(frozen=True)
class Line:
    """A line as it was read: a person (`details`), or what could be read of it (`text`), by `result`."""

    number: int
    result: str = "typed"
    details: dict[str, str] = field(default_factory=dict)
    how: str = "inside"
    together: bool = False
    text: str = ""


@transaction.atomic
def attach(*, by: Staff | None, opening: UUID, data: bytes, listed_at: datetime | None = None, title: str = "") -> UUID:
    """A photograph of a list is kept, without what a camera writes beside it. Returns the entry that stands for it."""
    begin(by)
    at = moment(listed_at)
    opened(opening, at)
    try:
        picture = cleaned(data)
    except NoPicture as wrong:
        raise Refused(str(wrong), fields={"picture": str(wrong)}) from wrong
    sha = files.keep(picture.data)
    rows = Sheet.objects.filter(opening=opening, voided_at=None)
    same = rows.filter(sha256=sha).first()
    if same is not None:
        raise Conflict(f"同じ写真が、シート{same.number}として入っています。")
    last = rows.order_by("-number").values_list("number", flat=True).first() or 0
    payload: dict[str, Any] = {"opening": str(opening), "number": last + 1, "sha256": sha, "size": len(picture.data)}
    payload |= {"kind": picture.kind} | ({"title": title.strip()} if title.strip() else {})
    entry = record(kind="sheet.attached", payload=payload, occurred_at=at, by=by)
    audit(by=by, act="shelters.attach_sheet", subject=f"opening:{opening}", number=last + 1)
    return entry.uuid


@transaction.atomic
def type_lines(*, by: Staff | None, opening: UUID, sheet: UUID, lines: Sequence[Line]) -> tuple[int, int]:
    """Lines of a sheet are taken together, as of its time: (people who came in, people who were in the roster already).

    `Conflict` where somebody else has typed one of them meanwhile: nothing is taken then.
    """
    begin(by)
    found = Sheet.objects.filter(pk=sheet, opening=opening, voided_at=None).first()
    if found is None:
        raise NotFound("その紙の名簿の記録は見つかりません。")
    if not lines:
        raise Refused("一行以上入れてください。")
    numbers = [line.number for line in lines]
    done = dict(SheetLine.objects.filter(sheet=sheet, voided_at=None).values_list("line", "evacuee"))
    if taken := sorted(done.keys() & set(numbers)):
        words = "、".join(map(str, taken))
        raise Conflict(f"{words}行目は、すでに入力されています。一覧を見て、行の番号を直してください。")
    if len(set(numbers)) != len(numbers) or not all(1 <= number <= rules.MOST_LINES for number in numbers):
        raise Refused(f"行の番号は1から{rules.MOST_LINES}まで、一度ずつ入れてください。")
    came = already = 0
    for line in sorted(lines, key=lambda one: one.number):
        payload: dict[str, Any] = {"opening": str(opening), "entry": str(sheet), "line": line.number}
        payload |= {"result": line.result} | ({"text": line.text.strip()} if line.text.strip() else {})
        if line.result == "typed":
            party = party_of(above) if line.together and (above := done.get(line.number - 1)) else None
            evacuee, arrival = check_in_new(
                by=by,
                opening=opening,
                details=line.details,
                occurred_at=found.occurred_at,
                how=line.how or "inside",
                party=party or uuid7(),
            )
            done[line.number] = evacuee
            came, already = came + len(arrival.arrived) + len(arrival.moved), already + len(arrival.already)
            payload["person"] = references([evacuee], None)[evacuee]
        record(kind="sheet.typed", payload=payload, occurred_at=moment(None), by=by)
    audit(by=by, act="shelters.type_sheet", subject=f"opening:{opening}", sheet=str(sheet), lines=len(lines))
    return came, already
