"""Rows that can't be taken, those that wait, those that are flagged; and corrected rows coming back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.registry.models import ChangeRow, FullRow, RegisterFile
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, FULL, change, person, read, rewrite, write

pytestmark = pytest.mark.django_db

BAD_PERSON = [
    ({"宛名番号": ""}, "宛名番号"),
    ({"宛名番号": "12A"}, "宛名番号"),
    ({"宛名番号": "1" * 16}, "宛名番号"),
    ({"世帯番号": ""}, "世帯番号"),
    ({"世帯番号": "五"}, "世帯番号"),
    ({"氏名": "　"}, "氏名"),
    ({"生年月日": "1970-02-30"}, "生年月日"),
    ({"生年月日": "昭和65年1月1日"}, "生年月日"),
    ({"住民となった日": "いつか"}, "住民となった日"),
    ({"支援措置期限": "2026-13-01"}, "支援措置期限"),
    ({"性別": "3"}, "性別"),
    ({"国籍区分": "X"}, "国籍区分"),
    ({"支援措置": "はい"}, "支援措置"),
    ({"氏名": "高" * 201}, "氏名"),
]
BAD_CHANGE = [
    ({"異動事由": ""}, "異動事由"),
    ({"異動事由": "引越"}, "異動事由"),
    ({"異動年月日": ""}, "異動年月日"),
    ({"異動年月日": "2026-11-31"}, "異動年月日"),
    ({"異動年月日": "2026-11-00"}, "不詳"),
    ({"異動年月日": "0000-11-05"}, "不詳"),
    ({"処理日時": ""}, "処理日時"),
    ({"処理日時": "2026-11-10"}, "処理日時"),
    ({"処理日時": "2026-11-10T09:00:00"}, "処理日時"),
    ({"処理日時": "0001-01-01T00:00:00+09:00"}, "処理日時"),
    ({"処理日時": "9999-12-31T23:59:59-09:00"}, "処理日時"),
]


def adds_up(said: dict[str, Any]) -> bool:
    return all(
        one["rows"] == one["accepted"] + one["unchanged"] + one["pending"] + one["set_aside"]
        for one in (said, *said["files"])
    )


@pytest.mark.parametrize(("wrong", "named"), BAD_PERSON)
def test_a_bad_row_is_set_aside_with_its_reason(tmp_path, wrong, named):
    code, said = take_full(write(tmp_path / "a.csv", [person(), {**person("1002"), **wrong}]))
    assert (code, said["status"], said["accepted"], said["set_aside"]) == (1, "set_aside", 1, 1)
    assert adds_up(said)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert named in row["理由"]
    assert row["行番号"] == "3"
    assert row["元ファイルの指紋"] == RegisterFile.objects.get().fingerprint
    assert {name: row[name] for name in FULL} == {**dict.fromkeys(FULL, ""), **person("1002"), **wrong}


@pytest.mark.parametrize(("wrong", "named"), BAD_PERSON + BAD_CHANGE)
def test_a_bad_row_of_change_is_set_aside_with_its_reason(tmp_path, wrong, named):
    path = write(tmp_path / "a.csv", [change(reason="出生"), {**change("1002"), **wrong}], CHANGE)
    code, said = take_changes(path)
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    assert adds_up(said)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert named in row["理由"]


@pytest.mark.parametrize("day", ["2026-11-00", "2026-00-00", "00000000", "0000-11-05"])
def test_of_a_death_parts_of_the_day_may_be_unknown(tmp_path, day):
    path = write(tmp_path / "a.csv", [{**change(reason="死亡"), "異動年月日": day}], CHANGE)
    assert take_changes(path)[1]["set_aside"] == 0


def test_the_same_number_twice_in_an_export_the_first_is_taken_and_the_second_given_back_as_received(tmp_path):
    second = person(kana="ﾀｶﾊｼ ｲﾁﾛｳ", birth="S45.1.2")
    path = write(tmp_path / "a.csv", [person(), {**second, "備考": "二つ目"}], [*FULL, "備考"])
    code, said = take_full(path)
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert (row["氏名カナ"], row["生年月日"], row["備考"]) == ("ﾀｶﾊｼ ｲﾁﾛｳ", "S45.1.2", "二つ目")
    assert "前の行" in row["理由"]


@pytest.mark.parametrize("fields", [3, 30])
def test_a_wrong_number_of_fields(tmp_path, fields):
    path = write(tmp_path / "a.csv", [person()])
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(["1002", "501", "高橋 花", *["x"] * 27][:fields]) + "\n")
    code, said = take_full(path)
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert set(row) >= {*FULL, "行番号", "理由", "元ファイルの指紋"}
    assert "列の数" in row["理由"]


def test_a_row_with_too_few_fields_comes_back_corrected(tmp_path):
    path = write(tmp_path / "a.csv", [person()])
    with path.open("a", encoding="utf-8") as file:
        file.write("1002,501,高橋 花\n")
    _, said = take_full(path)
    mended = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(住所="大浜市西町１番地"))
    code, said = take_full(mended, "2026-11-07", "--corrects")
    assert (code, said["accepted"]) == (0, 1)


@pytest.mark.parametrize("reason", ["転居", "死亡", "職権修正", "転出取消"])
def test_a_change_of_somebody_never_seen_is_pending(tmp_path, reason):
    code, said = take_changes(write(tmp_path / "a.csv", [change(reason=reason)], CHANGE))
    assert (code, said["pending"], said["accepted"]) == (0, 1, 0)
    assert adds_up(said)


@pytest.mark.parametrize("reason", ["出生", "転入", "職権記載"])
def test_an_entry_is_not_pending(tmp_path, reason):
    assert take_changes(write(tmp_path / "a.csv", [change(reason=reason)], CHANGE))[1]["pending"] == 0


def test_who_is_in_an_export_or_came_in_before_is_not_pending(tmp_path):
    take_full(write(tmp_path / "full.csv", [person("1")]))
    take_changes(write(tmp_path / "a.csv", [change("2", "転入")], CHANGE))
    assert take_changes(write(tmp_path / "b.csv", [change("1"), change("2")], CHANGE))[1]["pending"] == 0


def test_an_entry_further_down_in_the_file_explains_a_change(tmp_path):
    rows = [change("5"), *[change(str(n), "転入") for n in range(100, 1300)], change("5", "転入")]
    _, said = take_changes(write(tmp_path / "a.csv", rows, CHANGE))
    assert (said["pending"], said["accepted"]) == (0, 1202)
    assert adds_up(said)


def test_rows_already_known_from_another_file_are_unchanged(tmp_path):
    take_changes(write(tmp_path / "a.csv", [change("1", "転入"), change("2", "転入")], CHANGE))
    _, said = take_changes(
        write(tmp_path / "b.csv", [change("2", "転入"), change("3", "転入"), change("3", "転入")], CHANGE)
    )
    assert (said["rows"], said["unchanged"], said["accepted"]) == (3, 2, 1)
    assert adds_up(said)
    assert ChangeRow.objects.count() == 3


def test_what_is_flagged_is_taken(tmp_path):
    rows = [
        person("1", sex=""),
        person("2", birth=""),
        person("3", address=""),
        person("4", name="〓田 花"),
        person("5"),
    ]
    code, said = take_full(write(tmp_path / "a.csv", rows))
    assert (code, said["accepted"]) == (0, 5)
    assert dict(FullRow.objects.values_list("atena_no", "flags")) == {"1": 2, "2": 4, "3": 16, "4": 1, "5": 0}


# Corrected rows ---------------------------------------------------------------------------------------------------


def test_corrected_rows_land_in_their_places(tmp_path):
    good = [person("1"), person("2", birth="1970-02-28"), person("3")]
    wrong = [good[0], {**good[1], "生年月日": "1970-02-30"}, good[2]]
    _, said = take_full(write(tmp_path / "a.csv", wrong))
    mended = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(生年月日="1970-02-28"))
    code, said = take_full(mended, "2026-11-07", "--corrects")
    assert (code, said["status"], said["rows"], said["accepted"]) == (0, "done", 1, 1)
    assert list(FullRow.objects.order_by("line_no").values_list("line_no", "atena_no", "birth")) == [
        (2, "1", "1970-01-02"),
        (3, "2", "1970-02-28"),
        (4, "3", "1970-01-02"),
    ]


def test_corrected_changes_land_in_their_places(tmp_path):
    take_full(write(tmp_path / "full.csv", [person("1")]))
    path = write(tmp_path / "a.csv", [change("1"), {**change("1"), "異動年月日": "", "処理連番": "2"}], CHANGE)
    _, said = take_changes(path)
    mended = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(異動年月日="2026-11-12"))
    code, said = take_changes(mended, "--corrects")
    assert (code, said["accepted"]) == (0, 1)
    assert list(ChangeRow.objects.order_by("line_no").values_list("line_no", "effective", "file__name")) == [
        (2, "2026-11-10", "a.csv"),
        (3, "2026-11-12", "a.csv"),
    ]


def test_what_is_still_wrong_is_set_aside_again_and_can_be_corrected_again(tmp_path):
    _, said = take_full(write(tmp_path / "a.csv", [person("1"), person("x"), person("y")]))
    first = rewrite(
        Path(said["files"][0]["set_aside_file"]),
        lambda row: row.update(宛名番号="2" if row["宛名番号"] == "x" else "z"),
    )
    code, said = take_full(first, "2026-11-07", "--corrects")
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 1)
    second = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(宛名番号="3"))
    code, said = take_full(second, "2026-11-07", "--corrects")
    assert (code, said["accepted"]) == (0, 1)
    assert sorted(FullRow.objects.values_list("line_no", "atena_no")) == [(2, "1"), (3, "2"), (4, "3")]


def test_a_correction_with_a_wrong_fingerprint_is_refused(tmp_path):
    _, said = take_full(write(tmp_path / "a.csv", [person(), person("x")]))
    mended = rewrite(
        Path(said["files"][0]["set_aside_file"]),
        lambda row: row.update({"宛名番号": "2", "元ファイルの指紋": "0" * 64}),
    )
    code, said = take_full(mended, "2026-11-07", "--corrects")
    assert code == 2
    assert "指紋" in said["message"]
    assert FullRow.objects.count() == 1


@pytest.mark.parametrize("line", ["2", "99", ""])
def test_a_correction_with_a_wrong_line_is_set_aside(tmp_path, line):
    _, said = take_full(write(tmp_path / "a.csv", [person(), person("x")]))
    mended = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(宛名番号="2", 行番号=line))
    code, said = take_full(mended, "2026-11-07", "--corrects")
    assert (code, said["accepted"], said["set_aside"]) == (1, 0, 1)
    (row,) = read(Path(said["files"][0]["set_aside_file"]))
    assert row["宛名番号"] == "2"
    assert "行番号" in row["理由"]


def test_a_correction_without_its_columns_is_refused(tmp_path):
    take_full(write(tmp_path / "a.csv", [person(), person("x")]))
    code, said = take_full(write(tmp_path / "b.csv", [person("2")]), "2026-11-07", "--corrects")
    assert code == 2
    assert "行番号" in said["message"]


def test_the_same_correction_twice_is_said(tmp_path):
    _, said = take_full(write(tmp_path / "a.csv", [person(), person("x")]))
    mended = rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(宛名番号="2"))
    take_full(mended, "2026-11-07", "--corrects")
    code, said = take_full(mended, "2026-11-07", "--corrects")
    assert (code, said["files"][0]["again"]) == (0, True)
    assert FullRow.objects.count() == 2


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path):

    path = write(tmp_path / "a.csv", [person(), person("x")])
    (tmp_path / "a-set-aside.csv").mkdir()
    code, said = take_full(path)
    assert (code, said["files"][0]["set_aside_file"]) == (1, None)
    assert RegisterFile.objects.get().set_aside_rows.count() == 1
