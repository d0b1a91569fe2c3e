"""In peace time: which residents a laptop carries when a register was imported and no disaster is opened."""

from __future__ import annotations

import pytest

from backend.core.clock import frozen
from backend.journal import packs, terminals
from backend.ledger import lookup
from backend.ledger import services as ledger
from backend.ledger.models import Disaster, LookupPerson, Protection
from backend.registry import exports
from backend.registry.models import RegisterFile
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, change, person, write


@pytest.fixture(autouse=True)
def today():
    with frozen("2026-11-20T09:00:00+09:00"):
        yield


@pytest.fixture
def take(tmp_path):
    count = iter(range(100))

    def take(rows, as_of="2026-11-07", columns=None, expect=0):
        path = tmp_path / f"{next(count)}.csv"
        code, said = (
            take_full(write(path, rows), as_of) if columns is None else take_changes(write(path, rows, columns))
        )
        assert code == expect, said

    return take


@pytest.fixture
def carried(place):
    """`carried("西町")`: the numbers of those whom a laptop made ready for that area carries, once it is opened."""

    def carry(area=""):
        terminal, _ = terminals.make_ready(by=None, facility=place.pk, area=area)
        lines = packs.lines_for(terminal)
        packs.unseal(packs.take(lines), code=packs.envelope_code(terminal))
        return sorted(LookupPerson.objects.values_list("atena_no", flat=True))

    return carry


TOWN = [
    person("1001", name="西町 一郎"),
    person("1002", name="西町 花", address="大浜市西町２丁目３番地", protection=""),
    person("1003", address="大浜市東町１番地", household_no="502"),
    person("1004", address="大浜市小西町１番地", household_no="503"),
    person("1005", address="大浜市能登島向田町１番地", household_no="504"),
    person("1006", address="大浜市小西町５番地", household_no="505", protection="1"),
]


def test_a_laptop_carries_those_of_its_area_and_nobody_of_elsewhere(take, carried):
    take(TOWN)
    assert not Disaster.objects.exists()
    assert carried("西町") == ["1001", "1002"]
    assert [one.name for one in lookup.find("西町　一郎").families[0].members] == ["西町 一郎", "西町 花"]
    assert lookup.find("東町").families == []
    assert carried("西町 東町") == ["1001", "1002", "1003"]
    assert carried("小西町") == ["1004"]
    assert carried("向田町") == ["1005"]
    assert carried("港%町") == carried("北町") == []
    assert carried("") == ["1001", "1002", "1003", "1004", "1005"]


def test_nobody_who_is_or_ever_was_under_protection_is_carried(take, carried, staff, place):
    """By the newest export, an earlier one, a file of changes, a row that was set aside, a desk; lifted or not."""
    numbers = range(1000, 1010)
    take([person(str(n), protection="1" if n in (1001, 1002) else "") for n in numbers])
    take(
        [
            person(str(n), protection="1" if n == 1003 else "", address="" if n == 1009 else "大浜市西町１番地")
            for n in numbers
        ],
        as_of="2026-11-12",
    )
    take([change("1004", "職権修正", protection="1")], columns=CHANGE)
    take([change("1004", "職権修正", protection="", 処理連番="2"), change("1005", "職権修正")], columns=CHANGE)
    take([{**change("1006", "職権修正", protection="1"), "異動年月日": "きのう"}], columns=CHANGE, expect=1)
    Protection.objects.create(atena_no="1007", source=Protection.Source.DESK)
    supervisor = staff("welfare", is_supervisor=True, sees_protected=True)
    ledger.lift_protection(by=supervisor, protection=Protection.objects.get(atena_no="1002"), reason="本人の申出")
    assert carried("西町") == ["1000", "1005", "1008"]
    assert carried("") == ["1000", "1005", "1008", "1009"]


def test_an_export_kept_as_what_differs_from_the_one_before_is_carried_whole(take, carried, monkeypatch):
    """As every monthly export of a town of some size is kept, after its first."""
    monkeypatch.setattr(exports, "SMALL", 1)
    before = [person(str(n), household_no=str(n)) for n in range(1001, 1021)]
    take(before)
    take(
        [*before[1:19], person("1020", household_no="1020", address="大浜市東町９番地"), person("1030")],
        as_of="2026-11-12",
    )
    assert list(RegisterFile.objects.order_by("as_of").values_list("whole", flat=True)) == [True, False]
    assert carried("西町") == [str(n) for n in [*range(1002, 1020), 1030]]
    assert carried("") == [str(n) for n in [*range(1002, 1021), 1030]]


def test_without_a_register_there_is_nobody_to_carry(carried):
    assert carried("西町") == []
