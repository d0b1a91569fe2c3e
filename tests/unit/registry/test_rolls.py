"""The tax rolls by command: taken as the register is, a later year beside the earlier one, and never half."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from backend.registry.rolls import queries, values
from backend.registry.rolls.models import HouseRow, IncomeRow, RollFile, RollSetAside
from tests.unit.registry.commands import tasuki
from tests.unit.registry.files import read, rewrite, write
from tests.unit.registry.roll_files import HOUSE_COLUMNS, INCOME_COLUMNS, house, income

pytestmark = pytest.mark.django_db

BAD_HOUSES = [
    ({"物件番号": ""}, "物件番号がありません"),
    ({"所在地": "　"}, "所在地がありません"),
    ({"所有者宛名番号": "A12"}, "所有者宛名番号"),
    ({"床面積": "広い"}, "床面積"),
    ({"床面積": "NaN"}, "床面積"),
    ({"評価額": "1.5"}, "評価額"),
    ({"緯度": "143.5", "経度": "38.0"}, "緯度と経度が逆"),
    ({"経度": ""}, "両方"),
    ({"台帳区分": "土地"}, "台帳区分"),
    ({"共有": "たぶん"}, "共有"),
    ({"所在地": "西" * 301}, "300文字"),
]
BAD_INCOMES = [
    ({"宛名番号": ""}, "宛名番号がありません"),
    ({"宛名番号": "１A"}, "宛名番号"),
    ({"年度": ""}, "年度がありません"),
    ({"年度": "8"}, "年度"),
    ({"合計所得金額": "250万"}, "合計所得金額"),
    ({"課税区分": "?"}, "課税区分"),
    ({"扶養人数": "-1"}, "扶養人数"),
]


def take_houses(path, *more):
    return tasuki("import_house_roll", path, *more)


def take_incomes(path, *more):
    return tasuki("import_income_roll", path, *more)


def houses(path: Path, *rows, columns=HOUSE_COLUMNS, **how):
    return write(path, rows, columns, **how)


def incomes(path: Path, *rows, columns=INCOME_COLUMNS, **how):
    return write(path, rows, columns, **how)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_house_roll_is_taken_whatever_its_encoding(tmp_path, encoding):
    code, said = take_houses(houses(tmp_path / "a.csv", house(), encoding=encoding), "--year", "R8")
    assert (code, said["status"], said["rows"], said["accepted"], said["pending"]) == (0, "done", 1, 1, 0)
    assert {"rows", "accepted", "unchanged", "pending", "set_aside", "seconds", "files"} <= set(said)
    row = HouseRow.objects.get()
    assert (row.year, row.lot, row.owner_no, row.assessed) == (2026, "大浜市西町12番地3", "0001001", 3_210_000)
    assert (row.area, row.latitude, row.shared, row.address) == (Decimal("98.50"), 38.01, None, "")


@pytest.mark.parametrize(("wrong", "named"), BAD_HOUSES)
def test_a_bad_house_is_set_aside_with_its_reason(tmp_path, wrong, named):
    code, said = take_houses(houses(tmp_path / "a.csv", house("H000"), house(**wrong)))
    assert (code, said["status"], said["accepted"], said["set_aside"]) == (1, "set_aside", 1, 1)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert named in row["理由"]
    assert row["行番号"] == "3"


@pytest.mark.parametrize(("wrong", "named"), BAD_INCOMES)
def test_a_bad_income_is_set_aside_with_its_reason(tmp_path, wrong, named):
    code, said = take_incomes(incomes(tmp_path / "a.csv", income("1"), income(**wrong)))
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert named in row["理由"]


@pytest.mark.parametrize("column", ["物件番号", "所在地"])
def test_a_missing_column_is_named_and_nothing_is_taken(tmp_path, column):
    path = houses(tmp_path / "a.csv", house(), columns=[name for name in HOUSE_COLUMNS if name != column])
    code, said = take_houses(path)
    assert (code, said["status"]) == (2, "refused")
    assert column in said["message"]
    assert not RollFile.objects.exists()


@pytest.mark.parametrize("column", ["宛名番号", "年度", "合計所得金額"])
def test_a_missing_column_of_incomes_is_named(tmp_path, column):
    path = incomes(tmp_path / "a.csv", income(), columns=[name for name in INCOME_COLUMNS if name != column])
    code, said = take_incomes(path)
    assert (code, column in said["message"]) == (2, True)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "空"),
        (b"PK\x03\x04rest", "ZIP"),
        ("物件番号,所在地\r\n".encode(), "一つもありません"),
        (b"\x00\x01", "NUL"),
    ],
)
def test_what_is_no_roll_is_refused_in_words(tmp_path, content, named):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    code, said = take_houses(path)
    assert (code, said["status"]) == (2, "refused")
    assert named in said["message"]
    assert not RollFile.objects.exists()


def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path):
    path = houses(tmp_path / "a.csv", house(), house("H002"))
    take_houses(path, "--year", "2026")
    code, said = take_houses(path, "--year", "2026")
    assert (code, said["status"], said["unchanged"], said["files"][0]["again"]) == (0, "done", 2, True)
    assert HouseRow.objects.count() == 2


def test_the_same_file_as_another_year_is_refused(tmp_path):
    path = houses(tmp_path / "a.csv", house())
    take_houses(path, "--year", "2025")
    code, said = take_houses(path, "--year", "2026")
    assert (code, "2025年度" in said["message"]) == (2, True)


def test_a_later_year_stands_beside_the_earlier_one(tmp_path):
    take_houses(houses(tmp_path / "a.csv", house(), house("H002")), "--year", "2025")
    take_houses(houses(tmp_path / "b.csv", house(所有者氏名="高橋　次郎")), "--year", "2026")
    assert sorted(HouseRow.objects.values_list("property_no", "year")) == [
        ("H001", 2025),
        ("H001", 2026),
        ("H002", 2025),
    ]
    current = {row[0]: row for row in queries.current_houses()}
    assert int(current["H001"][1]) == 2026
    assert current["H001"][7] == "高橋　次郎"
    assert int(current["H002"][1]) == 2025


def test_an_earlier_year_taken_late_is_not_what_holds_now(tmp_path):
    take_houses(houses(tmp_path / "b.csv", house(所有者氏名="今の人")), "--year", "2026")
    take_houses(houses(tmp_path / "a.csv", house(所有者氏名="前の人")), "--year", "2025")
    assert [row[7] for row in queries.current_houses()] == ["今の人"]


def test_a_second_file_of_the_year_changes_only_what_differs(tmp_path):
    take_houses(houses(tmp_path / "a.csv", house(), house("H002")), "--year", "2026")
    path = houses(tmp_path / "b.csv", house(), house("H002", 構造="鉄骨造"), house("H003"))
    _, said = take_houses(path, "--year", "2026")
    assert (said["unchanged"], said["accepted"]) == (1, 2)
    assert [row[14] for row in sorted(queries.current_houses())] == ["木造瓦葺2階建", "鉄骨造", "木造瓦葺2階建"]


def test_a_person_has_an_income_a_year_and_a_corrected_one_follows(tmp_path):
    take_incomes(incomes(tmp_path / "a.csv", income(), income(年度="R7", 合計所得金額="0")))
    _, said = take_incomes(
        incomes(tmp_path / "b.csv", income(合計所得金額="2,600,000"), income(年度="R7", 合計所得金額="0"))
    )
    assert (said["accepted"], said["unchanged"]) == (1, 1)
    rows = IncomeRow.objects.filter(year=2026).order_by("id").values_list("total_income", flat=True)
    assert list(rows) == [2_500_000, 2_600_000]


def test_who_has_not_declared_has_no_income_and_not_nought(tmp_path):
    take_incomes(incomes(tmp_path / "a.csv", income(合計所得金額="", 課税区分="未申告")))
    assert IncomeRow.objects.get().total_income is None


def test_my_number_is_dropped_and_unknown_columns_are_kept(tmp_path):
    columns = [*INCOME_COLUMNS, "個人番号", "特記"]
    path = incomes(tmp_path / "a.csv", {**income(), "個人番号": "123456789012", "特記": "分離あり"}, columns=columns)
    _, said = take_incomes(path)
    assert said["files"][0]["dropped_columns"] == ["個人番号"]
    assert IncomeRow.objects.get().extra == {"特記": "分離あり"}


def test_a_row_out_of_line_does_not_carry_my_number_away(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("宛名番号,年度,合計所得金額,個人番号\n1001,2026,123456789012\n", encoding="utf-8")
    take_incomes(path)
    assert "123456789012" not in str(RollSetAside.objects.get().values)


def test_corrected_rows_go_back_to_the_places_they_came_from(tmp_path):
    _, said = take_houses(
        houses(tmp_path / "a.csv", house(), house("H002", 床面積="広い"), house("H003", 緯度="0")), "--year", "2025"
    )
    aside = Path(said["files"][0]["set_aside_file"])
    rewrite(aside, lambda row: row.update({"床面積": "80"}))
    code, said = take_houses(aside, "--corrects")
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    row = HouseRow.objects.get(property_no="H002")
    assert (row.year, row.line_no, row.file.corrects, row.corrected_by.kind) == (2025, 3, None, "house")
    assert list(RollSetAside.objects.filter(corrected_by=None).values_list("line_no", flat=True)) == [4]

    again = Path(said["files"][0]["set_aside_file"])
    rewrite(again, lambda row: row.update({"緯度": "38.2"}))
    code, said = take_houses(again, "--corrects")
    assert (code, said["accepted"]) == (0, 1)
    assert not RollSetAside.objects.filter(corrected_by=None).exists()
    assert HouseRow.objects.get(property_no="H003").line_no == 4


def test_corrected_rows_without_their_origin_are_refused(tmp_path):
    path = houses(tmp_path / "a.csv", {**house(), "行番号": "2", "元ファイルの指紋": "f" * 64},
                  columns=[*HOUSE_COLUMNS, "行番号", "元ファイルの指紋"])  # fmt: skip
    code, said = take_houses(path, "--corrects")
    assert (code, "指紋" in said["message"]) == (2, True)


def test_a_number_twice_in_a_file_the_first_is_taken(tmp_path):
    _, said = take_houses(houses(tmp_path / "a.csv", house(構造="木造"), house(構造="鉄骨造")))
    assert (said["accepted"], said["set_aside"]) == (1, 1)
    assert HouseRow.objects.get().structure == "木造"


def test_of_several_files_those_before_a_refused_one_stay(tmp_path):
    bad = tmp_path / "b.csv"
    bad.write_text("名前\nあ\n", encoding="utf-8")
    code, said = tasuki("import_house_roll", houses(tmp_path / "a.csv", house()), bad)
    assert (code, [one["status"] for one in said["files"]]) == (2, ["done", "refused"])
    assert HouseRow.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "year"),
    [("令和8年度", 2026), ("R8", 2026), ("2026", 2026), ("２０２６年度", 2026), ("令和元年度", 2019), ("H31", 2019)],
)
def test_fiscal_years_in_every_notation(text, year):
    assert values.fiscal_year(text) == year


@pytest.mark.parametrize(("text", "yen"), [("△1,200", -1200), ("１，２００円", 1200), ("0", 0)])
def test_amounts_as_accountants_write_them(text, yen):
    assert values.amount(text) == yen
