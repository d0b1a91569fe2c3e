"""Daily exports without changes: what is found between them, in any order of arrival, and how little of it is kept."""

from __future__ import annotations

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from backend.core.clock import now
from backend.registry import as_of, exports, queries
from backend.registry.models import AsOfFlag, ChangeRow, Comparison, FullDifference, FullRow, RegisterFile
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, change, person, read, rewrite, write

pytestmark = pytest.mark.django_db
COLUMNS = CHANGE[:17]
T = date(2026, 11, 10)
BEFORE = [person(str(number)) for number in range(1001, 1008)]


def with_changes(**changes: dict[str, str] | None) -> list[dict[str, str]]:
    """The people of BEFORE, with what `n1001={…}` says of each; None: not there any more."""
    rows = [{**row, **(changes.get(f"n{row['宛名番号']}") or {})} for row in BEFORE]
    return [row for row in rows if changes.get(f"n{row['宛名番号']}", {}) is not None]


MOVED = {"住所": "大浜市東町９番地"}
NEWCOMERS = [
    person("2001", birth="2026-11-05"),
    {**person("2002"), "異動事由": "転入", "異動年月日": "2026-11-09"},
]
ON_THE_DAY = [
    *with_changes(
        n1001={**MOVED, "異動事由": "転居", "異動年月日": "2026-11-09"},
        n1002=MOVED,
        n1003={"氏名": "浜野 一郎"},
        n1004=None,
        n1005={"続柄": "子"},
        n1006={"世帯番号": "777"},
        n1007={"生年月日": "1970-01-03"},
    ),
    *NEWCOMERS,
]
LATER = [row for row in ON_THE_DAY if row["宛名番号"] != "1002"]
FILES = {"2026-11-08": BEFORE, "2026-11-10": ON_THE_DAY, "2026-11-12": LATER}


def take(folder: Path, day: str, rows: list[dict[str, str]], *more: object) -> dict:
    return take_full(write(folder / f"{day}.csv", rows, COLUMNS), day, *more)[1]


def found(day: str = "2026-11-10") -> dict[str, tuple[str, str]]:
    rows = ChangeRow.objects.filter(comparison__ended_by=None, comparison__later__as_of=day)
    return {row.atena_no: (row.reason, row.effective) for row in rows}


def register(day: date = T, code: str = "2026", known_at=None) -> list[tuple]:
    revision = as_of.rebuild(code=code, day=day, by=None, known_at=known_at, whole=True)
    return list(queries.as_of_rows(revision, order="person"))


@pytest.fixture(params=["whole", "differences"])
def kept(request, monkeypatch):
    """Small files are kept whole; here also as large ones are."""
    if request.param == "differences":
        monkeypatch.setattr(exports, "SMALL", 0)
        monkeypatch.setattr(exports, "TOO_DIFFERENT", 0)
    return request.param


def test_what_happened_is_guessed_from_what_differs(tmp_path, kept):
    for day, rows in FILES.items():
        take(tmp_path, day, rows)
    assert found() == {
        "1001": ("転居", "2026-11-09"),
        "1002": ("転居", "2026-11-10"),
        "1003": ("氏名変更", "2026-11-10"),
        "1004": ("職権消除", "2026-11-10"),
        "1005": ("世帯主変更", "2026-11-10"),
        "1006": ("世帯合併", "2026-11-10"),
        "1007": ("職権修正", "2026-11-10"),
        "2001": ("出生", "2026-11-10"),
        "2002": ("転入", "2026-11-09"),
    }
    assert found("2026-11-12") == {"1002": ("職権消除", "2026-11-12")}
    assert ChangeRow.objects.get(atena_no="1004").address == BEFORE[3]["住所"], "the row as it last stood"
    assert (FullDifference.objects.count() > 0) == (kept == "differences")


