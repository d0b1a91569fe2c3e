import io
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from backend.damage.certificates import risai_form
from backend.documents import pdf

SAID = {
    "household_number": "2026-0000001-81",
    "head_name": "髙﨑 一郎",
    "head_address": "大浜市西町１番地",
    "struck_on": date(2026, 11, 18),
    "cause": "大浜沖地震",
    "house_place": "大浜市港町５番地",
    "damage_code": "5",
    "damage": "大規模半壊",
}
MEMBERS = [("髙﨑 一郎", "世帯主"), ("髙﨑 花子", "妻")]


def paper(**more):
    content = risai_form.body(**{**SAID, **more}) | {
        "form": risai_form.FORM,
        "title": "罹災証明書",
        "number": "大浜市 罹災第2026-000001号",
        "issued_on": "令和8年11月25日",
        "statement": "上記のとおり、相違ないことを証明します。",
        "note": "",
        "department": "税務課",
        "issuer": "大浜市長",
        "mayor": "大浜 一",
        "token": "A1B2" * 7,
        "verify_url": "https://ohama.example/verify/" + "A1B2" * 7,
    }
    data = PdfReader(io.BytesIO(pdf.render(content, at=datetime(2026, 11, 25, tzinfo=UTC))))
    return "".join(page.extract_text() for page in data.pages).replace(" ", "").replace("　", ""), len(data.pages)


def test_every_field_of_the_unified_form_is_printed(db):
    text, pages = paper(members=MEMBERS, about_house="床上浸水", about_others="物置 全壊")
    for said in (
        "罹災証明書", "罹災第2026-000001号", "世帯主住所", "大浜市西町１番地", "世帯主氏名", "髙﨑一郎", "罹災原因",
        "令和8年11月18日の大浜沖地震による", "被災住家の所在地", "大浜市港町５番地", "住家の被害の程度", "大規模半壊",
        "追加記載事項欄①", "髙﨑花子", "追加記載事項欄②", "床上浸水", "追加記載事項欄③", "物置全壊", "住家とは",
        "令和8年11月25日", "大浜市長",
    ):  # fmt: skip
        assert said in text
    assert pages == 1


def test_boxes_with_nothing_in_them_are_not_there(db):
    text, _ = paper(members=MEMBERS, about_house="床上浸水", boxes=risai_form.Boxes(members=False, house=False))
    assert "追加記載事項欄" not in text
    assert "花子" not in text


def test_without_the_degree_of_damage_or_with_the_ratio_it_is_none():
    with pytest.raises(ValueError, match="住家の被害の程度"):
        risai_form.body(**{**SAID, "damage": " "})
    with pytest.raises(ValueError, match="損害割合"):
        risai_form.body(**{**SAID, "damage": "大規模半壊（45％）"})


def test_a_large_household_goes_on_on_a_second_page(db):
    _, pages = paper(members=[(f"大勢 {n}郎", "子") for n in range(80)])
    assert pages == 2
