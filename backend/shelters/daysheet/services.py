"""Writing down a day's sheet. Part of the room's services: one act, one lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import today
from backend.core.errors import Refused
from backend.facilities import queries as facilities
from backend.journal.services import record
from backend.shelters.acts import begin, moment

from . import rules


@transaction.atomic
def report(*, by: Staff | None, opening: UUID, day: date, answers: Mapping[str, Any]) -> UUID:
    """The sheet of a shelter and day, whole: it holds instead of those before it. Returns the entry's id."""
    begin(by)
    facilities.shelter_or_404(opening)
    if day > today():
        raise Refused("まだ来ていない日です。", fields={"day": "今日か、それより前の日にしてください。"})
    given = {key: value for key, value in answers.items() if value not in (None, "")}
    if not given:
        raise Refused("一つ以上の欄に入れてください。")
    if given.keys() - rules.ITEMS.keys():
        raise Refused("日報の項目が正しくありません。")
    payload = {"opening": str(opening), "day": day.isoformat(), "answers": given}
    entry = record(kind="daysheet.reported", payload=payload, occurred_at=moment(None), by=by)
    audit(by=by, act="shelters.day_sheet", subject=f"opening:{opening}", day=day.isoformat())
    return entry.uuid
