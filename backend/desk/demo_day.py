"""The demo town by day: sheets of the day, a night away, visitors, parcels, notes, a photographed list, supplies.

Each act is what a clerk would do at that hour; who is meant is taken from the rosters as they are then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from backend.accounts.models import Staff
from backend.core import clock
from backend.shelters import wishes
from backend.shelters.daysheet import queries as day_sheets
from backend.shelters.daysheet import services as daysheet
from backend.shelters.frontdesk import services as desk
from backend.shelters.queries import roster
from backend.shelters.sheets import services as sheets
from backend.supplies import services as supplies

At = Callable[[float, Callable[[], object]], None]
FIRST = {"drinking": "short", "power": "no", "water": "no", "toilets": 6, "toilet_clean": "poor", "beds": 0, "staff": 2}
SECOND = {
    "drinking": "enough",
    "power": "partly",
    "water": "no",
    "toilets": 10,
    "beds": 20,
    "staff": 3,
    "nurses": 1,
    "requests": "毛布と灯油",
}
REQUESTS = (
    (0, "毛布", 40, "枚", "today", "夜が冷えます"),
    (0, "粉ミルク", 3, "缶", "now", "アレルギー用を1缶"),
    (1, "おむつ（大人）", 2, "箱", "soon", ""),
    (2, "毛布", 20, "枚", "soon", ""),
    (2, "水", 200, "本", "today", "2リットル"),
)
LISTED = (
    {"name": "砂山 けんじ", "address": "西町"},
    {"name": "砂山 まり", "address": "西町"},
    {"name": "砂山 そら", "address": "西町"},
    {"name": "磯部 とみ", "address": "港町"},
)


def plan(at: At, by: Staff, openings: list[UUID]) -> None:
    """Put the acts of the first days in their hours; `openings` fills while the shelters open."""
    # Hours since the disaster, which was early in the morning: about noon of two days, and the third morning.
    for hours, said in ((6.5, FIRST), (30.5, SECOND), (48.5, SECOND)):
        for i in range(3 if hours < 48 else 2):
            at(
                hours + i / 10,
                lambda i=i, said=said: _report(by, openings[i], {**said, "fever": i + 1, "cough": 2 * i + 3}),
            )  # type: ignore[misc]
    at(31, lambda: wishes.add_note(by=by, opening=openings[0], text="灯油は今夜の分まで。明日10時に市の車が来ます。"))
    at(22, lambda: wishes.add_note(by=by, opening=openings[0], text="2階の和室を授乳と着替えの部屋にしました。"))
    at(33, lambda: _go_away(by, openings[0]))
    at(29, lambda: _visitor(by, openings[0], "入江 里美（妹）", "入江 浩さんの安否", "message"))
    at(32, lambda: _visitor(by, openings[0], "大浜新聞 記者", "取材", "desk"))
    at(
        28,
        lambda: desk.parcel_came(
            by=by, opening=openings[0], addressee="磯部 とみ 様", what="段ボール1", place="受付の奥"
        ),
    )
    at(14, lambda: _sheet(by, openings[0]))
    for n, (i, what, quantity, unit, urgency, note) in enumerate(REQUESTS):
        asked = {"what": what, "quantity": quantity, "unit": unit, "urgency": urgency, "note": note}
        at(27 + n / 4, lambda i=i, asked=asked: supplies.request(by=by, opening=openings[i], **asked))  # type: ignore[misc]
    at(49, lambda: _hand_out(by, openings[0]))


def _report(by: Staff, opening: UUID, said: dict[str, Any]) -> None:
    known = day_sheets.counted(opening, clock.today())
    daysheet.report(by=by, opening=opening, day=clock.today(), answers={**known, "breakfast": known["people"], **said})


def _go_away(by: Staff, opening: UUID) -> None:
    rows = roster(opening, staff=by).rows[:2]
    until = clock.today() + timedelta(days=1)
    if rows:
        people = [row.face.id for row in rows]
        desk.go_away(by=by, opening=opening, evacuees=people, until=until, place="親族宅（小浜市）")


def _visitor(by: Staff, opening: UUID, name: str, asks_for: str, result: str) -> None:
    desk.visitor_came(by=by, opening=opening, name=name, asks_for=asks_for, result=result)


def _sheet(by: Staff, opening: UUID) -> None:
    """A list from the wall, its first lines typed in, one that the rain has spoilt."""
    data = (settings.BASE_DIR / "fixtures" / "sheet" / "list.jpg").read_bytes()
    sheet = sheets.attach(by=by, opening=opening, data=data, title="体育館 入口の名簿")
    lines = [sheets.Line(n, details=said, together=n in (2, 3)) for n, said in enumerate(LISTED, 1)]
    lines.append(sheets.Line(6, "unreadable", text="港 ？郎"))
    sheets.type_lines(by=by, opening=opening, sheet=sheet, lines=lines)


def _hand_out(by: Staff, opening: UUID) -> None:
    for row in roster(opening, staff=by).rows[:6]:
        supplies.hand_out(by=by, opening=opening, what="水", quantity=2, unit="本", evacuee=row.face.id)
