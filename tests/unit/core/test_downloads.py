"""CSV in UTF-8, or in Shift_JIS with a list of what it could not carry: no silent `?`, no other character."""

import csv
import io
import zipfile

import pytest
from django.test import RequestFactory

from backend.core import downloads

KATSU = "葛\U000e0100"
ROWS = [["番号", "氏名"], ["1", "髙﨑 一郎"], ["2", f"𠮷田 {KATSU}子𠮷"], ["3", "山\n田"], ["4", "𠮷"]]


@pytest.fixture
def ask():
    def answer(query="", rows=ROWS, **kind):
        return downloads.csv_answer(RequestFactory().get(f"/roster.csv{query}"), rows, "名簿.csv", **kind)

    return answer


def test_utf_8_with_a_byte_order_mark_is_what_comes_without_asking(ask):
    content = ask().content
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == ROWS


def test_shift_jis_goes_out_at_once_when_nothing_is_lost(ask):
    answer = ask("?encoding=shift_jis", rows=ROWS[:2])
    assert answer.content.decode("cp932") == "番号,氏名\r\n1,髙﨑 一郎\r\n"
    assert "Shift_JIS" in answer["Content-Type"]


def test_what_is_lost_is_said_before_anything_is_downloaded(ask):
    answer = ask("?encoding=shift_jis&at=1")
    page = answer.content.decode()
    assert "Content-Disposition" not in answer
    assert "2種類、4か所" in page
    assert "U+20BB7" in page
    assert "U+845B U+E0100" in page
    assert 'name="at" value="1"' in page
    assert "田" not in page.split("<tbody>")[1].split("</tbody>")[0]  # characters, not names


def test_who_needs_it_anyway_gets_a_geta_and_the_list_of_places(ask):
    answer = ask("?encoding=shift_jis&lossy=1")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        main, listed = archive.namelist()
        text = archive.read(main).decode("cp932")
        places = list(csv.reader(io.StringIO(archive.read(listed).decode("utf-8-sig"))))
    assert "〓田 〓子〓" in text
    assert "?" not in text
    assert places[0] == ["行", "列", "文字", "コード"]
    assert sorted(places[1:]) == sorted(
        [["3", "氏名", KATSU, "U+845B U+E0100"], *[["3", "氏名", "𠮷", "U+20BB7"]] * 2, ["6", "氏名", "𠮷", "U+20BB7"]]
    )


def test_a_file_that_comes_back_is_never_given_with_a_geta(ask):
    answer = ask("?encoding=shift_jis&lossy=1", lossy=False)
    assert "Content-Disposition" not in answer
    assert "〓に置き換えて" not in answer.content.decode()


def test_a_gaiji_goes_out_under_its_own_code(ask, db):
    assert b"\xf0\x40" in ask("?encoding=shift_jis", rows=[["氏名"], ["\ue000田"]]).content
    assert "U+F0000" in ask("?encoding=shift_jis", rows=[["氏名"], ["\U000f0000田"]]).content.decode()


def test_another_encoding_is_utf_8(ask):
    assert ask("?encoding=latin-1").content.startswith(b"\xef\xbb\xbf")


def test_a_file_is_recoded_and_nothing_lost_is_left_out(tmp_path):
    path, target = tmp_path / "a.csv", tmp_path / "b.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(ROWS)
    losses = downloads.recode(path, target)
    assert losses.characters == {"𠮷": 3, KATSU: 1}
    assert "〓" in target.read_text(encoding="cp932")
