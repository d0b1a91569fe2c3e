"""A vendor's file through a mapping: what it becomes, what is left out, set aside, corrected, and refused."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

from backend.registry import queries
from backend.registry.models import ChangeRow, FullRow, RegisterFile, SavedLayout
from tests.unit.registry.commands import take_changes, take_full, tasuki
from tests.unit.registry.files import read, rewrite

pytestmark = pytest.mark.django_db

JUKI = {
    "市区町村コード": "131016",
    "宛名番号": "000000000001001",
    "個人番号": "123456789018",
    "世帯番号": "000000000000501",
    "住民種別": "1",
    "住民状態": "1",
    "氏_日本人": "髙橋",
    "名_日本人": "一郎",
    "氏名_振り仮名（フリガナ）": "タカハシ　イチロウ",
    "生年月日": "19700102",
    "性別": "1",
    "続柄コード1": "02",
    "続柄コード2": "",
    "続柄コード3": "",
    "続柄コード4": "",
    "住所_郵便番号": "0000001",
    "住所_市区郡町村名": "大浜市",
    "住所_町字": "西町",
    "住所_番地号表記": "１番地",
    "住所_方書": "",
    "住民となった年月日": "19900401",
}
MOVE = {"異動事由": "転居", "異動年月日": "20261110", "操作年月日": "20261111", "操作時刻": "091500"}
VENDOR = {
    "layout": "vendor-a",
    "title": "A社の住基",
    "columns": {"個人コード": "宛名番号", "世帯コード": "世帯番号", "区分": "支援措置"},
    "built": {"氏名": {"from": ["姓", "名"]}, "住所": {"from": ["町名", "番地"]}, "性別": {"from": [["男女"]]}},
    "values": {"性別": {"M": "1", "F": "2"}, "支援措置": {"保護": "1"}},
    "constants": {"国籍区分": "1"},
}
THEIRS = {
    "個人コード": "1001",
    "世帯コード": "501",
    "姓": "高橋",
    "名": "一郎",
    "町名": "西町",
    "番地": "1",
    "男女": "M",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


def mapping(path: Path, **changes: object) -> Path:
    path.write_text(yaml.safe_dump({**VENDOR, **changes}, allow_unicode=True), encoding="utf-8")
    return path


def test_standard_items_of_a_full_export(tmp_path):
    gone = {**JUKI, "宛名番号": "000000000001003", "住民状態": "2"}
    wife = {
        **JUKI,
        "宛名番号": "000000000001002",
        "名_日本人": "花子",
        "性別": "2",
        "続柄コード1": "20",
        "続柄コード2": "12",
    }
    code, said = take_full(write(tmp_path / "f.csv", JUKI, wife, gone), "2026-11-07", "--layout", "juki-standard")
    assert (code, said["rows"], said["accepted"], said["files"][0]["left_out"]) == (0, 2, 2, 1)
    assert said["files"][0]["dropped_columns"] == ["個人番号"]
    first, second = FullRow.objects.order_by("atena_no")
    assert (first.atena_no, first.name, first.kana) == ("000000000001001", "髙橋　一郎", "タカハシ　イチロウ")
    assert (first.address, first.postal_code, first.relationship) == ("大浜市西町１番地", "0000001", "世帯主")
    assert (first.birth, first.resident_since) == ("1970-01-02", "1990-04-01")
    assert second.relationship == "子の妻"
    assert first.extra == {"市区町村コード": "131016"}, "what has no counterpart rides along, My Number does not"


def test_standard_items_of_changes(tmp_path):
    moved = {**JUKI, **MOVE}
    left = {**JUKI, **MOVE, "宛名番号": "000000000001002", "異動事由": "転入通知", "住民状態": "2"}
    strange = {**JUKI, **MOVE, "宛名番号": "000000000001003", "異動事由": "77"}
    code, said = take_changes(write(tmp_path / "c.csv", moved, left, strange), "--layout", "juki-standard")
    assert (code, said["rows"], said["set_aside"]) == (1, 3, 1)
    rows = ChangeRow.objects.order_by("atena_no")
    assert [row.reason for row in rows] == ["転居", "転出"]
    assert rows[0].processed_at.isoformat() == "2026-11-11T00:15:00+00:00"
    [aside] = read(Path(said["files"][0]["set_aside_file"]))
    assert "異動事由「77」は対応表にありません" in aside["理由"]
    assert aside["氏_日本人"] == "髙橋"
    assert "個人番号" not in aside
    rewrite(Path(said["files"][0]["set_aside_file"]), lambda row: row.update(異動事由="死亡"))
    code, said = take_changes(said["files"][0]["set_aside_file"], "--corrects")
    assert (code, said["pending"], said["set_aside"]) == (0, 1, 0)


def test_a_mapping_file_of_ones_own(tmp_path):
    path = mapping(tmp_path / "vendor.yaml")
    woman = {**THEIRS, "個人コード": "1002", "男女": "F"}
    code, said = take_full(write(tmp_path / "f.csv", THEIRS, woman), "2026-11-07", "--layout", path)
    assert (code, said["accepted"]) == (0, 2)
    rows = FullRow.objects.order_by("atena_no").values_list("name", "address", "sex", "nationality", "relationship")
    assert list(rows) == [("高橋　一郎", "西町1", "1", "1", None), ("高橋　一郎", "西町1", "2", "1", None)]
    assert SavedLayout.objects.get().definition["constants"] == {"国籍区分": "1"}
    code, said = take_full(write(tmp_path / "g.csv", THEIRS), "2026-11-08", "--layout", "vendor-a")
    assert (code, said["files"][0]["header_changes"]) == (0, {})
    assert RegisterFile.objects.order_by("as_of").last().layout_version == 1


def test_a_code_learnt_later_lets_the_same_rows_pass(tmp_path):
    path = mapping(tmp_path / "vendor.yaml")
    code, said = take_full(
        write(tmp_path / "f.csv", THEIRS, {**THEIRS, "個人コード": "1002", "男女": "女子"}),
        "2026-11-07",
        "--layout",
        path,
    )
    assert (code, said["set_aside"]) == (1, 1)
    aside = Path(said["files"][0]["set_aside_file"])
    assert list(read(aside)[0])[:3] == ["個人コード", "世帯コード", "姓"], "rows go back as they came"
    from backend.registry.layouts import mapping as mappings
    from backend.registry.layouts.services import save_layout

    better = {**VENDOR, "values": {"性別": {"M": "1", "F": "2", "女子": "2"}}}
    save_layout(mapping=mappings.read(better), header=list(THEIRS), kind="full", by=None)
    assert take_full(aside, "2026-11-07", "--corrects")[1]["accepted"] == 1
    assert FullRow.objects.get(atena_no="1002").sex == "2"


def test_a_changed_header_is_told(tmp_path):
    path = mapping(tmp_path / "vendor.yaml")
    take_full(write(tmp_path / "f.csv", {**THEIRS, "電話": "1"}), "2026-11-07", "--layout", path)
    renamed = {**{k: v for k, v in THEIRS.items() if k != "男女"}, "電話番号": "2", "備考": ""}
    code, said = take_full(write(tmp_path / "g.csv", renamed), "2026-11-08", "--layout", "vendor-a")
    assert code == 0
    changes = said["files"][0]["header_changes"]
    assert changes == {"gone": ["男女"], "new": ["備考"], "renamed": [["電話", "電話番号"]]}
    assert FullRow.objects.get(file__as_of="2026-11-08").sex is None, "a column that is gone states nothing"


def test_without_what_an_address_is_made_of_the_file_is_refused(tmp_path):
    path = mapping(tmp_path / "vendor.yaml")
    half = {k: v for k, v in THEIRS.items() if k != "番地"}
    code, said = take_full(write(tmp_path / "f.csv", half), "2026-11-07", "--layout", path)
    assert code == 2
    assert "住所" in said["message"]
    assert "番地" in said["message"]
    assert not RegisterFile.objects.exists()


def test_whom_a_set_aside_row_protects_is_known_through_the_mapping_too(tmp_path):
    path = mapping(tmp_path / "vendor.yaml")
    row = {**THEIRS, "世帯コード": "", "区分": "保護"}
    take_full(
        write(tmp_path / "f.csv", row, {**row, "個人コード": "1002", "世帯コード": "7", "区分": ""}),
        "2026-11-07",
        "--layout",
        path,
    )
    assert queries.ever_protected() == {"1001": ""}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("columns: [", "YAML"),
        ("layout: a\ncolumns: {あ: い}", "標準の列名ではありません"),
        ("layout: a\nvalues: {性別: {01: 1}}", "引用符"),
        ("layout: a\nbilt: {}", "bilt"),
        ("layout: a b\ncolumns: {}", "名前"),
        ("just words", "中身"),
        ("layout: a\nbuilt: {氏名: {with: x}}", "from"),
        ("!!python/object/apply:os.system [echo]", "YAML"),
    ],
)
def test_a_wrong_mapping_file_says_what_is_wrong(tmp_path, said, word):
    path = tmp_path / "m.yaml"
    path.write_text(said, encoding="utf-8")
    code, result = take_full(write(tmp_path / "f.csv", THEIRS), "2026-11-07", "--layout", path)
    assert code == 2
    assert word in result["message"]


def test_a_name_that_nobody_knows_lists_those_known(tmp_path):
    code, said = take_full(write(tmp_path / "f.csv", THEIRS), "2026-11-07", "--layout", "vendor-z")
    assert code == 2
    assert "canonical" in said["message"]
    assert "four-facts" in said["message"]


def test_codes_that_nobody_confirmed_are_marked():
    from backend.registry.layouts.shipped import shipped

    assert set(shipped()) == {"canonical", "four-facts", "juki-standard"}
    doubtful = shipped()["juki-standard"].unverified()
    assert ("続柄", "20", "子") in doubtful
    assert ("続柄", "02", "世帯主") not in doubtful


def test_a_time_without_an_offset_is_japans():
    from backend.registry.layouts.bound import local_moment

    assert local_moment("20261108173000") == "2026-11-08T17:30:00+09:00"
    assert local_moment("2026/11/8 9:05") == "2026-11-08T09:05:00+09:00"
    assert local_moment("2026-11-08") == "2026-11-08T00:00:00+09:00"
    for text in ("2026-11-08T09:30:00+09:00", "2026-13-01", "来週", ""):
        assert local_moment(text) == text


# The four facts


FACTS = {"氏名": "髙橋　一郎", "生年月日": "S45.1.2", "住所": "大浜市西町１番地", "性別": "1"}
OTHER = {**FACTS, "氏名": "高橋　一郎"}
BAD = {**FACTS, "氏名": "浜野　光", "生年月日": "S45.2.30"}


def four_facts(path: Path, day: str, *rows: dict[str, str]) -> tuple[int, dict]:
    return take_full(write(path, *rows), day, "--layout", "four-facts")


def numbers(day: str) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for name, number in FullRow.objects.filter(file__as_of=day).order_by("atena_no").values_list("name", "atena_no"):
        result.setdefault(name, []).append(number)
    return result


def test_people_without_numbers_get_ours_and_keep_them(tmp_path):
    code, said = four_facts(tmp_path / "a.csv", "2026-11-07", FACTS, OTHER, FACTS)
    assert (code, said["accepted"]) == (0, 3)
    first = numbers("2026-11-07")
    assert sorted(number for found in first.values() for number in found) == [
        "900000000000000",
        "900000000000001",
        "900000000000002",
    ]
    assert len(first["髙橋　一郎"]) == 2, "two rows that say the same are two people"
    assert all(row.household_no == row.atena_no for row in FullRow.objects.all())
    newcomer = {**FACTS, "氏名": "海野　空"}
    four_facts(tmp_path / "b.csv", "2026-11-08", newcomer, FACTS, OTHER, {**FACTS, "住所": "大浜市西町1番地"})
    second = numbers("2026-11-08")
    assert {name: second[name] for name in first} == first
    assert second["海野　空"] == ["900000000000003"]


def test_a_corrected_row_gets_the_number_of_what_it_says_then(tmp_path):
    code, said = four_facts(tmp_path / "a.csv", "2026-11-07", BAD, FACTS)
    assert (code, said["set_aside"]) == (1, 1)
    aside = Path(said["files"][0]["set_aside_file"])
    assert "宛名番号" not in read(aside)[0]["理由"]
    rewrite(aside, lambda row: row.update(生年月日="S45.2.28"))
    assert take_full(aside, "2026-11-07", "--corrects")[1]["accepted"] == 1
    four_facts(tmp_path / "b.csv", "2026-11-08", FACTS, {**BAD, "生年月日": "19700228"})
    assert numbers("2026-11-07") == numbers("2026-11-08")


def test_changes_need_numbers(tmp_path):
    path = write(tmp_path / "c.csv", {**FACTS, **MOVE})
    code, said = tasuki("import_register", path, "--kind", "change", "--layout", "four-facts")
    assert code == 2
    assert "全件" in said["message"]
