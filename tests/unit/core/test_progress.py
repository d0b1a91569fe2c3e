"""One bar over several steps: it never goes back, and is full only when all is done."""

from __future__ import annotations

from backend.core.progress import SCALE, Steps

SHARES = {"reading": 3, "sorting": 1, "writing": 6}


def test_steps_take_their_shares_of_one_bar():
    told: list[tuple[int, int]] = []
    steps = Steps(lambda done, total: told.append((done, total)), SHARES)
    steps.of("reading")(50, 100)
    steps.over("sorting")
    steps.of("writing")(1, 2)
    steps.over("writing")
    assert told == [(150, SCALE), (400, SCALE), (700, SCALE), (SCALE, SCALE)]


def test_a_step_with_more_than_was_said_before_stays_in_its_share():
    told: list[int] = []
    steps = Steps(lambda done, total: told.append(done), SHARES)
    steps.of("reading")(250, 100)
    steps.of("reading")(0, 0)
    assert told == [300, 0]


def test_nobody_listens():
    steps = Steps(None, SHARES)
    assert steps.of("reading") is None
    steps.over("reading")
