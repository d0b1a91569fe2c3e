import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import text_files
from backend.core.text_files import UnreadableFile, cp932_losses, csv_rows, open_text, sniff_encoding

HEADER = "宛名番号,氏名\n"


@pytest.fixture
def written(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "export.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encoding_is_found(written, encoding):
    path = written(HEADER + "1,髙橋\r\n", encoding)
    assert sniff_encoding(path) == encoding
    with open_text(path, encoding) as file:
        assert file.read() == HEADER + "1,髙橋\r\n"


def test_a_character_at_the_very_end_decides(written, monkeypatch):
    monkeypatch.setattr(text_files, "PIECE", 7)
    assert sniff_encoding(written(b"a,b\n" * 20 + "高橋".encode("cp932"))) == "cp932"
    assert sniff_encoding(written("あいうえお\n" * 20)) == "utf-8"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "空です"),
        (b"\xef\xbb\xbf", "空です"),
        (b"PK\x03\x04\x14\x00", "xlsx"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"\x1f\x8b\x08", "gzip"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (HEADER.encode("utf-16-be"), "UTF-16"),
        ((HEADER + "1,a\n" * 40).encode("utf-16-le"), "UTF-16"),
        (b"a,b\n1,\x002\n", "NUL.*2行目、先頭から7バイト目"),
        (HEADER.encode("iso-2022-jp"), "ISO-2022-JP"),
        ((HEADER + "1,髙橋\n").replace("髙", "高").encode("euc_jp"), "EUC-JP"),
        (b"\xef\xbb\xbfa\nb\n\xff\n", "UTF-8として読めない文字があります.3行目、先頭から8バイト目"),
        (b"a,b\n1,\xff\xff\n", "UTF-8でもShift_JISでもありません.UTF-8としては2行目、先頭から7バイト目"),
        ("あ\n".encode() + b"\x81", "Shift_JISとしては"),
    ],
)
def test_what_is_no_text_is_refused_with_the_place(written, content, reason):
    with pytest.raises(UnreadableFile, match=reason):
        sniff_encoding(written(content))


def test_an_endless_line_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "endless.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n" + b"x" * (3 << 20))
        file.truncate(2 << 30)
    with pytest.raises(UnreadableFile, match=r"2行目.*1MBを超えます"):
        sniff_encoding(path)


def test_long_files_of_short_lines_are_taken(written):
    for end in ("\n", "\r\n", "\r"):
        assert sniff_encoding(written(("1,高橋" + end) * 200_000)) == "utf-8"


def test_records_come_with_the_line_on_which_they_start(written):
    path = written('宛名番号,方書\r\n1,"メゾン\r\n二階"\r\n\r\n2,\r\n')
    assert list(csv_rows(path, "utf-8")) == [(1, ["宛名番号", "方書"]), (2, ["1", "メゾン\r\n二階"]), (5, ["2", ""])]


def test_a_byte_order_mark_is_no_part_of_the_first_column(written):
    assert next(csv_rows(written(HEADER, "utf-8-sig"), "utf-8-sig")) == (1, ["宛名番号", "氏名"])


@pytest.mark.parametrize("content", ['a,b\n1,"torn\n2,x\n', 'a,b\n1,"to"rn"\n2,x\n', 'a,b\n1,"' + "x\n" * 60_000])
def test_a_torn_quote_is_refused_with_its_line(written, content):
    with pytest.raises(UnreadableFile, match=r"2行目から"):
        list(csv_rows(written(content), "utf-8"))


def test_an_oversize_field_is_refused_with_its_line(written):
    with pytest.raises(UnreadableFile, match=r"2行目から.*10文字"):
        list(csv_rows(written("a,b\n1,01234567890\n"), "utf-8", max_field=10))


def test_bytes_of_another_encoding_are_refused_with_their_line(written):
    with pytest.raises(UnreadableFile, match=r"UTF-8として読めない文字があります.3行目"):
        list(csv_rows(written(b"a,b\n1,2\n\x8d\x82,4\n"), "utf-8"))


def test_other_readers_keep_their_field_limit(written):
    import csv

    before = csv.field_size_limit()
    list(csv_rows(written(HEADER), "utf-8", max_field=10))
    assert csv.field_size_limit() == before


def test_losses_in_shift_jis_are_named():
    assert cp932_losses("髙﨑濵德栁") == []
    assert cp932_losses("𠮷田と葛\U000e0100城と𠮷村") == ["𠮷", "葛\U000e0100"]


@given(st.text())
def test_without_the_losses_a_text_can_be_carried(text):
    for lost in sorted(cp932_losses(text), key=len, reverse=True):
        text = text.replace(lost, "")
    text.encode("cp932")
