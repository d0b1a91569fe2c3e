"""Households as of the day: what the rules of single persons leave to decide between the people of one house.

In a household with a death on the day a change of head that day is not applied, and who was entered only afterwards
stands where the family stood on the day. Pure functions, as in `rules`.
"""

from __future__ import annotations

from datetime import date

from .rules import HOUSEHOLD, PLACE, REGISTERED, Standing, Values


def keep_households_of_the_dead(standings: dict[str, Standing], day: date) -> None:
    """In a household with a death on the day, a change of head or household in force that day is not applied."""
    mourning = {s.value_at("household_no", day, without=day) for s in standings.values() if s.died_on_day}
    mourning.discard("")
    for standing in standings.values():
        if not mourning or standing.value_at("household_no", day, without=day) not in mourning:
            continue
        for column in HOUSEHOLD:
            kept = standing.value_at(column, day, without=day)
            if kept != standing.values[column]:
                standing.values[column] = kept
                standing.flags.add(("household_change_on_day", ""))


def households_to_look_at(standings: dict[str, Standing]) -> set[str]:
    """The households of those entered late: `place_late_entries` wants everybody of the export who is in them."""
    return {s.values["household_no"] or "" for s in standings.values() if s.registered and s.entered_after} - {""}


def place_late_entries(standings: dict[str, Standing], unchanged: dict[str, list[Values]], day: date) -> None:
    """Who was entered only after the day stands where the family stood on the day, not where it moved since.

    `unchanged`: household number -> people of the export without any row of change. A newborn whose family is spread
    over several households is left without one (世帯未定), for a clerk to decide.
    """
    late = [s for s in standings.values() if s.registered and s.entered_after]
    wanted = {s.values["household_no"] for s in late}
    by_household: dict[str, list[Standing]] = {}
    for standing in standings.values():
        if not standing.registered:
            continue
        later = standing.taken_after("household_no", day)
        for number in ({standing.values["household_no"]} | later) & wanted:
            by_household.setdefault(number or "", []).append(standing)
    placements = [
        placement
        for standing in late
        if (placement := _place(standing, by_household, unchanged.get(standing.values["household_no"] or "", []), day))
    ]
    for standing, values, flag in placements:
        standing.values.update(values)
        standing.flags.add((flag, ""))


def _place(
    person: Standing, by_household: dict[str, list[Standing]], still: list[Values], day: date
) -> tuple[Standing, Values, str] | None:
    number = person.values["household_no"] or ""
    others = [
        s
        for s in by_household.get(number, [])
        if s is not person and _reliable(s, day) and _in_it(s, number, person, day)
    ]
    if not others:
        return None
    moved_in = [s for s in others if s.values["household_no"] != number]
    moved_house = [
        s for s in others if person.values["address"] in s.taken_after("address", day) and not _same_place(s, person)
    ]
    if not moved_in and not moved_house:
        return None
    if still or (len(moved_in) < len(others) and len(moved_house) < len(others)):
        # Somebody was there all along: the row may be right. Said, because the family has moved since.
        return person, {}, "entered_late_unsure"
    stood = moved_in if len(moved_in) == len(others) else moved_house
    numbers = {s.values["household_no"] for s in stood}
    if len(numbers) > 1:
        return person, {"household_no": ""}, "household_undecided"
    heads = [s for s in stood if s.values["relationship"] == "世帯主"]
    place = (heads or sorted(stood, key=lambda s: s.atena_no))[0]
    values: Values = {"household_no": numbers.pop(), **{column: place.values[column] for column in PLACE}}
    return person, values, "entered_late"


def _in_it(standing: Standing, number: str, person: Standing, day: date) -> bool:
    """Whether they were in the household when `person` was entered: not gone from it since the day."""
    if person.entered_at is None or number in standing.taken_after("household_no", day):
        return True
    changes = (*standing.statements.get("household_no", ()), *standing.statements.get(REGISTERED, ()))
    return not any(
        s.force >= day and s.value not in (number, True) and s.processed_at < person.entered_at for s in changes
    )


def _reliable(standing: Standing, day: date) -> bool:
    """Whether we know where they stood on the day: not somebody who was entered late and never moved since."""
    if not standing.entered_after:
        return True
    return any(standing.taken_after(column, day) for column in ("household_no", "address"))


def _same_place(one: Standing, other: Standing) -> bool:
    return (one.values["address"], one.values["building"]) == (other.values["address"], other.values["building"])
