"""The committed town, taken file by file and opened as a city would: everybody of its list stands where they should."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random

import pytest

import fixtures
from backend.core.clock import TOKYO, frozen
from backend.ledger import queries
from backend.ledger.models import OpeningFlag, Person
from backend.ledger.opening import services as opening
from tests.unit.registry.commands import take_changes, take_full, tasuki
from tests.unit.registry.files import read

SMALL = Path(fixtures.__file__).parent / "small_town"
AT = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)

# 宛名番号 -> (世帯番号, beginning of the address, 氏名, 続柄) on the day; None: not there
THERE = {
    1013: ("00090101", "大浜市西町12番地", "高田　亮", "世帯主"),
    1031: ("00000102", "大浜市東町77番地の3", "小野寺　キヨ", "母"),
    1063: ("00000106", "大浜市港町二丁目6番3号", "菅原　凪", "子"),
    1073: ("00000107", "大浜市松原一丁目107番1号", "及川　澪", "子"),
    1091: ("00000109", "大浜市魚町31番地", "五十嵐　昭", "世帯主"),
    1092: ("00000109", "大浜市魚町31番地", "五十嵐　京子", "妻"),
    1291: ("00000129", "大浜市西町1番地", "髙橋　一郎", "世帯主"),
    1321: ("00000132", "大浜市清水沢88番地の4", "石田　勝", "世帯主"),
    1351: ("00000135", "大浜市旭町303番地", "広瀬　早紀", "世帯主"),
    1381: ("00000138", "大浜市栄町二丁目4番9号", "熊谷　良一", "父"),
    1382: ("00000138", "大浜市栄町二丁目4番9号", "熊谷　徹", "世帯主"),
    1543: ("00090154", "大浜市駅前一丁目3番1号", "浪岡　涼", "世帯主"),
    1551: ("00000155", "大浜市中央三丁目2番2号", "柳沢　慎吾", "世帯主"),
}
STAY = [1082, 1101, 1111, 1121, 1122, 1301, 1311, 1331, 1341, 1361, 1371, 1561, 1573]
SET_ASIDE = [1401, 1411]
FLAGS = {
    1063: "entered_late",
    1082: "died_on_day",
    1091: "died_on_day",
    1092: "household_change_on_day",
    1101: "death_day_unknown",
    1111: "left_on_day",
    1121: "arrived_on_day",
    1311: "late",
    1321: "late",
    1331: "died_on_day",
    1421: "no_sex",
    1543: "differs_under_other_reason",
    1561: "left_on_day",
    1573: "arrived_on_day",
    9991: "never_explained",
}


def take_town(order: int) -> None:
    paths = sorted(SMALL.glob("register-*.csv"))
    Random(order).shuffle(paths)
    for path in paths:
        code, said = take_full(path) if "full" in path.name else take_changes(path)
        assert code in (0, 1), said["message"]


@pytest.fixture
def town(db, tmp_path, monkeypatch):
    """The town opened; what is set aside is not written beside the committed files."""
    monkeypatch.setattr("backend.registry.management.commands.import_register.write_beside", lambda *_: None)
    take_town(0)
    assert tasuki("open_disaster", "2026", "--name", "大浜沖地震", "--occurred-at", AT.isoformat())[0] == 0


@pytest.fixture(autouse=True)
def today():
    with frozen("2026-11-28T09:00:00+09:00"):
        yield


def test_the_town_of_the_list_is_as_it_should_be_whatever_the_order_of_its_files(town, staff, tmp_path):
    everybody_of_the_list_stands_where_they_should()
    what_was_guessed_is_flagged()
    the_protected_are_hidden_also_when_their_expiry_is_past(staff("tax"))
    any_order_of_the_files_gives_the_same_register(tmp_path)


def everybody_of_the_list_stands_where_they_should():
    people = {person.atena_no: person for person in Person.objects.select_related("household")}
    for number, (home, address, name, role) in THERE.items():
        person = people[f"{number:010}"]
        assert person.household.household_no == home
        assert (person.name, person.relationship) == (name, role)
        assert person.address == address
    assert [number for number in STAY if f"{number:010}" not in people] == []
    assert [number for number in SET_ASIDE if f"{number:010}" in people] == []
    assert {"001520", "0001520"} <= set(people)


def what_was_guessed_is_flagged():
    flags = set(OpeningFlag.objects.values_list("atena_no", "code"))
    assert {(f"{number:010}", code) for number, code in FLAGS.items()} <= flags
    homes = set(OpeningFlag.objects.exclude(household_no="").filter(atena_no="").values_list("household_no", "code"))
    assert homes == {("00000127", "two_heads"), ("00000128", "no_head")}


def the_protected_are_hidden_also_when_their_expiry_is_past(clerk):
    visible = set(queries.visible_persons(clerk).values_list("household__household_no", flat=True))
    assert not {"00000104", "00000105"} & visible


def any_order_of_the_files_gives_the_same_register(tmp_path):
    first = tmp_path / "first.csv"
    opening.export_register(code="2026", to=first)
    assert len(read(first)) == Person.objects.count()
    from tests.unit.registry.test_clerk_properties import forget

    forget()
    take_town(7)
    opening.open_disaster(code="NEXT", name="大浜沖地震", occurred_at=AT, by=None)
    again = tmp_path / "again.csv"
    opening.export_register(code="NEXT", to=again)
    assert again.read_bytes() == first.read_bytes()