def test_the_register_of_the_day_and_its_flags(tmp_path, kept):
    for day, rows in FILES.items():
        take(tmp_path, day, rows)
    rows = {row[0]: row for row in register()}
    assert set(rows) == {*(row["宛名番号"] for row in BEFORE), "2001", "2002"}, "who is missing on the day was there"
    assert rows["1001"][9] == rows["1002"][9] == "大浜市東町９番地"
    flags = set(AsOfFlag.objects.filter(code__in=["day_by_comparing", "not_in_export"]).values_list("code", "atena_no"))
    assert ("not_in_export", "1004") in flags
    assert ("day_by_comparing", "1002") in flags
    assert ("day_by_comparing", "1001") not in flags
    assert ("not_in_export", "1002") not in flags, "that was after the day"
    after = {row[0] for row in register(date(2026, 11, 13), "2027")}
    assert after == {row["宛名番号"] for row in LATER}


@pytest.mark.parametrize("order", list(permutations(FILES)))
def test_any_order_of_arrival_gives_the_same(tmp_path, kept, order):
    for day in order:
        take(tmp_path, day, FILES[day])
    assert found()["1002"] == ("転居", "2026-11-10")
    assert found("2026-11-12") == {"1002": ("職権消除", "2026-11-12")}
    assert Comparison.objects.filter(ended_by=None).count() == 2
    rows = {row[0]: (row[2], row[9], row[1]) for row in register()}
    assert rows["1003"][0] == "浜野 一郎"
    assert rows["1006"][2] == "777"
    assert set(rows) == {*(row["宛名番号"] for row in BEFORE), "2001", "2002"}


def test_what_was_known_stays_known(tmp_path, kept):
    take(tmp_path, "2026-11-08", BEFORE)
    take(tmp_path, "2026-11-12", LATER)
    moment, then = now(), register()
    take(tmp_path, "2026-11-10", ON_THE_DAY)
    assert register(code="2028") != then
    assert register(code="2029", known_at=moment) == then


def test_the_vendors_own_changes_are_believed(tmp_path, kept):
    first = write(
        tmp_path / "c.csv", [change("1002", effective="2026-11-09", processed_at="2026-11-09T10:00:00+09:00")], CHANGE
    )
    take(tmp_path, "2026-11-08", BEFORE)
    take(tmp_path, "2026-11-10", ON_THE_DAY)
    assert found()
    take_changes(first)
    assert found() == {}
    take(tmp_path, "2026-11-12", LATER)
    assert found("2026-11-12") == {"1002": ("職権消除", "2026-11-12")}


def test_who_could_not_be_read_is_not_gone(tmp_path, kept):
    take(tmp_path, "2026-11-08", BEFORE)
    said = take(tmp_path, "2026-11-10", with_changes(n1003={"生年月日": "1970-02-30"}))
    assert said["set_aside"] == 1
    assert found() == {}
    take(tmp_path, "2026-11-12", with_changes(n1003=MOVED))
    assert found("2026-11-12") == {"1003": ("転居", "2026-11-12")}
    aside = Path(said["files"][0]["set_aside_file"])
    assert len(read(aside)) == 1
    rewrite(aside, lambda row: row.update(生年月日="1970-01-02", 住所="大浜市東町９番地"))
    assert take_full(aside, "2026-11-10", "--corrects")[1]["accepted"] == 1
    assert (found(), found("2026-11-12")) == ({"1003": ("転居", "2026-11-10")}, {})


def test_a_torn_export_empties_no_town(tmp_path, kept):
    many = [person(str(number)) for number in range(1, 121)]
    take(tmp_path, "2026-11-08", many)
    take(tmp_path, "2026-11-10", many[:60])
    assert found() == {}
    assert Comparison.objects.get().torn


def test_thirty_exports_are_not_thirty_times_the_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(exports, "SMALL", 0)
    many = [person(str(number)) for number in range(1, 201)]
    for day in range(1, 11):
        many[day] = {**many[day], "住所": f"大浜市東町{day}番地"}
        take(tmp_path, f"2026-11-{day:02}", many)
    assert FullRow.objects.count() == 200
    assert FullDifference.objects.count() == sum(range(1, 10))
    assert ChangeRow.objects.count() == 9
    assert {row[9] for row in register(date(2026, 11, 6))} == {
        "大浜市西町１番地",
        *(f"大浜市東町{n}番地" for n in range(1, 7)),
    }
    assert RegisterFile.objects.get(as_of="2026-11-05").whole, "what a register starts from is made whole"
    assert take(tmp_path, "2026-11-10", many)["files"][0]["again"]
