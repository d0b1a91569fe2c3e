"""A simulated clerk, who knows the truth, against the rebuild, which sees only the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.clock import TOKYO, frozen
from backend.registry import as_of, queries, rules
from backend.registry.models import AsOfFlag, AsOfRevision, RegisterFile
from backend.registry.services import take_file
from fixtures.clerk import Simulation, simulate
from tests.unit.registry.files import CHANGE, FULL, write
from tests.unit.registry.rebuilt import register_as_of

seeds = st.integers(0, 10**9)
AT = datetime(2026, 12, 1, tzinfo=TOKYO)
SHOWN = FULL[:13]  # protection is not rebuilt


def wrong_and_unsaid(register: dict[str, tuple[dict[str, str], bool]], truth: dict[str, dict[str, str]]) -> list[str]:
    """宛名番号 of who is in the register and not so in truth, without a flag. `register`: row and whether flagged."""
    differ = [
        number
        for number in {*register, *truth}
        if number not in truth
        or number not in register
        or any(register[number][0][c] != truth[number][c] for c in SHOWN)
    ]
    return [number for number in differ if number not in register or not register[number][1]]


def by_the_rules(simulation: Simulation) -> dict[str, tuple[dict[str, str], bool]]:
    changes = [row for file in simulation.change_files for row in file]
    standings = register_as_of(simulation.full_rows, changes, simulation.base_day, simulation.disaster_day)
    return {
        number: (
            dict(zip(SHOWN, [number, *(v or "" for v in standing.values.values())], strict=True)),
            bool(standing.flags),
        )
        for number, standing in standings.items()
        if standing.registered
    }


@settings(max_examples=500, deadline=None, derandomize=True)
@given(seed=seeds, people=st.sampled_from([3, 8, 8, 20]), mistakes=st.booleans(), unsettled=st.booleans())
def test_nobody_who_was_there_is_missing_and_what_is_wrong_is_flagged(seed, people, mistakes, unsettled):
    simulation = simulate(Random(seed), people=people, mistakes=mistakes, unsettled=unsettled)
    assert wrong_and_unsaid(by_the_rules(simulation), simulation.truth) == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=seeds, base=st.integers(1, 29), unsettled=st.booleans())
def test_so_it_is_however_long_ago_the_export_was_made(seed, base, unsettled):
    simulation = simulate(
        Random(seed), base_day=date(2026, 11, 30 - base), disaster_day=date(2026, 11, 30), unsettled=unsettled
    )
    assert wrong_and_unsaid(by_the_rules(simulation), simulation.truth) == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=seeds)
def test_only_those_are_guessed_at_of_whom_the_rows_do_not_tell(seed):
    simulation = simulate(Random(seed), unsettled=True)
    register = by_the_rules(simulation)
    wrong = {n for n in {*register, *simulation.truth} if n not in simulation.truth or n not in register}
    wrong |= {n for n in register if n not in wrong and any(register[n][0][c] != simulation.truth[n][c] for c in SHOWN)}
    assert wrong <= simulation.flags_expected


def exported(simulation: Simulation, day: date) -> list[dict[str, str]]:
    """The export that the clerk's register would give at the end of another day."""
    register = {row["宛名番号"]: row for row in simulation.full_rows}
    removed: dict[str, str] = {}
    last, here = simulation.base_day.isoformat(), day.isoformat()
    for row in (row for file in simulation.change_files for row in file):
        number, known = row["宛名番号"], row["処理日時"][:10] <= last
        if row["処理日時"][:10] > here:
            continue
        if row["異動事由"] in rules.REMOVALS:
            older = row["住民となった日"] != register.get(number, row)["住民となった日"]  # they are back since
            if not older and not (known and row["異動年月日"] <= last):
                removed[number] = row["異動年月日"]
            continue
        if not known:
            register[number] = {name: row[name] for name in FULL}
        if row["異動事由"] in rules.CANCELLATIONS | rules.ENTRIES:
            removed.pop(number, None)
    return [row for number, row in register.items() if removed.get(number, "9999") > here]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(seed=seeds, after=st.integers(0, 12))
def test_with_an_export_of_after_the_day_nobody_who_was_there_is_missing(seed, after):
    simulation = simulate(Random(seed))
    day = simulation.disaster_day + timedelta(days=after)
    late = replace(simulation, full_rows=exported(simulation, day), base_day=day)
    register = by_the_rules(late)
    assert set(simulation.truth) <= set(register)


# Through the database ---------------------------------------------------------------------------------------------


