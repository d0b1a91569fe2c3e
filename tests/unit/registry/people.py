"""A few words to tell a person's rows with, so that a test of a rule reads like the case that it is about.

`asof(base("西町1"), row("転居", "03-12", on="03-12", at="港町5"))` is 高橋 一郎 as of 2011-03-11, told by the export of
02-28 and one row of change. A row is the person's whole row: what it doesn't name is as in the base.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from backend.core.clock import TOKYO, end_of_day
from backend.core.dates import parse_date
from backend.registry import household_rules, rules

T = date(2011, 3, 11)
EXPORT_DAY = date(2011, 2, 28)
PERSON = {
    "household_no": "100",
    "name": "高橋 一郎",
    "kana": "タカハシ イチロウ",
    "alias": "",
    "birth": "1950-04-01",
    "sex": "1",
    "relationship": "世帯主",
    "postal_code": "0000001",
    "address": "西町1",
    "building": "",
    "resident_since": "1980-04-01",
    "nationality": "1",
}
SHORT = {
    "at": "address",
    "home": "household_no",
    "role": "relationship",
    "since": "resident_since",
    "post": "postal_code",
}


def values(**said: Any) -> rules.Values:
    """A whole row; `at` address, `home` household, `role` relationship, `since`; None: the file has no such column."""
    return {**PERSON, **{SHORT.get(name, name): value for name, value in said.items()}}


def day(text: str) -> date:
    """`03-11` is in the year of the case."""
    return date.fromisoformat(text if len(text) == 10 else f"2011-{text}")


def row(reason: str, on: str, processed: str | None = None, **said: Any) -> rules.Row:
    """異動事由, 異動年月日 (a death's day may be 00) and the day of processing (the same if not told)."""
    turn, sequence, line = said.pop("turn", 0), said.pop("sequence", ""), said.pop("line", 0)
    effective = parse_date(on if len(on) == 10 else f"2011-{on}")
    known = effective.first_day is not None
    moment = datetime.combine(day(processed or on), datetime.min.time(), tzinfo=TOKYO).replace(hour=9, minute=turn)
    return rules.Row(
        values(**said),
        reason,
        effective.first_day if known else date.min,
        effective.last_day if known else date.max,
        moment,
        moment.date(),
        sequence,
        line,
    )


def base(**said: Any) -> rules.Base:
    """In the export of 02-28 (or of `export`, then of the day or after it if that is so)."""
    exported = day(said.pop("export", "02-28"))
    return rules.Base(values(**said), exported, end_of_day(exported), exported >= T)


def nobody(export: str = "02-28") -> rules.Base:
    """Not in the export."""
    exported = day(export)
    return rules.Base(None, exported, end_of_day(exported), exported >= T)


def asof(told: rules.Base, *rows: rules.Row, number: str = "1") -> rules.Standing:
    """One person as of 03-11."""
    return rules.stand(number, told, list(rows), T)


def codes(standing: rules.Standing) -> set[str]:
    return {code for code, _ in standing.flags}


def town(*people: rules.Standing, unchanged: tuple[rules.Values, ...] = ()) -> list[rules.Standing]:
    """Several people together, with the rules about households; `unchanged` have no rows of change."""
    standings = {person.atena_no: person for person in people}
    still: dict[str, list[rules.Values]] = {}
    for person in unchanged:
        still.setdefault(person["household_no"] or "", []).append(person)
    household_rules.keep_households_of_the_dead(standings, T)
    household_rules.place_late_entries(standings, still, T)
    return list(people)
