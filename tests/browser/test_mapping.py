"""A vendor's file in a browser: its columns are mapped, tried, saved; it is taken, its wrong rows are corrected and taken again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.registry.models import FullRow

from .conftest import Person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
HEADER = "個人コード,世帯コード,氏,名,生年月日,性別,続柄コード,住民状態,町名,番地,マイナンバー"
ROWS = [
    "1001,501,髙橋,一郎,S45.1.2,M,02,1,大浜市西町,１番地,123456789018",
    "1002,501,髙橋,花子,S46.2.30,F,12,1,大浜市西町,１番地,123456789018",
    '1003,502,"=HYPERLINK(""x"")",光,S50.5.6,X,02,1,大浜市港町,２番地,123456789018',
    "1004,503,海野,空,S50.5.7,M,02,2,大浜市港町,３番地,123456789018",
]


def chooses(clerk: Person, file: Path, kind: str, layout: str = "") -> None:
    clerk.page.get_by_role("radio", name=kind).check()
    if layout:
        clerk.writes("基準日", "2026-11-07")
        clerk.page.get_by_label("列の対応表").select_option(label=layout)
    clerk.page.get_by_label("ファイル", exact=False).and_(clerk.page.locator("[type=file]")).set_input_files(file)
    clerk.presses("内容を確かめる")


def means(clerk: Person, code: str, word: str) -> None:
    clerk.page.get_by_label(f"「{code}」", exact=True).select_option(label=word)


def fits(clerk: Person) -> None:
    """Nothing has to be moved sideways to be read, at the width of a telephone either."""
    clerk.page.set_viewport_size({"width": 320, "height": 640})
    wide = clerk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, clerk.page.url
    clerk.page.set_viewport_size({"width": 1280, "height": 800})


def test_a_vendors_file_by_a_mapping_of_ones_own(people, tmp_path):
    vendor = tmp_path / "zenken.csv"
    vendor.write_bytes("\r\n".join([HEADER, *ROWS]).encode("cp932"))
    clerk = people("register")
    clerk.goes_to("住民記録")
    clerk.follows("取り込む")
    chooses(clerk, vendor, "全件", "新しい対応表を作る")

    expect(clerk.page.get_by_role("heading", level=1)).to_have_text("列の対応を決める")
    expect(clerk.page.get_by_label("個人コード", exact=True)).to_have_value("宛名番号")
    expect(clerk.page.get_by_label("番地", exact=True)).to_have_value("住所")
    clerk.sees("個人番号のため破棄します")
    clerk.sees("性別のコード「M」は対応表にありません")
    fits(clerk)
    means(clerk, "M", "男")
    means(clerk, "F", "女")
    clerk.page.get_by_label("「02」", exact=True).fill("世帯主")
    clerk.page.get_by_label("「12」", exact=True).fill("妻")
    clerk.presses("この対応で試す")
    clerk.sees("取り込める 1行、取り置き 2行")
    clerk.sees("対象外 1行")
    clerk.page.get_by_label("対応表の名前").fill("A社")
    clerk.presses("保存して内容の確認へ")
    clerk.sees("「A社」を保存しました（第1版）")
    fits(clerk)
    clerk.presses("取り込む")
    clerk.sees("2行は取り置きました")

    saved = clerk.downloads(lambda: clerk.follows("取り置いた行をCSVで保存"))
    with saved.open(encoding="utf-8-sig", newline="") as file:
        waiting = list(csv.DictReader(file))
    assert [row["氏"] for row in waiting] == ["髙橋", '\'=HYPERLINK("x")'], "a spreadsheet must not run what came"
    waiting[0]["生年月日"] = "S46.2.28"
    waiting[1]["性別"] = "F"
    corrected = tmp_path / "corrected.csv"
    with corrected.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, waiting[0].keys())
        writer.writeheader()
        writer.writerows(waiting)
    clerk.follows("直したファイルを取り込む")
    chooses(clerk, corrected, "修正行")
    clerk.sees("取り込める 2行")
    clerk.presses("取り込む")
    clerk.sees("取り込みました。取り置いた行はありません。")

    clerk.goes_to("住民記録")
    clerk.follows("列の対応表")
    clerk.sees("A社")
    clerk.sees("確認されていないコード")
    fits(clerk)
    people_taken = FullRow.objects.order_by("atena_no").values_list("name", "birth", "sex", "relationship", "address")
    assert list(people_taken) == [
        ("髙橋　一郎", "1970-01-02", "1", "世帯主", "大浜市西町１番地"),
        ("髙橋　花子", "1971-02-28", "2", "妻", "大浜市西町１番地"),
        ('=HYPERLINK("x")　光', "1975-05-06", "2", "世帯主", "大浜市港町２番地"),
    ]
