"""Small pushes that come in the same moment are taken in one transaction: one commit, one place, an answer for each.

A check-in sent by itself costs more in statements and in waiting for the disk than in what it says. While one of them
works, those that come meanwhile line up, and the next takes all of them along.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass

from .exchange import answer_of_push, read_push
from .models import Terminal
from .receiving import Answer, Given, receive_all
from .slots import slot

SMALL_BYTES = 4096  # a body up to this size waits for its turn; a bigger one has a place before it comes here
MOST_WAITING = 4  # in one process: threads must be left for those who look at pages
WAIT_SECONDS = 0.1


class NoRoom(Exception):
    """Others are at work for longer than a small push waits."""


@dataclass(eq=False)
class _Push:
    given: Given
    answers: list[Answer] | None = None
    problem: Exception | None = None

    def is_answered(self) -> bool:
        return self.answers is not None or self.problem is not None


_leading = threading.Lock()
_waiting: list[_Push] = []  # appending and emptying are each one step of the interpreter
_inside = threading.BoundedSemaphore(MOST_WAITING)


def push(terminal: Terminal, data: bytes) -> bytes:
    """As `exchange.push`. Raises `NoRoom` when it could not be taken in time: nothing was done, it may come again."""
    body, given = read_push(terminal, data)
    if not _inside.acquire(blocking=False):
        raise NoRoom
    own = _Push(given)
    try:
        _waiting.append(own)
        with _leading:
            if not own.is_answered():
                _take_all()
    finally:
        # Where something broke before it was taken, nobody else takes it for a sender who has gone.
        with suppress(ValueError):
            _waiting.remove(own)
        _inside.release()
    if own.answers is None:
        raise own.problem or NoRoom
    return answer_of_push(body, own.answers)


def _take_all() -> None:
    group: list[_Push] = []

    def come_so_far() -> list[Given]:
        group.extend(_waiting)
        del _waiting[: len(group)]
        return [one.given for one in group]

    with slot(WAIT_SECONDS) as free:
        if not free:
            come_so_far()
            for one in group:
                one.problem = NoRoom()
            return
        try:
            answers = receive_all(come_so_far)
        except Exception as problem:
            if not group:  # the journal could not even be held
                come_so_far()
            _each_by_itself(group, problem)
        else:
            for one, said in zip(group, answers, strict=True):
                one.answers = said


def _each_by_itself(group: list[_Push], problem: Exception) -> None:
    """So that what one of them meets is not the others' trouble."""
    if len(group) == 1:
        group[0].problem = problem
        return
    for one in group:
        try:
            one.answers = receive_all(lambda one=one: [one.given])[0]  # type: ignore[misc]
        except Exception as own:
            one.problem = own
