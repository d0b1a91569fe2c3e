"""What headquarters knows in the end of what laptops with wrong clocks wrote: `python -m tests.sync.clocks`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
import django

django.setup()

from django.conf import settings

from backend.core import clock
from backend.facilities.models import HeadCount
from backend.journal.models import Conflict
from backend.journal.services import rebuild, record
from backend.ledger.models import Fact
from backend.shelters import queries, rules
from backend.shelters.models import StayEvent
from offline_client import timing
from offline_client.models import State

from .world import Laptop, World

HOUR, YEARS = timedelta(hours=1), timedelta(days=3 * 365)


@contextmanager
def town() -> Iterator[tuple[World, Laptop, Laptop]]:
    """Two laptops of one shelter, in contact a moment ago."""
    world = World()
    try:
        first, second, _ = world.laptops
        for laptop in (first, second):
            assert laptop.sync() == "done"
        yield world, first, second
    finally:
        world.close()


def writes(laptop: Laptop, kind: str, who: int = 1, *, ago: timedelta | None = None, **payload: object) -> datetime:
    """Somebody writes, an hour after the entry before; at what time it truly was. `ago` is typed, of the true time."""
    laptop.world.time += HOUR
    said = {"opening": str(laptop.world.openings[0]), **payload}
    if kind.startswith("stay."):
        said["person"] = {"atena_no": f"{who:04}"}
    true = laptop.world.time - (ago or timedelta(0))
    with laptop.here():
        record(kind=kind, payload=said, occurred_at=true if ago else clock.now(), by=None)
    return true


def switched_on(laptop: Laptop, wrong: timedelta) -> None:
    """Off and on again, with another clock than before."""
    laptop.skew = wrong
    with laptop.here():
        timing.set_again()


def exchange(*laptops: Laptop) -> None:
    for laptop in laptops:
        laptop.world.time += timedelta(seconds=30)
        assert laptop.sync() == "done"


def stays(node) -> list[tuple[str, datetime]]:
    """What was written of arrivals and departures there, in the order in which it was so."""
    with node.here():
        rows = StayEvent.objects.filter(voided_at=None).order_by("occurred_at", "entry")
        return [(row.kind, row.occurred_at) for row in rows]


def there(node) -> set[int]:
    """Who is at the shelter now."""
    with node.here():
        found = queries.staying(opening=node.world.openings[0])
        ids = {rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": f"{n:04}"}): n for n in range(1, 9)}
        return {ids[event.evacuee] for event in found}


def close(found: list[tuple[str, datetime]], expected: list[tuple[str, datetime]]) -> bool:
    """A contact tells the time to the second."""
    return [kind for kind, _ in found] == [kind for kind, _ in expected] and all(
        abs(a - b) < timedelta(minutes=2) for (_, a), (_, b) in zip(found, expected, strict=True)
    )


def times_are_right_after_a_contact(wrong: timedelta) -> None:
    """Somebody came while the clock was right; then it is wrong, people come and go and are counted, then there is a line."""
    with town() as (world, laptop, other):
        came = writes(laptop, "stay.arrived", 1)
        exchange(laptop)
        switched_on(laptop, wrong)
        went = writes(laptop, "stay.left", 1, destination="home")
        second = writes(laptop, "stay.arrived", 2)
        counted = writes(laptop, "headcount.reported", people=31)
        if abs(wrong) > HOUR * 24 * 30:
            typed = writes(laptop, "stay.arrived", 3, ago=timedelta(minutes=50))
        else:
            typed = writes(laptop, "stay.arrived", 3)
        if wrong < timedelta(0):
            # The last contact can't be still to come: the order is right without a line, too.
            assert there(laptop) == {2, 3}
        exchange(laptop, other)
        expected = [("arrived", came), ("left", went), ("arrived", second), ("arrived", typed)]
        for node in (world.server, laptop, other):
            assert close(stays(node), expected), (wrong, node.name, stays(node), expected)
            assert there(node) == {2, 3}
            with node.here():
                assert abs(HeadCount.objects.get().occurred_at - counted) < timedelta(minutes=2)
                before = stays(node)
                rebuild()
                assert stays(node) == before
        with world.server.here():
            assert not Conflict.objects.exists()
            assert not Fact.objects.filter(effective_on__gt=clock.today()).exists()
        with laptop.here():
            assert not State.objects.get().clock_guessed
        # From now on it is known.
        later = writes(laptop, "stay.arrived", 4)
        exchange(laptop)
        assert close(stays(world.server), [*expected, ("arrived", later)])


def what_was_right_stays_as_it_was() -> None:
    """Written before the clock jumped, without a contact in between."""
    with town() as (world, laptop, _):
        came = writes(laptop, "stay.arrived", 1)
        switched_on(laptop, YEARS)
        went = writes(laptop, "stay.left", 1, destination="home")
        exchange(laptop)
        assert close(stays(world.server), [("arrived", came), ("left", went)])


def a_clock_set_by_hand_is_believed(wrong: timedelta) -> None:
    """It was known to be wrong, and somebody set it right while there was no line."""
    with town() as (world, laptop, _):
        laptop.skew = wrong
        exchange(laptop)
        came = writes(laptop, "stay.arrived", 1)
        switched_on(laptop, timedelta(0))
        went = writes(laptop, "stay.left", 1, destination="home")
        assert close(stays(laptop), [("arrived", came), ("left", went)])
        exchange(laptop)
        assert close(stays(world.server), [("arrived", came), ("left", went)])


def a_battery_that_is_empty_every_day_keeps_the_order() -> None:
    """Each morning the laptop begins in the same old year; only of the last day can it be told how wrong it was."""
    with town() as (world, laptop, _):
        begun = world.time - YEARS
        for who in (1, 2):
            switched_on(laptop, begun - world.time)
            writes(laptop, "stay.arrived", who)
            last = writes(laptop, "stay.left", who, destination="home")
        exchange(laptop)
        found = stays(world.server)
        assert [kind for kind, _ in found] == ["arrived", "left"] * 2
        assert abs(found[-1][1] - last) < timedelta(minutes=2)
        assert there(world.server) == there(laptop) == set()


def main() -> None:
    for wrong in (-YEARS, -9 * HOUR, 9 * HOUR, YEARS):
        times_are_right_after_a_contact(wrong)
    what_was_right_stays_as_it_was()
    for wrong in (-YEARS, YEARS):
        a_clock_set_by_hand_is_believed(wrong)
    a_battery_that_is_empty_every_day_keeps_the_order()


if __name__ == "__main__":
    main()
