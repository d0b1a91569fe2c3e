"""Where we stand in the words of the pages: each table once, for the screen, for paper and for its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.urls import reverse

from backend.core.clock import TOKYO, tokyo_date
from backend.core.dates import era_short
from backend.core.plots import Bars, Plot, bars, plot
from backend.core.spreadsheets import harmless
from backend.damage import classes
from backend.damage.models import Team

from . import queries, rules
from .queries import Days, Progress, Waiting
from .reporting import Report
from .rules import Numbers

SHOWN_DAYS, SHOWN_TEAMS = 31, 40
UNASKED = ("first", "second", "again", "surveyed", "to_confirm")


@dataclass
class Table:
    """One table with its drawing; `columns` and `rows` as components/table.html takes them."""

    key: str
    title: str
    columns: list[dict[str, Any]]
    rows: list[list[Any]]
    totals: list[Any] = field(default_factory=list)
    note: str = ""
    empty: str = ""
    bars: Bars | None = None
    plot: Plot | None = None
    most: int | None = None  # rows that the page shows; the file has all of them
    cards: bool = False  # on a phone each row by itself; numbers stay side by side and scroll

    @property
    def drawing(self) -> str:
        """What the drawing is called on the page."""
        return f"drawing-{self.key}"

    @property
    def shown(self) -> list[dict[str, Any]]:
        return [{"cells": row} for row in self.rows[: self.most]]

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.shown)

    def file(self) -> Iterator[list[str]]:
        yield [str(column["label"]) for column in self.columns]
        for row in [*self.rows, *([self.totals] if self.totals else [])]:
            yield [harmless(_plain(cell)) if isinstance(cell, str | dict) else _plain(cell) for cell in row]


def _plain(cell: Any) -> str:
    if isinstance(cell, dict):
        return str(cell["text"])
    return str(cell)


def _columns(*labels: str, numbers: Iterable[str] = ()) -> list[dict[str, Any]]:
    return [*({"label": label} for label in labels), *({"label": label, "number": True} for label in numbers)]


def by_day(found: Days, at: datetime) -> Table:
    days = found.days
    counted = (found.applications, found.taken, found.withdrawn, found.surveyed, found.judged, found.issued)
    rows = [[era_short(day), *(one[day] for one in counted), left] for day, left in zip(days, found.left, strict=True)]
    names = ("申請（件）", "申請の住家", "取下げの住家", "調査の入力", "判定の確認", "証明書の交付", "残っている住家")
    totals = ["計", *(sum(one.values()) for one in counted), rows[-1][-1]] if rows else []
    return Table(
        "days",
        "日ごとの受付と交付",
        _columns("日", numbers=names),
        rows[::-1],
        totals,
        note="残っている住家は、受け付けて、取り下げられず、まだ罹災証明書が出ていないものです。",
        empty="申請も調査も、まだありません",
        plot=_curve(found, at),
        most=SHOWN_DAYS,
    )


def _curve(found: Days, at: datetime) -> Plot | None:
    """How many dwellings were applied for, answered, and left, at the end of each day; of the last one so far."""
    days = found.days
    if not days:
        return None
    ends = [datetime.combine(day, time.min, tzinfo=TOKYO) + timedelta(days=1) for day in days]
    times = [ends[0] - timedelta(days=1), *ends[:-1], at]
    series = [
        ("受付", [0, *rules.rising(days, found.taken)]),
        ("交付", [0, *rules.rising(days, found.issued)]),
        ("残り", [0, *found.left]),
    ]
    return plot(times, series) if found.taken else None


def by_stage(found: Progress) -> Table:
    names = list(rules.STAGES.values())
    rows = []
    for district in found.districts:
        row = found.applied.get(district)
        if row:
            rows.append([district, *(row[stage] for stage in rules.STAGES), sum(row.values())])
    sums = found.stages
    return Table(
        "stages",
        "段階と地区ごとの、申請の住家",
        _columns("地区", numbers=[*names, "計"]),
        rows,
        ["計", *(sums[stage] for stage in rules.STAGES), sum(sums.values())] if rows else [],
        note="一つの申請に住家が二つあれば、二件です。",
        empty="申請の住家は、まだありません",
        bars=bars([(rules.STAGES[stage], sums[stage]) for stage in rules.STAGES]),
    )


def unasked(found: Progress) -> Table:
    """Houses that nobody applied for: the office asked for them itself, or their area was judged at once."""
    names = [rules.STAGES[stage] for stage in UNASKED]
    rows = []
    for district in found.districts:
        row = found.unasked.get(district)
        if row:
            rows.append([district, *(row[stage] for stage in UNASKED), sum(row.values())])
    sums = queries.sums(found.unasked)
    return Table(
        "unasked",
        "申請によらない家屋（棟）",
        _columns("地区", numbers=[*names, "計"]),
        rows,
        ["計", *(sums[stage] for stage in UNASKED), sum(sums.values())] if rows else [],
        note="職員が調査を依頼した家屋、区域の一括判定の家屋、住家以外としての申請の家屋です。",
        empty="申請によらずに待っている家屋はありません",
        bars=bars([(rules.STAGES[stage], sums[stage]) for stage in UNASKED]),
    )


def _to(where: str, key: Any) -> str:
    """`reverse`, of which a file of thousands of rows that shows no links has no need."""
    return reverse(where, args=[key]) if key else ""


def longest(rows: Sequence[Waiting], found: Progress, *, linked: bool = True) -> Table:
    return Table(
        "longest",
        "長く待っている申請",
        [
            *_columns("申請"),
            {"label": "申請から（日）", "number": True},
            *_columns("受付", "いまの段階", "地区", "所在地"),
        ],
        [
            [
                {
                    "text": one.row.application.number_text,
                    "url": _to("applications:page", linked and one.row.application_id),  # type: ignore[attr-defined]
                },
                one.days,
                era_short(tokyo_date(one.row.application.received_at)),
                rules.STAGES[one.stage],
                one.district,
                {
                    "text": one.where,
                    "url": _to("damage_houses:house", linked and one.stage != "taken" and one.row.house_id),  # type: ignore[attr-defined]
                },
            ]
            for one in rows
        ],
        empty="待っている申請はありません",
        bars=bars(_spans(found)),
        cards=True,
    )


def _spans(found: Progress) -> list[tuple[str, int]]:
    """How many wait how long."""
    today = tokyo_date(found.at)
    by_hour: dict[str, int] = {}
    for received, *_ in found.waiting:
        by_hour[received[:13]] = by_hour.get(received[:13], 0) + 1
    counted = dict.fromkeys(rules.SPANS.values(), 0)
    for hour, number in by_hour.items():
        counted[rules.span_of(rules.days_waited(queries.day_of(hour), today))] += number
    return list(counted.items())


def by_team(teams: Sequence[Team]) -> Table:
    names = ("計画", "調査済票", "不在票", "見つからない・行かず", "結果なし")
    rows = [
        [
            era_short(team.day),
            {"text": team.name, "url": reverse("surveys:team", args=[team.pk])},
            team.district or "―",
            *(getattr(team, name) for name in ("planned", "surveyed", "absent", "other", "open")),
        ]
        for team in teams
    ]
    return Table(
        "teams",
        "調査班ごとの家屋（棟）",
        _columns("日", "班", "地区", numbers=names),
        rows,
        ["計", "", "", *(sum(row[place] for row in rows) for place in range(3, 8))] if rows else [],
        note=f"{queries.TEAM_DAYS}日前までの班です。前の班はCSVに入ります。計画は、いま分かっている計画です。結果は、見ている時点までに記録されたものです。",
        empty="調査班は、まだありません",
        bars=bars(_by_date(teams)),
        most=SHOWN_TEAMS,
    )


def _by_date(teams: Sequence[Team]) -> list[tuple[str, int]]:
    """The calls of the last days at which a house was surveyed, all teams together."""
    sums: dict[Any, list[int]] = {}
    for team in teams:
        row = sums.setdefault(team.day, [0, 0, 0])
        row[0] += team.surveyed  # type: ignore[attr-defined]
        row[1] += team.planned  # type: ignore[attr-defined]
        row[2] += team.absent  # type: ignore[attr-defined]
    last = sorted(sums)[-10:]
    return [(f"{day.month}月{day.day}日　計画{sums[day][1]}・不在票{sums[day][2]}", sums[day][0]) for day in last]


def by_class(found: queries.Table) -> Table:
    sums = queries.sums(found)
    names = [classes.LABELS[code] for code in classes.ORDER]
    districts = sorted(found, key=lambda name: (-sum(found[name].values()), name))
    rows = [[name, *(found[name][code] for code in classes.ORDER), sum(found[name].values())] for name in districts]
    return Table(
        "classes",
        "判定された被害の程度（棟）",
        _columns("地区", numbers=[*names, "計"]),
        rows,
        ["計", *(sums[code] for code in classes.ORDER), sum(sums.values())] if rows else [],
        note="確認された判定です。一つの家屋は、その時点の判定で一度だけ数えます。",
        empty="確認された判定は、まだありません",
        bars=bars([(classes.LABELS[code], sums[code]) for code in classes.ORDER]),
    )


def cards(found: Progress) -> list[dict[str, Any]]:
    sums = found.stages
    surveys = sum(sums[stage] for stage in ("first", "second", "again"))
    waiting = ("taken", "surveyed", "to_confirm", "paper")
    applications = reverse("applications:index")
    urls = {"taken": applications, "to_confirm": reverse("judgements:index")}
    one, *others = ({"label": rules.STAGES[s], "value": sums[s], "unit": "件", "url": urls.get(s)} for s in waiting)
    to_survey = {"label": "調査待ち", "value": surveys, "unit": "件", "url": reverse("surveys:index")}
    return [one, to_survey, *others, {"label": "交付済み", "value": sums["issued"], "unit": "件", "kind": "success"}]


# Reports upward ----------------------------------------------------------------------------------------------------------

UNITS = ("棟", "世帯", "人")


def _three(numbers: Numbers) -> list[int]:
    return [numbers.buildings, numbers.households, numbers.people]


def _signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number < 0 else "±0"


def dwellings(found: Report, before: Report | None) -> Table:
    rows = []
    for key, (label, above) in [*rules.LINES.items(), ("", ("計", ""))]:
        numbers = found.lines[rules.DWELLING][key] if key else found.total(rules.DWELLING)
        row: list[Any] = [f"\u3000{label}" if above else label, *_three(numbers)]
        if before:
            then = before.lines[rules.DWELLING][key] if key else before.total(rules.DWELLING)
            row += [_signed(number) for number in _three(numbers - then)]
        rows.append(row)
    columns = _columns("区分", numbers=[*UNITS, *([f"{unit}の増減" for unit in UNITS] if before else [])])
    return Table("dwellings", "住家", columns, rows)


def others(found: Report, before: Report | None) -> Table:
    """What is no dwelling, or may be one: buildings only."""
    rows = []
    wanted = [(rules.UNKNOWN, key) for key in rules.TOPS] + [(rules.OTHER, key) for key in ("total", "half")]
    for kind, key in wanted:
        number = found.lines[kind][key].buildings
        row: list[Any] = [rules.KINDS[kind], rules.LINES[key][0], number]
        if before:
            row.append(_signed(number - before.lines[kind][key].buildings))
        rows.append(row)
    columns = _columns("種類", "区分", numbers=["棟", *(["棟の増減"] if before else [])])
    return Table("others", "住家でないもの、住家か分からないもの", columns, rows)


def report_file(found: Report, before: Report | None) -> Iterator[list[str]]:
    """One line a kind and class; the earlier numbers and the difference beside them, as plain numbers."""
    head = ["時点", "種類", "区分", *UNITS]
    if before:
        head += ["比べた時点", *(f"{unit}（前）" for unit in UNITS), *(f"{unit}（増減）" for unit in UNITS)]
    yield [*head, "秘匿の世帯と人"]
    for kind, name in rules.KINDS.items():
        for key, (label, _) in [*rules.LINES.items(), ("", ("計", ""))]:
            numbers = found.lines[kind][key] if key else found.total(kind)
            row = [_minute(found.at), name, label, *map(str, _three(numbers))]
            if before:
                then = before.lines[kind][key] if key else before.total(kind)
                row += [_minute(before.at), *map(str, _three(then)), *map(str, _three(numbers - then))]
            yield [*row, "含む" if found.whole else "含まない"]


def _minute(at: datetime) -> str:
    return at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