def taken(simulation: Simulation, folder: Path, rng: Random) -> Iterator[None]:
    """Take the simulation's files in an order of chance; a step each."""
    full = write(folder / "full.csv", simulation.full_rows)
    files = [write(folder / f"{n}.csv", rows, CHANGE) for n, rows in enumerate(simulation.change_files) if rows]
    order = [full, *files]
    rng.shuffle(order)
    for path in order:
        if path is full:
            take_file(path=path, kind="full", as_of=simulation.base_day, by=None)
        else:
            take_file(path=path, kind="change", by=None)
        yield


def rebuilt(simulation: Simulation, code: str) -> AsOfRevision:
    return as_of.rebuild(code=code, day=simulation.disaster_day, by=None)


def stored(revision: AsOfRevision) -> dict[str, tuple[dict[str, str], bool]]:
    flagged = set(AsOfFlag.objects.filter(revision=revision).values_list("atena_no", flat=True))
    rows = queries.as_of_rows(revision, order="person")
    return {row[0]: (dict(zip(SHOWN, (v or "" for v in row), strict=False)), row[0] in flagged) for row in rows}


def flags(revision: AsOfRevision) -> list[tuple[str, ...]]:
    return sorted(AsOfFlag.objects.filter(revision=revision).values_list("code", "atena_no", "household_no", "detail"))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_through_the_database_nobody_is_missing_and_what_is_wrong_is_flagged(seed, tmp_path):
    simulation = simulate(Random(seed), people=25, unsettled=seed % 2 == 0)
    for _ in taken(simulation, tmp_path, Random(seed)):
        pass
    revision = rebuilt(simulation, "2026")
    register = stored(revision)
    assert {n: row for n, (row, _) in register.items()} == {n: row for n, (row, _) in by_the_rules(simulation).items()}
    assert wrong_and_unsaid(register, simulation.truth) == []


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_arrival_gives_the_same_register(seed, tmp_path):
    simulation = simulate(Random(seed), people=12, days=20, unsettled=True)
    results = []
    for order in range(3):
        forget()
        for _ in taken(simulation, tmp_path, Random(order)):
            pass
        revision = rebuilt(simulation, "2026")
        results.append((list(queries.as_of_rows(revision, order="person")), flags(revision)))
    assert results[0] == results[1] == results[2]


def forget() -> None:
    from backend.registry import models

    for model in (models.AsOfFlag, models.AsOfDifference, models.AsOfRevision, models.SetAsideRow):
        model.objects.all().delete()
    models.ChangeRow.objects.all().delete()
    models.FullRow.objects.all().delete()
    RegisterFile.objects.all().delete()


@pytest.mark.django_db
def test_a_revision_made_step_by_step_equals_one_made_at_once(tmp_path):
    """Every file that comes makes a new revision; the last says the same as the only one of another disaster."""
    simulation = simulate(Random(5), people=15)
    for _ in taken(simulation, tmp_path, Random(1)):
        if RegisterFile.objects.filter(kind="full").exists():
            last = rebuilt(simulation, "2026")
    once = rebuilt(simulation, "9999")
    assert stored(last) == stored(once)
    assert flags(last) == flags(once)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_every_revision_stays_as_it_was(seed, tmp_path):
    simulation = simulate(Random(seed), people=15)
    seen = []
    for _ in taken(simulation, tmp_path, Random(seed)):
        if RegisterFile.objects.filter(kind="full").exists():
            revision = rebuilt(simulation, "2026")
            seen.append((revision, stored(revision), flags(revision)))
    assert len(seen) > 1
    for revision, register, said in seen:
        assert (stored(revision), flags(revision)) == (register, said)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_as_known_at_a_moment_is_what_was_known_then(seed, tmp_path):
    """A later file changes today's answer and not yesterday's."""
    simulation = simulate(Random(seed), people=15)
    moments, known = [], []
    steps = taken(simulation, tmp_path, Random(seed))
    for hour in range(len([rows for rows in simulation.change_files if rows]) + 1):
        moment = AT.replace(hour=hour % 24, day=1 + hour // 24)
        with frozen(moment):
            next(steps)
            if RegisterFile.objects.filter(kind="full").exists():
                moments.append(moment)
                known.append(stored(rebuilt(simulation, "2026")))
    again = [as_of.rebuild(code="2026", day=simulation.disaster_day, by=None, known_at=moment) for moment in moments]
    assert [stored(revision) for revision in again] == known
    assert any(one != known[-1] for one in known)
