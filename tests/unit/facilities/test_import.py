"""The open data sheet: read as it is met in the wild, taken twice without harm, given back as it came."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from backend.accounts.models import AccessLog
from backend.facilities import rules
from backend.facilities.models import Facility
from backend.facilities.resources import FacilityResource
from backend.facilities.services import import_facilities

HEADER = "ID,名称,名称_カナ,所在地_連結表記,緯度,経度,電話番号,災害種別_洪水,災害種別_土石及び地滑り,災害種別_大規模な火災,想定収容人数"
ROWS = '1,西町小学校,ﾆｼﾏﾁ,大浜市西町1,35.1,136.2,,1.0,,1,"屋内480人／屋外3,350人(面積の1/2)"\n2,港公民館,,大浜市港町2,,,,,1,,\n'


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text(f"{HEADER}\n{ROWS}", encoding="utf-8-sig")
    return path


def test_headers_and_flags_of_other_years_are_read(db, sheet):
    import_facilities(by=None, path=sheet)
    school = Facility.objects.get(open_data_id="1")
    assert school.hazards == ["洪水", "大規模な火事"]
    assert (school.kana, school.capacity) == ("ニシマチ", 480)


def test_the_same_file_twice_changes_nothing(db, sheet):
    import_facilities(by=None, path=sheet)
    again = import_facilities(by=None, path=sheet)
    assert (again["accepted"], again["unchanged"], Facility.objects.count()) == (0, 2, 2)


def test_a_renewed_row_keeps_what_the_sheet_does_not_say(db, sheet):
    import_facilities(by=None, path=sheet)
    Facility.objects.filter(open_data_id="1").update(kind="welfare", active=False)
    sheet.write_text(f"{HEADER}\n{ROWS}".replace("西町小学校", "西町学校"), encoding="cp932")
    assert import_facilities(by=None, path=sheet)["accepted"] == 1
    school = Facility.objects.get(open_data_id="1")
    assert (school.name, school.kind, school.active) == ("西町学校", "welfare", False)


def test_a_file_with_fewer_columns_empties_none(db, sheet):
    import_facilities(by=None, path=sheet)
    sheet.write_text("ID,名称,所在地_連結表記\n1,西町小学校,大浜市西町1\n", encoding="utf-8")
    assert import_facilities(by=None, path=sheet)["unchanged"] == 1
    school = Facility.objects.get(open_data_id="1")
    assert (school.kana, school.capacity, school.flood) == ("ニシマチ", 480, True)


def test_a_row_that_cannot_be_read_is_set_aside_with_its_line(db, sheet, capsys):
    sheet.write_text(f"{HEADER}\n{ROWS}3,,,大浜市,,,,,,,\n4,東,,大浜市,abc,,,,,,\n", encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        call_command("import_facilities", sheet, "--json")
    answer = json.loads(capsys.readouterr().out)
    assert stopped.value.code == 1
    assert [r["line"] for r in answer["reasons"]] == [4, 5]
    assert Facility.objects.count() == 2


@pytest.mark.parametrize("content", ["", "PK\x03\x04 zip", "名前,住所\nA,B\n"])
def test_a_file_that_is_no_sheet_is_refused(db, tmp_path, content, capsys):
    path = tmp_path / "sheet.csv"
    path.write_text(content)
    with pytest.raises(SystemExit) as stopped:
        call_command("import_facilities", path)
    assert stopped.value.code == 2
    assert not Facility.objects.exists()


def test_what_the_administrator_exports_can_be_imported_again(db, sheet):
    import_facilities(by=None, path=sheet)
    exported = FacilityResource().export()
    assert exported.headers[0] == "ID"
    Facility.objects.filter(open_data_id="1").delete()
    result = FacilityResource().import_data(exported, raise_errors=True)
    assert (result.totals["new"], result.totals["skip"]) == (1, 1)
    assert Facility.objects.get(open_data_id="1").capacity == 480


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("屋内2,736人屋外11,700人（面積の1/2）", 2736),
        ("810人（2平方メートルあたり1人）", 810),
        ("120", 120),
        ("屋内0人／屋外1,910人(面積の1/2)", 0),
        ("不明", None),
        ("", None),
    ],
)
def test_capacity_is_the_people_who_fit_inside(text, people):
    assert rules.read_capacity(text) == people


def test_half_a_coordinate_is_no_place(db):
    with pytest.raises(IntegrityError):
        Facility.objects.create(name="港公民館", latitude="35.1")


def test_the_list_goes_out_in_shift_jis_and_says_what_it_could_not_carry(db, sheet, staff, sign_in):
    import_facilities(by=None, path=sheet)
    client = sign_in(staff("administrator"))
    assert "csv/?encoding=shift_jis" in client.get("/admin/facilities/facility/").content.decode()
    saved = client.get("/admin/facilities/facility/csv/", {"encoding": "shift_jis"})
    assert "西町小学校" in saved.content.decode("cp932")
    assert AccessLog.objects.filter(what="export", hits=2).exists()
    Facility.objects.filter(open_data_id="2").update(name="𠮷田公民館")
    page = client.get("/admin/facilities/facility/csv/", {"encoding": "shift_jis"}).content.decode()
    assert "U+20BB7" in page
    assert sign_in(staff("shelter")).get("/admin/facilities/facility/csv/").status_code == 403
