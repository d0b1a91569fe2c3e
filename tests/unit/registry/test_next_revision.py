"""A next revision looks only at those whom late rows can touch, and says the same as one made from nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pytest

from backend.core.clock import frozen
from backend.registry import as_of, latecomers, queries, rules
from backend.registry.models import AsOfDifference, AsOfFlag, AsOfRevision, RegisterFile
from backend.registry.services import Taken, take_file
from backend.registry.set_aside import write_set_aside_rows
from fixtures.clerk import Simulation, simulate
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, FULL, Row, change, person, read, write

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 18)


def make(code: str, **said) -> AsOfRevision:
    return as_of.rebuild(code=code, day=DAY, by=None, **said)


def content(revision: AsOfRevision) -> dict[str, object]:
    """All that a revision says."""
    flags = AsOfFlag.objects.filter(revision=revision).values_list("code", "atena_no", "household_no", "detail")
    fields = ["atena_no", "registered", *rules.COLUMNS, "changed_on", "changed_by", "removed_on", "removed_by"]
    own = AsOfDifference.objects.filter(revisions=revision.code, until_revision=None).values_list(*fields)
    return {
        "rows": list(queries.as_of_rows(revision, order="person")),
        "flags": sorted(flags),
        "own rows": sorted(own, key=lambda row: row[0]),
        "counts": (revision.persons, revision.flagged),
    }


def taken_in_any_order(simulation: Simulation, folder: Path, rng: Random) -> Iterator[None]:
    """Files, and corrections of the rows that were spoilt in them, in an order of chance; a step each."""
    files: list[tuple[str, list[Row]]] = [("full", simulation.full_rows)]
    files += [("change", rows) for rows in simulation.change_files if rows]
    rng.shuffle(files)
    waiting: list[tuple[str, list[Row], Taken]] = []
    for n, (kind, rows) in enumerate(files):
        spoilt = {"full": "氏名", "change": "異動事由"}[kind]
        written = [{**row, spoilt: ""} if rng.random() < 0.2 else row for row in rows]
        path = write(folder / f"{n}.csv", written, FULL if kind == "full" else CHANGE)
        day = simulation.base_day if kind == "full" else None
        if all(row[spoilt] == "" for row in written):
            continue
        got = take_file(path=path, kind=kind, as_of=day, by=None)
        waiting.append((kind, rows, got))
        yield
        if rng.random() < 0.5:
            correct(*waiting.pop(rng.randrange(len(waiting))), folder)
            yield
    while waiting:
        correct(*waiting.pop(rng.randrange(len(waiting))), folder)
        yield


def correct(kind: str, rows: list[Row], got: Taken, folder: Path) -> None:
    if not got.set_aside:
        return
    path = folder / f"corrected-{got.file.pk}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        write_set_aside_rows(file, got.set_aside, got.set_aside_origin)
    put_right = [{**row, **rows[int(row["行番号"]) - 2]} for row in read(path)]
    write(path, put_right, put_right[0])
    take_file(path=path, kind=kind, by=None, corrects=True)


@pytest.mark.parametrize("seed", range(10))
def test_step_by_step_it_says_what_a_rebuild_from_nothing_says(seed, tmp_path):
    simulation = simulate(Random(seed), people=[8, 20, 40][seed % 3], unsettled=seed % 2 == 0)
    steps = 0
    for n, _ in enumerate(taken_in_any_order(simulation, tmp_path, Random(seed))):
        if not RegisterFile.objects.filter(kind="full").exists():
            continue
        last = make("2026")
        steps += 1
        if n % 4 == 0:
            assert content(last) == content(make(f"{n:04}", whole=True))
    assert steps > 5
    assert content(last) == content(make("9999"))


def test_only_those_are_looked_at_whom_the_new_rows_can_touch(tmp_path, monkeypatch):
    take_full(write(tmp_path / "full.csv", [person(f"{n}", household_no=f"{500 + n // 2}") for n in range(100, 120)]))
    take_changes(
        write(tmp_path / "1.csv", [change("101", household_no="550"), change("110", household_no="555")], CHANGE)
    )
    make("2026")
    take_changes(write(tmp_path / "2.csv", [change("100", "世帯合併", household_no="550")], CHANGE))
    stood = []
    real = rules.stand
    monkeypatch.setattr(as_of.rules, "stand", lambda number, *rest: (stood.append(number), real(number, *rest))[1])
    make("2026")
    assert sorted(stood) == ["100", "101"]


def test_nothing_new_gives_a_revision_that_says_the_same(tmp_path):
    take_full(write(tmp_path / "full.csv", [person(), person("1002", relationship="妻", birth="")]))
    first = make("2026")
    said = content(first)
    second = make("2026")
    assert (second.number, content(second)) == (2, said)


def test_a_file_that_was_on_its_way_while_the_last_one_was_made_is_not_forgotten(tmp_path):
    """It was received before that revision, but not to be seen yet."""
    take_full(write(tmp_path / "full.csv", [person()]))
    with frozen("2026-12-01T10:00:05+09:00"):
        make("2026")
    with frozen("2026-12-01T10:00:00+09:00"):
        take_changes(write(tmp_path / "1.csv", [change(name="高橋 太郎")], CHANGE))
    with frozen("2026-12-01T11:00:00+09:00"):
        revision = make("2026")
    assert [row[2] for row in queries.as_of_rows(revision, order="person")] == ["高橋 太郎"]


def test_another_export_as_base_or_an_earlier_moment_has_everybody_looked_at(tmp_path):
    with frozen("2026-11-20T09:00:00+09:00"):
        take_full(write(tmp_path / "full.csv", [person()]))
        first = make("2026")
    with frozen("2026-11-21T09:00:00+09:00"):
        take_full(write(tmp_path / "newer.csv", [person(), person("1002")]), "2026-11-10")
        second = make("2026")
        again = make("2026", known_at=first.known_at)
    assert latecomers.since(first, second) is None
    assert latecomers.since(second, again) is None
    assert [first.persons, second.persons, again.persons] == [1, 2, 1]
