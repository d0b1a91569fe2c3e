"""Drawings in SVG, black on white: curves told apart by their dashes and by words at their ends, and bars.

Only numbers for `components/plot.html` and `components/bars.html`: no script, nothing that a printer can't show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import TOKYO

WIDTH, HEIGHT = 960, 290
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 16, 44
DASHES = ("", "9 5", "2 4", "14 4 3 4", "5 3", "1 6")
GAP = 19  # between two words one above the other


@dataclass(frozen=True)
class Stroke:
    """One line: its pieces (a gap is where nothing is known), how it is drawn, and its word at the right."""

    paths: list[str]
    dash: str
    width: float
    label: str
    end_y: float
    label_y: float


@dataclass(frozen=True)
class Plot:
    """All that the template draws."""

    strokes: list[Stroke]
    levels: list[tuple[float, str]]
    days: list[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def plot(times: Sequence[datetime], series: Sequence[tuple[str, Sequence[int | None]]]) -> Plot | None:
    """One line a series, the first one thick. None when there is nothing to draw."""
    highest = max((value for _, values in series for value in values if value is not None), default=None)
    if highest is None or len(times) < 2:
        return None
    top = _ceiling(highest)
    xs = [_x(at, times[0], times[-1]) for at in times]
    ends = []
    for number, (name, values) in enumerate(series):
        last = next((v for v in reversed(values) if v is not None), 0)
        ends.append((_y(last, top), number, name, last, values))
    places = _apart(sorted(y for y, *_ in ends))
    by_height = sorted(ends, key=lambda e: (e[0], e[1]))
    strokes = {
        number: Stroke(
            _paths(xs, values, top),
            DASHES[number % len(DASHES)],
            2.5 if number == 0 else 1.5,
            f"{name} {last:,}",
            y,
            at,
        )
        for (y, number, name, last, values), at in zip(by_height, places, strict=True)
    }
    step = top // 4 if top >= 4 else 1
    levels = [(_y(value, top), f"{value:,}") for value in range(0, top + 1, step)]
    return Plot([strokes[i] for i in range(len(series))], levels, _days(times[0], times[-1]))


def _ceiling(highest: int) -> int:
    """The next round number that four lines divide."""
    scale = 1
    while scale * 100 < highest:
        scale *= 10
    return next(size * scale for size in (4, 8, 12, 20, 40, 60, 80, 100) if size * scale >= highest)


def _x(at: datetime, begin: datetime, end: datetime) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * ((at - begin) / (end - begin)), 1)


def _y(value: int, top: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top, 1)


def _paths(xs: list[float], values: Sequence[int | None], top: int) -> list[str]:
    """Steps, not slopes: a count holds until the next one. Times of which nothing is known are left out."""
    found: list[str] = []
    path: list[str] = []
    for x, value in zip(xs, values, strict=True):
        if value is None:
            if path:
                found.append(" ".join([*path, f"H{x}"]))
            path = []
            continue
        path += [f"H{x}", f"V{_y(value, top)}"] if path else [f"M{x} {_y(value, top)}"]
    return [*found, " ".join(path)] if path else found


def _apart(wanted: list[float]) -> list[float]:
    """Words near their lines' ends, but not on each other: pushed down, then up again from the foot."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + GAP) if places else max(y, TOP))
    lowest = float(HEIGHT - BOTTOM)
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], lowest)
        lowest = places[i] - GAP
    return [round(y, 1) for y in places]


def _days(begin: datetime, end: datetime) -> list[tuple[float, str]]:
    """Where days begin, at most a dozen of them; hours where there is one day only."""
    first = begin.astimezone(TOKYO)
    hours = 24 * max(1, -(-(end - begin) // timedelta(days=12)))
    if end - begin <= timedelta(days=2):
        hours = 6 if end - begin > timedelta(hours=12) else 1
    moment = first.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while moment <= end:
        if moment >= begin:
            label = f"{moment.month}/{moment.day}" + (f" {moment.hour}時" if hours < 24 else "")
            found.append((_x(moment, begin, end), label))
        moment += timedelta(hours=hours)
    return found


# Bars --------------------------------------------------------------------------------------------------------------------

BARS_WIDTH, NUMBERS = 360, 64  # the drawing, and what of it is left for the numbers at the ends
WORD, BAR, LINE = 16, 12, 44  # from the top of a line to the foot of its words; how thick a bar is; the whole line


@dataclass(frozen=True)
class Bar:
    """One bar: the words above it, how long it is, the number at its end."""

    label: str
    value: str
    word_y: int
    y: int
    width: float


@dataclass(frozen=True)
class Bars:
    """All that the template draws."""

    bars: list[Bar]
    height: int
    width: int = BARS_WIDTH
    thick: int = BAR


def bars(numbers: Sequence[tuple[str, int]]) -> Bars | None:
    """One bar a line, from above. None when there is nothing to draw."""
    highest = max((value for _, value in numbers), default=0)
    if not highest:
        return None
    drawn = []
    for place, (label, value) in enumerate(numbers):
        top = place * LINE
        width = round((BARS_WIDTH - NUMBERS) * value / highest, 1)
        drawn.append(Bar(label, f"{value:,}", top + WORD, top + WORD + 6, width))
    return Bars(drawn, len(numbers) * LINE)
