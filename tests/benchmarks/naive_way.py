"""From the files to a ledger as a Django developer would write it first, into the product's own tables.

`python -m tests.benchmarks.naive_way FULL DAY CODE OCCURRED_AT CHANGE…`: prints the seconds of its steps as JSON.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import transaction  # noqa: E402

from backend.core.check_digits import format_disaster_number  # noqa: E402
from backend.core.clock import end_of_day, tokyo_date  # noqa: E402
from backend.core.dates import parse_date  # noqa: E402
from backend.ledger.models import Disaster, Household, Person  # noqa: E402
from backend.ledger.search_keys import search_keys  # noqa: E402
from backend.registry import household_rules, layout, rules  # noqa: E402
from backend.registry.models import ChangeRow, FullRow, RegisterFile, SetAsideRow  # noqa: E402

BATCH = 5000
Values = dict[str, Any]


@lru_cache(maxsize=100_000)
def iso(text: str) -> str:
    return parse_date(text).iso if text else ""


class Reader:
    """Rows of a file as values of our columns; bad ones are put aside."""

    def __init__(self, path: Path, file: RegisterFile) -> None:
        self.path, self.file = path, file
        self.aside: list[SetAsideRow] = []
        self.rows = 0

    def __iter__(self) -> Iterator[tuple[int, Values]]:
        with self.path.open(encoding="utf-8-sig", newline="") as source:
            for line_no, record in enumerate(csv.DictReader(source), 2):
                self.rows += 1
                values = {layout.COLUMNS[name]: text for name, text in record.items()}
                reasons = self.check(values)
                if reasons:
                    self.put_aside(line_no, record, reasons)
                else:
                    yield line_no, values

    def check(self, values: Values) -> list[str]:
        reasons = []
        for column in ("atena_no", "household_no"):
            if not values[column].isdigit() or len(values[column]) > 15:
                reasons.append(f"{column}: no number")
        if not values["name"].strip():
            reasons.append("name: empty")
        for column in ("birth", "resident_since", "protection_until"):
            try:
                values[column] = iso(values[column])
            except ValueError as error:
                reasons.append(f"{column}: {error}")
        for column, codes in layout.CODES.items():
            if values[column] not in codes:
                reasons.append(f"{column}: unknown code")
        return reasons

    def put_aside(self, line_no: int, record: dict[str, str], reasons: list[str]) -> None:
        self.aside.append(SetAsideRow(file=self.file, line_no=line_no, reasons=reasons, values=record))

    def close(self, accepted: int) -> None:
        SetAsideRow.objects.bulk_create(self.aside, batch_size=BATCH)
        self.file.rows, self.file.accepted, self.file.set_aside = self.rows, accepted, len(self.aside)
        self.file.unchanged = self.rows - accepted - len(self.aside)
        self.file.save()


def new_file(path: Path, kind: str, as_of: date | None = None) -> RegisterFile:
    counts = dict.fromkeys(("rows", "accepted", "unchanged", "pending", "set_aside"), 0)
    fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()
    return RegisterFile.objects.create(
        kind=kind, as_of=as_of, name=path.name, fingerprint=fingerprint, size=path.stat().st_size, **counts
    )


@transaction.atomic
def take_full(path: Path, as_of: date) -> RegisterFile:
    file = new_file(path, "full", as_of)
    reader = Reader(path, file)
    seen: set[str] = set()
    rows: list[FullRow] = []
    for line_no, values in reader:
        if values["atena_no"] in seen:
            reader.put_aside(line_no, values, ["twice"])
            continue
        seen.add(values["atena_no"])
        rows.append(FullRow(file=file, line_no=line_no, **values))
        if len(rows) >= BATCH:
            FullRow.objects.bulk_create(rows)
            rows = []
    FullRow.objects.bulk_create(rows)
    reader.close(len(seen))
    return file


@transaction.atomic
def take_changes(path: Path) -> None:
    file = new_file(path, "change")
    reader = Reader(path, file)
    rows: dict[str, ChangeRow] = {}
    for line_no, values in reader:
        try:
            for column in ("effective", "notified"):
                values[column] = iso(values[column]) or "0000-00-00" * (column == "effective")
            values["processed_at"] = datetime.fromisoformat(values["processed_at"])
        except ValueError as error:
            reader.put_aside(line_no, {k: str(v) for k, v in values.items()}, [str(error)])
            continue
        if values["reason"] not in rules.REASONS:
            reader.put_aside(line_no, {k: str(v) for k, v in values.items()}, ["reason: unknown"])
            continue
        digest = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
        rows.setdefault(digest, ChangeRow(file=file, line_no=line_no, digest=digest, **values))
    known = set(ChangeRow.objects.filter(digest__in=list(rows)).values_list("digest", flat=True))
    fresh = [row for digest, row in rows.items() if digest not in known]
    ChangeRow.objects.bulk_create(fresh, batch_size=BATCH)
    reader.close(len(fresh))


def to_rule_row(row: ChangeRow) -> rules.Row:
    first, last = date.min, date.max
    if row.effective != "0000-00-00":
        partial = parse_date(row.effective)
        first, last = partial.first_day, partial.last_day  # type: ignore[assignment]
    values = {column: getattr(row, column) for column in rules.COLUMNS}
    processed = row.processed_at
    return rules.Row(values, row.reason, first, last, processed, tokyo_date(processed), row.sequence, row.line_no)


def register_of_the_day(file: RegisterFile, day: date) -> list[Values]:
    """Everybody who was registered on the day: all people in memory, the rules over those who have rows of change."""
    people = {row["atena_no"]: row for row in FullRow.objects.filter(file=file).values("atena_no", *rules.COLUMNS)}
    changes: dict[str, list[ChangeRow]] = defaultdict(list)
    for row in ChangeRow.objects.all():
        changes[row.atena_no].append(row)
    standings = {}
    for number, rows in changes.items():
        base = rules.Base(people.get(number), file.as_of, end_of_day(file.as_of))  # type: ignore[arg-type]
        standings[number] = rules.stand(number, base, [to_rule_row(row) for row in rows], day)
    household_rules.keep_households_of_the_dead(standings, day)
    wanted = household_rules.households_to_look_at(standings)
    unchanged: dict[str, list[Values]] = defaultdict(list)
    for number, person in people.items():
        if number not in standings and person["household_no"] in wanted:
            unchanged[person["household_no"]].append(person)
    household_rules.place_late_entries(standings, unchanged, day)
    for number, standing in standings.items():
        last = max(changes[number], key=lambda row: to_rule_row(row).order())
        people.pop(number, None)
        if standing.registered:
            stated = {"changed_on": last.effective, "changed_by": last.reason}
            people[number] = {"atena_no": number, **standing.values, **stated}
    return list(people.values())


@transaction.atomic
def fill_ledger(disaster: Disaster, people: list[Values]) -> tuple[int, int]:
    groups: dict[str, list[Values]] = defaultdict(list)
    for person in people:
        groups[person["household_no"] or ""].append(person)
    homes: list[Household] = []
    persons: list[Person] = []
    undecided = groups.pop("", [])
    for number, household_no in enumerate(sorted(groups, key=int), 1):
        members = sorted(groups[household_no], key=lambda p: (p["relationship"] != "世帯主", int(p["atena_no"])))
        first = members[0]
        home = Household(
            disaster=disaster,
            number=number,
            disaster_number=format_disaster_number(disaster.code, number),
            household_no=household_no,
            postal_code=first["postal_code"] or "",
            address=first["address"] or "",
            building=first["building"] or "",
        )
        homes.append(home)
        persons += [make_person(disaster, home, position, row) for position, row in enumerate(members, 1)]
    persons += [make_person(disaster, None, position, row) for position, row in enumerate(undecided, 1)]
    Household.objects.bulk_create(homes, batch_size=BATCH)
    Person.objects.bulk_create(persons, batch_size=BATCH)
    return len(homes), len(persons)


def make_person(disaster: Disaster, home: Household | None, position: int, row: Values) -> Person:
    kana, alias, address = row["kana"] or "", row["alias"] or "", row["address"] or ""
    return Person(
        disaster=disaster,
        household=home,
        position=position,
        is_head=row["relationship"] == "世帯主",
        atena_no=row["atena_no"],
        name=row["name"],
        kana=kana,
        alias=alias,
        birth=row["birth"] or "",
        sex=row["sex"] or "",
        relationship=row["relationship"] or "",
        nationality=row["nationality"] or "",
        address=address,
        building=row["building"] or "",
        changed_on=row.get("changed_on", ""),
        changed_by=row.get("changed_by", ""),
        **search_keys(name=row["name"], kana=kana, alias=alias, address=address),
    )


def main() -> None:
    full, as_of, code, occurred_at, *changes = sys.argv[1:]
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    file = take_full(Path(full), date.fromisoformat(as_of))
    seconds["full_seconds"] = time.perf_counter() - began
    began = time.perf_counter()
    for path in changes:
        take_changes(Path(path))
    seconds["changes_seconds"] = time.perf_counter() - began
    began = time.perf_counter()
    moment = datetime.fromisoformat(occurred_at)
    people = register_of_the_day(file, tokyo_date(moment))
    seconds["as_of_seconds"] = time.perf_counter() - began
    began = time.perf_counter()
    disaster = Disaster.objects.create(code=code, name="大浜沖地震", occurred_at=moment)
    households, persons = fill_ledger(disaster, people)
    seconds["ledger_seconds"] = time.perf_counter() - began
    print(json.dumps({**seconds, "households": households, "persons": persons}))


if __name__ == "__main__":
    main()
