"""The rebuild of a whole small register by the rules alone, from rows as a file has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from backend.core.clock import end_of_day, tokyo_date
from backend.core.dates import parse_date
from backend.registry import household_rules, layout, rules

FileRow = dict[str, str]


def register_as_of(
    full: Iterable[FileRow], changes: Iterable[FileRow], base_day: date, day: date
) -> dict[str, rules.Standing]:
    """宛名番号 -> how each person of the export or of a row of change stands as of `day`."""
    exported = {row["宛名番号"]: _values(row) for row in full}
    chains: dict[str, list[rules.Row]] = {}
    for row in changes:
        chains.setdefault(row["宛名番号"], []).append(_rule_row(row))
    standings = {
        number: rules.stand(
            number, rules.Base(exported.get(number), base_day, end_of_day(base_day), base_day >= day), chain, day
        )
        for number, chain in chains.items()
    }
    household_rules.keep_households_of_the_dead(standings, day)
    still: dict[str, list[rules.Values]] = {}
    for number, values in exported.items():
        if number not in standings:
            still.setdefault(values["household_no"] or "", []).append(values)
    wanted = household_rules.households_to_look_at(standings)
    household_rules.place_late_entries(standings, {number: still[number] for number in wanted if number in still}, day)
    for number, values in exported.items():
        standings.setdefault(number, rules.Standing(number, True, values))
    return standings


def _values(row: FileRow) -> rules.Values:
    return {column: row.get(layout.JAPANESE[column]) for column in rules.COLUMNS}


def _rule_row(row: FileRow) -> rules.Row:
    effective, moment = parse_date(row["異動年月日"]), datetime.fromisoformat(row["処理日時"])
    return rules.Row(
        _values(row),
        row["異動事由"],
        effective.first_day or date.min,
        effective.last_day or date.max,
        moment,
        tokyo_date(moment),
        row["処理連番"],
    )
