"""Files that can't be taken as a whole: a clear refusal, exit code 2, nothing half imported."""

from __future__ import annotations

import os
import resource
import time
import zipfile
from pathlib import Path

import pytest
from django.db import connection

from backend.registry.models import ChangeRow, FullRow, RegisterFile, SetAsideRow
from tests.unit.registry.commands import take_changes, take_full
from tests.unit.registry.files import CHANGE, FULL, change, person, write

pytestmark = pytest.mark.django_db


def nothing_there() -> bool:
    return not any(model.objects.exists() for model in (RegisterFile, FullRow, ChangeRow, SetAsideRow))


def refused(path: Path, *more: str) -> str:
    code, said = take_full(path, "2026-11-07", *more)
    assert (code, said["status"]) == (2, "refused")
    assert [(report["status"], report["set_aside_file"]) for report in said["files"]] == [("refused", None)]
    assert nothing_there()
    return str(said["message"])


@pytest.mark.parametrize("column", ["宛名番号", "世帯番号", "氏名", "住所"])
def test_a_missing_column_is_named(tmp_path, column):
    path = write(tmp_path / "a.csv", [person()], [name for name in FULL if name != column])
    assert column in refused(path)


@pytest.mark.parametrize("column", ["異動事由", "異動年月日", "処理日時"])
def test_a_missing_column_of_changes_is_named(tmp_path, column):
    path = write(tmp_path / "a.csv", [change()], [name for name in CHANGE if name != column])
    code, said = take_changes(path)
    assert code == 2
    assert column in said["message"]
    assert nothing_there()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(tmp_path, encoding):
    assert "UTF-16" in refused(write(tmp_path / "a.csv", [person()], encoding=encoding))


def test_euc_jp(tmp_path):
    assert "EUC-JP" in refused(write(tmp_path / "a.csv", [person()], encoding="euc-jp"))


