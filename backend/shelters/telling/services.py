"""Writing down what a call or a visit brought. Part of the room's services: the caller has begun, and found the people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.errors import Refused
from backend.journal.services import Draft, record_many

from ..queries import staying
from .rules import HOW, RESULTS, STATUSES, Told

RIGHT = "contacts.write"
BY_CALL = "聞き取りによる"  # the note of a departure that was told of, by which it is taken back with what was told


def understood(said: Mapping[str, Any]) -> Told:
    """What a form brought (`Told`'s fields). `Refused` with the fields to choose in."""
    told = Told(**said)
    if not told.how and not told.status:
        raise Refused(
            "いまの居場所か、連絡のしかたと結果を選んでください。", fields={"status": "どちらかを選んでください。"}
        )
    if told.status and told.status not in STATUSES:
        raise Refused("居場所を選び直してください。", fields={"status": "選び直してください。"})
    if told.how and told.how not in HOW:
        raise Refused("連絡のしかたを選び直してください。", fields={"how": "選び直してください。"})
    if told.how and told.result not in RESULTS:
        raise Refused("連絡の結果を選んでください。", fields={"result": "選んでください。"})
    return told


def write(
    by: Staff | None,
    people: Mapping[UUID, dict[str, str]],
    told: Told,
    at: datetime,
    *,
    first: Sequence[Draft] = (),
) -> int:
    """The same of each of these people (id -> how entries name them), after the entries `first` that make them known.

    Returns how many of them left a shelter by it.
    """
    return write_all(by, [(people, told, at)], first=first)


def write_all(
    by: Staff | None,
    tellings: Iterable[tuple[Mapping[UUID, dict[str, str]], Told, datetime]],
    *,
    first: Sequence[Draft] = (),
) -> int:
    """What was told of several people, each time (people, what, when), as one act.

    Whoever is still registered in a shelter leaves it by this: everybody has one current place. Returns how many did.
    """
    tellings, drafts = list(tellings), list(first)
    leaving = {pk for people, told, _ in tellings if told.departure for pk in people}
    inside = {event.evacuee: event for event in staying(evacuees=leaving)} if leaving else {}
    there = len(inside)
    for people, told, at in tellings:
        for pk in people if told.departure else ():
            if pk in inside and inside[pk].occurred_at <= at:
                said = {"opening": str(inside.pop(pk).opening), "person": people[pk], "note": BY_CALL}
                drafts.append(Draft("stay.left", said | told.departure, at))
        for person in people.values():
            if told.contact:
                drafts.append(Draft("contact.made", {"person": person} | told.contact, at))
            if told.whereabouts:
                drafts.append(Draft("person.status", {"person": person} | told.whereabouts, at))
    record_many(drafts=drafts, by=by)
    return there - len(inside)
