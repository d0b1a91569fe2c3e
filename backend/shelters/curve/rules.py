"""Which number holds for a shelter at a time, when there are head counts and a roster; and the times of a table.

Sources: EEI 災害対応基本共有情報 ver 1.1 避難所 (避難者数 counts people inside, 避難所外避難者数 is a count of its own, 観測時刻 is
the time seen). How the two ways are joined is this project's own rule; the page says it in Japanese (`RULE`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

ROSTER, REPORT, BOTH = "名簿", "報告", "報告と名簿"

RULE = (
    "人数の報告があれば、次の報告まではその人数です。報告のあとに名簿で出た人は引き、ほかの避難所から移ってきた人は足します。"
    "そのほかに名簿で増えた人は、報告で数えられてまだ名簿に名前のなかった人とみなし、それを超えた分だけ足します"
    "（あとから名簿を入力しても、二重に数えません）。報告がなければ名簿の人数です。"
)


@dataclass(frozen=True)
class Tally:
    """Numbers of one kind at one time: people inside, households of them, people outside who belong to the shelter."""

    people: int = 0
    households: int | None = 0
    outside: int | None = 0


NOBODY = Tally()


@dataclass(frozen=True)
class Names:
    """A roster at one time: who is there, and how many have come from another shelter until then (also if they left)."""

    there: Tally = NOBODY
    moved_in: Tally = NOBODY


@dataclass(frozen=True)
class Heads:
    """What holds. `people` None: nobody has counted yet, which is not the same as nobody there."""

    people: int | None = None
    households: int | None = None
    outside: int | None = None
    at: datetime | None = None
    source: str = ""


def carried_on(counted: int, named_then: int, named_now: int, moved_in: int = 0) -> int:
    """A number that was counted, carried on by the names of the roster since.

    Whoever was in another shelter meanwhile was not counted here. Whoever else has a name now may have been counted
    without one, until the list was typed in: new names fill that gap first.
    """
    change = named_now - named_then - moved_in
    if change <= 0:
        return max(counted + moved_in + change, 0)
    nameless = max(counted - named_then, 0)
    return counted + moved_in + max(change - nameless, 0)


def heads(
    report: Tally | None, reported_at: datetime | None, then: Names, now: Names, last_entry: datetime | None
) -> Heads:
    """The number that holds, from the last report, the roster as of that report (`then`), and the roster `now`.

    `last_entry` is when the roster was last written in; None: never.
    """
    there = now.there
    if report is None:
        if last_entry is None:
            return Heads()
        return Heads(there.people, there.households, there.outside, last_entry, ROSTER)
    people = _carried("people", report, then, now)
    households = _carried("households", report, then, now)
    # A report that says nothing of the people outside leaves them to the roster, if there is one.
    outside = _carried("outside", report, then, now)
    if report.outside is None and last_entry is not None:
        outside = there.outside
    moved_on = last_entry is not None and reported_at is not None and last_entry > reported_at and now != then
    return Heads(people, households, outside, last_entry if moved_on else reported_at, BOTH if moved_on else REPORT)


def _carried(name: str, report: Tally, then: Names, now: Names) -> int | None:
    counted = getattr(report, name)
    if counted is None:
        return None
    moved_in = getattr(now.moved_in, name) - getattr(then.moved_in, name)
    return carried_on(counted, getattr(then.there, name), getattr(now.there, name), moved_in)


def total(numbers: Iterable[int | None]) -> int | None:
    """The sum of what is known; None when nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


# (evacuee, when, kind, opening, how, party), a person's events one after the other in the order in which they happened.
Event = tuple[str, datetime, str, str, str, str | None]


@dataclass(slots=True)
class Stay:
    """One person's time in one shelter; `until` None: still there. `moved`: they came from another one."""

    opening: str
    how: str
    party: str
    since: datetime
    moved: bool
    until: datetime | None = None


def stays(events: Iterable[Event], ends: Mapping[str, datetime] | None = None) -> Iterator[Stay]:
    """From when until when each person was where: until the next arrival anywhere, or the departure from that place.

    `ends`: of whoever was found to be one with another, since when they are where that other is.
    """
    ends = ends or {}
    person = None
    here: Stay | None = None
    for evacuee, at, kind, opening, how, party in events:
        if evacuee != person:
            if here:
                here.until = ends.get(person or "")
                yield here
            person, here = evacuee, None
        if evacuee in ends and at >= ends[evacuee]:
            continue
        if kind == "left" and (here is None or here.opening != opening):
            continue
        moved = kind == "moved" or (here is not None and here.opening != opening)
        if here:
            here.until = at
            yield here
        here = None if kind == "left" else Stay(opening, how, party or evacuee, at, moved)
    if here:
        here.until = ends.get(person or "")
        yield here


# The times of a table ---------------------------------------------------------------------------------------------------

JAPAN = timezone(timedelta(hours=9))  # no summer time since 1951
FIRST_HOUR = 6  # tables of municipalities have a morning and an evening: 6:00 and 18:00
MOST_TIMES = 400
STEPS = {"1": "1時間ごと", "3": "3時間ごと", "6": "6時間ごと", "12": "12時間ごと（6時・18時）", "24": "1日ごと（6時）"}


def fitting_step(begin: datetime, end: datetime) -> int:
    """Hours between two columns so that a table stays readable."""
    span = end - begin
    for longest, step in ((timedelta(days=1), 1), (timedelta(days=3), 3), (timedelta(days=7), 6), (timedelta(21), 12)):
        if span <= longest:
            return step
    return 24


def times(begin: datetime, end: datetime, step: int) -> list[datetime]:
    """`begin`, the full hours between at which a table of that step has a column, and `end`."""
    first = begin.astimezone(JAPAN).replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0) - timedelta(days=1)
    found, moment = [begin], first
    while moment < end:
        if moment > begin:
            found.append(moment)
        moment += timedelta(hours=step)
    return [*found, end] if end > begin else found


def too_many(begin: datetime, end: datetime, step: int) -> bool:
    return (end - begin) / timedelta(hours=step) > MOST_TIMES


def last_at(moments: Sequence[datetime], at: datetime) -> int:
    """The place of the last of these ordered moments that is not after `at`; -1 when there is none."""
    return bisect_right(moments, at) - 1
