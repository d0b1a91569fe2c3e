"""Statements written by hand, for what is asked many times a second: the same text on both databases.

Tables and columns are the program's own, every value is a parameter. UUIDs are given as they are; of a row's UUID
`uuid_of` makes one whatever the database gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from django.db import connection


def fetch(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """All rows. A list or a set among the parameters stands for `(%s, %s, …)`: one mark for it in the statement."""
    with connection.cursor() as cursor:
        cursor.execute(*_written(statement, params))
        return cursor.fetchall()


def run(statement: str, *params: Any) -> None:
    send(*_written(statement, params))


def send(statement: str, values: list[Any]) -> None:
    """A statement that answers nothing, written for this database: at once, or with others (see `in_one_trip`)."""
    waiting = _TRIP.get()
    if waiting is None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
    else:
        waiting.append((statement, values))


@contextmanager
def in_one_trip() -> Iterator[None]:
    """What is sent inside goes to PostgreSQL along with the next statement that asks something, or together at the end:
    each way there and back costs as much as a small statement.

    The order stays, so whoever asks finds what was sent before. An error shows with the statement that takes it along,
    and ends the caller's transaction as ever.
    """
    if connection.vendor != "postgresql" or _TRIP.get() is not None:
        yield
        return
    token = _TRIP.set([])
    try:
        with connection.execute_wrapper(_along):
            yield
            settle()
    finally:
        _TRIP.reset(token)


def settle() -> None:
    """Let what waits go now: before the driver is asked directly."""
    if waiting := _TRIP.get():
        last, said = waiting.pop()
        with connection.cursor() as cursor:
            cursor.execute(last, said)  # takes the others along


def _along(execute: Callable[..., Any], statement: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
    """Another statement, with what waits in front of it."""
    waiting = _TRIP.get()
    if not waiting:
        return execute(statement, values, many, context)
    before, said = "; ".join(text for text, _ in waiting), [value for _, them in waiting for value in them]
    waiting.clear()
    if many or isinstance(values, dict) or getattr(context["cursor"].cursor, "name", None):
        with connection.cursor() as cursor:
            cursor.execute(before, said)
        return execute(statement, values, many, context)
    text = statement if values is not None else statement.replace("%", "%%")
    return execute(f"{before}; {text}", [*said, *(values or ())], many, context)


_TRIP: ContextVar[list[tuple[str, list[Any]]] | None] = ContextVar("trip", default=None)


def uuid_of(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _written(statement: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """Lists spread out, UUIDs as this database holds them."""
    hold = (lambda key: key.hex) if connection.vendor == "sqlite" else str
    pieces, values = statement.split("%s"), []
    marks = [""]
    for value in params:
        if isinstance(value, (list, set, tuple)):
            values += [hold(one) if isinstance(one, UUID) else one for one in value]
            marks.append("(" + ", ".join(["%s"] * len(value)) + ")" if value else "(NULL)")
        else:
            values.append(hold(value) if isinstance(value, UUID) else value)
            marks.append("%s")
    return "".join(mark + piece for mark, piece in zip(marks, pieces, strict=True)), values
