"""The paper itself: its bytes, its text, its pages."""

import io
from datetime import UTC, datetime

import pytest
import qrcode
from PIL import Image
from pypdf import PdfReader

from backend.core.clock import frozen
from backend.documents import pdf, qr, queries, services

from .conftest import body

IVS = "葛\U000e0100西 邉子"


def reader(data):
    return PdfReader(io.BytesIO(data))


def text_of(data):
    return "".join(page.extract_text() for page in reader(data).pages)


def test_the_same_printing_gives_the_same_bytes_at_any_time(issue):
    found = issue(body=body(IVS, "髙﨑 花子"))
    first = queries.paper(found)
    with frozen("2030-01-01T00:00:00+09:00"):
        assert queries.paper(found) == first


def test_names_can_be_copied_out_with_their_selectors(issue):
    assert IVS.replace(" ", "") in text_of(queries.paper(issue(body=body(IVS)))).replace(" ", "")


def test_it_is_an_archive_format_and_its_metadata_name_nobody(issue):
    data = queries.paper(issue(body=body("秘山 密子")))
    metadata = str(reader(data).metadata) + str(reader(data).trailer["/Root"]["/Metadata"].get_data().decode())
    assert "被災証明書 大浜市 被災第" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "秘山" not in metadata


def test_everything_that_was_asked_for_stands_on_it(issue):
    found = issue(body=body("髙﨑 一郎", "髙﨑 花子"))
    text = text_of(queries.paper(found)).replace(" ", "").replace("\n", "")
    for part in (
        "被災証明書",
        found.number_text,
        "髙﨑花子",
        "大浜沖地震",
        "令和8年11月18日",
        "保険金の請求",
        "大浜市長",
    ):
        assert part.replace(" ", "") in text
    assert found.token[:4] + "-" + found.token[4:8] in text


def test_text_is_never_a_program(issue):
    name = "#panic() $x$ *a* @b <c>"
    assert "#panic()" in text_of(queries.paper(issue(body=body(name))))


def test_a_large_household_runs_on_with_head_and_page_numbers(issue):
    found = issue(body=body(*[f"長い 家族{n}" for n in range(1, 31)]))
    pages = [page.extract_text() for page in reader(queries.paper(found)).pages]
    assert len(pages) >= 2
    assert found.number_text.split()[1] in pages[1].replace(" ", "").replace("大浜市", "")
    assert f"2/{len(pages)}" in pages[1].replace(" ", "")
    assert "家族30" in "".join(pages)


def test_a_small_household_fits_on_one_page(issue):
    assert len(reader(queries.paper(issue(body=body(*"甲乙丙丁戊己")))).pages) == 1


def test_a_copy_says_that_it_is_one_and_void_paper_too(issue, staff):
    found, clerk = issue(), staff("tax")
    services.issue_copy(by=clerk, issue_id=found.id, reason="紛失", receiver="member", id_checked="licence")
    copy = text_of(queries.paper(found, copy=2))
    assert "再交付" in copy
    assert "2通目" in copy
    assert "再交付" not in text_of(queries.paper(found))
    void = services.withdraw(by=clerk, issue_id=found.id, reason="記載の誤り")
    assert "失効" in text_of(queries.paper(void))


def test_names_are_in_the_font_for_names_and_words_in_the_light_one(issue):
    chain = pdf.faces.chain()
    light = len(chain.faces) - 1
    found = pdf.sheet(issue(body=body(IVS)).content)["t"]
    for words in (found["statement"], found["note"], found["members"][0]["birth"], found["members"][0]["relationship"]):
        assert {font for font, _ in words} == {light}
    assert light not in {font for font, _ in found["head"]["name"] + found["head"]["address"]}


@pytest.mark.parametrize("text", ["上記のとおり", "葛\U000e0100西市長が証明します。", "𠮷野町　邉", "か\u3099", ""])
def test_words_come_whole_in_a_font_that_has_them(text):
    for _ in range(2):  # looked up, and known
        runs = pdf.fonts.plain_run(text)
        assert "".join(piece for _, piece in runs) == text
        for font, piece in runs:
            assert all(pdf.faces.chain().faces[font].has(one) for one in pdf.faces.clusters(piece))


def test_every_fixed_word_can_be_printed():
    for paper in pdf.PAPERS.values():
        pdf.fonts.hold((label, text, {}) for label, text in paper.labels.items())


@pytest.mark.parametrize("length", [1, 14, 40, 66, 120, 231, 400, 1500])
def test_a_qr_code_is_module_by_module_the_one_of_the_library_with_the_same_mask(length):
    text = "https://ohama.example/verify/#A1".ljust(length, "z")[:length]
    code = qrcode.QRCode(error_correction=qr.LEVEL, border=0, mask_pattern=qr.MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    assert qr.modules(text) == ["".join("1" if dark else "0" for dark in row) for row in code.modules]


def test_the_picture_of_a_code_has_white_around_it():
    picture = Image.open(io.BytesIO(qr.png("https://ohama.example/verify/x"))).convert("1")
    rows = qr.modules("https://ohama.example/verify/x")
    assert picture.size == (len(rows) + 8, len(rows) + 8)
    dark = {(x, y) for y in range(picture.height) for x in range(picture.width) if not picture.getpixel((x, y))}
    assert dark == {(x + 4, y + 4) for y, row in enumerate(rows) for x, one in enumerate(row) if one == "1"}


def test_rendering_needs_no_database():
    content = body() | {
        "form": "hisai/1",
        "title": "被災届出証明書",
        "number": "大浜市 被災第2026-000001号",
        "issued_on": "令和8年11月21日",
        "statement": "届出があったことを証明します。",
        "note": "",
        "department": "",
        "issuer": "大浜市長",
        "mayor": "大浜 一",
        "token": "A1B2" * 7,
        "verify_url": "https://ohama.example/verify/" + "A1B2" * 7,
    }
    text = text_of(pdf.render(content, at=datetime(2026, 11, 21, tzinfo=UTC)))
    assert "被災届出証明書" in text.replace(" ", "")


def test_a_long_address_goes_on_where_a_space_stands(issue):
    where = "大浜市大字奥大浜字上ノ原東一丁目１２３４番地５６　グランドパークレジデンス大浜海岸通りイーストタワー　２号棟１２０３号室"
    said = body(place=where) | {"head": {"name": "髙﨑 一郎", "address": where}}
    lines = [line.strip() for line in text_of(queries.paper(issue(body=said))).splitlines()]
    for part in where.split("　"):
        assert [line.endswith(part) for line in lines].count(True) == 2
