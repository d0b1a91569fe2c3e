"""Lists of shelters with head counts that others keep, and the published states of a real city in them."""

import csv
import json
import os
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from backend.core.clock import TOKYO
from backend.core.errors import Refused
from backend.facilities.models import Facility, HeadCount, Opening
from backend.facilities.services import import_facilities
from backend.shelters import services
from backend.shelters.curve import queries
from backend.shelters.reports import rules
from backend.shelters.reports.services import import_head_counts

FIRST = "ID,名称,人数_令和8年11月19日午前6時時点,緯度,経度\n1,西町小学校,180,,\nNEW001,寄合い処,40,35.1,136.2\n"
SECOND = 'ID,名称,避難者数,世帯数,時点\n1,西町小学校,"1,175",70,令和8年11月19日午後6時\n'


@pytest.fixture
def lists(tmp_path, db):
    Facility.objects.create(name="西町小学校", open_data_id="1")
    for name, text in (("a.csv", FIRST), ("b.csv", SECOND)):
        (tmp_path / name).write_text(text, encoding="cp932")
    return [tmp_path / "b.csv", tmp_path / "a.csv"]


def table(*texts):
    found = queries.curve([datetime.fromisoformat(f"2026-11-19T{text}:00+09:00") for text in texts])
    return {line.name: [None if c is None else c.people for c in line.cells] for line in found.lines}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("令和6年1月9日午後6時時点", "2024-01-09T18:00+09:00"),
        ("令和６年１月９日　午前１２時３０分", "2024-01-09T00:30+09:00"),
        ("2024年1月9日18時半", "2024-01-09T18:30+09:00"),
        ("2024-01-09T18:00", "2024-01-09T18:00+09:00"),
        ("2024-01-09T18:00:00+00:00", "2024-01-09T18:00+00:00"),
    ],
)
def test_times_are_read_as_lists_write_them(text, moment):
    assert rules.read_moment(text) == datetime.fromisoformat(moment)


@pytest.mark.parametrize("text", ["あした", "令和6年2月30日午後6時", "令和6年1月9日午後13時", "令和6年1月9日25時"])
def test_times_that_cannot_be_are_told(text):
    with pytest.raises(rules.Unreadable):
        rules.read_moment(text)


def test_complete_lists_open_count_and_close_in_the_order_of_their_times(lists):
    done = import_head_counts(by=None, paths=lists, complete=True)
    assert (done["rows"], done["accepted"], done["opened"], done["closed"], done["places"]) == (3, 3, 2, 1, 1)
    assert table("06", "17", "18") == {"寄合い処": [40, 40, None], "西町小学校": [180, 180, 1175]}
    made = Facility.objects.get(open_data_id="NEW001")
    assert (made.kind, str(made.latitude)) == ("spontaneous", "35.10000000")


def test_the_same_lists_again_change_nothing_and_a_corrected_number_is_taken(lists):
    import_head_counts(by=None, paths=lists, complete=True)
    again = import_head_counts(by=None, paths=lists, complete=True)
    assert (again["accepted"], again["unchanged"], again["opened"], again["closed"]) == (0, 3, 0, 0)
    lists[1].write_text(FIRST.replace("180", "181"), encoding="utf-8")
    assert import_head_counts(by=None, paths=lists[1:], complete=True)["accepted"] == 1
    assert table("06")["西町小学校"] == [181]


def test_without_complete_nobody_is_closed(lists):
    import_head_counts(by=None, paths=lists)
    assert table("18")["寄合い処"] == [40]


def test_a_shelter_with_people_in_its_roster_is_not_closed_by_a_list(lists):
    import_head_counts(by=None, paths=lists[1:])
    opening = Opening.objects.get(facility=Facility.objects.get(open_data_id="NEW001").pk).opening
    at = datetime(2026, 11, 19, 7, tzinfo=TOKYO)
    services.check_in_new(by=None, opening=opening, details={"name": "北原 ハル"}, occurred_at=at)
    done = import_head_counts(by=None, paths=lists[:1], complete=True)
    assert "名簿に人がいる" in done["reasons"][0]["reason"]
    assert table("18")["寄合い処"] == [40]


def test_rows_that_cannot_be_taken_are_named(tmp_path, db, capsys):
    path = tmp_path / "list.csv"
    path.write_text(
        "名称,人数,時点\n,3,2026-11-19T06:00\n西町小学校,三,2026-11-19T06:00\n港公民館,5,2026-11-19T06:00\n"
    )
    with pytest.raises(SystemExit) as end:
        call_command("import_head_counts", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (end.value.code, told["status"], told["accepted"]) == (1, "set_aside", 1)
    assert [(r["line"], r["reason"]) for r in told["reasons"]] == [
        (2, "名称がありません"),
        (3, "人数が数ではありません（三）"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("名称\n西町小学校\n", "人数"),
        ("名称,人数\n西町小学校,3\n", "いつの人数か"),
        ("名称,人数,時点\n西町小学校,3,2999-01-01T00:00\n", "未来"),
    ],
)
def test_a_list_that_cannot_be_taken_changes_nothing(tmp_path, db, text, words):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=words):
        import_head_counts(by=None, paths=[path])
    assert not HeadCount.objects.exists()


# The states of a real city, as published (docs/open-data.md). -----------------------------------------------------------


@pytest.fixture(scope="module")
def states():
    folder = os.environ.get("TASUKI_OPEN_DATA")
    if not folder:
        pytest.skip("TASUKI_OPEN_DATA is not set: the published states of the Nanao shelters are not here")
    found = sorted(Path(folder).rglob("open_shelter_Nanao-shi_*.csv"))
    assert found, "TASUKI_OPEN_DATA names a folder without open_shelter_Nanao-shi_*.csv"
    return found


def published(path):
    """The numbers of one state, read here without any of our own code; and its time from the name of the file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    [column] = [name for name in rows[0] if name.startswith("人数")]
    at = datetime.strptime(path.stem.split("_")[-1], "%Y-%m-%d-%H%M").replace(tzinfo=TOKYO)
    return at, {row["ID"]: int(row[column]) for row in rows}


def test_the_published_states_of_a_real_city_come_back_exactly(db, states):
    import_facilities(by=None, path=states[0].with_name("reference_data.csv"))
    done = import_head_counts(by=None, paths=states, complete=True)
    assert (done["files"], done["set_aside"], done["unchanged"]) == (len(states), 0, 0)
    wanted = dict(map(published, states))
    assert done["accepted"] == sum(map(len, wanted.values()))
    times = sorted(wanted)
    found = queries.curve(times)
    shown = defaultdict(dict)
    for line in found.lines:
        for at, cell in zip(times, line.cells, strict=True):
            if cell is not None:
                shown[at][line.facility.open_data_id] = cell.people
    assert shown == wanted
    assert found.people == [sum(wanted[at].values()) for at in times]
    assert found.open_shelters == [len(wanted[at]) for at in times]
    again = import_head_counts(by=None, paths=states, complete=True)
    assert (again["accepted"], again["opened"], again["closed"]) == (0, 0, 0)