def test_jis(tmp_path):
    assert "JIS" in refused(write(tmp_path / "a.csv", [person()], encoding="iso-2022-jp"))


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
def test_empty(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert "空" in refused(path)


@pytest.mark.parametrize("content", [b"\n\n", b"just some words\n", b'{"a": 1}\n', b"<html></html>\n"])
def test_no_csv(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert "宛名番号" in refused(path)


def test_a_zip_or_a_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert "ZIP" in refused(path)


@pytest.mark.parametrize("content", [bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_binary(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    refused(path)


def test_nul_in_a_value(tmp_path):
    path = write(tmp_path / "a.csv", [person(), person("1002", name="高橋\0花")])
    assert "3行目" in refused(path)


def test_a_torn_quote(tmp_path):
    path = write(tmp_path / "a.csv", [person(), person("1002")])
    path.write_text(path.read_text().replace("1002", '"1002'))
    assert "引用符" in refused(path)


@pytest.mark.parametrize("named", [[], ["--encoding", "utf-8"], ["--encoding", "cp932"]])
def test_two_gigabytes_of_one_line(tmp_path, named):
    """Also where the encoding is given and nobody looks for it: refused at once, without filling the memory."""
    path = tmp_path / "a.csv"
    path.touch()
    os.truncate(path, 2 << 30)
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(path, *named)
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("named", [[], ["--encoding", "utf-8"]])
def test_a_long_line_of_letters(tmp_path, named):
    path = write(tmp_path / "a.csv", [person()])
    with path.open("ab") as file:
        for _ in range(5):
            file.write(b"x" * (1 << 20))
    assert "長すぎる" in refused(path, *named)


def test_a_header_and_nothing_else_is_no_export(tmp_path):
    assert "見出しだけ" in refused(write(tmp_path / "a.csv", []))


def test_a_day_without_changes_is_a_file_of_changes(tmp_path):
    code, said = take_changes(write(tmp_path / "a.csv", [], CHANGE))
    assert (code, said["rows"]) == (0, 0)


def test_a_column_twice(tmp_path):
    assert "住所" in refused(write(tmp_path / "a.csv", [person()], [*FULL, "住所"]))


def test_an_unknown_encoding(tmp_path):
    assert "no-such" in refused(write(tmp_path / "a.csv", [person()]), "--encoding", "no-such")


def test_a_file_that_is_not_there(tmp_path):
    assert "a.csv" in refused(tmp_path / "a.csv")


def test_a_day_that_is_none(tmp_path):
    code, said = take_full(write(tmp_path / "a.csv", [person()]), "2026-11-31")
    assert code == 2
    assert "基準日" in said["message"]
    assert nothing_there()


def test_an_export_without_its_day(tmp_path):
    from tests.unit.registry.commands import tasuki

    code, said = tasuki("import_register", write(tmp_path / "a.csv", [person()]), "--kind", "full")
    assert code == 2
    assert "--as-of" in said["message"]


def test_bytes_that_are_no_text_far_down(tmp_path):
    path = write(tmp_path / "a.csv", [person(str(n)) for n in range(1, 30_000)])
    with path.open("ab") as file:
        file.write(b"9999999,1,\xff\xfe\x80,,,,,,,\r\n")
    refused(path)


def test_the_same_file_twice_is_said_and_doubles_nothing(tmp_path):
    path = write(tmp_path / "a.csv", [person(), person("1002"), person("x")])
    assert take_full(path)[0] == 1
    code, said = take_full(path)
    assert (code, said["status"]) == (0, "done")
    assert said["files"][0]["again"]
    assert (said["rows"], said["accepted"], said["unchanged"], said["set_aside"]) == (3, 0, 2, 1)
    assert RegisterFile.objects.count() == 1
    assert FullRow.objects.count() == 2


def test_the_same_file_with_another_day_or_as_changes_is_refused(tmp_path):
    path = write(tmp_path / "a.csv", [change()], CHANGE)
    take_full(path)
    assert take_full(path, "2026-11-08")[0] == 2
    code, said = take_changes(path)
    assert code == 2
    assert "取込済み" in said["message"]


def test_another_export_of_the_same_day_is_refused(tmp_path):
    take_full(write(tmp_path / "a.csv", [person()]))
    code, said = take_full(write(tmp_path / "b.csv", [person("1002")]))
    assert code == 2
    assert "2026-11-07" in said["message"]


def test_files_before_the_refused_one_stay_and_are_named(tmp_path):
    good = write(tmp_path / "good.csv", [change()], CHANGE)
    bad = write(tmp_path / "bad.csv", [change()], CHANGE[:-2])
    code, said = take_changes(good, bad, tmp_path / "never.csv")
    assert code == 2
    assert [(report["file"], report["status"]) for report in said["files"]] == [
        ("good.csv", "done"),
        ("bad.csv", "refused"),
    ]
    assert said["rows"] == 1
    assert ChangeRow.objects.count() == 1


MY_NUMBERS = [
    "個人番号",
    "個人番号（12桁）",
    "個人 番号",
    "マイナンバー",
    "ﾏｲﾅﾝﾊﾞｰ",
    "マイ・ナンバー",
    "MyNumber",
    "my_number",
    "ＭＹ　ＮＵＭＢＥＲ",
]


def everything_stored() -> str:
    """The text of every row of every table."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said += [str(row) for row in cursor.fetchall()]
    return "\n".join(said)


@pytest.mark.parametrize("name", MY_NUMBERS)
def test_a_column_of_my_number_is_dropped_and_said_and_nowhere_in_the_database(tmp_path, name):
    torn = person("1003")
    rows = [{**person("1001"), name: "999911112222"}, {**person("x"), name: "999911112222"}]
    path = write(tmp_path / "a.csv", rows, [*FULL[:4], name, *FULL[4:], "備考"])
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(["1003", "501", torn["氏名"], "", "", "999911112222", "x"]) + "\r\n")
    code, said = take_full(path)
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 2)
    assert said["files"][0]["dropped_columns"] == [name]
    assert "999911112222" not in everything_stored()
    assert "999911112222" not in Path(said["files"][0]["set_aside_file"]).read_text()


def test_formulas_are_kept_as_text(tmp_path):
    row = person(name="=1+1", address="@SUM(A1)", building="-2+3", alias="+1")
    take_full(write(tmp_path / "a.csv", [row]))
    kept = FullRow.objects.get()
    assert (kept.name, kept.address, kept.building, kept.alias) == ("=1+1", "@SUM(A1)", "-2+3", "+1")


def test_odd_characters_are_kept_and_flagged(tmp_path):
    row = person(name="高\x1f橋\x1e 一\\N郎\t", building="一\r\n二")
    code, said = take_full(write(tmp_path / "a.csv", [row]))
    assert (code, said["accepted"]) == (0, 1)
    kept = FullRow.objects.get()
    assert (kept.name, kept.building) == (row["氏名"], "一\r\n二")
    assert kept.flags


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("order", [1, -1])
def test_what_is_good_is_taken_in_any_order_of_columns(tmp_path, encoding, order):
    code, said = take_full(write(tmp_path / "a.csv", [person("007")], FULL[::order], encoding=encoding))
    assert (code, said["status"], said["accepted"]) == (0, "done", 1)
    assert FullRow.objects.get().atena_no == "007"
    assert set(said) >= {"rows", "accepted", "unchanged", "pending", "set_aside", "seconds", "files"}
